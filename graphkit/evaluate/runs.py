"""Worlds measured in processes of their own, each from a fresh state and within a limit of time."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from graphkit.errors import GraphkitError
from graphkit.evaluate.measured import measured
from graphkit.evaluate.worlds import Task
from graphkit.settings import Settings

Outcome = dict[str, Any]
Measure = Callable[[Task, Settings], Outcome]
_WAIT_S = 1.0
# A process that was told to end has so long to do so.
_END_S = 5.0


@dataclass
class _Running:
    """A process that measures a task; reads its outcome from `answer`."""

    task: Task
    process: Any
    answer: Connection
    began: float


def outcomes(
    todo: Sequence[Task], settings: Settings, *, jobs: int, limit_s: float, measure: Measure = measured
) -> Iterator[tuple[Task, Outcome]]:
    """The outcome of each task as it ends, `jobs` at a time: status done, late or failed, and seconds.

    A world that fails or does not end in `limit_s` takes nothing else with it.
    """
    # Fresh interpreters: threads of the libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    waiting = list(reversed(todo))
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_started(context, waiting.pop(), settings, measure))
            wait([one.answer for one in running], timeout=_WAIT_S)
            for one in list(running):
                outcome = _outcome(one, limit_s)
                if outcome is not None:
                    running.remove(one)
                    yield one.task, outcome
    finally:
        for one in running:
            _ended(one)


def _started(context: Any, task: Task, settings: Settings, measure: Measure) -> _Running:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(task, settings, measure, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Running(task, process, ours, time.monotonic())


def _measure(task: Task, settings: Settings, measure: Measure, answer: Connection) -> None:
    """Runs in the new process."""
    threading.Thread(target=_with_parent, daemon=True).start()
    try:
        answer.send({"status": "done", **measure(task, settings)})
    except GraphkitError as error:
        answer.send({"status": "failed", "why": str(error)})


def _with_parent() -> None:
    """Ends this process when the one that started it has ended, however it did: nobody waits for it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _outcome(one: _Running, limit_s: float) -> Outcome | None:
    """What came of a task, or None while it goes on."""
    seconds = round(time.monotonic() - one.began, 1)
    told: Outcome | None = None
    if one.answer.poll():
        # A process that died holds nothing but the end of its pipe.
        with suppress(EOFError):
            told = one.answer.recv()
        one.process.join(_END_S)
        if told is None:
            told = {"status": "failed", "why": f"the process ended with code {one.process.exitcode}"}
    elif seconds > limit_s:
        told = {"status": "late", "why": f"no end within {limit_s:g} s"}
    if told is None:
        return None
    _ended(one)
    return {**told, "seconds": seconds, "limit_s": limit_s}


def _ended(one: _Running) -> None:
    if one.process.is_alive():
        one.process.terminate()
        one.process.join(_END_S)
    if one.process.is_alive():
        one.process.kill()
        one.process.join()
    one.answer.close()
