"""What follows from each text alone, found out once for layers and signals alike."""

import numpy as np
import polars as pl

from graphkit.engine.names import numbered
from graphkit.engine.threads import in_parts
from graphkit.text.normalise import composed, form, keys_of, own_words, replaced, typed_words
from graphkit.text.phrases import hits_in_own

# Texts that are worth a thread of their own.
_PART = 5_000


def spelled(events: pl.DataFrame) -> pl.DataFrame:
    """`events` with what follows from each text alone; of texts that come often it is found out once.

    Adds `own` (the account's own words), `composed` (the same of the text in NFKC), `typed` (text as a person
    would type it), `form` (the form in which copies look the same), `keys` (Int64) and `leaks` (phrases of an
    assistant and unfilled slots). Without a text leaks is 0 and the others are null. A frame that has the
    columns already comes back as it is.
    """
    if "leaks" in events.columns:
        return events
    known = events["text"].is_not_null().to_numpy()
    distinct, number = numbered(events["text"].drop_nulls())
    place = np.zeros(events.height, dtype=np.uint32)
    place[known] = number
    row = pl.Series(place).zip_with(pl.Series(known), pl.Series([None], dtype=pl.UInt32))
    taken = pl.concat(in_parts(len(distinct), lambda rows: _taken(distinct[rows]), least=_PART), rechunk=True)
    return events.with_columns(taken[name].gather(row) for name in taken.columns).with_columns(
        pl.col("leaks").fill_null(0)
    )


def _taken(texts: pl.Series) -> pl.DataFrame:
    """The columns that `spelled` adds, for each of `texts`."""
    own = texts.to_frame("text").select(own_words(pl.col("text"))).to_series()
    same = composed(texts)
    differs = same != texts
    # Where NFKC changes nothing, its own words are the text's own words.
    words = same.filter(differs).to_frame("text").select(own_words(pl.col("text"))).to_series()
    spoken = replaced(own, differs, words)
    return (
        pl.DataFrame({"own": own, "composed": spoken, "leaks": hits_in_own(own)})
        .with_columns(typed_words(pl.col("own")).alias("typed"), form(pl.col("composed")).alias("form"))
        .with_columns(keys_of(pl.col("typed")).alias("keys"))
    )
