"""Rare things that texts share: links, contacts, codes, invented words, names of products."""

from hashlib import sha256

import polars as pl

from graphkit.settings import TextSettings
from graphkit.text.characters import cohesive_strings
from graphkit.text.normalise import LINK, own_words, plain_link, typed

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
# A word that stands behind @ in more than this share of its events is a name.
_NAME_SHARE = 0.25


def rare_tokens(
    texts: pl.DataFrame, settings: TextSettings = STANDARD, *, names: pl.Series | None = None
) -> pl.DataFrame:
    """Which events hold which tokens that few accounts use: RARE_TOKENS, sorted by event and token.

    `texts` has the columns event, account and text. `n_authors` counts the accounts that use the token, 2 to
    `settings.token_authors` and at most `settings.token_author_share` of the accounts that write. `kind` is
    link, contact, code or word. Only an account's own words count (see `own_words`); `names` (ids and names
    of accounts), and words that often stand behind @, are no tokens: people who name a third share an
    acquaintance.
    """
    known = texts.select("event", "account", "text").filter(pl.col("text").is_not_null())
    distinct = known.select(pl.col("text").unique().sort()).with_row_index("row")
    found = _tokens(distinct, cohesion=settings.token_cohesion, least=2)
    held = known.join(distinct, on="text").select("event", "account", "row").join(found, on="row")
    authors = held.group_by("token").agg(pl.col("account").n_unique().alias("n_authors"))
    most = _most_authors(known["account"].n_unique(), settings)
    common = authors.filter(pl.col("n_authors") > most)["token"]
    rare = authors.filter(pl.col("n_authors").is_between(2, most))
    kept = (
        held.join(rare, on="token")
        .join(_named(distinct, found, names), on="token", how="anti")
        .join(_inflected(rare, common), on="token", how="anti")
    )
    answer = kept.filter(_worth_naming()).with_columns(_kind()).select(RARE_TOKENS.names())
    return answer.sort("event", "token").select(
        pl.col(name).cast(dtype) for name, dtype in RARE_TOKENS.items()
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
    distinct = texts.select(pl.col("text").drop_nulls().unique().sort()).with_row_index("row")
    found = _tokens(distinct, cohesion=0.0, least=1).select("row", "token")
    return texts.join(distinct, on="text").join(found, on="row").select("event", "token")


def _most_authors(n_accounts: int, settings: TextSettings) -> int:
    return min(settings.token_authors, max(2, int(settings.token_author_share * n_accounts)))


def _tokens(distinct: pl.DataFrame, *, cohesion: float, least: int) -> pl.DataFrame:
    """Every token of every distinct text, once; columns row, source (link, contact or word), token."""
    own = distinct.select("row", own_words(pl.col("text").str.normalize("NFKC")).alias("text"))
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
        "word": pl.concat([_extracted(spoken, _WORD), _strings(spoken, cohesion, least)]),
    }
    sourced = [part.select("row", pl.lit(name).alias("source"), "token") for name, part in parts.items()]
    # A handle is also a word: the first source, the more telling one, names it.
    return pl.concat(sourced).unique(["row", "token"], keep="first", maintain_order=True)


def _extracted(texts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    found = texts.select("row", pl.col("text").str.extract_all(pattern).list.unique().alias("token"))
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
    return pl.when(code).then(pl.lit("code")).otherwise(source).alias("kind")


def _named(distinct: pl.DataFrame, found: pl.DataFrame, names: pl.Series | None) -> pl.DataFrame:
    """Tokens (column token) that are names of accounts: given as such, or written behind @ often enough."""
    behind = _extracted(distinct.select("row", pl.col("text").str.to_lowercase()), _MENTION).with_columns(
        pl.col("token").str.replace(r"\A(?:[@＠]|u/)", "")
    )
    uses = found.group_by("token").agg(pl.col("row").n_unique().alias("uses"))
    often = (
        behind.group_by("token")
        .agg(pl.col("row").n_unique().alias("mentions"))
        .join(uses, on="token", how="left")
        .filter(pl.col("mentions") > _NAME_SHARE * pl.col("uses").fill_null(0))
        .select("token")
    )
    if names is None:
        called = often
    else:
        # Ids of several networks carry a prefix: `irc:ada` is spoken of as ada.
        given = names.drop_nulls().cast(pl.String).str.to_lowercase()
        called = pl.concat(
            [often, given.to_frame("token"), given.str.replace(r"\A.*:", "").to_frame("token")]
        )
    return pl.concat([called, called.select(pl.col("token") + "'s")]).unique()


def _inflected(rare: pl.DataFrame, common: pl.Series) -> pl.DataFrame:
    """Rare tokens (column token) that are a common word with an English ending."""
    stems = [
        rare.filter(pl.col("token").str.ends_with(ending)).select(
            "token", pl.col("token").str.strip_suffix(ending).alias("stem")
        )
        for ending in _ENDINGS
    ]
    known = common.to_frame("stem")
    return pl.concat(stems).join(known, on="stem", how="semi").select("token").unique()
