"""A background with groups planted in it, and the truth about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

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

# Kinds with an account of their own that the group serves or admires.
_SERVING = (Kind.SWARM, Kind.FAN_CLUB)
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
        company, cast = _company(made, lenders, plan, wanted[name][0], taken, rng)
        taken |= set(cast["account_id"])
        deeds = _deeds(lenders, company, rng)
        around = deeds.acts.group_by("account_id").agg(pl.col("at").median().cast(pl.Int64).alias("around"))
        cast = cast.join(around, on="account_id", how="left").sort("account_id")
        parts += [deeds.acts, lives(lenders, cast, rng)]
        truth.append(_roles(name, company, deeds))
    events = _told(made, pl.concat(parts) if parts else pl.DataFrame(schema=ACT), seed)
    return World(events, pl.concat(truth) if truth else pl.DataFrame(schema=_TRUTH))


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
    taken: Collection[str],
    rng: np.random.Generator,
) -> tuple[Company, pl.DataFrame]:
    """The members under new ids, and whose history each adopts how much of."""
    extra = 1 if plan.kind in _SERVING else 0
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
    star = str(names[-1]) if extra else ""
    members = names[: plan.n_accounts]
    return Company(plan, members, shares[: plan.n_accounts], channels, star, rows, span), cast


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


def _told(base: Ground, acts: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Background and acts as one table of EVENTS, where nothing but the truth tells them apart."""
    acts = acts.with_row_index("place").sort("at", "account_id", "place").drop("place")
    ids = fresh_ids(np.random.default_rng([seed, 0, 1]), acts.height, base.event_shape)
    acts = acts.with_columns(pl.Series("fresh", ids, dtype=pl.String))
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
