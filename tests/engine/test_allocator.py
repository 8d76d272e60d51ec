"""Freed memory goes back: the allocator is told before it starts."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from graphkit.engine.allocator import give_memory_back, start_no_idle_threads

OPTION = "_RJEM_MALLOC_CONF"


def test_the_allocator_is_told_and_the_user_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OPTION, raising=False)
    give_memory_back()
    ours = os.environ[OPTION]
    assert ours.startswith("dirty_decay_ms:")
    monkeypatch.setenv(OPTION, "dirty_decay_ms:7")
    give_memory_back()
    assert os.environ[OPTION] == f"{ours},dirty_decay_ms:7"


def test_what_polars_leaves_to_children_is_not_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OPTION, raising=False)
    asked = f"import os, polars; print(os.environ['{OPTION}'])"
    inherited = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    give_memory_back()
    ours = os.environ[OPTION]
    monkeypatch.setenv(OPTION, inherited.strip())
    give_memory_back()
    assert os.environ[OPTION] == ours


def test_the_command_line_loads_no_polars_before_that() -> None:
    # The allocator reads its options once, when it is loaded.
    asked = "import sys, graphkit.cli; print('polars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_user_may_have_threads_for_linear_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "OPENBLAS_NUM_THREADS"
    monkeypatch.delenv(name, raising=False)
    start_no_idle_threads()
    assert os.environ[name] == "1"
    monkeypatch.setenv(name, "4")
    start_no_idle_threads()
    assert os.environ[name] == "4"


def test_garbage_is_looked_for_seldom() -> None:
    asked = (
        "import gc; from graphkit.engine.allocator import collect_seldom, end_at_once; collect_seldom();"
        " end_at_once(); print(gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count() > 1000)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "100000", "True"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what is held")
def test_what_is_free_goes_back_at_once() -> None:
    # Blocks of 100 kB lie in the heap; one in ten is kept, so that their places cannot be given back in turn.
    asked = (
        "import re; from graphkit.engine.allocator import give_back_at_once\n"
        "def held(): return int(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read()).group(1))\n"
        "kept = [b'x' * 100_000 for _ in range(1000)][::10]; before = held(); give_back_at_once()\n"
        "print(before - held())"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    # 90 MB were freed; a system without glibc gives back what it likes.
    assert int(done.stdout) > 50_000 or "glibc" not in platform.libc_ver()
