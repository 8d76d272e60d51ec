"""How a line of evidence is said in each language: always from the same facts, never by translation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphkit.sentences import Strings, read_strings
from graphkit.settings import SignalSettings
from graphkit.signals.base import Ceiling, Signal
from graphkit.words import GRAVE, Direction, Grade, Language

# The columns of EVIDENCE that a sentence is made from, besides what the signal itself says.
PLACING = ("value", "n", "grade", "quantile", "expected", "lowest", "highest", "n_reference", "outside")


@dataclass(frozen=True)
class Wording:
    """The sentences of one language: what was seen by signal, what is ordinary, what would count.

    English signals say themselves what they saw; the other languages have it in `seen`.
    """

    strings: Strings

    @property
    def seen(self) -> Mapping[str, Any]:
        """What each signal saw, in this language; empty where signals say it themselves."""
        known: Mapping[str, Any] = self.strings.sentences["seen"]
        return known

    def sentence(self, signal: Signal, facts: Mapping[str, Any], ceiling: Ceiling | None) -> str:
        """What was seen, and what is ordinary; `facts` has the columns of PLACING."""
        seen, unit = self._seen(signal, facts), self.strings.word(signal.unit)
        if ceiling is not None:
            return seen + self._limit(signal.direction, unit, facts, ceiling)
        say = self.strings.sentences
        if facts["quantile"] is None or facts["lowest"] is None or facts["highest"] is None:
            return self.strings.say("few", seen=seen)
        return self.strings.say(
            "placed",
            seen=seen,
            unit=unit,
            n_reference=facts["n_reference"],
            lowest=facts["lowest"],
            highest=facts["highest"],
            tail=_percent(facts["quantile"]),
            where=say["elsewhere" if facts["outside"] else "here"],
            ranks=say["ranks_only"] if facts["outside"] else "",
        )

    def _seen(self, signal: Signal, facts: Mapping[str, Any]) -> str:
        """What the signal saw; a signal that this language does not know is told by its number."""
        value, n = facts["value"], facts["n"]
        found = self.seen.get(signal.name)
        if found is None and not self.seen:
            return signal.explain(value, n)
        if isinstance(found, Mapping):
            found = found["zero" if value == 0 else "other"]
        said = str(found or self.strings.sentences["unknown"])
        unit = self.strings.word(signal.unit)
        return said.format(signal=signal.name, value=value, percent=100 * value, n=n, unit=unit)

    def _limit(self, direction: Direction, unit: str, facts: Mapping[str, Any], ceiling: Ceiling) -> str:
        high = direction == Direction.HIGH
        grade, expected = facts["grade"], facts["expected"]
        if ceiling.times and expected is None:
            return self.strings.say("alone")
        mark = ceiling.strong if grade == Grade.STRONG.value else ceiling.moderate
        beside = "" if expected is None else self.strings.say("beside", expected=_figure(expected))
        times = self.strings.say("more" if high else "less", times=ceiling.times) if beside else ""
        verdict = "counts" if grade in GRAVE else "would_count"
        side = self.strings.say("at_least" if high else "at_most")
        return beside + self.strings.say(verdict, side=side, mark=mark, unit=unit, times=times)


def limit(signal: Signal, facts: Mapping[str, Any], settings: SignalSettings) -> Ceiling | None:
    """What graded a value without ordinary accounts, if anything did; `facts` has the columns of PLACING."""
    unplaced = facts["quantile"] is None and facts["grade"] in GRAVE
    mark = signal.ceiling or (signal.beyond if unplaced else None)
    return mark(settings) if mark else None


def wording(language: Language) -> Wording:
    """The sentences of `language`."""
    return Wording(read_strings(language.value, Path(__file__).parent, "wording"))


def _figure(value: float) -> str:
    """Three figures, without powers of ten for what is small or large."""
    shown = f"{value:.3g}"
    if "e" not in shown:
        return shown
    return f"{value:.0f}" if value > 1 else f"{value:.6f}".rstrip("0").rstrip(".")


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %"
