"""The words of the pages, one TOML file for each language: sentences there, numbers here."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Strings:
    """The sentences of one language; `say` fills numbers in, `word` names a value of a table."""

    language: str
    sentences: Mapping[str, Any]
    words: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """The sentence `key` with `values` filled in; two forms are told apart by `n`."""
        found = self.sentences[key]
        if isinstance(found, Mapping):
            found = found["one" if values.get("n") == 1 else "many"]
        return str(found).format(**values)

    def word(self, value: object) -> str:
        """The name of a word such as a tier or a channel; a value without a name stands for itself."""
        text = str(value)
        return self.words.get(text, text.replace("_", " "))


@cache
def strings(language: str) -> Strings:
    """The strings of `language`; raises ConfigError when there is no such language."""
    if language not in LANGUAGES:
        known = ", ".join(f"`{name}`" for name in LANGUAGES)
        raise ConfigError(f"settings: no pages in language `{language}`; choose one of {known}")
    path = Path(__file__).parent / f"strings_{language}.toml"
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return Strings(language, values["sentences"], values["words"])


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
