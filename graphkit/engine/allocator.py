"""Freed memory goes back to the machine soon, so that a peak is what is in use and not what once was."""

import os

# The allocator inside polars (jemalloc, whose option has the prefix of its Rust build) keeps freed pages for
# later, and they count as memory of the process. Measured at 1,000,000 events: to give them back at once
# costs a sixth more CPU seconds, after 50 ms a twentieth; either takes 60 MB or more from the peak.
_OPTION = "_RJEM_MALLOC_CONF"
_GIVE_BACK = "dirty_decay_ms:50,muzzy_decay_ms:0"

# What polars puts before all else when it is imported, and so what a child of such a process inherits.
_OF_POLARS = "dirty_decay_ms:500,muzzy_decay_ms:1000"


def give_memory_back() -> None:
    """Let polars give freed memory back after 50 ms; for a process that has not imported it so far.

    What the user has set for it stays: of two settings the later counts.
    """
    given = os.environ.get(_OPTION, "").removeprefix(_OF_POLARS).strip(",")
    os.environ[_OPTION] = ",".join(filter(None, [_GIVE_BACK, given]))
