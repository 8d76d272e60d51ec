"""Ordinary lives for planted accounts: a stretch of a background account's history, carried to another time.

A planted account adopts the donor's pauses, hours, channels, lengths of text and answers received. The places
and the people are others, each always replaced by the same one, so that the two are no twins.
"""

import numpy as np
import polars as pl

from graphkit.simulate.ground import ACT, DAY_US, Ground, Words
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.texts import pasted, reworded
from graphkit.words import Channel

# Answers that an account receives, at most this many for each event of its own.
_ANSWERS = 6
# Hours are kept to within this; never less than the least, or donor and heir would act in lockstep.
_OFFSET_US = (300_000_000, 3_000_000_000)


def lives(ground: Ground, cast: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Acts of the accounts of `cast` and the answers they get.

    cast: account_id, donor_id, size (consecutive events of the donor that are looked at), n (of them adopted;
    posts are always, since they draw most answers) and around (time to live at, microseconds; null: any).
    """
    own = _stretches(ground, cast, rng)
    if not own.height:
        return pl.DataFrame(schema=ACT)
    answers = _answers(ground, own, rng)
    told = pl.concat([own, answers], how="diagonal").sort("account_id", "donor_at", "old_id")
    told = _carried(ground, told, cast, rng)
    told = _placed(ground, told, rng)
    told = _peopled(ground, told, rng)
    return _spoken(ground, told, rng)


def _stretches(ground: Ground, cast: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """For each account the posts and `n` consecutive other events of a stretch of its donor's history."""
    history = (
        ground.events.join(cast.select("donor_id").unique(), left_on="account_id", right_on="donor_id")
        .sort("account_id", "timestamp", "event_id")
        .with_columns(pl.int_range(pl.len()).over("account_id").alias("place"))
        .rename({"account_id": "donor_id", "event_id": "old_id"})
    )
    counted = history.group_by("donor_id").len("total")
    start = (
        cast.join(counted, on="donor_id")
        .sort("account_id")
        .with_columns(pl.Series("draw", rng.random(cast.height)))
        .with_columns(
            ((pl.col("total").cast(pl.Int64) - pl.col("size") + 1).clip(1) * pl.col("draw"))
            .floor()
            .alias("start")
        )
    )
    return (
        start.select("account_id", "donor_id", "size", "n", "start")
        .join(history, on="donor_id")
        .filter(pl.col("place") >= pl.col("start"), pl.col("place") < pl.col("start") + pl.col("size"))
        .sort("account_id", "place")
        .with_columns((pl.col("channel").cast(pl.String) == Channel.POST.value).alias("posted"))
        .with_columns(
            (~pl.col("posted")).cum_sum().over("account_id").cast(pl.Int64).alias("nth"),
            (pl.col("n") - pl.col("posted").sum().over("account_id").cast(pl.Int64)).alias("others"),
        )
        .filter(pl.col("posted") | (pl.col("nth") <= pl.col("others")))
        .with_columns(pl.col("timestamp").dt.epoch("us").alias("donor_at"), pl.lit(True).alias("own"))
        .drop("timestamp", "start", "size", "n", "place", "posted", "nth", "others")
        .sort("account_id", "donor_at", "old_id")
    )


def _answers(ground: Ground, own: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """What others did to the donor while the adopted stretch lasted; a part of it where that is much."""
    span = own.group_by("account_id", "donor_id").agg(
        (pl.col("donor_at").min() - DAY_US // 2).alias("first"),
        (pl.col("donor_at").max() + DAY_US // 2).alias("last"),
        (pl.len() * _ANSWERS).alias("most"),
    )
    received = (
        ground.events.filter(pl.col("target_id") != pl.col("account_id"))
        .rename({"account_id": "speaker_id", "event_id": "old_id"})
        .with_columns(pl.col("timestamp").dt.epoch("us").alias("donor_at"), pl.lit(False).alias("own"))
        .drop("timestamp")
        .join(span, left_on="target_id", right_on="donor_id")
        .filter(pl.col("donor_at").is_between(pl.col("first"), pl.col("last")))
        .sort("account_id", "donor_at", "old_id")
    )
    return (
        received.with_columns(pl.Series("draw", rng.random(received.height)))
        .filter(pl.col("draw").rank("ordinal").over("account_id") <= pl.col("most"))
        .with_columns(pl.col("target_id").alias("donor_id"))
        .drop("first", "last", "most", "draw")
    )


def _carried(
    ground: Ground, told: pl.DataFrame, cast: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """`at`: the donor's time carried by days that hold events, to `around`, and by less than an hour."""
    ends = (
        told.filter("own")
        .group_by("account_id")
        .agg(pl.col("donor_at").min().alias("first"), pl.col("donor_at").max().alias("last"))
        .join(cast.select("account_id", "around"), on="account_id")
        .sort("account_id")
    )
    days = ground.days
    first = np.searchsorted(days, ends["first"].to_numpy() // DAY_US)
    last = np.searchsorted(days, ends["last"].to_numpy() // DAY_US)
    # Whole weeks where the archive is long, so that weekends stay weekends.
    step = 7 if len(days) > 60 else 1
    anywhere = rng.integers(-first, len(days) - last)
    around = ends["around"].fill_null(-1).to_numpy()
    there = np.searchsorted(days, around // DAY_US) - (first + last) // 2
    moved = np.clip(np.where(around < 0, anywhere, there), -first, len(days) - 1 - last)
    moved = np.where(np.abs(moved) >= step, np.trunc(moved / step).astype(np.int64) * step, 0)
    least, most = _OFFSET_US
    offset = rng.integers(least, most, size=len(first)) * rng.choice([-1, 1], size=len(first))
    ends = ends.select("account_id").with_columns(pl.Series("moved", moved), pl.Series("offset", offset))
    told = told.join(ends, on="account_id", maintain_order="left")
    donor_at = told["donor_at"].to_numpy()
    rank = np.searchsorted(days, donor_at // DAY_US) + told["moved"].to_numpy()
    at = days[np.clip(rank, 0, len(days) - 1)] * DAY_US + donor_at % DAY_US + told["offset"].to_numpy()
    at = np.where((at < ground.at[0]) | (at > ground.at[-1]), at - 2 * told["offset"].to_numpy(), at)
    return told.with_columns(pl.Series("at", ground.told(rng, at)))


def _placed(ground: Ground, told: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Objects replaced: own posts by new posts, others by one that was alive when the account first came.

    Answers on an object where the account itself does not appear are left out. `beside` is the row of the
    background whose object was taken.
    """
    channel = pl.col("channel").cast(pl.String)
    keys = (
        told.filter(pl.col("own"))
        .sort("at", "old_id")
        .group_by("account_id", "object_id", maintain_order=True)
        .agg(
            pl.col("at").first(), channel.first().alias("channel"), (channel == "post").any().alias("posted")
        )
        .sort("account_id", "object_id", nulls_last=True)
    )
    beside = np.zeros(keys.height, dtype=np.int64)
    for name in keys["channel"].unique().sort().to_list():
        chosen = np.flatnonzero((keys["channel"] == name).to_numpy())
        beside[chosen] = ground.beside(rng, Channel(name), keys["at"].to_numpy()[chosen])
    place = ground.column("object_id")[beside]
    made = (keys["posted"] | (keys["channel"] == Channel.DM.value)).to_numpy()
    place[made] = None
    new = made & keys["object_id"].is_not_null().to_numpy()
    for name in keys["channel"].unique().sort().to_list():
        fresh = np.flatnonzero(new & (keys["channel"] == name).to_numpy())
        place[fresh] = fresh_ids(rng, len(fresh), ground.object_shapes[Channel(name)])
    keys = keys.with_columns(
        pl.Series("place", place.tolist(), dtype=pl.String), pl.Series("beside", beside)
    ).select("account_id", "object_id", "place", "beside", "posted")
    told = told.join(
        keys, on=["account_id", "object_id"], how="left", nulls_equal=True, maintain_order="left"
    )
    return told.filter(pl.col("beside").is_not_null())


def _peopled(ground: Ground, told: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Whom the account deals with: each person of the donor's is replaced by one other throughout."""
    told = told.with_columns(
        pl.when("own").then("target_id").otherwise("speaker_id").alias("other_id"),
        pl.col("channel").cast(pl.String).is_in([Channel.DM.value, Channel.GROUP.value]).alias("personal"),
    )
    partners = (
        told.filter(pl.col("other_id") != pl.col("donor_id"))
        .sort("at", "old_id")
        .group_by("account_id", "other_id", maintain_order=True)
        .agg(pl.col("at").first(), pl.col("channel").cast(pl.String).first())
        .sort("account_id", "other_id")
    )
    met = np.empty(partners.height, dtype=object)
    for name in partners["channel"].unique().sort().to_list():
        chosen = np.flatnonzero((partners["channel"] == name).to_numpy())
        rows = ground.beside(rng, Channel(name), partners["at"].to_numpy()[chosen], near=40)
        met[chosen] = ground.column("account_id")[rows]
    partners = partners.with_columns(pl.Series("met_id", met.tolist(), dtype=pl.String))
    told = told.join(
        partners.drop("at", "channel"), on=["account_id", "other_id"], how="left", maintain_order="left"
    )
    seen = told["beside"].to_numpy()
    places: Words = ground.column("object_id")[seen]
    owner = [ground.owners.get(name) for name in places]
    return told.with_columns(
        pl.Series("owner", owner, dtype=pl.String),
        pl.Series("beside_account", ground.column("account_id")[seen].tolist(), dtype=pl.String),
        pl.Series("beside_event", ground.column("event_id")[seen].tolist(), dtype=pl.String),
    )


def _spoken(ground: Ground, told: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The finished acts: who acts on whom, what is answered, and texts of the same length."""
    # Ids for the time being, unique by account; they carry the answers until the world draws its own.
    told = told.with_columns(pl.format("{}\n{}", "account_id", "old_id").alias("event_id"))
    answered = told.select(
        "account_id", pl.col("old_id").alias("parent_id"), pl.col("event_id").alias("known")
    )
    told = told.join(answered, on=["account_id", "parent_id"], how="left", maintain_order="left")
    person = (
        pl.when(pl.col("target_id") == pl.col("donor_id"))
        .then("account_id")
        .when("personal")
        .then("met_id")
        .when(pl.col("parent_id").is_not_null())
        .then("beside_account")
        .otherwise(pl.coalesce("owner", "beside_account"))
    )
    told = told.with_columns(
        pl.when(pl.col("target_id").is_null())
        .then(None)
        .when("own")
        .then(person)
        .otherwise("account_id")
        .alias("to"),
        pl.when("own").then("account_id").otherwise("met_id").alias("from"),
        pl.when(pl.col("parent_id").is_null())
        .then(None)
        .when("own")
        .then(pl.coalesce("known", "beside_event"))
        .otherwise("known")
        .alias("parent"),
        pl.Series("said", _texts(ground, told, rng), dtype=pl.String),
    )
    return told.select(
        "event_id",
        "at",
        pl.col("channel").cast(pl.String),
        pl.col("from").alias("account_id"),
        pl.col("to").alias("target_id"),
        pl.col("place").alias("object_id"),
        pl.col("parent").alias("parent_id"),
        pl.col("said").alias("text"),
    ).filter(pl.col("account_id").is_not_null())


def _texts(ground: Ground, told: pl.DataFrame, rng: np.random.Generator) -> list[str | None]:
    said: list[str | None] = told["text"].to_list()
    spoken = told["channel"].cast(pl.String).to_list()
    speakers = told.select(
        pl.format("{}\n{}", "account_id", pl.when("own").then("donor_id").otherwise("speaker_id"))
    )
    copies = pasted(speakers.to_series().to_list(), said)
    for name in sorted(set(spoken)):
        places = [i for i, channel in enumerate(spoken) if channel == name]
        voice = ground.voices[Channel(name)]
        new = reworded(rng, voice, [said[i] for i in places], [copies[i] for i in places])
        for i, text in zip(places, new, strict=True):
            said[i] = text
    return said
