"""Rare things that texts share: links, contacts, codes, invented words, names of products."""

from functools import partial
from hashlib import sha256

import numpy as np
import polars as pl

from graphkit.engine.names import numbered
from graphkit.engine.order import counted, packed, stable_order
from graphkit.engine.reach import portions
from graphkit.engine.threads import side_by_side
from graphkit.settings import TextSettings
from graphkit.text.characters import cohesive_strings
from graphkit.text.normalise import LINK, composed, own_words, plain_link, typed

STANDARD = TextSettings()

RARE_TOKENS = pl.Schema(
    {
        "event": pl.UInt32,
        "account": pl.UInt32,
        "token": pl.String,
        "kind": pl.String,
        "n_authors": pl.UInt32,
    }
)

# Words of four letters or more that are not Chinese; an apostrophe, hyphen or underscore may stand inside.
_WORD = r"[[\p{L}\p{M}\p{N}]--\p{Han}]+(?:['_-]+[[\p{L}\p{M}\p{N}]--\p{Han}]+)*"
_SHORTEST_WORD, _LONGEST_WORD = 4, 40
_SHORTEST_CODE = 6
_MENTION = r"(?i)(?:[@＠]|\bu/)[\p{L}\p{N}_][\p{L}\p{N}_-]*"
_HANDLE = (
    r"(?i)(?:we ?chat|weixin|[微薇威v]信|\bvx|\bwx|加v|qq|扣扣|telegram|\btg|whatsapp|小红书)"
    r"(?:号|id|群)?[\s:：是为@]{0,4}[a-z0-9][a-z0-9_-]{4,23}"
)
_PHONE = r"\+\d{8,15}|\b1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b"
# An English word of a stem that everybody uses is no rare word: executions, clocking, debaters.
_ENDINGS = (
    "'s",
    "s",
    "es",
    "ed",
    "d",
    "ing",
    "er",
    "ers",
    "r",
    "rs",
    "ly",
    "ness",
    "y",
    "'re",
    "'ve",
    "'ll",
    "n't",
)
_SOURCES = pl.Enum(["link", "contact", "word"])
# Texts taken apart, and uses of tokens counted, at once: what is held in between stays small.
_TEXTS = 20_000
_USES = 4_000_000
# A word that stands behind @ in more than this share of its events is a name.
_NAME_SHARE = 0.25


def rare_tokens(
    texts: pl.DataFrame, settings: TextSettings = STANDARD, *, names: pl.Series | None = None
) -> pl.DataFrame:
    """Which events hold which tokens that few accounts use: RARE_TOKENS, sorted by event and token.

    `texts` has the columns event, account and text; `composed` (see `spelled`), where it is there, is not
    found out again. `n_authors` counts the accounts that use the token, 2 to
    `settings.token_authors` and at most `settings.token_author_share` of the accounts that write. `kind` is
    link, contact, code or word. Only an account's own words count (see `own_words`); `names` (ids and names
    of accounts), and words that often stand behind @, are no tokens: people who name a third share an
    acquaintance.
    """
    known = texts.filter(pl.col("text").is_not_null())
    distinct, row = _distinct(known)
    found = _tokens(distinct, cohesion=settings.token_cohesion, least=2)
    held = known.select("event", "account", row)
    authors = _authors(found, held).with_columns(pl.col("token").cast(pl.String).alias("name"))
    most = _most_authors(known["account"].n_unique(), settings)
    common = authors.filter(pl.col("n_authors") > most)["name"]
    rare = authors.filter(pl.col("n_authors").is_between(2, most))
    kept = (
        rare.join(_named(distinct, found, names), on="name", how="anti")
        .join(_inflected(rare["name"], common), on="name", how="anti")
        .join(found, on="token")
        .drop("token")
        .rename({"name": "token"})
        .filter(_worth_naming())
        .with_columns(_kind())
    )
    answer = held.join(kept, on="row").select(pl.col(name).cast(dtype) for name, dtype in RARE_TOKENS.items())
    return answer.sort("event", "token")


