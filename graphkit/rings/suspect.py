"""A group before the ring test, and what is asked of it more than once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.effective import effective
from graphkit.engine.normal import Z
from graphkit.engine.reach import MICROSECONDS
from graphkit.network.build import Network
from graphkit.rings.candidates import inside
from graphkit.rings.concordance import Concordance, concordance, seats
from graphkit.text.normalise import keys
from graphkit.words import TIMED, Strand

Codes = npt.NDArray[np.uint32]

# Fewer members do nothing as a group, however small it is.
_SEVERAL = 3
# A strand that brings this share of the nats of meetings in time counts in full.
_WHOLE_SHARE = 0.1
# Texts of their own that bring less of the nats than this are what friends have as well.
_SCRIPT_SHARE = 0.1
# A sentence takes so many keys (eight Chinese characters). Of 28 communities whose own texts are greetings or
# cheers the median text takes 10 to 21 keys, of two 24 and 33; of 30 rings 53 and more.
_SENTENCE_KEYS = 24


@dataclass(frozen=True)
class Suspect:
    """A group before the ring test: its members' codes and the receipts among them."""

    codes: Codes
    receipts: pl.DataFrame
    network: Network

    @cached_property
    def shares(self) -> dict[Strand, float]:
        """How the members' capped nats divide among strands."""
        return strand_shares(self.network, self.codes)

    @cached_property
    def carried(self) -> dict[Strand, float]:
        """How the nats of meetings in time divide among strands.

        What members say alike is left out: neither where nor when they meet follows from it.
        """
        whole = sum(self.shares[strand] for strand in TIMED) or 1.0
        return {strand: self.shares[strand] / whole for strand in TIMED}

    def repeats(self, minimum_texts: float) -> bool:
        """Whether they have `minimum_texts` of their own, in more than one tenth of the nats.

        Friends paste, too, what others say as well, and whoever greets says the same few words.
        """
        return self.shares[Strand.CONTENT] > _SCRIPT_SHARE and len(self._sentences) >= minimum_texts

    def scripted(self, minimum_texts: float) -> bool:
        """Whether they have a script: such texts are half of what they meet with, or as many as they are.

        A community that has a few greetings of its own among all that it says comes when it can, and is asked
        when that is.
        """
        if not self.repeats(minimum_texts):
            return False
        return len(self._sentences) >= len(self.codes) or self._said_by_script >= 0.5

    def worded(self, minimum_words: float) -> bool:
        """Whether they have so many words of their own, in more than one tenth of the nats.

        Whoever writes much has words that hardly anybody else here uses; a language holds its speakers
        together.
        """
        return self.shares[Strand.CONTENT] > _SCRIPT_SHARE and len(self.own_words) >= minimum_words

    def speaks_on_posts(self, minimum: float) -> bool:
        """Whether posts carry a group that has `minimum` words of its own, and no script of so many texts."""
        on_posts = self.carried[Strand.FEED] >= 0.5
        return on_posts and self.worded(minimum) and not self.scripted(minimum)

    def places(self) -> float:
        """The effective number of occasions on which members met in time."""
        return self.occasions(*TIMED)

    def places_by_strand(self) -> float:
        """The same number of each strand that they met in, added up.

        What brings a group to one post brings it neither into one chat nor to one recipient: however many
        meetings one post holds, those elsewhere count in full. A strand that brings less than a tenth of the
        nats of such meetings counts in proportion, so that an accidental meeting is none.
        """
        return sum(self.occasions(strand) * min(1.0, self.carried[strand] / _WHOLE_SHARE) for strand in TIMED)

    def occasions(self, *strands: Strand) -> float:
        """The effective number of occasions on which they met by these strands, 0 if on none."""
        met = self.receipts.filter(pl.col("strand").is_in([strand.value for strand in strands]))
        return effective(met.group_by("layer", "occasion").len()["len"])

    @property
    def comings(self) -> pl.DataFrame:
        """Each two members' first comings to one post: key, account, account_other, at, at_other."""
        rows = self.network.incidence("feed").filter(pl.col("account").is_in(self.codes))
        first = rows.sort("key", "at").unique(["key", "account"], keep="first", maintain_order=True)
        alone = first.select("key", "account", "at")
        pairs = alone.join(alone, on="key", suffix="_other")
        return pairs.filter(pl.col("account") < pl.col("account_other"))

    @cached_property
    def order(self) -> Concordance | None:
        """How far members come to posts in the same order again."""
        return self.order_without([])

    def order_without(self, spared: Sequence[int]) -> Concordance | None:
        """The same of the members but for those of `spared`."""
        rows = self.network.incidence("feed")
        ours = pl.col("account").is_in(np.setdiff1d(self.codes, spared).astype(np.uint32))
        return concordance(seats(rows.filter(ours)))

    def without_habits(self, limit: float) -> bool:
        """Whether they met often enough on posts to show habits of that strength, and have none (97.5 %).

        Whose order never returns are no people, however loosely they come and however much they talk.
        """
        order = self.order if self.carried[Strand.FEED] >= 0.5 else None
        return order is not None and order.value + Z * order.deviation < limit

    @cached_property
    def gaps_s(self) -> pl.Series:
        """Seconds between the first comings of each two members to one post."""
        apart = (pl.col("at") - pl.col("at_other")).abs()
        return self.comings.select(apart / MICROSECONDS).to_series()

    @property
    def several(self) -> float:
        """So many members make what they do together the group's: a quarter of it, three at least."""
        return max(_SEVERAL, len(self.codes) / 4)

    @property
    def own_texts(self) -> int:
        """Texts that are the group's own: used by a quarter of it, and by more members than others.

        What friends, fans or night owls paste belongs to whoever talks of it; a script is used by its ring.
        """
        return len(self._own_texts)

    @cached_property
    def own_words(self) -> pl.Series:
        """Words that are its own in the same sense, as keys of the layer of rare tokens.

        No script: friends have names for things, and fans a language.
        """
        return self._own("rare_token")

    @property
    def speakers(self) -> pl.Series:
        """Who uses any of these words or texts, members or not."""
        own = {"rare_token": self.own_words, "near_text": self._own_texts}
        return pl.concat(
            self.network.incidence(layer).filter(pl.col("key").is_in(keys.implode()))["account"]
            for layer, keys in own.items()
        ).unique()

    @cached_property
    def _said_by_script(self) -> float:
        """Of the texts with which they met in time the share that is their own."""
        timed = self.receipts.filter(pl.col("strand").is_in([strand.value for strand in TIMED]))
        met = pl.concat([timed["source_event"], timed["target_event"]]).unique()
        texts = self.network.events["text"].gather(met)
        met = met.filter(texts.is_not_null())
        said = self.network.incidence("near_text").filter(pl.col("key").is_in(self._sentences.implode()))
        return float(met.is_in(said["event"].implode()).mean() or 0.0)  # type: ignore[arg-type]

    @cached_property
    def _own_texts(self) -> pl.Series:
        return self._own("near_text")

    @cached_property
    def _sentences(self) -> pl.Series:
        """Those of their own texts that are no greeting, cheer or answer to a roll call."""
        if self._own_texts.is_empty():
            return self._own_texts
        said = self.network.incidence("near_text").filter(pl.col("key").is_in(self._own_texts.implode()))
        said = said.with_columns(self.network.events["text"].gather(said["event"]).alias("text"))
        length = keys(pl.col("text")).median().alias("keys")
        return said.group_by("key").agg(length).filter(pl.col("keys") >= _SENTENCE_KEYS)["key"].sort()

    def _own(self, layer: str) -> pl.Series:
        if layer not in self.network.visits:
            return pl.Series("key", [], dtype=pl.UInt32)
        visited = self.network.quiet(layer, None)
        ours = visited.filter(pl.col("account").is_in(self.codes)).group_by("key")
        often = ours.agg(pl.col("account").n_unique().alias("ours")).filter(pl.col("ours") >= self.several)
        everybody = visited.join(often, on="key").group_by("key", "ours").agg(pl.col("account").n_unique())
        return everybody.filter(pl.col("ours") * 2 > pl.col("account"))["key"]


def strand_shares(network: Network, codes: Codes) -> dict[Strand, float]:
    """How the capped nats among `codes` divide among strands."""
    within = inside(network.pooled, codes)
    totals = {strand: float(within[strand.value].sum()) for strand in Strand}
    whole = sum(totals.values()) or 1.0
    return {strand: total / whole for strand, total in totals.items()}
