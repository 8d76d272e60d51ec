"""The page of docs/judgement.md, written from results and from nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphkit.evaluate import together_page
from graphkit.evaluate.operators import ACCOUNTS, COMMENTS, SESSIONS
from graphkit.evaluate.page import markdown
from graphkit.evaluate.transfer import SHARE, TEXTS

_OPENING = """# How people and agents fare, one by one

Written by `graphkit evaluate-signals`; do not edit. Accounts are judged here by their own events alone: no
rings are sought, so nobody can reach `limit` (that needs a confirmed ring; see
[the evaluation](evaluation.md)). Thresholds and the reference that finds candidates come from the **other**
platforms' people, never from the platform that is tested.
"""
_ASKED_CAUGHT = 0.7
_ASKED_FALSE = 25


def text(results: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    parts = [
        _OPENING,
        _asked(results),
        _escapes(results),
        _strata(results),
        together_page.flagged(results),
        together_page.as_rare(results),
        _transfer(results),
        together_page.missed(results),
        together_page.newcomers(results),
        _operators(results),
        _left_out(results),
        _how(results),
    ]
    return "\n".join(part.strip() + "\n" for part in parts)


def _asked(results: Mapping[str, Any]) -> str:
    rows = []
    for row in results["transfer"]:
        share = row["agents_warn"] / row["agents"]
        rows.append(
            (
                f"agents with {TEXTS} texts or more among the people of {row['platform']}: "
                f"{_ASKED_CAUGHT:.0%} at `warn`",
                f"{share:.0%} ({row['warn_p05']:.0%})",
                "met" if share >= _ASKED_CAUGHT else "**not met**",
            )
        )
        false = 10_000 * row["people_warn"] / row["people"]
        rows.append(
            (
                f"people around them: at most {_ASKED_FALSE} in 10,000 at `warn`, nobody at `limit`",
                f"{false:.1f}, {row['people_limit']}",
                "met" if false <= _ASKED_FALSE and not row["people_limit"] else "**not met**",
            )
        )
    for row in results["strata"]:
        if row["stratum"] == "all":
            false = 10_000 * row["warn"] / row["people"]
            rows.append(
                (
                    f"people of {row['platform']}: at most {_ASKED_FALSE} in 10,000 at `warn`, nobody above",
                    f"{false:.1f}, {row['limit']}",
                    "met" if false <= _ASKED_FALSE and not row["limit"] else "**not met**",
                )
            )
    return "## What is asked, and what was measured\n\n" + markdown(("asked", "measured", ""), rows)


def _escapes(results: Mapping[str, Any]) -> str:
    """Operators of whom less than half are warned, on the worst platform of each."""
    worst: dict[str, tuple[float, str]] = {}
    for place, rows in results["operators"].items():
        for row in rows:
            worst[row["operator"]] = min(worst.get(row["operator"], (2.0, "")), (row["warn"], place))
    lines = [
        f"- {name}: {share:.0%} at `warn` on {place}" for name, (share, place) in worst.items() if share < 0.5
    ]
    said = (
        "An operator is missed where it waits, writes little, or writes as others do; of one account\n"
        "nothing else can be seen. On its worst platform less than half is at `warn` of:\n\n"
    )
    return "## What escapes\n\n" + (said + "\n".join(lines) if lines else "None of these operators escapes.")


def _strata(results: Mapping[str, Any]) -> str:
    rows = [
        (
            row["platform"],
            row["stratum"],
            f"{row['people']:,}",
            *(f"{row[tier]:,}" for tier in ("watch", "warn", "limit", "ban_review")),
            f"{10_000 * row['warn'] / row['people']:.1f}",
        )
        for row in results["strata"]
    ]
    head = (
        "platform",
        "stratum",
        "people",
        "watch or above",
        "warn or above",
        "limit or above",
        "ban_review",
        "in 10,000 at warn",
    )
    return "## People on their own platform\n\n" + markdown(head, rows)


def _transfer(results: Mapping[str, Any]) -> str:
    opening = (
        f"Agents with {TEXTS} texts or more were moved among people, at {SHARE:.0%} of the platform's\n"
        "accounts or as many as there are. Sums over seeds; in brackets the fifth percentile over seeds.\n\n"
    )
    rows = [
        (
            row["platform"],
            f"{row['agents']:,}",
            _of(row["agents_watch"], row["agents"]),
            f"{_of(row['agents_warn'], row['agents'])} ({row['warn_p05']:.0%})",
            f"{row['people']:,}",
            f"{row['people_watch']:,}",
            f"{row['people_warn']:,}",
            f"{row['people_limit']:,}",
        )
        for row in results["transfer"]
    ]
    head = (
        "platform",
        "agents",
        "watch or above",
        "warn",
        "people",
        "people at watch or above",
        "people at warn",
        "people at limit",
    )
    return "## Agents among people\n\n" + opening + markdown(head, rows)


def _operators(results: Mapping[str, Any]) -> str:
    opening = (
        f"Accounts of {SESSIONS * COMMENTS} comments, {COMMENTS} a day, with texts that agents wrote;\n"
        f"{ACCOUNTS} for each operator, platform and seed. `T` and `X`: a signal of timing or of texts at\n"
        "moderate, before the others of its family are paid for. Missed is what is not at `warn`.\n\n"
    )
    head = ("platform", "operator", "accounts", "T", "X", "watch or above", "warn", "missed")
    rows = [
        (
            place,
            row["operator"],
            f"{row['accounts']:,}",
            *(f"{row[name]:.0%}" for name in ("T", "X", "watch")),
            f"{row['warn']:.0%} ({row['warn_p05']:.0%})",
            f"{1 - row['warn']:.0%}",
        )
        for place, lines in results["operators"].items()
        for row in lines
    ]
    return "## Simulated operators\n\n" + opening + markdown(head, rows)


def _left_out(results: Mapping[str, Any]) -> str:
    opening = (
        "Reference and thresholds are the people of the other platforms: moderate is what one in a hundred\n"
        "of them reaches. `recall`: agents at moderate. AUC: the chance that an agent is more unusual than\n"
        "one of the people left out.\n\n"
    )
    head = ("left out", "signal", "people", "weak", "moderate", "agents", "recall", "AUC")
    signals = [
        (
            row["platform"],
            row["signal"],
            f"{row['people']:,}",
            _percent(row["people_weak"]),
            _percent(row["people_moderate"]),
            f"{row['agents']:,}",
            _percent(row["agents_moderate"]),
            "" if row["auc"] is None else f"{row['auc']:.3f}",
        )
        for row in results["by_signal"]
    ]
    families = [
        (
            row["platform"],
            row["family"],
            row["who"],
            f"{row['n']:,}",
            _percent(row["weak"]),
            _percent(row["moderate"]),
        )
        for row in results["by_family"]
    ]
    family_head = ("left out", "family", "who", "measured", "weak or above", "moderate or above")
    return "\n\n".join(
        (
            "## One platform left out",
            opening.strip(),
            "By signal:",
            markdown(head, signals),
            "By family, after paying for every signal of it that was asked:",
            markdown(family_head, families),
        )
    )


def _how(results: Mapping[str, Any]) -> str:
    rows = [
        (place["name"], f"{place['events']:,}", f"{place['accounts']:,}", place["sha256"][:12])
        for place in results["platforms"]
    ]
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    by = f"graphkit {results['graphkit']}, policy {results['policy']}"
    said = f"{by}, seeds {seeds}. The last log is that of the agents."
    return (
        "## How it was measured\n\n"
        + said
        + "\n\n"
        + markdown(("log", "events", "accounts", "SHA-256"), rows)
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _of(count: int, of: int) -> str:
    return f"{count / of:.0%}" if of else ""


def lines(results: Mapping[str, Any]) -> Iterator[str]:
    """The result in a few lines, for the command to say."""
    for row in results["transfer"]:
        yield (
            f"{row['platform']}: {_of(row['agents_warn'], row['agents'])} of the agents and "
            f"{row['people_warn']} of {row['people']:,} people at warn"
        )
    whole: Sequence[Mapping[str, Any]] = [row for row in results["strata"] if row["stratum"] == "all"]
    for row in whole:
        yield f"{row['platform']} by itself: {row['warn']} of {row['people']:,} people at warn"
