"""Meeting in a rare token: two accounts use a link, contact, code or word that few others use."""

import hashlib

import polars as pl

from graphkit.layers.base import INCIDENCE, Layer, incidence
from graphkit.settings import NetworkSettings
from graphkit.text.tokens import collapsed, rare_tokens
from graphkit.words import PRIVATE_CHANNELS, Strand


def _held(events: pl.DataFrame) -> pl.DataFrame:
    """Columns account, event, at, channel, token: every rare token with every event that holds it."""
    names = pl.concat([events["account_id"], events["target_id"]]).drop_nulls().unique()
    tokens = collapsed(rare_tokens(events.select("event", "account", "text"), names=names))
    return tokens.select("event", "token").join(
        events.select("account", "event", "at", "channel"), on="event", maintain_order="left"
    )


def _incidence(events: pl.DataFrame) -> pl.DataFrame:
    """One row for each account and token, at the account's first use; words of one phrase are one token.

    So an account's activity is the number of its rare tokens. The topic is the event: of two accounts that
    share five tokens of the same text, the meetings count 1, 1/2 .. 1/5.
    """
    held = (
        _held(events).sort("event", "token").unique(["account", "token"], keep="first", maintain_order=True)
    )
    if held.is_empty():
        return pl.DataFrame(schema=INCIDENCE)
    return incidence(held, pl.col("token"), pl.col("token"), pl.col("event"))


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """The token; a fingerprint where any private text holds it, since naming it would quote that text."""
    ranked = _held(events).with_columns(pl.col("token").rank("dense").cast(pl.UInt32).alias("key"))
    private = pl.col("channel").cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
    tokens = (
        ranked.group_by("key")
        .agg(pl.col("token").first(), private.any().alias("private"))
        .join(rows.select(pl.col("key").unique()), on="key", how="semi")
        .sort("key")
    )
    prints = [hashlib.sha256(token.encode()).hexdigest()[:8] for token in tokens["token"].to_list()]
    spoken = tokens.select(
        "key",
        pl.when("private")
        .then("token #" + pl.Series(prints, dtype=pl.String))
        .otherwise("token " + pl.col("token"))
        .alias("met_on"),
    )
    return rows.select("key").join(spoken, on="key", how="left", maintain_order="left")["met_on"]


def _scales_s(settings: NetworkSettings) -> tuple[int, ...]:
    return ()


RARE_TOKEN = Layer(
    name="rare_token",
    strand=Strand.CONTENT,
    question="do they use the same rare links, contacts, codes and words, more than others who use rare ones",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
)
