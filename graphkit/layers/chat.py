"""Meeting in a group chat: two accounts write in the same chat, close in time."""

import polars as pl

from graphkit.engine.clock import without_dates
from graphkit.layers.base import Layer, incidence
from graphkit.settings import NetworkSettings
from graphkit.words import Channel, Strand

# So many rows without a word are a custom.
_ROWS = 3


def _incidence(events: pl.DataFrame, _settings: NetworkSettings) -> pl.DataFrame:
    written = without_dates(
        events.filter((pl.col("channel") == Channel.GROUP.value) & pl.col("object_id").is_not_null())
    )
    written = _present(written)
    # A conversation is one meeting an hour, and the day's further hours are the same conversation.
    hour, day = pl.col("timestamp").dt.truncate("1h"), pl.col("timestamp").dt.date()
    return incidence(
        written,
        pl.col("object_id"),
        pl.struct("object_id", hour.alias("hour")),
        pl.struct("object_id", day.alias("day")),
    )


def _present(written: pl.DataFrame) -> pl.DataFrame:
    """`written` without those who never say a word, where most rows have text: such rows tell who was added.

    Of fewer than `_ROWS` rows nothing is held: a picture or two may have no text.
    """
    mute = pl.col("text").is_null()
    if 2 * written.select(mute.sum()).item() > written.height:
        return written
    return written.filter(~(mute.all() & (pl.len() >= _ROWS)).over("account"))


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    return "chat " + events["object_id"].gather(rows["event"])


def _scales_s(settings: NetworkSettings) -> tuple[int, ...]:
    return settings.chat_scales_s


CHAT = Layer(
    name="chat",
    strand=Strand.CHAT,
    question="do they write in the same chats within seconds, more than others who write there",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
    conversing=True,
)
