"""The words and sentences of one language: sentences in TOML, numbers in code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError
from graphkit.words import Language


@dataclass(frozen=True)
class Strings:
    """The sentences of one language; `say` fills numbers in, `word` names a value of a table.

    `phrases` gives fixed English sentences that others wrote (a policy, a signal) in this language.
    """

    language: str
    sentences: Mapping[str, Any]
    words: Mapping[str, str]
    phrases: Mapping[str, str]

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

    def phrase(self, sentence: str) -> str:
        """A fixed sentence in this language; one that nobody put into it stays as its author wrote it."""
        return self.phrases.get(sentence, sentence)


def read_strings(language: str, folder: Path, name: str) -> Strings:
    """The words that all parts share, with the sentences and phrases of `<folder>/<name>_<language>.toml`.

    Raises ConfigError when there is no such language.
    """
    if language not in [item.value for item in Language]:
        known = ", ".join(f"`{item.value}`" for item in Language)
        raise ConfigError(f"settings: no pages in language `{language}`; choose one of {known}")
    words = _table(Path(__file__).parent / f"words_{language}.toml")
    values = _table(folder / f"{name}_{language}.toml")
    return Strings(language, values["sentences"], words["words"], values.get("phrases", {}))


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
