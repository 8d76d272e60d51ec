"""The rules by which rows become events: every row is kept or refused by name, and both are counted."""

import hashlib

import polars as pl

from graphkit.readers.clock import moments
from graphkit.settings import ReadSettings
from graphkit.tables import EVENTS, QUARANTINE
from graphkit.words import Channel

# Each rule with the sentence that says what was wrong.
RULES = {
    "malformed_row": "the row cannot be taken apart, or a value is of a type that the column cannot hold",
    "invalid_utf8": "the row holds bytes that are no UTF-8",
    "invalid_json": "the line is no JSON",
    "duplicate_key": "the JSON object names a key twice, and readers disagree on which one counts",
    "float_id": "an id is written as a number with a fraction or exponent, so its digits are lost",
    "missing_account_id": "nobody is named as the one who acted",
    "control_character": "an id holds a control character, NUL or half a surrogate pair",
    "missing_channel": "the channel is empty",
    "unknown_channel": "the channel is none of " + ", ".join(Channel),
    "missing_timestamp": "the time is empty",
    "bad_timestamp": "the time is written in no known form, or its zone skips that hour",
    "no_time_zone": "the time carries no zone although others do, and none is declared",
    "timestamp_out_of_range": "the time lies outside the range gate, or is of another unit than the rest",
    "repeated_row": "the same event stands in the input more than once; the first was kept",
    "duplicate_event_id": "two different events bear the same id; the one that sorts first was kept",
}

_IDS = ("event_id", "account_id", "target_id", "object_id", "parent_id")
_CONTENT = ("at", "channel", "account_id", "target_id", "object_id", "parent_id", "text")

# Controls of ASCII and Latin-1 and the two code points that no XML may hold. NUL also stands for a lone
# surrogate (see `strings` in readers/base.py).
CONTROL = r"[\x00-\x1f\x7f-\x{9f}\x{fffe}\x{ffff}]"

# A refused value is shown only if it looks like what the column should hold: a shifted row may put a private
# text anywhere.
_SHOWN = {
    "unknown_channel": r"^[A-Za-z_-]{1,24}$",
    "bad_timestamp": r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[0-9TZ:+., -]{0,24}$",
    "no_time_zone": r"^[0-9T:., -]{1,32}$",
    "timestamp_out_of_range": r"^[0-9TZ:+., -]{1,40}$",
}


def judged(
    raw: pl.DataFrame, settings: ReadSettings, *, where: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """EVENTS, QUARANTINE and notes of a table of strings with `source`, `position` and the columns of EVENTS.

    Every row of `raw` is in exactly one of the two tables.
    """
    rows = raw.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)) for name in (*_IDS, "timestamp", "channel", "text")
    ).with_columns(pl.col("text").str.replace_all("\0", "\ufffd", literal=True))
    clock = moments(rows["timestamp"], settings, where=where)
    rows = rows.with_columns(clock["at"], clock["fault"]).with_columns(_broken().alias("broken"))
    refused = rows.filter(pl.col("broken").is_not_null()).select(
        "source",
        "position",
        pl.col("broken").struct.field("rule"),
        pl.col("broken").struct.field("column"),
        pl.col("broken").struct.field("value"),
    )
    kept, notes = _named(rows.filter(pl.col("broken").is_null()))
    kept, repeated = _single(kept)
    events = kept.with_columns(
        pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("timestamp")
    )
    quarantine = pl.concat([_shown(refused), repeated])
    return EVENTS.check(events), QUARANTINE.check(quarantine), notes


