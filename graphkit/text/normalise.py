"""What an account typed, and the form of a text in which two copies look the same."""

import numpy as np
import polars as pl

# One key of a keyboard gives one letter; a Chinese, Japanese or Korean character takes about three.
CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
EXTRA_KEYS_CJK = 2

# A link ends at white space and at Chinese, since Chinese is written without spaces around it.
LINK = r"(?i)(?:https?://|www\.)[^\s<>\"'`\p{Han}，。！？、；：）】》]+"

# Zero-width characters, bidirectional and other invisible controls (general category Cf: U+200B to U+200F,
# U+202A to U+202E, U+2060 to U+2069, U+FEFF, soft hyphen, tags), variation selectors and C0/C1 controls.
_INVISIBLE = r"[\p{Cf}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}\x{034F}\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]+"
_NEWLINE = r"\r\n?|[\x{85}\x{2028}\x{2029}]"
_FENCE = r"(?s)(?:```|~~~).*?(?:```|~~~|\z)"
_CODE = r"`[^`\n]*`"
# A quoted line; a chain of reposts, of which only the words before it are the account's own.
_QUOTED_LINE = r"(?m)^[ \t]*(?:>|＞|&gt;).*$"
_REPOST_CHAIN = r"(?s)//[ \t]*@.*\z"
_LABEL_OF_LINK = r"!?\[([^\]\n]*)\]\([^)\s]*\)"
_TAG = r"<[^<>\n]{1,200}>|&(?:[a-zA-Z]{2,8}|#\d{1,6});"
_MARKS = r"(?m)^[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+|-{3,}[ \t]*$)|\*+|__+|~~+|\|"
# Pictures, and the emoticons that Chinese platforms write as a word in brackets: [哈哈], [笑哭R], [j吐血].
_EMOJI = r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\x{20E3}]+"
_EMOTICON = r"\[[A-Za-z]?\p{Han}{1,6}[A-Za-z]?\]"
# An account named anywhere in a text is a slot of its template; an address of mail is none.
_MENTION = r"(^|[^A-Za-z0-9._@＠])[@＠]+[^\s:：@＠,，]+"
# What a link carries for whoever counts clicks; copies of a text differ in it.
_TRACKING = (
    r"(?i)([?&])(?:utm_[a-z]+|fbclid|gclid|igshid|spm|si|feature|ref|source|from|share_[a-z_]+|xsec_[a-z]+"
    r"|weibo_id|mc_[a-z]+)=[^&\s]*"
)
# White space that is not one space already, and the same of what is neither letter, mark nor digit: most
# words stand one space apart, and what would not change is not replaced.
_LONG_SPACE = r"[^\S ]\s*| \s+"
_NO_WORD = r"[^\p{L}\p{M}\p{N} ][^\p{L}\p{M}\p{N}]*| [^\p{L}\p{M}\p{N}]+"
# What a client writes into a text for a name, a chat, a picture or a time picked from its lists: VKontakte
# [id12|Ann] and [club3|News]; Discord <@12>, <@!12>, <#3>, <:smile:4>, <t:5:R>; Slack <@U12|ann>, <!here>;
# Zulip @**Ann Lee|12**; Telegram [Ann](tg://user?id=12); Facebook @[12:Ann]. Hexadecimal numbers are those
# of logs that hide who is who.
PICKED = (
    r"\[(?:id|club|public|event)[0-9a-f]*[0-9][0-9a-f]*(?::bp-?[0-9]+_[0-9]+)?\|[^\]\n]{1,40}\]"
    r"|<[@#!][!&^]?[A-Za-z0-9_-]{1,64}(?:\|[^<>\n]{0,40})?>"
    r"|<a?:[A-Za-z0-9_]{1,64}:[0-9]+>|<t:[0-9]+(?::[A-Za-z])?>"
    r"|@_?\*\*[^*\n]{1,40}\*\*"
    r"|\[[^\]\n]{1,40}\]\(tg://user\?id=[0-9]+\)"
    r"|@\[[0-9]+:[^\]\n]{1,40}\]"
)
_LEADING_MENTIONS = rf"\A(?:\s*(?:回复\s*)?(?:{PICKED}|[@＠][^\s:：@＠,，]+)[\s:：,，]*)+"


def readable(text: pl.Expr) -> pl.Expr:
    """`text` with plain line ends and without characters that cannot be seen."""
    return text.str.replace_all(_NEWLINE, "\n").str.replace_all(_INVISIBLE, "")


