"""Meeting on a post: two accounts comment on, share or react to the same post, close in time."""

import polars as pl

from graphkit.engine.clock import without_dates
from graphkit.layers.base import Layer, incidence
from graphkit.settings import NetworkSettings
from graphkit.words import FEED_CHANNELS, Channel, Strand

# The author of a post does not meet those who answer it: posting is what others react to.
_CHANNELS = [channel.value for channel in FEED_CHANNELS]


def authors(events: pl.DataFrame) -> pl.DataFrame:
    """The author of each object: who posted it, else whom top-level events address.

    Columns object_id and author. An object whose author the data does not tell is left out. A post without an
    object is one by its own id, and what answers the object itself is top-level as well.
    """
    posting = pl.col("channel") == Channel.POST.value
    object_id = pl.when(posting).then(pl.coalesce("object_id", "event_id")).otherwise("object_id")
    on_object = events.with_columns(object_id).filter(pl.col("object_id").is_not_null())
    posted = (
        on_object.filter(posting)
        .sort("timestamp", "event_id")
        .group_by("object_id")
        .agg(pl.col("account_id").first().alias("author"))
    )
    addressed = (
        on_object.filter(
            pl.col("channel").cast(pl.String).is_in(_CHANNELS)
            & pl.col("target_id").is_not_null()
            & (pl.col("parent_id").is_null() | (pl.col("parent_id") == pl.col("object_id")))
        )
        .group_by("object_id", "target_id")
        .len()
        .sort("object_id", "len", "target_id", descending=[False, True, False])
        .group_by("object_id")
        .agg(pl.col("target_id").first().alias("author"))
        .join(posted, on="object_id", how="anti")
    )
    return pl.concat([posted, addressed]).sort("object_id")


def _incidence(events: pl.DataFrame, _settings: NetworkSettings) -> pl.DataFrame:
    commented = events.filter(
        pl.col("channel").cast(pl.String).is_in(_CHANNELS) & pl.col("object_id").is_not_null()
    )
    touched = without_dates(commented).join(
        authors(events), on="object_id", how="left", maintain_order="left"
    )
    # Repetition on one author's posts is not new evidence: fans follow an author, not each other.
    unauthored = pl.when(pl.col("author").is_null()).then("object_id")
    return incidence(
        touched, pl.col("object_id"), pl.col("object_id"), pl.struct("author", unauthored.alias("unauthored"))
    )


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    return "post " + events["object_id"].gather(rows["event"])


def _scales_s(settings: NetworkSettings) -> tuple[int, ...]:
    return settings.feed_scales_s


FEED = Layer(
    name="feed",
    strand=Strand.FEED,
    question="do they turn up at the same posts, closer in time than the crowd there explains",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
)
