"""What tells who walks through the same things, one after another, from who comes to each of them anew."""

import polars as pl

from graphkit.engine.reach import MICROSECONDS
from graphkit.rings.concordance import LOOSE_S
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand


def walked_along(suspect: Suspect, settings: RingSettings) -> float | None:
    """Of the meetings that follow another of the same two members, the share that comes of the one before.

    So does one in which the same of them is first again, who came to it before the other was through with the
    last: two people who come to a survey, a feed or a tour about the same time and go through it at their own
    pace meet on everything there, and all of it is one meeting. Who comes to each place anew, at a sign, is
    first half of the time, and mostly done with one place before the next. None for groups that posts do not
    carry or that have a script, where no two members met twice, and where two who meet go together again and
    again, on `minimum_occasions` or more with six hours between: that is no accident of one evening.
    """
    if suspect.carried[Strand.FEED] < 0.5 or suspect.scripted(settings.minimum_texts):
        return None
    began, ended = pl.min_horizontal("at", "at_other"), pl.max_horizontal("at", "at_other")
    ahead = (pl.col("at") - pl.col("at_other")).sign()
    pair = ["account", "account_other"]
    met = suspect.comings.select(*pair, began.alias("began"), ended.alias("ended"), ahead.alias("ahead"))
    near = met.filter(pl.col("ended") - pl.col("began") <= LOOSE_S * MICROSECONDS)
    # Two meetings that begin and end at once, each with another of the two ahead, leave nobody ahead.
    ordered = near.with_columns(pl.col("ahead").sum().sign().over(*pair, "began", "ended")).sort(
        *pair, "began", "ended"
    )
    anew = pl.col("began") - pl.col("ended").shift() > LOOSE_S * MICROSECONDS
    walks = ordered.group_by(pair).agg(anew.sum() + 1).select(pl.last()).to_series()
    if walks.len() and float(walks.mean()) >= settings.minimum_occasions:  # type: ignore[arg-type]
        return None
    same = (pl.col("ahead") == pl.col("ahead").shift()) & (pl.col("ahead") != 0)
    along = (pl.col("began") < pl.col("ended").shift()) & same
    later = pl.int_range(pl.len()).over(pair) > 0
    following = ordered.select(later.alias("later"), along.over(pair).alias("along")).filter("later")
    return float(following["along"].mean()) if following.height else None  # type: ignore[arg-type]
