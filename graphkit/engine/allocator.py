"""What is set before numpy and polars are loaded: how memory is had and given back, no idle threads."""

import ctypes
import gc
import os

# The allocator inside polars (jemalloc, whose option has the prefix of its Rust build) keeps freed pages for
# later, and they count as memory of the process. Measured at 1,000,000 events: to give them back at once
# costs a sixth more CPU seconds, after 50 ms a twentieth; either takes 60 MB or more from the peak.
_OPTION = "_RJEM_MALLOC_CONF"
_GIVE_BACK = "dirty_decay_ms:50,muzzy_decay_ms:0"

# Memory in pages of 2 MiB where the system has them, and in two pools instead of four for each core: a tenth
# fewer CPU seconds at 1,000,000 events, at the same peak, for far fewer pages are had and given back.
_LARGE_PAGES = "narenas:2,thp:always"

# The threads of numpy's linear algebra, which nothing here calls, wait in a loop once they are started.
_LINEAR_ALGEBRA = "OPENBLAS_NUM_THREADS"

# New objects after which Python looks for cycles of garbage. Measured at 1,000,000 events: a twelfth of the
# CPU seconds went into looking, all of it while modules were imported and at the end.
_OBJECTS = 100_000

# What polars puts before all else when it is imported, and so what a child of such a process inherits.
_OF_POLARS = "dirty_decay_ms:500,muzzy_decay_ms:1000"


def give_memory_back() -> None:
    """Let polars give freed memory back after 50 ms; for a process that has not imported it so far.

    What the user has set for it stays: of two settings the later counts.
    """
    given = os.environ.get(_OPTION, "").removeprefix(_OF_POLARS).strip(",")
    os.environ[_OPTION] = ",".join(filter(None, [_GIVE_BACK, _LARGE_PAGES, given]))


def start_no_idle_threads() -> None:
    """Let numpy start no threads for linear algebra, unless the user set their number."""
    os.environ.setdefault(_LINEAR_ALGEBRA, "1")


def collect_seldom() -> None:
    """Let Python look for garbage in cycles after 100,000 new objects, not 700: imports make none."""
    gc.set_threshold(_OBJECTS)


def give_back_at_once() -> None:
    """Return what numpy freed to the system, which the allocator of C keeps for later; where it can be asked.

    For the moment between numpy's work and that of polars, which has an allocator of its own: measured at
    1,000,000 events, 53 MiB less at the peak.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def end_at_once() -> None:
    """Let Python look for no garbage among what is there now, for a process that is about to end."""
    gc.freeze()
