"""The parts of docs/judgement.md on who is warned, who is missed, and how rare two families are together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphkit.evaluate.page import markdown
from graphkit.evaluate.together import EVENTS, LINES

_ALONE = "among people"


def flagged(results: Mapping[str, Any]) -> str:
    """Every person at `warn` with what was seen, by itself and with agents around."""
    title = "## Every person at `warn`, to be read by hand\n\n"
    rows = list(_warned(results))
    if not rows:
        return title + "Nobody."
    # Platforms whose ids may not be told have their accounts numbered.
    numbers: dict[tuple[str, str], int] = {}
    for row in rows:
        numbers.setdefault((row["platform"], row["account_id"]), len(numbers) + 1)
    head = ("platform", "account", "where", "signal", "grade", "what was seen")
    body = [
        (
            row["platform"],
            f"no. {numbers[row['platform'], row['account_id']]}",
            row["where"],
            row["signal"],
            row["grade"],
            row["explanation"],
        )
        for row in rows
    ]
    return title + markdown(head, body)


def _warned(results: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from ({**row, "where": _ALONE} for row in results["flagged"])
    for place in results["transfer"]:
        for row in place["people_warned"]:
            where = f"agents around, {row['worlds']} of {place['worlds']} worlds"
            yield {**row, "platform": place["platform"], "where": where}


def missed(results: Mapping[str, Any]) -> str:
    """What the timing and the texts of agents that are not warned came to."""
    counts: dict[str, Counter[tuple[str, str]]] = {
        place["platform"]: Counter({(row["T"], row["X"]): row["accounts"] for row in place["missed"]})
        for place in results["transfer"]
    }
    agents = {place["platform"]: place["agents"] for place in results["transfer"]}
    total = sum(counts.values(), Counter())
    opening = (
        "Agents that are not at `warn`, by what their timing and their texts came to; shares are of all\n"
        "agents moved. *Moderate* is moderate or strong among the platform's own people, *weak at most*\n"
        "what is unusual there but not that rare, or was paid away by the other signals of the family.\n"
        "*Not measured*: too few texts in quick succession to time, or too few texts of their own.\n\n"
    )
    rows = [
        (time, text, *(_share(counts[place][time, text], agents[place]) for place in counts))
        for time, text in sorted(total, key=lambda both: (-total[both], both))
    ]
    return "## Which agents are missed, and why\n\n" + opening + markdown(("timing", "texts", *counts), rows)


def as_rare(results: Mapping[str, Any]) -> str:
    """How many people are as rare in timing and texts together as a line allows."""
    opening = (
        "A warning may rest on timing and texts that are rare together: the share of ordinary accounts that\n"
        "have both is reckoned from the two tails as if they were independent. Shown are people who could\n"
        f"be asked for both, with {EVENTS} events or more, and how many of them are as rare as each line;\n"
        "in brackets how many the line itself lets through.\n\n"
    )
    rows = [
        (
            row["platform"],
            f"{row['asked']:,}",
            *(f"{row[str(line)]} ({row['asked'] * line:.1f})" for line in LINES),
        )
        for row in results["as_rare"]
    ]
    head = ("platform", "people", *(f"{100 * line:g} %" for line in LINES))
    return "## Timing and texts together, among people\n\n" + opening + markdown(head, rows)


def newcomers(results: Mapping[str, Any]) -> str:
    """People of one platform among those of another."""
    opening = (
        "As agents were, people with as many texts were moved among the people of another platform: habits\n"
        "of elsewhere, such as long texts or another language, must not make a warning.\n\n"
    )
    rows = [
        (
            row["from"],
            row["platform"],
            *(f"{row[name]:,}" for name in ("agents", "agents_watch", "agents_warn", "agents_limit")),
            f"{row['people_warn']:,}",
        )
        for row in results["newcomers"]
    ]
    head = ("people of", "among those of", "moved", "watch or above", "warn", "limit", "others at warn")
    return "## People among the people of another platform\n\n" + opening + markdown(head, rows)


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.1f} %)" if count else ""
