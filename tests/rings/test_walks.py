"""Whether people go through the same posts one after another or come to each anew, by hand and in loops."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers import LAYERS
from graphkit.layers.base import INCIDENCE
from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.guards import GUARDS
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Level, Strand

HOUR = 3600
WALK = next(guard for guard in GUARDS[Level.TIGHT] if guard.name == "walk_through")
# Account, second, post.
Comings = Sequence[tuple[int, int, int]]


def group(
    comings: Comings, *, n: int = 3, chat: float = 0.0, content: float = 0.0, texts: int = 0
) -> Suspect:
    """The accounts 0 to n - 1 in a log of who came when to which post; all of them say each of `texts`.

    Their nats are of the feed but for the shares of chats and of content.
    """
    near_text = next(layer for layer in LAYERS if layer.name == "near_text")
    came = [
        {"account": account, "event": event, "at": second * MICROSECONDS, "key": post}
        | {"occasion": post, "topic": post, "place": event}
        for event, (account, second, post) in enumerate(comings)
    ]
    said = pl.DataFrame(
        list(itertools.product(range(n), range(texts))),
        schema={"account": pl.UInt32, "key": pl.UInt32},
        orient="row",
    ).with_columns(pl.lit(0, pl.Int64).alias("at"), pl.lit(value=False).alias("large"))
    nats = {Strand.FEED: 1 - chat - content, Strand.CHAT: chat, Strand.CONTENT: content}
    ends = pl.DataFrame({"source": [0], "target": [1]}, schema={"source": pl.UInt32, "target": pl.UInt32})
    network = Network(
        pl.Series([str(account) for account in range(20)]),
        pl.DataFrame({"text": ["a sentence that all of them say"]}),
        {near_text.name: near_text},
        {
            "feed": pl.DataFrame(came, schema=INCIDENCE),
            near_text.name: said.select(
                pl.col(name) if name in said.columns else pl.lit(0).cast(dtype).alias(name)
                for name, dtype in INCIDENCE.items()
            ),
        },
        {near_text.name: {None: said}},
        pl.DataFrame(schema=CODED_EDGES),
        ends.with_columns(
            *(pl.lit(nats.get(one, 0.0)).alias(one.value) for one in Strand), weight=pl.lit(1.0)
        ),
    )
    return Suspect(np.arange(n, dtype=np.uint32), pl.DataFrame(), network)


def along(comings: Comings, *, n: int = 3) -> float | None:
    """The share of following meetings that come of the one before."""
    return WALK.number(group(comings, n=n), RingSettings())


def walk(posts: int, *, step_s: int, lag_s: int, n: int = 3) -> Comings:
    """Each of `n` accounts begins `lag_s` after the one before and is at the next post after `step_s`."""
    return [(a, step_s * post + lag_s * a, post) for post in range(posts) for a in range(n)]


def in_turn(firsts: Iterable[int], *, step_s: int, lag_s: int) -> Comings:
    """Two accounts come to a post every `step_s`: the one that `firsts` says, and the other `lag_s` later."""
    return [
        coming
        for post, first in enumerate(firsts)
        for coming in ((first, step_s * post, post), (1 - first, step_s * post + lag_s, post))
    ]


def test_people_who_go_through_ten_posts_at_one_pace_walk_along() -> None:
    # A post a minute, each person a minute and a half behind the other: each is at the next post before the
    # one behind has come to this. Of each of the three pairs nine meetings follow another, 27 of 27.
    survey = group(walk(10, step_s=60, lag_s=90))
    share = WALK.number(survey, RingSettings())
    assert share == 1.0
    assert not WALK.passes(share, RingSettings())


def test_who_is_through_with_a_post_when_the_next_begins_does_not_walk() -> None:
    # The same order at ten posts an hour apart, each person 90 seconds behind the other.
    assert along(walk(10, step_s=HOUR, lag_s=90)) == 0.0
    # A minute behind and a post a minute: neighbours are through with one just as the next begins. The first
    # and the third are two minutes apart, and walk: 9 of 27.
    assert along(walk(10, step_s=60, lag_s=60)) == pytest.approx(9 / 27)


def test_who_comes_to_each_post_anew_is_first_half_of_the_time() -> None:
    # Every meeting begins before the last has ended, so that only who is first counts.
    assert along(in_turn([0, 1] * 5, step_s=60, lag_s=90), n=2) == 0.0
    assert along(in_turn([0] * 10, step_s=60, lag_s=90), n=2) == 1.0
    # 0 0 1 1 0 0 1 1 0: of eight that follow another every other one has the same first. A half is let pass.
    half = along(in_turn([0, 0, 1, 1, 0, 0, 1, 1, 0], step_s=60, lag_s=90), n=2)
    assert half == 0.5
    assert WALK.passes(half, RingSettings())


def test_who_comes_at_once_is_ahead_of_nobody() -> None:
    # At one second to each of four posts, a minute apart: each meeting is over as it begins.
    assert along(in_turn([0] * 4, step_s=60, lag_s=0), n=2) == 0.0
    # Seconds 0 and 90, 60 and 60, 80 and 100, 90 and 120: the second begins within the first but nobody is
    # ahead, the third is ahead again but the second is over. Only the fourth comes of the one before it.
    first, second = (0, 60, 80, 90), (90, 60, 100, 120)
    came = [(a, at, post) for a, times in enumerate((first, second)) for post, at in enumerate(times)]
    assert along(came, n=2) == pytest.approx(1 / 3)


def test_only_first_comings_within_six_hours_are_meetings() -> None:
    walked = walk(3, step_s=60, lag_s=90, n=2)
    # Whoever comes back to a post, and a stranger ahead of both, change nothing.
    again = [(0, 5000, 0), (1, 6000, 0), (0, 7000, 2), *((7, 10 * post, post) for post in range(3))]
    assert along([*walked, *again], n=2) == 1.0
    # Six hours behind at two posts is along; a second more at one of them leaves one meeting, at both none.
    assert along(walk(2, step_s=60, lag_s=6 * HOUR, n=2), n=2) == 1.0
    assert along([(0, 0, 0), (1, 6 * HOUR, 0), (0, 60, 1), (1, 6 * HOUR + 61, 1)], n=2) is None
    assert along(walk(2, step_s=60, lag_s=6 * HOUR + 1, n=2), n=2) is None


def test_a_group_of_which_no_two_met_twice_is_not_asked() -> None:
    # Three pairs meet on a post each.
    assert along([(0, 0, 0), (1, 9, 0), (1, 10, 1), (2, 19, 1), (0, 11, 2), (2, 20, 2)]) is None
    assert along([]) is None


def test_who_has_a_script_or_is_carried_by_chats_is_not_asked() -> None:
    survey = walk(10, step_s=60, lag_s=90)
    settings = RingSettings()
    # Three texts of their own in a fifth of the nats are a script, two are none, nor three in a twentieth.
    assert WALK.number(group(survey, content=0.2, texts=3), settings) is None
    assert WALK.number(group(survey, content=0.2, texts=2), settings) == 1.0
    assert WALK.number(group(survey, content=0.05, texts=3), settings) == 1.0
    # Posts carry a group to which they give half of the nats of meetings in time, whatever content gives.
    assert WALK.number(group(survey, chat=0.6), settings) is None
    assert WALK.number(group(survey, chat=0.5), settings) == 1.0
    assert WALK.number(group(survey, chat=0.2, content=0.5), settings) == 1.0


# When each of four members and a stranger comes to each of five posts, if at all, in half hours of eight:
# some at once, some over six hours apart; and who comes to which again.
FIRSTS = st.lists(st.none() | st.integers(0, 16), min_size=25, max_size=25)
AGAIN = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 16), st.integers(0, 4)), max_size=5)


@given(FIRSTS, AGAIN)
def test_the_share_is_that_of_plain_loops(
    firsts: list[int | None], again: list[tuple[int, int, int]]
) -> None:
    came = [(i % 5, slot, i // 5) for i, slot in enumerate(firsts) if slot is not None]
    comings = [(account, slot * HOUR // 2, post) for account, slot, post in [*again, *came]]
    met = _met_by_brute_force(comings, range(4))
    expected = _along_by_brute_force(met)
    assert along(comings, n=4) == (None if expected is None else pytest.approx(expected))


def _met_by_brute_force(comings: Comings, members: Iterable[int]) -> list[list[tuple[int, int]]]:
    """Of each two members the moments of their meetings, one after another."""
    first: dict[tuple[int, int], int] = {}
    for account, second, post in comings:
        first[account, post] = min(second, first.get((account, post), second))
    answer = []
    for one, other in itertools.combinations(members, 2):
        posts = [post for post in range(5) if (one, post) in first and (other, post) in first]
        times = [(first[one, post], first[other, post]) for post in posts]
        near = [(a, b) for a, b in times if abs(a - b) <= 6 * HOUR]
        answer.append(sorted(near, key=lambda pair: (min(pair), max(pair))))
    return answer


def _along_by_brute_force(met: Iterable[list[tuple[int, int]]]) -> float | None:
    following, walked = 0, 0
    for times in met:
        for (a, b), (next_a, next_b) in itertools.pairwise(times):
            lead, next_lead = _ahead(times, a, b), _ahead(times, next_a, next_b)
            following += 1
            walked += lead * next_lead > 0 and min(next_a, next_b) < max(a, b)
    return walked / following if following else None


def _ahead(times: Sequence[tuple[int, int]], a: int, b: int) -> int:
    """Who is ahead in most meetings that begin and end at these two moments: 1, -1, or 0 for nobody."""
    return int(np.sign(sum(np.sign(x - y) for x, y in times if {x, y} == {a, b})))


def test_who_goes_together_again_and_again_is_not_asked() -> None:
    # Of two evenings, six hours and a minute after the last coming, eight of nine meetings that follow come
    # of the one before, and the first of the second evening does not; of three evenings nobody is asked.
    evening = walk(5, step_s=60, lag_s=90, n=2)
    later = max(second for _, second, _ in evening) + 6 * HOUR + 60
    evenings = [(a, second + later * n, post + 5 * n) for n in range(3) for a, second, post in evening]
    assert along(evenings[:20], n=2) == pytest.approx(8 / 9)
    assert along(evenings, n=2) is None


def test_other_ids_give_the_same_share() -> None:
    # 0 is first at post 0 and second at post 1, at the same two moments, so that nobody is ahead; then first
    # again at post 2. Of the two meetings that follow none comes of the one before.
    came = [(0, 0, 0), (1, 90, 0), (1, 0, 1), (0, 90, 1), (0, 60, 2), (1, 120, 2)]
    assert (
        along(came, n=2) == along([(1 - account, second, post) for account, second, post in came], n=2) == 0
    )
