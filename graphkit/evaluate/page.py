"""The page of an evaluation, written from its results and from nothing else."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.evaluate.curves import BY_NAME
from graphkit.evaluate.failings import failings, verdicts
from graphkit.evaluate.honest import FORMULAS, FOUND
from graphkit.evaluate.summary import MADE_UP, Results
from graphkit.report.curves import recall_curves, recall_table
from graphkit.store.durable import told, write_bytes, write_table

PAGE = "evaluation.md"

_OPENING = """# What is found, and what is not

Written by `graphkit evaluate`; do not edit. Groups of made accounts were planted into logs of real ones:
rings, which act as one, and look-alikes, which only seem to. `graphkit detect` was run on each such world and
its answer compared with the truth. The generator knows nothing of the detector; each account of a group
adopts the activity, hours, manner and lengths of text of an account of the background.

- **recall**: planted rings of which a found ring is the better half (Jaccard of members at least .5).
- **Jaccard**: the best overlap with a found ring, 0 where there is none.
- **victims**: accounts that a ring messages, tails or mentions, but for those that are flagged in the log as
  it is, for what they do themselves.
- A number in brackets is the fifth percentile over seeds, the 95th where less is better.
- `{mark}` after a background: one channel that it lacks was made up, with ordinary traffic in it.
"""


def written(results: Results, out: Path, *, page: Path | None = None) -> None:
    """Write tables, results.json, plots and the page into `out`; the page and its plots at `page` as well."""
    pictures = _pictures(results)
    with told(out):
        for name, table in results.tables.items():
            write_table(out / f"{name}.parquet", table)
        write_bytes(
            out / "results.json", json.dumps(results.facts, indent=1, ensure_ascii=False).encode() + b"\n"
        )
        for place in [out / PAGE, *([page] if page else [])]:
            stem = place.stem
            for name, content in pictures.items():
                write_bytes(place.with_name(f"{stem}_{name}.png"), content)
            write_bytes(place, text(results, stem=stem, pictures=list(pictures)).encode())


def _pictures(results: Results) -> dict[str, bytes]:
    found = {}
    if results.tables["rings"].drop_nulls(["place", "plan"]).height:
        found["recall"] = recall_table(results.tables["rings"], title="share of planted rings that was found")
    if results.tables["curves"].height:
        found["curves"] = recall_curves(
            results.tables["curves"], {name: one.title for name, one in BY_NAME.items()}
        )
    return found


def text(results: Results, *, stem: str = "evaluation", pictures: Sequence[str] = ()) -> str:
    """The page as Markdown."""
    parts = [
        _OPENING.format(mark=MADE_UP),
        _asked(results),
        _fails(results),
        *_section(results, "Logs as they are", "found", _found_rows, _NOTHING_PLANTED),
        *_section(results, "How the formulas behave on them", "formulas", _formula_rows, _BY_LOT),
        *_section(
            results,
            "Rings",
            "rings",
            _ring_rows,
            f"![Recall]({stem}_recall.png)" if "recall" in pictures else "",
        ),
        *_section(results, "Accounts", "accounts", _account_rows, _PRECISION),
        *_section(results, "Look-alikes", "lookalikes", _lookalike_rows),
        *_section(results, "Accounts of the background", "backgrounds", _background_rows, _ORDINARY),
        *_section(
            results,
            "Curves",
            "curves",
            _curve_rows,
            f"![Curves]({stem}_curves.png)" if "curves" in pictures else "",
        ),
        _how(results),
    ]
    return "\n".join(part.strip() + "\n" for part in parts if part)


_NOTHING_PLANTED = (
    "`detect` on each log with nothing planted. Accounts known beforehand to be in rings are counted in the\n"
    "last column only; rings are all that were found."
)
_BY_LOT = (
    "Of all pairs of accounts of a layer those that chance explains with p under .01 at their best scale,\n"
    "and those with q under .001: honest people are dependent, so these are no rings yet. Then 300 groups\n"
    "of ten busy accounts drawn by lot, put to the proof of a ring: 3 are promised under .01, none proved."
)
_PRECISION = (
    "In the sum of all backgrounds only accounts count of which it is known what they are: of a background\n"
    "that holds rings of its own, those planted. Its own rows count everybody."
)
_ORDINARY = (
    "Accounts without a role, in 10,000. Not all of them are innocent: where a background has rings of its\n"
    "own that nobody has labelled, finding them counts as a false flag. False rings (for each world) are\n"
    "those of which less than half are of a planted ring, its beneficiaries, or known beforehand."
)


def _asked(results: Results) -> str:
    rows = [
        (one.asked, one.measured, "met" if one.met else "**not met**")
        for one in verdicts(results.tables, results.labelled)
    ]
    return "## What is asked, and what was measured\n\n" + markdown(("asked", "measured", ""), rows)


def _fails(results: Results) -> str:
    found = list(failings(results.tables))
    lines = "\n".join(f"- {line}" for line in found) if found else "Nothing failed in these worlds."
    return "## Where it fails\n\n" + lines


def _section(results: Results, title: str, name: str, rows: Any, opening: str = "") -> Iterator[str]:
    table: pl.DataFrame = results.tables[name]
    if table.height:
        head, body = rows(table)
        yield "\n\n".join(part for part in (f"## {title}", opening, markdown(head, list(body))) if part)


Rows = tuple[tuple[str, ...], Iterator[tuple[str, ...]]]


def _found_rows(table: pl.DataFrame) -> Rows:
    head = (
        *("background", "accounts", "candidates", "look-alikes or circles", "unproved", "rings"),
        *("accounts in rings", "at `watch`", "above", "known accounts found"),
    )
    return head, (tuple(_count(row[name]) for name in FOUND) for row in table.to_dicts())


def _formula_rows(table: pl.DataFrame) -> Rows:
    head = (
        *("background", "layer", "accounts", "pairs", "p < .01", "q < .001", "strongest, nats"),
        *("groups", "p < .01", "proved"),
    )
    return head, (tuple(_count(row[name]) for name in FORMULAS) for row in table.to_dicts())


def _count(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _ring_rows(table: pl.DataFrame) -> Rows:
    head = (
        "background",
        "plan",
        "rings",
        "recall",
        "Jaccard",
        "members in a ring",
        "members flagged",
        "victims flagged",
    )
    return head, (
        (
            _all(row["place"]),
            _all(row["plan"]),
            f"{row['n_groups']:,}",
            _two(row["recall"], row["recall_p05"]),
            _two(row["jaccard"], row["jaccard_p05"]),
            f"{row['in_rings']:.2f}",
            f"{row['flagged']:.2f}",
            f"{row['victims_flagged']} of {row['n_victims']}" if row["n_victims"] else "",
        )
        for row in table.to_dicts()
    )


def _account_rows(table: pl.DataFrame) -> Rows:
    head = ("background", "said of the account, or more", "right", "wrong", "precision", "recall")
    return head, (
        (
            _all(row["place"]),
            row["said"],
            f"{row['right']:,}",
            f"{row['wrong']:,}",
            _two(row["precision"], row["precision_p05"], 3),
            _two(row["recall"], row["recall_p05"]),
        )
        for row in table.to_dicts()
    )


def _lookalike_rows(table: pl.DataFrame) -> Rows:
    head = (
        "background",
        "look-alike",
        "groups",
        "accounts",
        "flagged",
        "above watch",
        "in a ring",
        "taken for a ring",
    )
    return head, (
        (
            _all(row["place"]),
            _all(row["plan"]),
            f"{row['n_groups']:,}",
            f"{row['n_accounts']:,}",
            f"{row['flagged']:.2%} ({row['flagged_p95']:.2%})",
            f"{row['above_watch']:.2%}",
            f"{row['in_rings']:.2%}",
            f"{row['taken_for_ring']:.2f}",
        )
        for row in table.to_dicts()
    )


def _background_rows(table: pl.DataFrame) -> Rows:
    head = (
        "background",
        "worlds",
        "not measured",
        "flagged",
        "above watch",
        "in a ring",
        "false rings",
        "seconds a world",
    )
    return head, (
        (
            row["place"],
            f"{row['n_worlds']:,}",
            f"{row['n_not_done']:,}",
            "" if row["flagged"] is None else f"{row['flagged']:.1f} ({row['flagged_p95']:.1f})",
            "" if row["above_watch"] is None else f"{row['above_watch']:.1f}",
            "" if row["in_rings"] is None else f"{row['in_rings']:.1f}",
            "" if row["false_rings"] is None else f"{row['false_rings']:.2f}",
            f"{row['seconds']:.0f}",
        )
        for row in table.to_dicts()
    )


def _curve_rows(table: pl.DataFrame) -> Rows:
    head = ("curve", "background", "plan", "recall at each value")
    lines = table.group_by("suite", "place", "plan", maintain_order=True).agg("x", "recall").to_dicts()
    return head, (
        (
            line["suite"],
            line["place"],
            line["plan"],
            ", ".join(f"{x:g}: {recall:.2f}" for x, recall in zip(line["x"], line["recall"], strict=True)),
        )
        for line in lines
    )


def _how(results: Results) -> str:
    facts = results.facts
    places = [
        (
            place["background"],
            f"{place['n_events']:,}",
            f"{place['n_accounts']:,}",
            ", ".join(place["channels"]),
            f"{place['n_known']:,}",
            place["sha256"][:12],
        )
        for place in facts["logs"]
    ]
    head = ("background", "events", "accounts", "channels", "accounts known to be in rings", "SHA-256")
    seeds = ", ".join(str(seed) for seed in facts["seeds"])
    lines = [
        f"graphkit {facts['version']}. Seeds {seeds or 'none'}; for curves "
        f"{', '.join(str(seed) for seed in facts['curve_seeds']) or 'none'}. Worlds: "
        + ", ".join(f"{count:,} {status}" for status, count in facts["worlds"].items())
        + ".",
        "What each plan is, and every number above, stands in results.json beside the tables.",
        "Worlds of curves are judged as far as rings; all others go through the whole of `detect`.",
    ]
    return "## How it was measured\n\n" + "\n".join(lines) + "\n\n" + markdown(head, places)


def _all(name: str | None) -> str:
    return "**all**" if name is None else name


def _two(mean: float | None, low: float | None, digits: int = 2) -> str:
    return "" if mean is None or low is None else f"{mean:.{digits}f} ({low:.{digits}f})"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; a bar inside a cell ends no column."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
