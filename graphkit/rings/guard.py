"""What a guard is: one number that tells rings from one look-alike."""

from collections.abc import Callable
from dataclasses import dataclass

from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Verdict


@dataclass(frozen=True)
class Guard:
    """One look-alike; a group passes where `number` is on the right side of `limit`, or is None.

    One `of_people` ends no group whose members have no habits (see `Suspect.without_habits`).
    """

    name: str
    verdict: Verdict
    sentence: str
    number: Callable[[Suspect, RingSettings], float | None]
    limit: Callable[[RingSettings], float]
    at_least: bool
    of_people: bool = False

    def passes(self, value: float | None, settings: RingSettings) -> bool:
        """Whether `value` clears the limit; what does not apply is passed."""
        if value is None:
            return True
        return value >= self.limit(settings) if self.at_least else value <= self.limit(settings)
