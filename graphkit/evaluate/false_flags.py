"""People flagged on their own platform, by stratum: how much they write, where, in what, and how."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from graphkit.evaluate.platforms import Platform, alone, at_or_above
from graphkit.judgement import Policy
from graphkit.settings import Settings
from graphkit.text.normalise import CJK
from graphkit.words import Tier

_VOLUMES = ((1, 9), (10, 19), (20, 99), (100, None))
# Half of the texts of an account are at least this long.
LONG_KEYS = 300
# Of its longer texts an account of pasters repeats this share.
PASTED = 0.3
# Half of an account's texts hold a letter of Chinese, Japanese or Korean.
_CJK_SHARE = 0.5
_SHOWN = ("signal", "grade", "explanation")


def false_flags(
    place: Platform, others: pl.DataFrame, settings: Settings, rules: Policy
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Counts by stratum and tier, and every account at `warn` or above with its lines of evidence."""
    judgement = alone(place.events, others, settings, rules)
    flagged = judgement.tiers.select("account_id", "tier").join(_strata(place), on="account_id")
    rows = [
        {
            "platform": place.name,
            "stratum": name,
            "people": part.height,
            **at_or_above(part),
        }
        for name, part in _parts(flagged)
        if part.height
    ]
    warned = flagged.filter(pl.col("tier") >= Tier.WARN.value)["account_id"].to_list()
    lines = judgement.evidence.filter(pl.col("account_id").is_in(warned) & (pl.col("bits") > 0))
    shown = lines.with_columns(pl.col("grade").cast(pl.String)).select("account_id", *_SHOWN)
    return rows, [{"platform": place.name, **line} for line in shown.to_dicts()]


def _strata(place: Platform) -> pl.DataFrame:
    """account_id, n, channel, chinese, pasted, long."""
    text = pl.col("text").is_not_null()
    reuse = place.answers.filter(signal="self_reuse").select("account_id", pl.col("value").alias("reuse"))
    return (
        place.events.group_by("account_id")
        .agg(
            pl.len().alias("n"),
            pl.col("channel").cast(pl.String).mode().sort().first().alias("channel"),
            text.any().alias("written"),
            (pl.col("text").str.contains(CJK).filter(text).mean() >= _CJK_SHARE).alias("chinese"),
            (pl.col("keys").filter(text).median() >= LONG_KEYS).alias("long"),
        )
        .join(reuse, on="account_id", how="left")
        .with_columns((pl.col("reuse") >= PASTED).fill_null(value=False).alias("pasted"))
        .sort("account_id")
    )


def _parts(flagged: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "all", flagged
    for low, high in _VOLUMES:
        here = pl.col("n").is_between(low, high) if high else pl.col("n") >= low
        yield f"{low} to {high} events" if high else f"{low} events or more", flagged.filter(here)
    for channel in flagged["channel"].unique().sort():
        yield f"mostly {channel}", flagged.filter(channel=channel)
    written = flagged.filter("written")
    yield "texts in Chinese, Japanese or Korean", written.filter("chinese")
    yield "texts in other scripts", written.filter(~pl.col("chinese"))
    yield "pasters", flagged.filter("pasted")
    yield "long texts", written.filter("long")
