"""How long each stage of a run takes, how much memory it has taken so far, and how far the run is."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Told = Callable[[str, float], None]

# Share of the work done when a stage begins, for the progress bar.
STAGES = {
    "reading": 0.0,
    "network": 0.1,
    "rings": 0.45,
    "signals": 0.6,
    "judgement": 0.85,
    "report": 0.9,
    "writing": 0.98,
}


@dataclass
class Clock:
    """Seconds and peak memory of each stage; tells how far the run is."""

    told: Told | None
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    began: float = 0.0

    def start(self, stage: str) -> None:
        """End the stage before and begin `stage`."""
        self.stop()
        self.stages[stage] = {}
        self.began = time.perf_counter()
        if self.told:
            self.told(stage, STAGES[stage])

    def stop(self) -> None:
        """End the stage that runs."""
        if self.stages:
            last = self.stages[next(reversed(self.stages))]
            # ru_maxrss counts KiB on Linux and bytes on macOS.
            unit = 1 if sys.platform == "darwin" else 1024
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
            last.update(seconds=round(time.perf_counter() - self.began, 3), peak_mib=round(peak / 2**20, 1))
