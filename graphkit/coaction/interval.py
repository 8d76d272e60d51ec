"""Which window: CooRnet's interval estimated from the data, with the distribution that it is taken from."""

from dataclasses import dataclass

import polars as pl

from graphkit.coaction.edges import quantile as type_7
from graphkit.engine.reach import MICROSECONDS
from graphkit.errors import ConfigError

# Quantiles of the objects for which the interval is shown beside the one asked for.
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)

# Windows in seconds, from the same second to a day, for which is shown what falls within.
WINDOWS = (0, 1, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400)


@dataclass(frozen=True)
class CoordinationInterval:
    """What `coordination_interval` found, and what a person needs to choose another.

    interval_s: the estimate in seconds, None where no object was shared twice. second_share_s: how soon the
    second share of an object had to come for it to count among the fastest. n_objects: objects shared twice;
    n_fastest: those that the estimate is taken from.

    quantiles: quantile, second_share_s, n_fastest, interval_s: what other quantiles would have given.
    windows: window_s, objects (share of the objects whose second share came within the window), shares
    (share of all their shares that have another one of the same object within it, before or after).
    """

    interval_s: float | None
    second_share_s: float | None
    n_objects: int
    n_fastest: int
    quantiles: pl.DataFrame
    windows: pl.DataFrame


def coordination_interval(
    shares: pl.DataFrame,
    *,
    quantile: float = 0.1,
    share: float = 0.5,
    min_accounts: int = 2,
    like: str | None = None,
) -> CoordinationInterval:
    """How many seconds the fastest objects of SHARES took to collect half of their shares.

    The rule of CooRnet's estimate_coord_interval (Giglietto, Righetti, Rossi, Marino 2020,
    doi:10.1080/1369118X.2020.1739732): of every object shared at least twice, the seconds from its first
    share to its second; the objects up to the `quantile` of these (type 7, ends included) are the fastest; of
    each of them, the seconds until more than the share `share` of its shares are in; the median of those.
    More than, because the first share is in at once: of two shares, half would always take 0 s.

    CooRnet counts rows, so that one account that shares twice makes an object fast; here an account counts
    once for an object, with its first share, and an object counts from `min_accounts` accounts on. CooRnet
    turns a median of 0 s into 1 s; here 0 stays and means the same second, for a window includes both ends.
    Of `share` 1 CooRnet makes nothing; here it is the last share. `like="coornet"` gives its numbers.

    Raises ConfigError for a quantile or a share outside 0 to 1, fewer than 2 accounts, or another `like`.
    """
    if like not in (None, "coornet"):
        raise ConfigError(f"`like` is `{like}`; intervals are like `coornet` or like nobody")
    for name, value in (("quantile", quantile), ("share", share)):
        if not 0 <= value <= 1:
            raise ConfigError(f"`{name}` is {value:g}; it lies between 0 and 1")
    if min_accounts < 2:
        raise ConfigError(f"`min_accounts` is {min_accounts}; nobody coordinates alone, take 2 or more")
    rows = _ranked(shares, min_accounts, like)
    objects = _by_object(rows, share, like)
    chosen = _estimates(objects, [quantile], like)
    row = chosen.row(0, named=True)
    return CoordinationInterval(
        row["interval_s"],
        row["second_share_s"],
        objects.height,
        row["n_fastest"],
        _estimates(objects, sorted({*QUANTILES, quantile}), like),
        _windows(rows, objects),
    )


def _ranked(shares: pl.DataFrame, min_accounts: int, like: str | None) -> pl.DataFrame:
    """object_id, at (seconds since its first share), rank (from 1) and n of every share that counts."""
    at = pl.col("timestamp_share")
    if like is None:
        shares = shares.group_by("object_id", "account_id").agg(at.min())
    # Differences of whole numbers are exact, those of fractions are not.
    whole = shares.schema["timestamp_share"].is_integer()
    exact = (at if whole else (at * MICROSECONDS).round()).cast(pl.Int64)
    rows = (
        shares.select("object_id", exact.alias("at"))
        .sort("object_id", "at")
        .with_columns(
            pl.col("at") - pl.col("at").min().over("object_id"),
            (pl.int_range(pl.len()).over("object_id") + 1).alias("rank"),
            pl.len().over("object_id").cast(pl.Int64).alias("n"),
        )
        .filter(pl.col("n") >= (min_accounts if like is None else 2))
    )
    # Divided by numpy: polars multiplies by the inverse, and .2 s becomes .19999999999999998.
    return rows.with_columns(pl.Series("at", rows["at"].to_numpy() / (1 if whole else MICROSECONDS)))


def _by_object(rows: pl.DataFrame, share: float, like: str | None) -> pl.DataFrame:
    """object_id, second (seconds to the second share), most (seconds until more than `share` are in)."""
    # The division, not a product of `share` and n: it decides ties as R does.
    in_by_then = pl.col("rank") / pl.col("n") > share
    if like is None:
        in_by_then |= pl.col("rank") == pl.col("n")
    return (
        rows.group_by("object_id")
        .agg(
            pl.col("at").filter(pl.col("rank") == 2).min().alias("second"),
            pl.col("at").filter(in_by_then).min().alias("most"),
        )
        .sort("object_id")
    )


def _estimates(objects: pl.DataFrame, quantiles: list[float], like: str | None) -> pl.DataFrame:
    """The interval that each of `quantiles` gives."""
    found = []
    for share in quantiles:
        second = type_7(objects["second"], share) if objects.height else None
        fastest = objects.filter(pl.col("second") <= second) if second is not None else objects
        times = fastest["most"].drop_nulls()
        interval = type_7(times, 0.5) if len(times) else None
        if like == "coornet" and interval == 0:
            interval = 1.0
        found.append((share, second, fastest.height, interval))
    schema = {"quantile": pl.Float64, "second_share_s": pl.Float64, "n_fastest": pl.Int64}
    return pl.DataFrame(found, schema={**schema, "interval_s": pl.Float64}, orient="row")


def _windows(rows: pl.DataFrame, objects: pl.DataFrame) -> pl.DataFrame:
    """What falls within each of WINDOWS; shares of nothing are 0."""
    gap = pl.col("at").diff().over("object_id")
    nearest = rows.select(pl.min_horizontal(gap, gap.shift(-1).over("object_id")).alias("nearest"))["nearest"]
    return pl.DataFrame(
        {
            "window_s": list(WINDOWS),
            "objects": [_share_within(objects["second"], window) for window in WINDOWS],
            "shares": [_share_within(nearest, window) for window in WINDOWS],
        },
        schema={"window_s": pl.Int64, "objects": pl.Float64, "shares": pl.Float64},
    )


def _share_within(seconds: pl.Series, window: int) -> float:
    return int((seconds <= window).sum()) / max(len(seconds), 1)
