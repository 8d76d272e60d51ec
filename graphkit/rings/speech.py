"""How a group uses the words of its own: what tells a lexicon from a language, a trade and a conversation."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from graphkit.engine.effective import effective
from graphkit.engine.order import packed
from graphkit.engine.reach import MICROSECONDS, portions, reach
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings

Codes = npt.NDArray[np.uint32]

# Who writes within ten minutes of a word may have read it, and may take it up.
_NEAR_US = 600 * MICROSECONDS
_HOUR_US = 3600 * MICROSECONDS
# Everybody's words: of so many texts of strangers, spread over the log, several authors use them.
_SAMPLE, _AUTHORS = 20_000, 3
# Chinese is read by the character.
_UNIT = r"\p{Han}|[[\p{L}\p{M}\p{N}]--\p{Han}]+(?:['’_-]+[[\p{L}\p{M}\p{N}]--\p{Han}]+)*"


def speaking_hours(suspect: Suspect, _settings: RingSettings) -> float:
    """The effective number of hours, each of one chat or post, in which members use their words."""
    hour = pl.struct("place", pl.col("at") // _HOUR_US).alias("hour")
    return effective(suspect.own_uses.select(hour).to_series().value_counts()["count"])


def listeners(suspect: Suspect, _settings: RingSettings) -> float:
    """Strangers who write where and when a word is used (ten minutes on either side), for each member.

    Where there are few, the place is the group's own, and so may be its words.
    """
    uses = suspect.own_uses.select("place", "at").with_columns(pl.col("at").alias("used")).sort("at")
    events = suspect.network.events.select("account", "at", _place())
    others = events.filter(
        pl.col("place").is_in(uses["place"].unique().implode()), ~pl.col("account").is_in(suspect.codes)
    ).sort("at")
    near = others.join_asof(
        uses,
        on="at",
        by="place",
        strategy="nearest",
        tolerance=_NEAR_US,
        check_sortedness=False,
    )
    return near.drop_nulls("used")["account"].n_unique() / len(suspect.codes)


def common_share(suspect: Suspect, _settings: RingSettings) -> float:
    """Of the other words in texts that hold a word of their own, the share that is everybody's.

    That is used by three authors of some 20,000 texts of strangers. Who speaks a language that few there
    speak has many words of his own, in texts of such words.
    """
    events = suspect.network.events.select("event", "account", "composed").drop_nulls()
    used = suspect.own_uses["event"].unique()
    theirs = events.filter(~pl.col("account").is_in(suspect.codes))
    sample = theirs.gather_every(max(theirs.height // _SAMPLE, 1))
    authors = _units(sample).group_by("unit").agg(pl.col("account").n_unique())
    common = authors.filter(pl.col("account") >= _AUTHORS)["unit"].implode()
    said = _units(events.filter(pl.col("event").is_in(used.implode())))
    n_own = suspect.own_uses.height
    others = said.filter(pl.col("unit").is_in(common)).height
    return min(1.0, others / max(said.height - n_own, 1))


def taken_up(suspect: Suspect, _settings: RingSettings) -> float:
    """How many times more often than by chance a member uses a word that another has just used, at most.

    A use is taken up from another where somebody else of the group used the word in the same place in the ten
    minutes before. Were words drawn by lot, each text of a member would hold the word with the share q of
    their texts that do, so that after n texts of others a use is taken up with 1 - (1 - q)^n. The answer is
    the upper limit (97.5 %) of the Poisson rate of what is observed, over the sum of these: infinite where
    nothing could be taken up, since then nothing shows that they do not talk about it.
    """
    uses = suspect.own_uses
    events = suspect.network.events.select("event", "account", "at", _place(), "text")
    texts = (
        events.filter(
            pl.col("account").is_in(suspect.codes),
            pl.col("text").is_not_null(),
            pl.col("place").is_in(uses["place"].unique().implode()),
        )
        .sort("place", "at", "event")
        .with_row_index("row")
    )
    held = uses.select("event", pl.col("key").rank("dense").alias("word")).join(
        texts.select("event", "row"), on="event"
    )
    row, word = held["row"].to_numpy().astype(np.int64), held["word"].to_numpy().astype(np.int64)
    account = texts["account"].to_numpy()
    place = texts["place"].rank("dense").to_numpy()
    low, _ = reach(place, texts["at"].to_numpy(), _NEAR_US)
    known = np.sort(packed(held["row"], held["word"]))
    before, heard = np.zeros(len(row)), np.zeros(len(row), dtype=bool)
    for use, text in portions(low[row], row - low[row]):
        others = account[row[use]] != account[text]
        use, text = use[others], text[others]
        before += np.bincount(use, minlength=len(row))
        heard[use[np.isin(text << 32 | word[use], known)]] = True
    share = np.bincount(word) / max(texts.height, 1)
    expected = float(-np.expm1(before * np.log1p(-np.minimum(share[word], 1.0 - 1e-9))).sum())
    most = float(special.gammaincinv(heard.sum() + 1.0, 0.975))
    return most / expected if expected else float("inf")


def _place() -> pl.Expr:
    return pl.coalesce("object_id", "event_id").alias("place")


def _units(texts: pl.DataFrame) -> pl.DataFrame:
    """The words of each of `texts` (event, account, composed), each once: event, account, unit."""
    unit = pl.col("composed").str.to_lowercase().str.extract_all(_UNIT).list.unique()
    return texts.select("event", "account", unit.alias("unit")).explode("unit").drop_nulls()
