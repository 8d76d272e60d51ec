"""Freed memory goes back: the allocator is told before it starts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from graphkit.engine.allocator import give_memory_back


def test_the_allocator_is_told_unless_the_user_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_RJEM_MALLOC_CONF", "narenas:1")
    give_memory_back()
    assert os.environ["_RJEM_MALLOC_CONF"] == "narenas:1"
    monkeypatch.delenv("_RJEM_MALLOC_CONF")
    give_memory_back()
    assert os.environ["_RJEM_MALLOC_CONF"].startswith("dirty_decay_ms:")


def test_the_command_line_loads_no_polars_before_that() -> None:
    # The allocator reads its options once, when it is loaded.
    asked = "import sys, graphkit.cli; print('polars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
