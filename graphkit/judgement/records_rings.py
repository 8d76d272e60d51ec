"""What a ring's record says of the group as a whole: why it is reviewed together, and what speaks against."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphkit.judgement.observed import OWN_FAMILIES
from graphkit.judgement.records_words import Speech
from graphkit.words import GRAVE, UNUSUAL, Grade, Role

_MEASURED = (Grade.NONE.value, *UNUSUAL)
_OWN = tuple(family.value for family in OWN_FAMILIES)


def ring_findings(
    ring: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    evidence: Sequence[Mapping[str, Any]],
    say: Speech,
) -> dict[str, Any]:
    """`recommendation`, `speaks_against` and `next_steps` of one ring.

    `members` are rows of TIERS, `evidence` the rows of EVIDENCE that name the ring. A member of whom nothing
    could be measured has too few events: what is proved is proved of the group, and so it is reviewed.
    """
    strings = say.strings
    own = [row for row in evidence if row["account_id"] is not None and str(row["family"]) in _OWN]
    measured = {row["account_id"] for row in own if str(row["grade"]) in _MEASURED}
    found = {row["account_id"] for row in own if str(row["grade"]) in GRAVE}
    few, silent = len(members) - len(measured), len(measured - found)
    rim = sum(row["role"] == Role.PERIPHERY.value for row in members)
    told = [strings.say(f"ring_{ring['kind']}")]
    if few:
        told.append(strings.say("ring_few", few=few, members=len(members)))
    against = []
    if silent:
        against.append(strings.say("ring_silent", silent=silent, measured=len(measured)))
    if rim:
        against.append(strings.say("ring_rim", rim=rim))
    return {
        "recommendation": strings.say("joined").join(told),
        "speaks_against": against,
        "next_steps": [
            strings.say(key) for key in ("next_read", "next_innocent", "next_together", "next_logs")
        ],
    }
