"""People flagged on their own platform, by stratum: how much they write, where, in what, and how."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from graphkit.evaluate.platforms import Platform, alone, at_or_above, stood
from graphkit.evaluate.together import EVENTS, as_rare, ranks
from graphkit.judgement import Judgement, Policy
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
) -> dict[str, list[dict[str, Any]]]:
    """The people of a platform by itself, in three tables.

    strata counts them by tier; flagged has every account at `warn` or above with its lines of evidence;
    as_rare says how many of those with enough events are as rare in timing and texts together as a line
    allows.
    """
    placed = stood(place.events, others, settings)
    judgement = alone(place.events, placed, settings, rules)
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
    busy = flagged.filter(pl.col("n") >= EVENTS)["account_id"].to_list()
    return {
        "strata": rows,
        "flagged": [
            {"platform": place.name, **line} for line in seen_of(judgement, judgement.tiers["account_id"])
        ],
        "as_rare": [{"platform": place.name, **as_rare(ranks(placed, rules), busy)}],
    }


def seen_of(judgement: Judgement, accounts: pl.Series) -> list[dict[str, Any]]:
    """The lines of evidence with bits of those of `accounts` that are at `warn` or above."""
    named = judgement.tiers.filter(
        (pl.col("tier") >= Tier.WARN.value) & pl.col("account_id").is_in(accounts.implode())
    )
    lines = judgement.evidence.filter(
        pl.col("account_id").is_in(named["account_id"].implode()) & (pl.col("bits") > 0)
    )
    return lines.with_columns(pl.col("grade").cast(pl.String)).select("account_id", *_SHOWN).to_dicts()


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
