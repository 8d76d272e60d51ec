"""What graphkit says of a text, once more in plain Python, written from its words and not from its code.

The properties of letters (`\\p{...}`) come from the package `regex`.
"""

import unicodedata
from functools import cache

import regex  # type: ignore[import-untyped, unused-ignore]

from graphkit.text.phrases import PHRASES

_LINE_ENDS = regex.compile("\r\n?|[\x85\u2028\u2029]")
_CODE = regex.compile("`[^`\n]*`")
PICKED = regex.compile(
    "|".join(
        (
            r"\[(?:id|club|public|event)(?=[a-f]*[0-9])[0-9a-f]+(?::bp-?[0-9]+_[0-9]+)?\|[^\]\n]{1,120}\]",
            r"<[@#!][!&^]?[A-Za-z0-9_-]{1,64}(?:\|[^<>\n]{0,120})?>",
            r"<a?:[A-Za-z0-9_]{1,64}:[0-9]+>",
            r"<t:[0-9]+(?::[A-Za-z])?>",
            r"@_?\*\*[^*\n]{1,120}\*\*",
            r"\[[^\]\n]{1,120}\]\(tg://user\?id=[0-9]+\)",
            r"@\[[0-9]+:[^\]\n]{1,120}\]",
        )
    )
)
_MENTION_AT_START = regex.compile(rf"\s*(?:回复\s*)?(?:{PICKED.pattern}|[@＠][^\s:：@＠,，]+)[\s:：,，]*")
_LABEL = regex.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)")
_LINK = regex.compile(r"(?i)(?:https?://|www\.)[^\s<>\"'`\p{Han}，。！？、；：）】》]+")
_TAG = regex.compile(r"<[^<>\n]{1,200}>|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6});")
_EMOTICON = regex.compile(r"\[[A-Za-z]?\p{Han}{1,6}[A-Za-z]?\]")
_PICTURES = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u20e3]+")
_MARKS = regex.compile(r"(?m)^[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+|-{3,}[ \t]*$)|\*+|__+|~~+|\|")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_MENTION = regex.compile(r"(^|[^A-Za-z0-9._@＠])[@＠]+[^\s:：@＠,，]+")
_TRACKED = (
    *("fbclid", "gclid", "igshid", "spm", "si", "feature", "ref", "source", "from", "weibo_id"),
    *("utm_[a-z]+", "share_[a-z_]+", "xsec_[a-z]+", "mc_[a-z]+"),
)
_TRACKING = regex.compile(rf"(?i)([?&])(?:{'|'.join(_TRACKED)})=[^&\s]*")
_QUOTES = regex.compile(
    '"[^"\n]{0,300}"|“[^”\n]{0,300}”|「[^」\n]{0,300}」|『[^』\n]{0,300}』|«[^»\n]{0,300}»'
)
_SLOTS = regex.compile(
    r"\{\{[ ]?[\p{L}_][\p{L}\p{N}_ ]{1,30}\}\}"
    r"|(?i:\[(?:insert (?:your |the )?)?"
    r"(?:(?:your|product|brand|company|customer|recipient|client|first|last)[ _]?name|user[ _]name)\])"
    r"|(?i:\[insert (?:your |the |a )?(?:product|brand|company)\])"
    r"|[\[【{](?:此处|请|插入|填写|填入)[^\]】}\n]{0,16}[\]】}]"
)
# The longest first, so that of overlapping phrases the longest counts.
_SPOKEN = regex.compile("|".join(regex.escape(one) for one in sorted(PHRASES, key=len, reverse=True)))


def readable(text: str) -> str:
    plain = _LINE_ENDS.sub("\n", text)
    return "".join(letter for letter in plain if letter in "\t\n" or not _unseen(letter))


def _unseen(letter: str) -> bool:
    point = ord(letter)
    selects = 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF or point == 0x34F
    return selects or unicodedata.category(letter) in ("Cf", "Cc")


def _without_fences(text: str) -> str:
    out: list[str] = []
    place = 0
    while True:
        begin = _next_fence(text, place)
        if begin < 0:
            return "".join([*out, text[place:]])
        out.append(f"{text[place:begin]} ")
        end = _next_fence(text, begin + 3)
        if end < 0:
            return "".join(out)
        place = end + 3


def _next_fence(text: str, place: int) -> int:
    return min((at for mark in ("```", "~~~") if (at := text.find(mark, place)) >= 0), default=-1)


def own_words(text: str) -> str:
    plain = _CODE.sub(" ", _without_fences(readable(text)))
    lines = ["" if line.lstrip(" \t").startswith((">", "＞", "&gt;")) else line for line in plain.split("\n")]
    plain = "\n".join(lines)
    chain = regex.search(r"//[ \t]*@", plain)
    plain = plain[: chain.start()] if chain else plain
    while found := _MENTION_AT_START.match(plain):
        plain = plain[found.end() :]
    return str(PICKED.sub(" ", plain))


@cache
def typed(text: str) -> str:
    plain = _MENTION.sub(r"\1", _LINK.sub(" ", _LABEL.sub(r"\1", own_words(text))))
    for gone in (_TAG, _EMOTICON, _PICTURES, _MARKS):
        plain = gone.sub(" ", plain)
    return " ".join(plain.split())


@cache
def keys(text: str) -> int:
    plain = typed(text)
    return len(plain) + 2 * len(_WIDE.findall(plain))


def holds_wide(text: str) -> bool:
    return bool(_WIDE.search(text))


@cache
def normalised(text: str) -> str:
    plain = own_words(unicodedata.normalize("NFKC", text)).lower()
    plain = _MENTION.sub(r"\1 ", _LABEL.sub(r"\1", plain))
    plain = regex.sub(r"(?:https?://|www\.)+", " ", plain)
    plain = regex.sub(r"(\.[a-z]{2,}/[^\s#]*)#\S*", r"\1", plain)
    for gone in (_TRACKING, _TAG, _EMOTICON):
        plain = gone.sub(" ", plain)
    plain = plain.replace("'", "").replace("’", "")
    letters = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in plain)
    return " ".join("".join(letters).split())


def hits(text: str) -> int:
    own = _QUOTES.sub(" ", own_words(text))
    lower = unicodedata.normalize("NFKC", own).lower().replace("’", "'")
    spoken = regex.sub(r"\s+", " ", lower)
    return len(_SPOKEN.findall(spoken)) + len(_SLOTS.findall(_LINK.sub(" ", own)))
