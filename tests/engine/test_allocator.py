"""Freed memory goes back: the allocator is told before it starts."""

from __future__ import annotations

import os
import subprocess
import sys

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
