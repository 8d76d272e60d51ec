"""One execution from events to a judged run: what the command line and a notebook both call."""

from graphkit.run.detect import detect
from graphkit.run.explained import explained
from graphkit.run.tables import Run, open_run

__all__ = ["Run", "detect", "explained", "open_run"]
