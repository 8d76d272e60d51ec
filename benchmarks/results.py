"""Measurements in a JSON file: kept one by one, found again, taken together."""

import hashlib
import json
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
from contenders import HERE
from measure import Cost
from shares import Log

# Beyond this many edges a digest takes longer than it is worth.
DIGESTED_EDGES = 30_000_000


@dataclass(frozen=True)
class Run:
    """One contender on one log, once. Events of -1 are the idle programme."""

    contender: str
    events: int
    zipf: float
    days: int
    viral: int
    repeat: int
    # What was run: the version of a peer, a digest of our own sources.
    made_of: str
    status: str
    why: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    input_mib: float = 0.0
    # Cores that all else on the machine kept busy meanwhile: 0 is quiet.
    others: float = 0.0
    n_edges: int = -1
    # SHA-256 of the sorted edges without self loops, so that two contenders can be compared later.
    edges: str = ""
    # The same of the edges within planted rings, with every column.
    ring_edges: str = ""
    # Objects of which rows made no pairs, as they were too many at once; -1 where it is not told.
    left_out: int = -1

    @property
    def case(self) -> tuple[str, int, float, int, int, int, str]:
        """What makes two measurements the same one."""
        return (
            self.contender,
            self.events,
            self.zipf,
            self.days,
            self.viral,
            self.repeat,
            self.made_of,
        )


@dataclass
class Results:
    """Everything that was measured on one machine, and where it is kept."""

    path: Path
    machine: dict[str, str | int | float]
    runs: list[Run] = field(default_factory=list)

    def known(self, run: Run, limit_s: float) -> Run | None:
        """The same measurement, if it came to an end or was given as long; what failed is tried again."""
        same = [kept for kept in self.runs if kept.case == run.case and _settled(kept, limit_s)]
        return same[0] if same else None

    def late_before(self, run: Run, limit_s: float) -> list[int]:
        """Sizes of smaller logs of the same kind on which the same contender was given as long, in vain."""
        return [
            kept.events
            for kept in self.runs
            if replace(kept, events=run.events, repeat=run.repeat).case == run.case
            and kept.events < run.events
            and kept.status == "late"
            and _settled(kept, limit_s)
        ]

    def measured_before(self, run: Run) -> bool:
        """Whether the same contender came to an end on the same log, of whatever it was made then."""
        return any(
            replace(kept, repeat=run.repeat, made_of=run.made_of).case == run.case
            and kept.status in ("done", "late")
            for kept in self.runs
        )

    def forget(self, run: Run) -> None:
        """Drop every repeat of the same case."""
        self.runs = [kept for kept in self.runs if replace(kept, repeat=run.repeat).case != run.case]

    def add(self, run: Run) -> None:
        """Keep a measurement in place of the same one and of those of other sources; write all of them."""
        self.runs = [kept for kept in self.runs if kept.case != run.case and not _outdated(kept, run)]
        self.runs.append(run)
        self.write()

    def write(self) -> None:
        """Write all measurements, sorted, so that a file of the same ones is the same file."""
        self.runs.sort(key=lambda run: run.case)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = {"machine": self.machine, "runs": [asdict(run) for run in self.runs]}
        waiting = self.path.with_name(f".{self.path.name}.waiting")
        waiting.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        waiting.replace(self.path)


def _settled(kept: Run, limit_s: float) -> bool:
    """Whether trying again within `limit_s` would tell nothing new."""
    return kept.status == "done" or (kept.status == "late" and kept.wall_s >= limit_s)


def _outdated(kept: Run, run: Run) -> bool:
    """Whether `kept` is of the same contender on the same log, but of other sources."""
    same = replace(kept, repeat=run.repeat, made_of=run.made_of).case == run.case
    return same and kept.made_of != run.made_of


def kept_results(path: Path) -> Results:
    """What was measured on this machine before; nothing if it was another one."""
    results = Results(path, machine())
    if path.exists():
        content = json.loads(path.read_text(encoding="utf-8"))
        same = ("processor", "cores", "memory_gib")
        if all(content["machine"].get(name) == results.machine[name] for name in same):
            results.runs = [Run(**run) for run in content["runs"]]
    return results


def costed(run: Run, cost: Cost) -> Run:
    """The run with what it cost."""
    return replace(
        run,
        status=cost.status,
        why=cost.why,
        wall_s=round(cost.wall_s, 4),
        cpu_s=round(cost.cpu_s, 4),
        peak_mib=round(cost.peak_mib, 1),
    )


def machine() -> dict[str, str | int | float]:
    """What it was measured on, without anything that tells whose machine it is."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "polars": pl.__version__,
        "numpy": np.__version__,
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def digest(table: pl.DataFrame) -> str:
    """SHA-256 over the rows as they stand."""
    sha = hashlib.sha256()
    for rows in table.iter_slices(1_000_000):
        sha.update(rows.write_csv(include_header=False).encode())
    return sha.hexdigest()


def sources_digest(paths: Iterable[Path]) -> str:
    """A short digest of files of our own, the same until one of them changes."""
    sha = hashlib.sha256()
    for path in sorted(paths):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:12]


def graphkit_digest() -> str:
    """A short digest of graphkit's modules."""
    return sources_digest((HERE.parent / "graphkit").rglob("*.py"))


@dataclass(frozen=True)
class Summary:
    """The runs of one contender on one log taken together: medians, spread of wall seconds, least CPU."""

    contender: str
    log: Log
    n: int
    status: str
    why: str
    wall_s: float
    least_s: float
    most_s: float
    cpu_s: float
    peak_mib: float
    input_mib: float
    n_edges: int
    edges: frozenset[str]
    ring_edges: frozenset[str]
    left_out: int

    @property
    def event_us(self) -> float:
        """CPU microseconds for an event."""
        return self.cpu_s / max(self.log.events + self.log.viral, 1) * 1e6


def summaries(runs: Iterable[Run]) -> list[Summary]:
    """One summary for each contender and log, the largest logs last."""
    cases: dict[tuple[Log, str], list[Run]] = {}
    for run in runs:
        log = Log(run.events, run.zipf, run.days, run.viral)
        cases.setdefault((log, run.contender), []).append(run)
    return [_together(log, cases[log, name]) for log, name in sorted(cases)]


def _together(log: Log, runs: list[Run]) -> Summary:
    done = [run for run in runs if run.status == "done"]
    shown = done or runs
    walls = [run.wall_s for run in shown]
    first = shown[0]
    return Summary(
        contender=first.contender,
        log=log,
        n=len(done),
        status=first.status,
        why=first.why,
        wall_s=statistics.median(walls),
        least_s=min(walls),
        most_s=max(walls),
        cpu_s=min(run.cpu_s for run in shown),
        peak_mib=statistics.median(run.peak_mib for run in shown),
        input_mib=first.input_mib,
        n_edges=first.n_edges,
        edges=frozenset(run.edges for run in shown),
        ring_edges=frozenset(run.ring_edges for run in shown),
        left_out=max(run.left_out for run in shown),
    )
