"""Work done side by side comes back in its order, whole, with its errors, whatever the number of threads."""

import threading
import time
from functools import partial

import polars as pl
import pytest

from graphkit.engine import threads
from graphkit.engine.threads import in_parts, side_by_side


@pytest.fixture(params=[1, 2, 4])
def _pool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: request.param)


def _late(answer: int, seconds: float) -> int:
    time.sleep(seconds)
    return answer


@pytest.mark.usefixtures("_pool")
def test_answers_come_in_the_order_of_the_work_not_in_that_of_their_ends() -> None:
    work = [partial(_late, place, 0.02 * (4 - place)) for place in range(5)]
    assert side_by_side(work) == [0, 1, 2, 3, 4]
    assert side_by_side([]) == []


@pytest.mark.usefixtures("_pool")
def test_the_first_error_in_the_order_of_the_work_is_raised() -> None:
    def wrong(word: str, seconds: float) -> int:
        time.sleep(seconds)
        raise ValueError(word)

    work = [partial(_late, 1, 0.0), partial(wrong, "first", 0.05), partial(wrong, "second", 0.0)]
    with pytest.raises(ValueError, match="first"):
        side_by_side(work)


def test_what_has_not_begun_when_something_fails_never_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    begun: list[int] = []

    def one(place: int) -> None:
        begun.append(place)
        time.sleep(0.02)
        if place == 0:
            raise ValueError(place)

    with pytest.raises(ValueError, match="0"):
        side_by_side([partial(one, place) for place in range(50)])
    assert len(begun) < 10


def test_two_threads_work_at_once_and_no_more_than_polars_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    # A barrier of two is passed only if two wait at it at once.
    barrier = threading.Barrier(2)
    assert sorted(side_by_side([partial(barrier.wait, 10), partial(barrier.wait, 10)])) == [0, 1]
    at_work: list[int] = []
    most: list[int] = []

    def seen() -> None:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.pop()

    side_by_side([seen] * 8)
    assert max(most) <= 2


@pytest.mark.usefixtures("_pool")
@pytest.mark.parametrize("n", [0, 1, 9, 10, 99, 1000])
def test_parts_make_up_all_rows_and_none_is_smaller_than_asked(n: int) -> None:
    parts = in_parts(n, lambda rows: list(range(n))[rows], least=10)
    assert [row for part in parts for row in part] == list(range(n))
    assert len(parts) == 1 or min(map(len, parts)) >= 10
    assert len(parts) <= threads._PARTS * threads._MOST
