"""What a record says in words: the same facts in the language that the reader asks for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphkit.judgement.breaker import HeldReason
from graphkit.judgement.groups import GROUP_EVIDENCE, MEMBERSHIP
from graphkit.sentences import Strings, read_strings
from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS, Signal
from graphkit.signals.wording import Wording, limit, wording
from graphkit.words import Language

_HELD = {"trailing median": "held_median", "one signal": "held_signal"}
_BOUNDS = {"at least ": "at_least", "at most ": "at_most"}


@dataclass(frozen=True)
class Speech:
    """One language, the signals that were asked, and the settings that they were graded by."""

    strings: Strings
    wording: Wording
    signals: Mapping[str, Signal]
    settings: SignalSettings

    def explanation(self, row: Mapping[str, Any], role: str | None = None) -> str:
        """What a row of EVIDENCE says, in this language; of a signal that it does not know, as it stands."""
        name, said = row["signal"], str(row["explanation"])
        if self.strings.language == Language.EN.value:
            return said
        if name == MEMBERSHIP:
            share = math.floor(row["value"] * 100)
            return self.strings.say(
                "membership", role=self.strings.word(role), members=row["n"], share=f"{share} %"
            )
        if name == GROUP_EVIDENCE:
            return self.strings.say("group_evidence", members=row["n"], aspects=f"{row['value']:.0f}")
        signal = self.signals.get(name)
        if signal is None:
            return said
        return self.wording.sentence(signal, row, limit(signal, row, self.settings))

    def held(self, reason: HeldReason) -> str:
        """Why the circuit breaker holds the run."""
        key = _HELD.get(reason.rule)
        observed, allowed = f"{reason.observed:g}", f"{reason.allowed:g}"
        return self.strings.say(key, observed=observed, allowed=allowed) if key else reason.sentence

    def question(self, signal: str) -> str | None:
        """What a signal asks, or None where nobody knows the signal."""
        known = self.signals.get(signal)
        return self.strings.phrase(known.question) if known else None

    def innocent(self, signals: Sequence[str]) -> list[str]:
        """What else explains these signals, each said once."""
        known = [self.signals[name] for name in self.signals if name in signals]
        return list(dict.fromkeys(self.strings.phrase(reason) for one in known for reason in one.innocent))

    def seen(self, observed: str) -> str:
        """A number of a case as TRACE has it, in this language."""
        return self.strings.phrases.get(observed, self.strings.word(observed))

    def wanted(self, required: str) -> str:
        """What a rule wants as TRACE has it, in this language."""
        for english, key in _BOUNDS.items():
            if required.startswith(english):
                return self.strings.say(key, bound=self.strings.word(required.removeprefix(english)))
        return self.strings.word(required)


def speech(
    language: str = Language.EN.value,
    *,
    signals: Sequence[Signal] = SIGNALS,
    settings: SignalSettings | None = None,
) -> Speech:
    """The speech of `language`; raises ConfigError when there is no such language."""
    strings = read_strings(language, Path(__file__).parent, "records")
    return Speech(
        strings,
        wording(Language(language)),
        {signal.name: signal for signal in signals},
        settings or SignalSettings(),
    )
