"""What may be held in memory: a share of the machine or of the container, or what was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import graphkit as gk
from graphkit.engine import budget as module
from graphkit.engine.budget import Budget, budget, machine_memory

MIB = 2**20


@pytest.fixture
def physical() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _contained(monkeypatch: pytest.MonkeyPatch, folder: Path, *said: str | None) -> None:
    """Let the container's limit stand in files of `folder`; None: there is no such file."""
    paths = [folder / str(number) for number in range(len(said))]
    for path, text in zip(paths, said, strict=True):
        if text is not None:
            path.write_text(text, encoding="ascii")
    monkeypatch.setattr(module, "_CONTAINER", tuple(str(path) for path in paths))


@pytest.mark.parametrize(
    ("said", "mib"),
    [
        (("536870912\n", None), 512),
        ((None, "268435456\n"), 256),
        (("max\n", "268435456\n"), 256),
        (("134217728", "268435456"), 128),
    ],
)
def test_a_container_has_what_it_may_take(
    said: tuple[str | None, ...], mib: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contained(monkeypatch, tmp_path, *said)
    assert machine_memory() == mib * MIB
    assert budget() == Budget(mib * MIB // 4, mib * MIB)


@pytest.mark.parametrize("said", [(None, None), ("max\n", None), ("max\n", "9223372036854771712\n")])
def test_without_a_limit_it_has_the_whole_machine(
    said: tuple[str | None, ...], physical: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contained(monkeypatch, tmp_path, *said)
    assert machine_memory() == physical


def test_a_figure_of_ones_own_counts() -> None:
    assert budget(100).bytes == 100 * MIB
    assert budget(64).facts() == {"budget_mib": 64, "machine_mib": machine_memory() // MIB}


@pytest.mark.parametrize("mib", [63, 1, -5])
def test_too_little_is_refused(mib: int) -> None:
    with pytest.raises(gk.GraphkitError, match=f"{mib} MiB"):
        budget(mib)


def test_items_are_counted_in_shares_of_the_budget() -> None:
    memory = Budget(1000, 4000)
    assert memory.items(10) == 100
    assert memory.items(10, 0.25) == 25
    assert memory.items(10, 0.25, most=7) == 7
    assert memory.items(10, most=10_000) == 100
    # One at least, or nothing would ever be done.
    assert memory.items(5000) == 1
    assert memory.items(5000, 0.1, most=3) == 1
