"""Freed memory goes back to the machine soon, so that a peak is what is in use and not what once was."""

import os

# The allocator inside polars (jemalloc, whose option has the prefix of its Rust build) keeps freed pages for
# later, and they count as memory of the process. Measured at 1,000,000 events: to give them back at once
# costs a sixth more CPU seconds, after 50 ms a twentieth; either takes 60 MB or more from the peak.
_OPTION = "_RJEM_MALLOC_CONF"
_GIVE_BACK = "dirty_decay_ms:50,muzzy_decay_ms:0"


def give_memory_back() -> None:
    """Let polars give freed memory back after 50 ms; for a process that has not imported it so far.

    What the user has set for it stays.
    """
    os.environ.setdefault(_OPTION, _GIVE_BACK)
