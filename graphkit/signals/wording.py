"""How a line of evidence is said in each language: always from the same facts, never by translation."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphkit.signals.base import Ceiling, Signal
from graphkit.words import Direction, Grade, Language

# The columns of EVIDENCE that a sentence is made from, besides what the signal itself says.
PLACING = ("value", "n", "grade", "quantile", "expected", "lowest", "highest", "n_reference", "outside")
_OF_INTEREST = (Grade.MODERATE.value, Grade.STRONG.value)


@dataclass(frozen=True)
class Wording:
    """The sentences of one language.

    `seen` says by signal what was seen (English signals say it themselves), `placing` what is ordinary and
    what would count, `units` names the units.
    """

    seen: Mapping[str, Any]
    placing: Mapping[str, str]
    units: Mapping[str, str]

    def sentence(self, signal: Signal, facts: Mapping[str, Any], ceiling: Ceiling | None) -> str:
        """What was seen, and what is ordinary; `facts` has the columns of PLACING."""
        seen, unit = self._seen(signal, facts), self.units.get(signal.unit, signal.unit)
        if ceiling is not None:
            return seen + self._limit(signal.direction, unit, facts, ceiling)
        say = self.placing
        if facts["quantile"] is None or facts["lowest"] is None or facts["highest"] is None:
            return say["few"].format(seen=seen)
        return say["placed"].format(
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
        said = str(found or self.placing["unknown"])
        unit = self.units.get(signal.unit, signal.unit)
        return said.format(signal=signal.name, value=value, percent=100 * value, n=n, unit=unit)

    def _limit(self, direction: Direction, unit: str, facts: Mapping[str, Any], ceiling: Ceiling) -> str:
        say, high = self.placing, direction == Direction.HIGH
        grade, expected = facts["grade"], facts["expected"]
        mark = ceiling.strong if grade == Grade.STRONG.value else ceiling.moderate
        beside = "" if expected is None else say["beside"].format(expected=expected)
        times = say["more" if high else "less"].format(times=ceiling.times) if beside else ""
        verdict = say["counts" if grade in _OF_INTEREST else "would_count"]
        side = say["at_least" if high else "at_most"]
        return beside + verdict.format(side=side, mark=mark, unit=unit, times=times)


def wording(language: Language) -> Wording:
    """The sentences of `language`."""
    path = Path(__file__).parent / f"wording_{language.value}.toml"
    return Wording(**tomllib.loads(path.read_text(encoding="utf-8")))


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.0f} %"
