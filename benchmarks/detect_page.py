"""The figures of whole runs as a section of the page."""

import json
from pathlib import Path
from typing import Any

_STAGES = ("reading", "network", "rings", "signals", "judgement", "report")
_OPENING = """## A whole run: `graphkit detect`

Written from `benchmarks/detect.json`, which `python benchmarks/detect.py` measures: reading, every layer,
rings and their proof, signals, judgement and report, on events with texts. A part of a log has whole objects
of it. CPU is user and system time of the process; stages are wall seconds, which other work on the machine
makes longer, and CPU seconds too; `others` are the cores that it kept busy meanwhile. The crowd is one object
on which so many accounts comment within an hour, in words of the log.

"""


def whole_runs(path: Path) -> str:
    """The section, or nothing where nothing was measured."""
    if not path.exists():
        return ""
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    head = ("log", "events", "crowd", "CPU s", "CPU µs an event", "wall s", "peak MiB", "others", *_STAGES)
    lines = [head, ["---"] * len(head), *(_row(run) for run in runs)]
    return _OPENING + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(run: dict[str, Any]) -> list[str]:
    events = run["events"] + run["crowd"]
    if run["status"] != "done":
        return [run["log"], f"{events:,}", f"{run['crowd']:,}", run["status"], *[""] * (4 + len(_STAGES))]
    stages = [f"{run['stages'].get(name, 0):,.0f}" for name in _STAGES]
    each = f"{run['cpu_s'] / events * 1e6:.0f}"
    cpu, wall, peak = f"{run['cpu_s']:,.0f}", f"{run['wall_s']:,.0f}", f"{run['peak_mib']:,}"
    return [
        run["log"],
        f"{events:,}",
        f"{run['crowd']:,}",
        cpu,
        each,
        wall,
        peak,
        f"{run['others']:.1f}",
        *stages,
    ]
