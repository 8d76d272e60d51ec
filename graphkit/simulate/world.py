"""A background with groups planted in it, and the truth about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphkit.simulate.company import Company, Deeds
from graphkit.simulate.ground import ACT, Ground, Ints, Words, ground
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.lives import lives
from graphkit.simulate.lookalikes import LOOKALIKES
from graphkit.simulate.plans import Kind, Plan, channels_for, held
from graphkit.simulate.rings import RINGS
from graphkit.simulate.traffic import with_traffic
from graphkit.tables import ACCOUNTS, EVENTS
from graphkit.words import Channel

# Kinds with accounts of their own that the group serves or admires.
_SERVING = (Kind.SWARM, Kind.FAN_CLUB, Kind.MATCH)
# Ordinary events of such an account.
_STAR_EVENTS = 10


@dataclass(frozen=True)
class World:
    """Events with groups planted in them, and who they are.

    truth has one row for each account and group: account_id, group_id (the plan's name), kind, is_ring (of
    the group), role (member, victim, beneficiary or lookalike) and planted (the account is new; victims are
    accounts of the background). accounts (ACCOUNTS) holds those that say what they are, for `detect`.
    """

    events: pl.DataFrame
    truth: pl.DataFrame
    accounts: pl.DataFrame = field(default_factory=ACCOUNTS.empty)


def planted(
    background: pl.DataFrame,
    plans: Sequence[Plan] | Mapping[str, Plan],
    *,
    seed: int,
    exclude: Collection[str] = (),
) -> World:
    """EVENTS `background` with one group planted for each plan.

    Groups are named by the keys of a mapping, or by kind and place of a sequence. `exclude` names accounts
    that lend no history and play no victim, such as known rings of the background. The same background, plans
    and seed give the same world in any order of rows. A plan that needs a channel which the background lacks
    raises ConfigError unless it is `mixed`.
    """
    named = (
        plans
        if isinstance(plans, Mapping)
        else {f"{plan.kind.value}-{place}": plan for place, plan in enumerate(plans, start=1)}
    )
    base = ground(background)
    wanted = {name: channels_for(plan, held(base.events)) for name, plan in named.items()}
    lacking = frozenset[Channel]().union(*(missing for _, missing in wanted.values()))
    made = with_traffic(base, lacking, np.random.default_rng([seed, 0]))
    lenders = ground(made.events.filter(~pl.col("account_id").is_in(list(exclude)))) if exclude else made
    taken: set[str] = set()
    parts, truth = [], []
    for place, (name, plan) in enumerate(named.items(), start=1):
        # A stream of its own for each plan: another plan before it changes nothing but the ids' collisions.
        rng = np.random.default_rng([seed, place])
        # Of a stream of their own: how people come does not change who they are.
        habits = np.random.default_rng([seed, place, 1]).lognormal(0.0, plan.habits, size=plan.n_accounts)
        company, cast = _company(made, lenders, plan, wanted[name][0], habits, taken, rng)
        taken |= set(cast["account_id"])
        deeds = _deeds(lenders, company, rng)
        around = deeds.acts.group_by("account_id").agg(pl.col("at").median().cast(pl.Int64).alias("around"))
        cast = cast.join(around, on="account_id", how="left").sort("account_id")
        parts += [deeds.acts, lives(lenders, cast, rng)]
        truth.append(_roles(name, company, deeds))
    events = _told(made, pl.concat(parts) if parts else pl.DataFrame(schema=ACT), seed)
    told = pl.concat(truth) if truth else pl.DataFrame(schema=_TRUTH)
    return World(events, told, _said(told))


def _said(truth: pl.DataFrame) -> pl.DataFrame:
    """ACCOUNTS of the bots that say that they are automated."""
    bots = truth.filter(pl.col("kind") == Kind.DISCLOSED_BOTS.value, pl.col("role") == "lookalike")
    unknown = [pl.lit(None).alias(name) for name in ACCOUNTS.column_names() if name != "account_id"]
    told = bots.select("account_id", *unknown).with_columns(pl.lit(True).alias("automation_disclosed"))
    return ACCOUNTS.check(told)


_TRUTH = {
    "account_id": pl.String,
    "group_id": pl.String,
    "kind": pl.String,
    "is_ring": pl.Boolean,
    "role": pl.String,
    "planted": pl.Boolean,
}


def _company(
    base: Ground,
    lenders: Ground,
    plan: Plan,
    channels: tuple[Channel, ...],
    habits: NDArray[np.float64],
    taken: Collection[str],
    rng: np.random.Generator,
) -> tuple[Company, pl.DataFrame]:
    """The members under new ids, and whose history each adopts how much of."""
    extra = plan.n_stars if plan.kind in _SERVING else 0
    names = np.array(fresh_ids(rng, plan.n_accounts + extra, base.account_shape, taken), dtype=object)
    total = plan.events * (1 + plan.elsewhere)
    donors, lives_held = _donors(lenders, total, plan.n_accounts + extra, rng)
    # What a donor did beyond twice the wanted total is left to the donor.
    size = np.minimum(lives_held, np.ceil(2 * total).astype(np.int64))
    own = np.clip(np.round(size * plan.elsewhere / (1 + plan.elsewhere)), 1, None).astype(np.int64)
    least, most = max(1, plan.events // 2), 2 * plan.events
    shares = np.clip(size - own, least, most)
    own[plan.n_accounts :] = np.minimum(lives_held, _STAR_EVENTS)[plan.n_accounts :]
    cast = pl.DataFrame(
        {"account_id": names.tolist(), "donor_id": donors.tolist(), "size": np.maximum(size, own), "n": own}
    )
    rows = tuple(lenders.rows_by_account[donor] for donor in donors)
    spans = [int(lenders.at[found[-1]] - lenders.at[found[0]]) for found in rows]
    span = int(np.median(np.array(spans) * size / lives_held))
    members, stars = names[: plan.n_accounts], names[plan.n_accounts :]
    return Company(plan, members, shares[: plan.n_accounts], channels, stars, rows, span, habits), cast


def _donors(lenders: Ground, total: float, n: int, rng: np.random.Generator) -> tuple[Words, Ints]:
    """`n` accounts with about `total` events (half to twice; else the nearest) and how many they hold."""
    off = (pl.col("n").cast(pl.Float64).log() - float(np.log(total))).abs().alias("off")
    counts = lenders.activity.with_columns(off).sort("off", "account_id")
    near = counts.filter(pl.col("off") <= float(np.log(2.0)))
    pool = near if near.height >= n else counts.head(max(near.height, 2 * n))
    chosen = rng.choice(pool.height, size=n, replace=pool.height < n)
    return pool["account_id"].to_numpy().astype(object)[chosen], pool["n"].to_numpy()[chosen]


def _deeds(base: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    kinds = RINGS if company.plan.is_ring else LOOKALIKES
    return kinds[company.plan.kind](base, company, rng)


def _roles(name: str, company: Company, deeds: Deeds) -> pl.DataFrame:
    role = "member" if company.plan.is_ring else "lookalike"
    rows = [(account, role, True) for account in sorted(company.members)]
    rows += [(account, "victim", False) for account in deeds.victims]
    rows += [(account, "beneficiary", True) for account in deeds.beneficiaries]
    return pl.DataFrame(
        {
            "account_id": [account for account, _, _ in rows],
            "group_id": name,
            "kind": company.plan.kind.value,
            "is_ring": company.plan.is_ring,
            "role": [role for _, role, _ in rows],
            "planted": [new for _, _, new in rows],
        },
        schema=_TRUTH,
    )


def _named(base: Ground, acts: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """`fresh`: a new id for each act, of the shape that ids have in its channel."""
    ids = np.empty(acts.height, dtype=object)
    used: set[str] = set()
    for name in acts["channel"].unique().sort().to_list():
        rows = np.flatnonzero((acts["channel"] == name).to_numpy())
        ids[rows] = fresh_ids(rng, len(rows), base.event_shapes[Channel(name)], used)
        used |= set(ids[rows])
    return acts.with_columns(pl.Series("fresh", ids.tolist(), dtype=pl.String))


def _talks(base: Ground, acts: pl.DataFrame) -> pl.DataFrame:
    """`acts` where two accounts have one conversation, the one they had before if there was any.

    Where each of the background's conversations is named after its two accounts, new ones are as well.
    """
    private = pl.col("channel").cast(pl.String) == Channel.DM.value
    pair = [
        pl.min_horizontal("account_id", "target_id").alias("one"),
        pl.max_horizontal("account_id", "target_id").alias("other"),
    ]
    columns = [*pair, pl.col("object_id").alias("talk")]
    before = base.events.filter(private, pl.col("object_id").is_not_null()).select(columns)
    if not before.height:
        return acts
    after = pl.concat_str(pl.lit("|"), "other")
    is_named = before.select((pl.col("talk").str.ends_with(pl.concat_str("one", after))).all()).item()
    name = pl.concat_str(
        pl.lit("dm:"), pl.col("one").str.len_chars().cast(pl.String), pl.lit(":"), "one", after
    )
    new = acts.filter(private).select(columns)
    if is_named:
        new = new.with_columns(name.alias("talk"))
    # The first of each pair stands, those of the background before all.
    known = (
        pl.concat([before, new])
        .drop_nulls("talk")
        .unique(["one", "other"], keep="first", maintain_order=True)
    )
    talks = acts.with_columns(pair).join(known, on=["one", "other"], how="left", maintain_order="left")
    talk = pl.when(private & pl.col("target_id").is_not_null()).then("talk").otherwise("object_id")
    return talks.with_columns(talk.alias("object_id")).drop("one", "other", "talk")


def _told(base: Ground, acts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Background and acts as one table of EVENTS, where nothing but the truth tells them apart."""
    acts = acts.with_row_index("place").sort("at", "account_id", "place").drop("place")
    acts = _talks(base, _named(base, acts, np.random.default_rng([seed, 0, 1])))
    # Answers among adopted events know each other by ids that held for the time being.
    answered = acts.select(
        pl.col("event_id").alias("parent_id"), pl.col("fresh").alias("answers")
    ).drop_nulls()
    acts = acts.join(answered, on="parent_id", how="left", maintain_order="left")
    rows = acts.with_columns(
        pl.col("fresh").alias("event_id"),
        pl.coalesce("answers", "parent_id").alias("parent_id"),
        pl.col("at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("timestamp"),
        pl.col("channel").cast(base.events.schema["channel"]),
    ).select(base.events.columns)
    return EVENTS.check(pl.concat([base.events, rows]))
