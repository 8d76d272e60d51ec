"""One execution from events to a judged run: what the command line and a notebook both call."""

from graphkit.run.deciding import decide, decision_of, release
from graphkit.run.detect import detect
from graphkit.run.explained import explained
from graphkit.run.tables import Run, open_run

__all__ = ["Run", "decide", "decision_of", "detect", "explained", "open_run", "release"]
