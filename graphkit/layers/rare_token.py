"""Meeting in a rare token: two accounts use a link, contact, code or word that few others use."""

import polars as pl

from graphkit.layers.base import INCIDENCE, PLACE, Layer, elsewhere, spoken
from graphkit.settings import NetworkSettings, TextSettings
from graphkit.text.spelling import spelled
from graphkit.text.tokens import collapsed, fingerprints, possible_tokens, rare_tokens
from graphkit.words import PRIVATE_CHANNELS, Strand


def _keyed(events: pl.DataFrame, names: pl.Series, settings: TextSettings) -> pl.DataFrame:
    """Columns account, event, at, token, key: every rare token with every event that holds it.

    The key is the token's fingerprint, so that it can be found again in the text of one event; its lowest bit
    says that a private text holds the token. Of two tokens with one fingerprint the second is left out.
    """
    texts = spelled(events).select("event", "account", "text", "composed")
    tokens = collapsed(rare_tokens(texts, settings, names=names))
    held = tokens.select("event", "token").join(
        events.select("account", "event", "at", "channel"), on="event", maintain_order="left"
    )
    private = pl.col("channel").cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
    named = held.group_by("token").agg(private.any().cast(pl.UInt32).alias("private")).sort("token")
    keyed = (
        named.with_columns(fingerprints(named["token"]))
        .unique("fingerprint", keep="first", maintain_order=True)
        .select("token", (pl.col("fingerprint") * 2 + pl.col("private")).alias("key"))
    )
    return held.join(keyed, on="token").select("account", "event", "at", "token", "key")


def _incidence(events: pl.DataFrame, settings: NetworkSettings) -> pl.DataFrame:
    """One row for each account, token and place, at the account's first use there, three places at most.

    Words of one phrase are one token. People who talk in one thread share its words: two accounts meet on a
    token only across objects, so what each said elsewhere counts as well. The topic is the event: of two
    accounts that share five tokens of the same text, the meetings count 1, 1/2 .. 1/5.
    """
    said = spoken(events)
    places = said.select("event", PLACE.rank("dense").alias("place"))
    names = pl.concat([events["account_id"], events["target_id"]]).drop_nulls().unique()
    uses = _keyed(said, names, settings.text).join(places, on="event").sort("event", "token")
    first = elsewhere(uses, "key")
    return first.select(
        "account",
        "event",
        "at",
        "key",
        pl.col("key").alias("occasion"),
        pl.col("event").alias("topic"),
        "place",
    ).select(pl.col(name).cast(dtype) for name, dtype in INCIDENCE.items())


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """The token; only its number where any private text holds it, since naming it would quote that text.

    `rows` names the token by `key` or, the same here, by `occasion`; without either only the event is named.
    """
    keyed = next((name for name in ("key", "occasion") if name in rows.columns), None)
    if keyed is None:
        return "a rare token of event " + events["event_id"].gather(rows["event"])
    wanted = rows.select("event", pl.col(keyed).cast(pl.UInt32).alias("key"))
    texts = events.select("event", "text")[wanted["event"].unique().sort()]
    possible = possible_tokens(texts)
    spoken = (
        possible.with_columns(fingerprints(possible["token"]))
        .sort("event", "token")
        .unique(["event", "fingerprint"], keep="first", maintain_order=True)
    )
    named = wanted.with_columns((pl.col("key") // 2).alias("fingerprint")).join(
        spoken, on=["event", "fingerprint"], how="left", maintain_order="left"
    )
    number = "token #" + (pl.col("key") // 2).cast(pl.String)
    hidden = (pl.col("key") % 2 == 1) | pl.col("token").is_null()
    return named.select(
        pl.when(hidden).then(number).otherwise("token " + pl.col("token")).alias("met_on")
    ).to_series()


def _scales_s(_settings: NetworkSettings) -> tuple[int, ...]:
    return ()


RARE_TOKEN = Layer(
    name="rare_token",
    strand=Strand.CONTENT,
    question="do they use the same rare links, contacts, codes and words, more than others who use rare ones",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
)
