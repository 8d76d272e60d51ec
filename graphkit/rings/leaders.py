"""Whom the rest of a group follow: the target of a ring is no member of it."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from graphkit.words import TIMED

Codes = npt.NDArray[np.uint32]

# Somebody is always first: of three at four occasions one is so on half of them as often as not.
_LUCK, _DOUBT = 0.01, 0.05


def leaders(
    receipts: pl.DataFrame,
    codes: Codes,
    *,
    share: float,
    occasions: int,
    against: Codes | None = None,
) -> Codes:
    """Those of `codes` who come first on `share` or more of `occasions` or more: whom the rest follow.

    A ring that acts wherever a victim acts can only come after; the one who is first may be its target. It
    must be first more often than by luck: where f of k present are first, at one moment, each is so with f/k,
    and the binomial tail of an account's mean of these is at most .01. With `against` each is compared with
    these accounts alone, and .05 is enough: whether it belongs to them is what is asked.
    """
    timed = receipts.filter(pl.col("strand").is_in([strand.value for strand in TIMED]))
    if against is None:
        present = _present(timed).with_columns(case="account")
        of = ["layer", "occasion"]
    else:
        present = _beside(timed, codes, against)
        of = ["case", "layer", "occasion"]
    counts = (
        present.with_columns((~pl.col("late")).mean().over(of).alias("lot"))
        .filter(pl.col("case") == pl.col("account"))
        .sort("account", "lot")
        .group_by("account", maintain_order=True)
        .agg((~pl.col("late")).sum().alias("firsts"), pl.len().alias("all"), pl.col("lot").mean())
    )
    firsts, present_on, by_lot = (counts[name].to_numpy() for name in ("firsts", "all", "lot"))
    luck = special.bdtrc(firsts - 1.0, present_on, by_lot)
    unlikely = _LUCK if against is None else _DOUBT
    led = (firsts >= share * present_on) & (present_on >= occasions) & (luck <= unlikely)
    return np.intersect1d(counts["account"].to_numpy()[led], codes)


def _present(timed: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Who was present on which occasion, in each group of columns `by`, and whether somebody came before."""
    ends = [
        timed.select(*by, "layer", "occasion", pl.col(end).alias("account"), later.alias("late"))
        for end, later in (
            ("source", pl.col("source_event") > pl.col("target_event")),
            ("target", pl.col("source_event") < pl.col("target_event")),
        )
        # A clock of whole seconds does not tell who came first in one of them.
        for later in [later & (pl.col("gap") > 0)]
    ]
    # On an occasion, whoever came later than any other member is not the first.
    return pl.concat(ends).group_by(*by, "layer", "occasion", "account").agg(pl.col("late").any())


def _beside(timed: pl.DataFrame, codes: Codes, against: Codes) -> pl.DataFrame:
    """The same of `against` with each of `codes` alone (column case), where that one was present."""
    inner = {end: pl.col(end).is_in(against) for end in ("source", "target")}
    case = pl.when(inner["source"]).then("target").otherwise("source")
    mixed = timed.filter(inner["source"] ^ inner["target"]).with_columns(case=case)
    beside = _present(mixed.filter(pl.col("case").is_in(codes)), "case")
    # Summed before they are repeated for each case: the members of a core meet in pairs.
    among = _present(timed.filter(inner["source"] & inner["target"]))
    there = beside.select("case", "layer", "occasion").unique()
    again = there.join(among, on=["layer", "occasion"]).select(beside.columns)
    together = pl.concat([beside, again]).group_by("case", "layer", "occasion", "account")
    return together.agg(pl.col("late").any())
