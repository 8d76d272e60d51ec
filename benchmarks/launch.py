"""Run one command and write as JSON what it cost: `launch.py COST LOG LIMIT_S COMMAND...`."""

# A process of its own, with nothing imported: on Linux the peak memory of a child starts from that of the
# process that forked it, so a benchmark with polars in memory would count its own size as the contender's.

import json
import os
import resource
import signal
import sys
import time
from types import FrameType


class _TooLateError(Exception):
    """The time is up."""


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise _TooLateError


def main(cost: str, log: str, limit_s: str, *command: str) -> None:
    """Wait for the command at most `limit_s` seconds; its output goes to the end of `log`."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    signal.signal(signal.SIGALRM, _ring)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    child = os.posix_spawnp(
        command[0],
        command,
        # Programmes compile their modules once, as they do wherever they are installed.
        {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        file_actions=[(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)],
        setpgroup=0,  # a group of its own, so that its own children end with it
    )
    signal.setitimer(signal.ITIMER_REAL, float(limit_s))
    late = False
    try:
        _, status, used = os.wait4(child, 0)
    except _TooLateError:
        late = True
        os.killpg(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    report = {
        "wall_s": time.perf_counter() - begun,
        "cpu_s": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mib": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        "exit_code": os.waitstatus_to_exitcode(status),
        "late": late,
    }
    with open(cost, "w", encoding="utf-8") as stream:
        json.dump(report, stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
