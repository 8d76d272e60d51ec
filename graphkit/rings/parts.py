"""Parts of a group of people: what is let go as a whole is no ring in part."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graphkit.rings.habits import HABITS, habits
from graphkit.rings.trial import Trial
from graphkit.settings import Settings
from graphkit.words import Verdict


def parts_let_go(judged: Sequence[Trial], settings: Settings) -> list[Trial]:
    """The trials again, but for rings that lie in a group which was let go for its members' habits.

    Of fifteen people the twelve who meet most often are a candidate of their own, of fewer meetings, in which
    the same habits may no longer show. A ring that is half of such a group, and of which `part_share` lies in
    it, is let go with it, if it is one that is asked for its habits, unless its own members met often enough
    to show that they have none: a ring may hide among people.
    """
    people = [trial for trial in judged if trial.guard == HABITS]
    return [_let_go(trial, people, settings) if trial.verdict is Verdict.RING else trial for trial in judged]


def _let_go(trial: Trial, people: Sequence[Trial], settings: Settings) -> Trial:
    suspect, numbers = trial.suspect, settings.rings
    codes = suspect.codes
    near = [one for one in people if 2 * len(codes) >= len(one.suspect.codes)]
    shares = [float(np.isin(codes, one.suspect.codes).mean()) for one in near]
    if not shares or max(shares) < numbers.part_share:
        return trial
    if habits(suspect, numbers) is None or suspect.without_habits(numbers.habits):
        return trial
    whole = near[int(np.argmax(shares))]
    return replace(
        trial,
        verdict=whole.verdict,
        reason=f"{HABITS}: they are part of a group that comes in an order that returns",
        observed=max(shares),
        required=numbers.part_share,
        guard=whole.guard,
    )
