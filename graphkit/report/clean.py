"""Text written by the accused made fit to be shown: nothing hidden, nothing that acts, never too long."""

import re
import unicodedata

# What only moves or hides its neighbours is named, not obeyed: U+202E turns "exe.gnp" into "png.exe".
_HIDDEN = frozenset({"Cf", "Co", "Zl", "Zp"})
# More marks than this on one letter paint over the lines above and below ("zalgo"); no script needs more.
_MARKS = 3
_JOINERS = "\u200c\u200d"
_SPACES = re.compile(r"[\t\n\v\f\r\u0085\u00a0\u2028\u2029 ]+")
# Letters, digits, punctuation and Chinese that are shown as they are; most texts have nothing else.
_PLAIN = re.compile(
    r"[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u3001-\u3029\u3041-\u3096\u30a0-\u30ff"
    r"\u4e00-\u9fff\uff01-\uff9f]*\Z"
)
_NOT_A_CHARACTER = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def visible(text: str, limit: int) -> str:
    """`text` on one line, at most `limit` characters, with everything invisible made visible.

    White space becomes one space; control characters become their pictures (`␛`), direction marks and
    zero-width characters their number (`‹U+202E›`), lone surrogates and non-characters `\ufffd`. What was
    clipped ends in an ellipsis. The result is plain text: escaping it for HTML is the template's work.
    """
    # The first few characters decide, so that a text of a megabyte costs no more than a line.
    head = _SPACES.sub(" ", text[: 4 * limit + 64]).strip(" ")
    shown = head if _PLAIN.match(head) else _shown(head)
    cut = len(text) > 4 * limit + 64
    if len(shown) <= limit and not cut:
        return shown
    return shown[: max(limit - 1, 0)].rstrip() + "…"


def drawn(text: str, limit: int) -> str:
    """`visible` text for matplotlib: a leading underscore would make a legend entry disappear."""
    shown = visible(text, limit)
    return f"\u2009{shown}" if shown.startswith("_") else shown


def _shown(text: str) -> str:
    out: list[str] = []
    marks = 0
    for place, letter in enumerate(text):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks > _MARKS:
            continue
        out.append(_letter(letter, kind, text, place))
    return "".join(out)


def _letter(letter: str, kind: str, text: str, place: int) -> str:
    if _NOT_A_CHARACTER.match(letter):
        return "\ufffd"
    if kind == "Cc":
        point = ord(letter)
        if point < 0x20:
            return chr(0x2400 + point)
        return "␡" if point == 0x7F else "\ufffd"
    if kind in _HIDDEN and not _joins(letter, text, place):
        return f"‹U+{ord(letter):04X}›"
    return letter


def _joins(letter: str, text: str, place: int) -> bool:
    """Whether a joiner stands between two letters beyond Latin, where scripts and emoji need it."""
    if letter not in _JOINERS or place == 0 or place + 1 >= len(text):
        return False
    return ord(text[place - 1]) > 0x5FF and ord(text[place + 1]) > 0x5FF