def _distinct(texts: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Each different text once (columns row, text, composed), and the row of each of `texts` among them."""
    number = numbered(texts["text"])[1]
    one = np.zeros(int(number.max(initial=0)) + 1 if len(number) else 0, dtype=np.int64)
    one[number] = np.arange(len(number))
    distinct = texts[one].with_row_index("row")
    if "composed" not in texts.columns:
        same = composed(distinct["text"]).to_frame("text").select(own_words(pl.col("text")))
        distinct = distinct.with_columns(same.to_series().alias("composed"))
    return distinct.select("row", "text", "composed"), pl.Series("row", number)


def _authors(found: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Columns token and n_authors (Int64): how many accounts use each token that stands in `found`."""
    writers = held.select("row", "account").unique().sort("row", "account")
    row, account = writers["row"].to_numpy(), writers["account"].to_numpy().astype(np.int64)
    token = found["token"].to_physical().to_numpy().astype(np.int64)
    where = found["row"].to_numpy()
    starts = np.searchsorted(row, np.arange(int(row.max(initial=0)) + 2))
    begin, count = starts[where], np.diff(starts)[where]
    uses = [token[use] << 32 | account[writer] for use, writer in portions(begin, count, _USES)]
    # Each account once for each token that it uses.
    once = counted(np.concatenate([np.zeros(0, np.int64), *uses]))[0]
    code, n_authors = counted(once >> 32)
    return pl.DataFrame({"token": code.astype(np.uint32), "n_authors": n_authors}).with_columns(
        pl.col("token").cat.to(found.schema["token"])
    )


def collapsed(tokens: pl.DataFrame) -> pl.DataFrame:
    """`tokens` with one token for each set of events: the longest, then the first in order of text.

    The words of a phrase that is always used whole are one thing, not many.
    """
    places = tokens.group_by("token").agg(pl.col("event").sort().alias("events"))
    ordered = places.sort(pl.col("token").str.len_chars(), "token", descending=[True, False])
    kept = ordered.unique("events", keep="first", maintain_order=True)
    return tokens.join(kept.select("token"), on="token", how="semi", maintain_order="left")


def fingerprints(tokens: pl.Series) -> pl.Series:
    """A number below 2 ** 30 for each token, the same in every run (of 40,000 tokens about one in a pair)."""
    codes = [int.from_bytes(sha256(token.encode()).digest()[:4]) >> 2 for token in tokens.to_list()]
    return pl.Series("fingerprint", codes, dtype=pl.UInt32)


def possible_tokens(texts: pl.DataFrame) -> pl.DataFrame:
    """What in each text could be a rare token; columns event, token (from columns event, text)."""
    known = texts.filter(pl.col("text").is_not_null())
    distinct, row = _distinct(known)
    found = _tokens(distinct, cohesion=0.0, least=1).select("row", pl.col("token").cast(pl.String))
    return known.select("event", row).join(found, on="row").select("event", "token")


def _most_authors(n_accounts: int, settings: TextSettings) -> int:
    return min(settings.token_authors, max(2, int(settings.token_author_share * n_accounts)))


def _tokens(distinct: pl.DataFrame, *, cohesion: float, least: int) -> pl.DataFrame:
    """Every token of every distinct text, once; columns row, source (link, contact or word), token.

    The token is a code of its own for each string, so that millions of words are held in little memory.
    """
    code = pl.col("token").cast(pl.Categorical(pl.Categories.random()))

    def part(start: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        pieces, spoken = _pieces(distinct[start : start + _TEXTS])
        return _once(pieces.with_columns(code)), spoken.filter(pl.col("text").str.contains(r"\p{Han}{3}"))

    found = side_by_side([partial(part, start) for start in range(0, max(distinct.height, 1), _TEXTS)])
    parts: list[pl.DataFrame] = [tokens for tokens, _ in found]
    chinese: list[pl.DataFrame] = [spoken for _, spoken in found]
    # No other source holds a Chinese character, so what is found here stands in no part already.
    strings = _strings(pl.concat(chinese), cohesion, least).with_columns(_source("word"), code)
    return pl.concat([*parts, strings.select("row", "source", "token")])


def _pieces(distinct: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tokens that a text shows by itself (row, source, token), and what is spoken in it (row, text).

    A token stands as often as its text shows it, in order of the sources that show it.
    """
    own = distinct.select("row", pl.col("composed").alias("text"))
    plain = own.select("row", pl.col("text").str.replace_all(LINK, " "))
    bare = typed(pl.col("text").str.replace_all(_MENTION, " ")).str.to_lowercase()
    spoken = plain.select("row", bare.str.replace_all("’", "'", literal=True))
    handle = pl.col("token").str.to_lowercase().str.extract(r"([a-z0-9][a-z0-9_-]{4,23})\z")
    digits = pl.col("token").str.replace_all(r"[^\d+]", "")
    parts = {
        "link": _extracted(own, LINK).with_columns(plain_link(pl.col("token"))),
        "contact": pl.concat(
            [
                _extracted(plain, _HANDLE).with_columns(handle),
                _extracted(plain, _PHONE).with_columns(digits),
            ]
        ),
        "word": _extracted(spoken, _WORD),
    }
    sourced = [part.select("row", _source(name), "token") for name, part in parts.items()]
    return pl.concat(sourced), spoken


def _once(pieces: pl.DataFrame) -> pl.DataFrame:
    """Each token once for each row, of its first source, the more telling one: a handle is also a word."""
    both = packed(pieces["row"], pieces["token"].to_physical())
    order = stable_order(both)
    fresh = np.diff(both[order], prepend=-1) != 0
    return pieces[np.sort(order[fresh])]


def _source(name: str) -> pl.Expr:
    return pl.lit(name).cast(_SOURCES).alias("source")


def _extracted(texts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    found = texts.select("row", pl.col("text").str.extract_all(pattern).alias("token"))
    return found.explode("token", empty_as_null=False, keep_nulls=False)


def _strings(texts: pl.DataFrame, cohesion: float, least: int) -> pl.DataFrame:
    found = cohesive_strings(texts["text"], cohesion=cohesion, least=least)
    return found.select(texts["row"].gather(found["row"]).alias("row"), "token")


def _worth_naming() -> pl.Expr:
    """Links that lead past a front page, contacts with a digit, words of letters and of a word's length."""
    token, source = pl.col("token"), pl.col("source")
    length = token.str.len_chars()
    chinese = token.str.contains(r"\A\p{Han}")
    word = token.str.contains(r"\p{L}") & length.is_between(_SHORTEST_WORD, _LONGEST_WORD)
    return (
        pl.when(source == "link")
        .then(token.str.contains(r"[/?]"))
        .when(source == "contact")
        .then(token.str.contains(r"\d"))
        .otherwise(word | chinese)
    )


def _kind() -> pl.Expr:
    token, source = pl.col("token"), pl.col("source")
    mixed = token.str.contains(r"\p{L}") & token.str.contains(r"\d")
    code = (source == "word") & mixed & (token.str.len_chars() >= _SHORTEST_CODE)
    return pl.when(code).then(pl.lit("code")).otherwise(source.cast(pl.String)).alias("kind")


def _named(distinct: pl.DataFrame, found: pl.DataFrame, names: pl.Series | None) -> pl.DataFrame:
    """Names of accounts (column name): given as such, or written behind @ often enough."""
    behind = _extracted(distinct.select("row", pl.col("text").str.to_lowercase()), _MENTION).select(
        "row", pl.col("token").str.replace(r"\A(?:[@＠]|u/)", "").alias("name")
    )
    mentioned = behind.group_by("name").agg(pl.col("row").n_unique().alias("mentions"))
    token = pl.col("name").cast(found.schema["token"]).alias("token")
    # Every row has a token once, so its rows are its uses.
    uses = found.group_by("token").len("uses")
    often = (
        mentioned.with_columns(token)
        .join(uses, on="token", how="left")
        .filter(pl.col("mentions") > _NAME_SHARE * pl.col("uses").fill_null(0))
        .select("name")
    )
    if names is None:
        called = often
    else:
        # Ids of several networks carry a prefix: `irc:ada` is spoken of as ada.
        given = names.drop_nulls().cast(pl.String).str.to_lowercase()
        called = pl.concat([often, given.to_frame("name"), given.str.replace(r"\A.*:", "").to_frame("name")])
    return pl.concat([called, called.select(pl.col("name") + "'s")]).unique()


def _inflected(rare: pl.Series, common: pl.Series) -> pl.DataFrame:
    """Those of `rare` (column name) that are a common word with an English ending."""
    named = rare.to_frame("name")
    stems = [
        named.filter(pl.col("name").str.ends_with(ending)).select(
            "name", pl.col("name").str.strip_suffix(ending).alias("stem")
        )
        for ending in _ENDINGS
    ]
    known = common.to_frame("stem")
    return pl.concat(stems).join(known, on="stem", how="semi").select("name").unique()
