"""The words of the pages, one TOML file for each language: sentences there, numbers here."""

from functools import cache
from pathlib import Path

from graphkit.sentences import Strings, read_strings
from graphkit.words import Language

__all__ = ["LANGUAGES", "Strings", "number", "percent", "strings"]

LANGUAGES = tuple(language.value for language in Language)


@cache
def strings(language: str) -> Strings:
    """The strings of `language`; raises ConfigError when there is no such language."""
    return read_strings(language, Path(__file__).parent, "strings")


def number(value: float | None, places: int = 2) -> str:
    """A number as people write it: thousands apart, no needless zeros, a dash for what is not known."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) < 0.5 * 10**-places:
        return f"{value:.1e}"
    return f"{value:,.{places}f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share as a whole percentage; a trace stays apart from nothing, and almost all from all."""
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share * 100:.0f} %"
