"""One day's events in, one run folder out: `python pipelines/nightly.py LOG --day 2026-01-31 --runs RUNS`.

LOG is a folder with one file a day, named by its date (`2026-01-31.parquet`, `.csv` or `.ndjson`). The run
goes to RUNS/2026-01-31; running a day again replaces it with the same bytes. RUNS/ledger.sqlite records when
each run began and how it ended, and holds the past for the circuit breaker. Meant for cron or a systemd
timer: the exit code is that of `graphkit detect` (0 done, 1 failed, 2 wrong use, 3 quarantined, 4 held for
release), and errors go to stderr in one line.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import graphkit as gk
from graphkit.errors import HeldError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one day and returns the exit code."""
    options = _options(arguments)
    day = options.day.isoformat()
    folder, ledger = options.runs / day, options.ledger or options.runs / "ledger.sqlite"
    try:
        settings = gk.read_settings(options.settings) if options.settings else gk.Settings()
        log, known = options.log / f"{day}.*", options.accounts
        run = gk.detect(log, accounts=known, settings=settings, out=folder, ledger=ledger)
        print(f"{day}: {run.events.height} events, {run.rings.height} rings; {folder / 'report.html'}")
        if run.held:
            raise HeldError(run.held)
    except gk.GraphkitError as error:
        print(f"nightly: {day}: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"nightly: {day}: {error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nightly", description="One day's events in, one run folder out.")
    parser.add_argument("log", type=Path, help="folder with one file of events a day, named by its date")
    # The day is an argument, never the clock: a job that is repeated tomorrow does today's work again.
    parser.add_argument("--day", type=date.fromisoformat, required=True, help="such as 2026-01-31")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for the runs (default: runs)")
    parser.add_argument("--accounts", type=Path, help="what is known of the accounts, if anything")
    parser.add_argument("--settings", type=Path, help="settings as TOML, laid over the defaults")
    parser.add_argument("--ledger", type=Path, help="ledger of runs (default: ledger.sqlite in RUNS)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
