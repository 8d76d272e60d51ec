"""Provenance: whether the members' accounts were made together."""

import numpy as np
import polars as pl

from graphkit.engine.clock import on_dates
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured
from graphkit.words import Direction, Family, Grade, Subject

# Five accounts in a ring: four fellows that may be alike.
MINIMUM_FELLOWS = 4
_EVIDENCE = ("value", "n", "expected", "event_ids")


def _sharing(case: Case, trait: pl.Expr) -> pl.DataFrame:
    """How many fellow members have the same `trait` of ACCOUNTS; n is the fellows whose trait is known.

    `expected` is n times the share of the other accounts of the platform that have it. No events are listed:
    the value is counted in the table of accounts.
    """
    known = case.accounts.select("account_id", trait.alias("trait")).filter(pl.col("trait").is_not_null())
    alike = known.group_by("trait").agg(pl.len().cast(pl.Float64).alias("alike"))
    ours = known.join(case.members.select("account_id", "ring_id"), on="account_id").join(alike, on="trait")
    fellows = pl.len().over("ring_id").cast(pl.Int64) - 1
    same = pl.len().over("ring_id", "trait").cast(pl.Int64) - 1
    elsewhere = (pl.col("alike") - same - 1) / max(known.height, 1)
    return _checked(ours, value=same, n=fellows, expected=fellows * elsewhere)


def _born_together(case: Case) -> pl.DataFrame:
    """How many fellow members were opened within `birth_window_min` of the account; n is the fellows dated.

    `expected` is n times the share of accounts outside the ring that were opened so. No events are listed:
    the value is counted in the table of accounts. Where only the day of registration is known, nobody is
    asked about an hour.
    """
    window = case.settings.birth_window_min * 60_000_000
    dated = (
        case.accounts.filter(pl.col("created_at").is_not_null())
        .select("account_id", pl.col("created_at").dt.epoch("us").alias("born"))
        .join(case.members.select("account_id", "ring_id"), on="account_id", how="left")
        .sort("born", "account_id")
    )
    if on_dates(dated["born"]):
        return _checked(_nobody(), value=pl.col("value"), n=pl.col("n"), expected=pl.col("expected"))
    near = {"everyone": dated}
    near.update({str(ring): rows for (ring,), rows in dated.drop_nulls("ring_id").group_by("ring_id")})
    born = {name: rows["born"].to_numpy() for name, rows in near.items()}
    counted = []
    for name in sorted(near.keys() - {"everyone"}):
        own = born[name]
        fellows = np.searchsorted(own, own + window, "right") - np.searchsorted(own, own - window, "left") - 1
        everyone = born["everyone"]
        around = np.searchsorted(everyone, own + window, "right") - np.searchsorted(
            everyone, own - window, "left"
        )
        strangers = max(everyone.size - own.size, 1)
        expected = (own.size - 1) * (around - fellows - 1) / strangers
        counted.append(
            near[name]
            .select("account_id")
            .with_columns(
                pl.Series("value", fellows), pl.Series("expected", expected), pl.lit(own.size - 1).alias("n")
            )
        )
    frame = pl.concat(counted) if counted else _nobody()
    return _checked(frame, value=pl.col("value"), n=pl.col("n").cast(pl.Int64), expected=pl.col("expected"))


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"account_id": pl.String, "value": pl.Int64, "expected": pl.Float64, "n": pl.Int64}
    )


def _checked(rows: pl.DataFrame, *, value: pl.Expr, n: pl.Expr, expected: pl.Expr) -> pl.DataFrame:
    none = pl.lit(None, pl.String).alias("event_id")
    return (
        rows.select("account_id", *measured(value, n, none, expected))
        .with_columns(pl.lit([], pl.List(pl.String)).alias("event_ids"))
        .filter(pl.col("n") >= MINIMUM_FELLOWS)
        .select("account_id", *_EVIDENCE)
    )


def _same_device(case: Case) -> pl.DataFrame:
    return _sharing(case, pl.col("device_id"))


def _same_address(case: Case) -> pl.DataFrame:
    return _sharing(case, pl.col("address_id"))


def _same_series(case: Case) -> pl.DataFrame:
    # `ann_01` and `Ann 7` are one series; a name without digits is in none.
    name = pl.col("name").str.to_lowercase().str.replace_all(r"[\s_\-.]+", "")
    numbered = name.str.replace_all(r"\p{Nd}+", "#")
    return _sharing(
        case, pl.when(numbered.str.contains("#", literal=True) & (numbered != "#")).then(numbered)
    )


def _fellows(settings: SignalSettings) -> Ceiling:
    return Ceiling(settings.fellows_moderate, settings.fellows_strong, settings.fellows_times)


def _explain_device(value: float, n: int) -> str:
    return f"{value:.0f} of {n} fellow members used the same device"


def _explain_address(value: float, n: int) -> str:
    return f"{value:.0f} of {n} fellow members came from the same network address"


def _explain_birth(value: float, n: int) -> str:
    return f"{value:.0f} of {n} fellow members were registered within an hour of it"


def _explain_name(value: float, n: int) -> str:
    return f"{value:.0f} of {n} fellow members have its name with another number"


SHARED_DEVICE = Signal(
    name="shared_device",
    family=Family.ACCOUNT,
    subject=Subject.MEMBER,
    question="do fellow members use its device?",
    unit="fellow members",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_FELLOWS,
    measure=_same_device,
    explain=_explain_device,
    innocent=(
        "a device shared by a family, a class or a shop",
        "a device id that many devices of a model share",
    ),
    ceiling=_fellows,
)

SHARED_ADDRESS = Signal(
    name="shared_address",
    family=Family.ACCOUNT,
    subject=Subject.MEMBER,
    question="do fellow members come from its address?",
    unit="fellow members",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_FELLOWS,
    measure=_same_address,
    explain=_explain_address,
    innocent=(
        "a school, an office or a mobile network behind one address",
        "a shared virtual private network",
    ),
    ceiling=_fellows,
    # Thousands of people stand behind one address of a mobile network.
    most=Grade.MODERATE,
)

BIRTH_BURST = Signal(
    name="birth_burst",
    family=Family.ACCOUNT,
    subject=Subject.MEMBER,
    question="was it registered together with fellow members?",
    unit="fellow members",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_FELLOWS,
    measure=_born_together,
    explain=_explain_birth,
    innocent=(
        "a class, a workshop or a campaign that registered together",
        "an import from another platform",
    ),
    ceiling=_fellows,
)

SERIAL_NAMES = Signal(
    name="serial_names",
    family=Family.ACCOUNT,
    subject=Subject.MEMBER,
    question="is its name one of a numbered series of fellow members?",
    unit="fellow members",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_FELLOWS,
    measure=_same_series,
    explain=_explain_name,
    innocent=("names that the platform proposes", "branches of one shop", "birth years behind a common name"),
    ceiling=_fellows,
    # Of 24 names that looked like bots 9 were people: a name alone is no evidence.
    most=Grade.WEAK,
)
