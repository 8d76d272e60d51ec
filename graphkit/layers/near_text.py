"""Meeting in a text: two accounts write copies of one text, whenever and wherever they do."""

import hashlib

import polars as pl

from graphkit.layers.base import INCIDENCE, PLACE, Layer, elsewhere, incidence, spoken
from graphkit.settings import NetworkSettings
from graphkit.text.near_duplicates import groups
from graphkit.text.normalise import typed
from graphkit.text.spelling import spelled
from graphkit.words import PRIVATE_CHANNELS, Strand

_QUOTED_CHARACTERS = 80


def _incidence(events: pl.DataFrame, settings: NetworkSettings) -> pl.DataFrame:
    """One row for each account, group of copies and place, three places at most, at its first copy there.

    Groups that one account holds alone are left out. One group is one occasion and one topic: copying it
    again is not new evidence. Who says what others say in one thread (a wish, a raffle's sentence) does as is
    done there: two accounts meet on a text only across objects.
    """
    said = spoken(events)
    grouped = said.select("account", "event", "at", PLACE.alias("place")).join(
        groups(spelled(said).select("event", "form"), settings.text), on="event"
    )
    shared = elsewhere(grouped.sort("event"), "group").filter(pl.col("account").n_unique().over("group") > 1)
    if shared.is_empty():
        return pl.DataFrame(schema=INCIDENCE)
    return incidence(shared, pl.col("group"), pl.col("group"), pl.col("group"), pl.col("place"))


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """The beginning of a public text; of a private one only a fingerprint, by which two copies are known."""
    found = events.select("channel", "text")[rows["event"]]
    written = found.with_columns(typed(pl.col("text")).fill_null("").alias("text"))
    private = written["channel"].cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
    prints = [hashlib.sha256(text.encode()).hexdigest()[:8] for text in written["text"].to_list()]
    return written.select(
        pl.when(private)
        .then("text #" + pl.Series(prints, dtype=pl.String))
        .otherwise("text “" + pl.col("text").str.slice(0, _QUOTED_CHARACTERS) + "”")
        .alias("met_on")
    ).to_series()


def _scales_s(_settings: NetworkSettings) -> tuple[int, ...]:
    return ()


NEAR_TEXT = Layer(
    name="near_text",
    strand=Strand.CONTENT,
    question="do they write copies of the same texts, more than others who copy",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
)