def composed(texts: pl.Series) -> pl.Series:
    """`texts` in Unicode's form NFKC, which folds full-width and ornamental letters."""
    # What is ASCII alone is in that form already; looking for more is what the form costs.
    other = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False)
    return replaced(texts, other, texts.filter(other).str.normalize("NFKC"))


def replaced(texts: pl.Series, where: pl.Series, others: pl.Series) -> pl.Series:
    """`texts` with `others`, one after another, in the places `where`; no text is copied."""
    place = np.arange(len(texts))
    place[where.to_numpy()] = len(texts) + np.arange(len(others))
    return pl.concat([texts, others]).gather(place)


def own_words(text: pl.Expr) -> pl.Expr:
    """`text` without code, quotes, chains of reposts, leading mentions and what was `PICKED`; links stay.

    What is left was written, or at least pasted, by the account itself and not by the one it answers.
    """
    return (
        readable(text)
        .str.replace_all(_FENCE, " ")
        .str.replace_all(_CODE, " ")
        .str.replace_all(_QUOTED_LINE, "")
        .str.replace(_REPOST_CHAIN, "")
        .str.replace(_LEADING_MENTIONS, "")
        .str.replace_all(PICKED, " ")
    )


def typed(text: pl.Expr) -> pl.Expr:
    """What a person would have had to type: no links, code, quotes, markup, emoji or mentions.

    Names are picked from a list that the platform offers, many at a time where a lottery asks for them.
    White space is folded to one space and trimmed; letters, case and punctuation stay as they are. A null
    stays null; a text of nothing else becomes "".
    """
    return typed_words(own_words(text))


def typed_words(own: pl.Expr) -> pl.Expr:
    """`typed` of a text whose `own_words` are known."""
    return folded_space(
        own.str.replace_all(_LABEL_OF_LINK, "${1}")
        .str.replace_all(LINK, " ")
        .str.replace_all(_MENTION, "${1}")
        .str.replace_all(_TAG, " ")
        .str.replace_all(_EMOTICON, " ")
        .str.replace_all(_EMOJI, " ")
        .str.replace_all(_MARKS, " ")
    ).str.strip_chars()


def keys(text: pl.Expr) -> pl.Expr:
    """Keys (Int64) that `text` takes: characters of what was typed, plus 2 for each CJK character."""
    return keys_of(typed(text))


def keys_of(typed_text: pl.Expr) -> pl.Expr:
    """`keys` of a text whose `typed` form is known."""
    extra = EXTRA_KEYS_CJK * typed_text.str.count_matches(CJK).cast(pl.Int64)
    return typed_text.str.len_chars().cast(pl.Int64) + extra


def plain_link(link: pl.Expr) -> pl.Expr:
    """`link` without scheme, `www.`, fragment, tracking and closing punctuation; its host in lower case.

    Two people who copied the same page from different places hold the same plain link.
    """
    bare = (
        link.str.replace(r"(?i)\A(?:https?://)?(?:www\.)?", "")
        .str.replace(r"#.*\z", "")
        .str.replace_all(_TRACKING, "${1}")
        .str.replace_all(r"([?&])&+", "${1}")
        .str.replace(r"[/.,;:!?&=)\]]+\z", "")
    )
    host = bare.str.extract(r"\A([^/?]*)").str.to_lowercase()
    return host + bare.str.replace(r"\A[^/?]*", "")


def normalised(text: pl.Expr) -> pl.Expr:
    """The form in which copies look the same: letters and digits in lower case, single spaces.

    NFKC folds full-width and ornamental letters; then quotes, mentions, emoji, punctuation and invisible
    characters fall away. Links stay as words, without scheme, fragment and tracking parameters.
    """
    return form(own_words(text.str.normalize("NFKC")))


def form(composed_words: pl.Expr) -> pl.Expr:
    """`normalised` of a text of whose NFKC form the `own_words` are known."""
    return (
        composed_words.str.to_lowercase()
        .str.replace_all(_LABEL_OF_LINK, "${1}")
        .str.replace_all(_MENTION, "${1} ")
        .str.replace_all(r"(?:https?://|www\.)+", " ")
        .str.replace_all(r"(\.[a-z]{2,}/[^\s#]*)#\S*", "${1}")
        .str.replace_all(_TRACKING, " ")
        .str.replace_all(_TAG, " ")
        .str.replace_all(_EMOTICON, " ")
        .str.replace_all(r"['’]", "")
        .str.replace_all(_NO_WORD, " ")
        .str.strip_chars()
    )


def folded_space(text: pl.Expr) -> pl.Expr:
    """`text` with one space in place of any white space in a row."""
    return text.str.replace_all(_LONG_SPACE, " ")