def _broken() -> pl.Expr:
    """The first rule that a row breaks as a struct of rule, column and value; null for a good row."""

    def because(rule: pl.Expr, column: str, *, shown: pl.Expr | None = None) -> pl.Expr:
        value = pl.when(pl.lit(value=True) if shown is None else shown).then(pl.col(column)).alias("value")
        return pl.struct(rule.alias("rule"), pl.lit(column).alias("column"), value)

    first = pl.when(pl.col("account_id").is_null()).then(because(pl.lit("missing_account_id"), "account_id"))
    for name in _IDS:
        first = first.when(pl.col(name).str.contains(CONTROL)).then(
            because(pl.lit("control_character"), name)
        )  # type: ignore[assignment]
    return (
        first.when(pl.col("channel").is_null())
        .then(because(pl.lit("missing_channel"), "channel"))
        .when(~pl.col("channel").is_in(list(Channel)))
        # Where the time is no time either the row has slipped, and the channel may be a text: not shown.
        .then(because(pl.lit("unknown_channel"), "channel", shown=pl.col("fault").is_null()))
        .when(pl.col("fault").is_not_null())
        .then(because(pl.col("fault"), "timestamp"))
    )


def _shown(refused: pl.DataFrame) -> pl.DataFrame:
    """Refused rows whose value is null unless it can be no text."""
    harmless = pl.any_horizontal(
        (pl.col("rule") == rule) & pl.col("value").str.contains(form) for rule, form in _SHOWN.items()
    )
    return refused.with_columns(pl.when(harmless).then(pl.col("value")))


def _named(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Rows that all bear an event id, and private messages that all bear a conversation."""
    notes = []
    unnamed = rows.filter(pl.col("event_id").is_null())
    if unnamed.height:
        named = rows.filter(pl.col("event_id").is_not_null())
        rows = pl.concat([named, unnamed.with_columns(_digests(unnamed))]).sort("source", "position")
        notes.append(f"{unnamed.height} rows had no event_id; it is derived from the content of the row")
    alone = (
        (pl.col("channel") == Channel.DM) & pl.col("object_id").is_null() & pl.col("target_id").is_not_null()
    )
    conversations = rows.select(alone.sum()).item()
    if conversations:
        rows = rows.with_columns(
            pl.when(alone).then(_conversation()).otherwise(pl.col("object_id")).alias("object_id")
        )
        notes.append(
            f"{conversations} private messages had no object_id; it is the conversation of their two accounts"
        )
    return rows, notes


def _digests(rows: pl.DataFrame) -> pl.Series:
    """The id that the content of each row gives it; equal contents give equal ids."""
    # Ids hold no control character and the text stands last, so no two contents give one joined string.
    joined = rows.select(
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in _CONTENT], separator="\x1f")
    ).to_series()
    contents = joined.unique()
    digests = ["derived-" + hashlib.blake2b(line.encode(), digest_size=12).hexdigest() for line in contents]
    return joined.replace_strict(contents, digests, return_dtype=pl.String).alias("event_id")


def _conversation() -> pl.Expr:
    """`dm:` with both accounts in order; the length of the first tells where it ends, whatever it holds."""
    one, other = pl.col("account_id"), pl.col("target_id")
    first = pl.when(one <= other).then(one).otherwise(other)
    second = pl.when(one <= other).then(other).otherwise(one)
    return pl.concat_str(
        pl.lit("dm:"), first.str.len_chars().cast(pl.String), pl.lit(":"), first, pl.lit("|"), second
    )


def _single(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of which no two share an event id, and the others as QUARANTINE.

    Of rows with one id the first by content is kept, so that the order of the input is no matter.
    """
    columns = [pl.col("source"), pl.col("position")]
    doubled = rows["event_id"].is_duplicated()
    if not doubled.any():
        return rows, QUARANTINE.empty()
    several = rows.filter(doubled).sort("event_id", *_CONTENT, "source", "position", nulls_last=True)
    first = several["event_id"].is_first_distinct()
    alike = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).first().over("event_id")) for name in _CONTENT
    )
    refused = (
        several.with_columns(alike.alias("alike"))
        .filter(~first)
        .select(
            *columns,
            pl.when("alike")
            .then(pl.lit("repeated_row"))
            .otherwise(pl.lit("duplicate_event_id"))
            .alias("rule"),
            pl.lit("event_id").alias("column"),
            pl.col("event_id").str.slice(0, 120).alias("value"),
        )
    )
    return pl.concat([rows.filter(~doubled), several.filter(first)]), refused
