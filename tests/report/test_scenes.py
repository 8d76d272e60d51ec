"""Moments, timelines and networks: by hand, and the same for any order of rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from report_cases import NOON, hostile, shuffled, small

from graphkit.errors import InputError
from graphkit.report.contacts import bonds, network, outside
from graphkit.report.moments import moment, moments
from graphkit.report.svg import moment_picture, network_picture, timeline_picture
from graphkit.report.timeline import second_ticks, time_ticks, timeline
from graphkit.report.view import ReportView, ordered_rings, page_name, ring_case


def test_members_are_numbered_by_tier_role_and_score() -> None:
    case = ring_case(small(), "r1")
    # a is warned; b, c and d are on watch, of whom d is periphery.
    assert [member.account_id for member in case.members] == ["a", "b", "c", "d"]
    assert [member.number for member in case.members] == [1, 2, 3, 4]
    assert case.members[0].bits == {"G": 2.0, "T": 4.0, "X": 0.0, "C": 0.0, "A": 0.0}


def test_moments_by_hand() -> None:
    # post1: a, b, c, d from 0 to 2 s. post2: a, b, c from 3600 to 3604 s. The chats hold one member each.
    assert moments(ring_case(small(), "r1")).rows() == [
        ("post1", "comment", NOON, 4, 2.0),
        ("post2", "comment", NOON + timedelta(hours=1), 3, 4.0),
    ]


def test_the_moment_from_near_shows_members_and_others() -> None:
    view = small()
    near = moment(view, ring_case(view, "r1"))
    assert near is not None
    assert [(member.account_id, after) for member, after in near.members] == [
        ("a", (0.0,)),
        ("b", (0.5,)),
        ("c", (1.5,)),
        ("d", (2.0,)),
    ]
    # The window ends at 2.7 s; the stranger comes at 40 s and stands in the object's whole life only.
    assert near.others == ()
    assert near.n_object_events == 6
    # Whole life from -60 s to 40 s: owner at 0, the members from 60 % to 62 %, the stranger at the end.
    assert near.context_others == (0.0, 1.0)
    assert near.context_ring == pytest.approx((0.6, 0.605, 0.615, 0.62), abs=0.001)


def test_no_moment_where_nobody_meets() -> None:
    view = small()
    apart = replace(view, events=view.events.filter(pl.col("channel").cast(pl.String) == "dm"))
    assert moment(apart, ring_case(apart, "r1")) is None


def test_the_timeline_draws_every_event_of_every_member_once() -> None:
    scene = timeline(ring_case(small(), "r1"))
    assert scene is not None
    # 11 events less the one of owner and the one of the stranger are 9, none within half a pixel.
    assert scene.n_events == 9
    assert {channel: len(marks) for channel, marks in scene.marks.items()} == {
        "comment": 7,
        "dm": 1,
        "group": 1,
    }
    assert scene.marks["comment"][0] == (0.0, 0)
    assert scene.marks["group"] == ((1.0, 3),)


def test_a_million_events_at_one_instant_are_one_mark() -> None:
    view = small()
    many = view.events.head(2).tail(1).drop("event_id")
    copies = (
        pl.concat([many] * 5000).with_row_index("event_id").with_columns(pl.col("event_id").cast(pl.String))
    )
    scene = timeline(ring_case(replace(view, events=copies.select(view.events.columns)), "r1"))
    assert scene is not None
    assert (scene.n_events, scene.n_marks) == (5000, 1)


def test_bonds_add_layers_and_name_the_heaviest_strand() -> None:
    view = small()
    text = view.edges.with_columns(pl.lit("text").alias("layer"), pl.lit(20.0).alias("weight")).head(1)
    case = ring_case(replace(view, edges=pl.concat([view.edges, text])), "r1")
    # a-b: 15 nats by feed and 20 by text are 35, most of them content.
    assert bonds(view, case).row(0) == ("a", "b", "content", 35.0)
    assert bonds(view, case).height == 6


def test_contacts_are_counted_both_ways() -> None:
    view = small()
    answer = view.events.tail(1).with_columns(
        pl.lit("z1").alias("event_id"), pl.lit("owner").alias("account_id"), pl.lit("a").alias("target_id")
    )
    case = ring_case(replace(view, events=pl.concat([view.events, answer])), "r1")
    # a acts on owner twice and owner on a once; b and c twice; d once.
    assert outside(case).rows() == [
        ("owner", "a", 3),
        ("owner", "b", 2),
        ("owner", "c", 2),
        ("owner", "d", 1),
    ]


@pytest.mark.parametrize("view", [small(), hostile()], ids=["small", "hostile"])
def test_every_member_is_drawn_inside_the_picture_in_any_order_of_rows(view: ReportView) -> None:
    scene = network(view, ring_case(view, "r1"))
    assert len(scene.members) == view.members.height
    assert all(0.0 <= node.x <= 1.0 and 0.0 <= node.y <= 1.0 for node in (*scene.members, *scene.contacts))
    mixed = shuffled(view, 7)
    assert network(mixed, ring_case(mixed, "r1")) == scene
    assert timeline(ring_case(mixed, "r1")) == timeline(ring_case(view, "r1"))
    assert moment(mixed, ring_case(mixed, "r1")) == moment(view, ring_case(view, "r1"))


def test_pictures_hold_every_mark() -> None:
    view = small()
    case = ring_case(view, "r1")
    near, when = moment(view, case), timeline(case)
    assert near is not None
    assert when is not None
    drawn = network_picture(network(view, case))
    # Four members and the one outside contact.
    assert [dot.label for dot in drawn.dots] == ["owner", "1", "2", "3", "4"]
    assert sum(stroke.path.count("M") for stroke in drawn.strokes if stroke.kind == "feed") == 6
    assert sum(s.path.count("M") for s in timeline_picture(when).strokes if s.kind != "grid") == 9
    assert len(moment_picture(near, ("life", "others", "axis")).dots) == 4


def test_time_ticks_by_hand() -> None:
    # 12:00 to 14:01:40: half hours are five, within eight; 12:00 stands at the beginning.
    ticks = time_ticks(NOON, NOON + timedelta(seconds=7300))
    assert [tick.label for tick in ticks] == ["12:00", "12:30", "13:00", "13:30", "14:00"]
    assert ticks[1].at == pytest.approx(1800 / 7300)
    years = time_ticks(datetime(1999, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert len(years) <= 8
    assert [tick.label for tick in second_ticks(2.7)] == ["0", "0.5", "1", "1.5", "2", "2.5"]


def test_a_page_is_never_named_by_what_is_no_plain_word() -> None:
    assert page_name("r-3fa8_1") == "r-3fa8_1"
    for hostile_id in ("../../etc/passwd", "", "a/b", ".hidden", "con\x00", "x" * 65, "账号"):
        assert page_name(hostile_id).isalnum()
        assert len(page_name(hostile_id)) == 16


def test_a_ring_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no ring `r9` in this run; its rings are `r1`"):
        ring_case(small(), "r9")
    assert ordered_rings(small()) == ["r1"]
