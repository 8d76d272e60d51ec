"""How much memory a computation may take, and what that means in rows and pairs."""

import os
from dataclasses import dataclass
from pathlib import Path

from graphkit.errors import ConfigError

# Without a figure of the user's own: this share of the machine, so that a nightly job does not stop the rest.
SHARE = 0.25

_LEAST_MIB = 64
_MIB = 2**20

# Where Linux says how much a container may take: version 2 of its control groups, then version 1.
_CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Budget:
    """Memory in bytes: what a computation may hold beside its result, and what the machine has."""

    bytes: int
    machine: int

    def items(self, bytes_each: int, share: float = 1.0, *, most: int | None = None) -> int:
        """How many items of `bytes_each` fit into `share` of the budget, one at least and `most` at most."""
        fitting = max(int(self.bytes * share) // bytes_each, 1)
        return fitting if most is None else min(fitting, most)

    def facts(self) -> dict[str, int]:
        """Budget and machine in MiB, for a manifest."""
        return {"budget_mib": self.bytes // _MIB, "machine_mib": self.machine // _MIB}


def budget(memory_mib: int = 0) -> Budget:
    """A budget of `memory_mib`, or of a quarter of the machine where that is 0.

    The machine is what the container may take where it runs in one. A budget changes how the work is divided
    and where it is kept, never the result. Raises ConfigError below 64 MiB.
    """
    machine = machine_memory()
    if memory_mib == 0:
        return Budget(int(machine * SHARE), machine)
    if memory_mib < _LEAST_MIB:
        raise ConfigError(f"a budget of {memory_mib} MiB is too small to work in; give {_LEAST_MIB} or more")
    return Budget(memory_mib * _MIB, machine)


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that this process runs in."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CONTAINER:
        try:
            said = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if said.isdigit():
            return min(int(said), physical)
    return physical
