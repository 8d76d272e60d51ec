"""What a contender costs: every command in a process of its own, timed to its end."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")

Command = tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of all steps together, memory of the largest process of any of them.

    `status` is done, late (`why` says after how long) or failed (`why` is the end of what it said).
    """

    status: str
    why: str
    wall_s: float
    cpu_s: float
    peak_mib: float


def cost(steps: Sequence[Command], *, limit_s: float) -> Cost:
    """Run the steps one after the other, at most `limit_s` seconds in all."""
    wall_s = cpu_s = peak_mib = 0.0
    with tempfile.TemporaryDirectory() as folder:
        told, log = Path(folder, "cost.json"), Path(folder, "log.txt")
        for command in steps:
            left_s = max(limit_s - wall_s, 0.01)
            launch = [sys.executable, "-S", str(LAUNCH), str(told), str(log), f"{left_s:.3f}", *command]
            subprocess.run(launch, check=True)
            report = json.loads(told.read_text(encoding="utf-8"))
            wall_s += report["wall_s"]
            cpu_s += report["cpu_s"]
            peak_mib = max(peak_mib, report["peak_mib"])
            if report["late"]:
                return Cost("late", f"not done after {limit_s:g} s", wall_s, cpu_s, peak_mib)
            if report["exit_code"]:
                why = f"exit {report['exit_code']}: {_last_lines(log)}"
                return Cost("failed", why, wall_s, cpu_s, peak_mib)
    return Cost("done", "", wall_s, cpu_s, peak_mib)


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    # Results are published: no path of this machine in them.
    said = " ".join(line.strip() for line in lines[-3:]) or "it said nothing"
    return re.sub(r"(?<!\w)/[\w./-]+", "(path)", said)[-200:]


def busy_s() -> float:
    """CPU seconds that all processes of the machine took since it started; 0 where that is not told."""
    facts = Path("/proc/stat")
    if not facts.exists():
        return 0.0
    ticks = [int(word) for word in facts.read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return (sum(ticks) - idle) / 100
