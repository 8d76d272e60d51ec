"""Communities around somebody's objects: who comes when, what they say, and how many others come."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from towns import town

from graphkit.simulate import PLANS, Kind, Plan, World, planted


@pytest.fixture(scope="module")
def background() -> pl.DataFrame:
    return town(7)


def _came(world: World, background: pl.DataFrame) -> pl.DataFrame:
    """Comments of members on objects that came with the group, and how long after its post: lag_s."""
    new = world.events.join(background, on="event_id", how="anti")
    kind = pl.col("channel").cast(pl.String)
    posts = new.filter(kind == "post").select("object_id", pl.col("timestamp").alias("begun"))
    members = world.truth.filter(pl.col("role").is_in(["lookalike", "member"]))
    comments = new.filter(kind == "comment").join(members, on="account_id", how="semi")
    lag = (pl.col("timestamp") - pl.col("begun")).dt.total_seconds(fractional=True).alias("lag_s")
    return comments.join(posts, on="object_id").select("account_id", "object_id", "timestamp", "text", lag)


def _spread(world: World, background: pl.DataFrame) -> float:
    """Standard deviation between accounts of their mean logarithm of lags, less what chance brings.

    The logarithm of an exponential has the variance pi^2 / 6.
    """
    came = _came(world, background).filter(pl.col("lag_s") > 0)
    means = came.group_by("account_id").agg(pl.col("lag_s").log().mean().alias("mean"), pl.len().alias("n"))
    noise = np.mean(np.pi**2 / 6 / means["n"].to_numpy())
    return float(np.sqrt(max(np.var(means["mean"].to_numpy(), ddof=1) - noise, 0.0)))


@pytest.mark.parametrize(("habits", "least", "most"), [(0.0, 0.0, 0.3), (1.0, 0.7, 1.3)])
def test_members_come_sooner_or_later_by_habit(
    background: pl.DataFrame, habits: float, least: float, most: float
) -> None:
    # Nobody sleeps in a pod. Sixty members of some twenty comings: the deviation is told to about a tenth.
    plan = Plan(
        Kind.POD, 60, events=20, elsewhere=0.0, participation=0.5, latency_s=60, habits=habits, own=1.0
    )
    world = planted(background, {"pod": plan}, seed=5)
    assert least <= _spread(world, background) <= most


def test_habits_change_nothing_but_when_they_come(background: pl.DataFrame) -> None:
    plan = PLANS["pod_seconds"]
    without, with_habits = (
        planted(background, {"pod": replace(plan, habits=habits)}, seed=5) for habits in (0.0, 1.0)
    )
    assert without.truth.equals(with_habits.truth)
    told = [
        world.events.select("account_id", "text").sort("account_id", "text")
        for world in (without, with_habits)
    ]
    assert told[0].height == told[1].height
    assert not without.events["timestamp"].equals(with_habits.events["timestamp"])


def test_people_have_habits_and_tools_have_none() -> None:
    for plan in PLANS.values():
        automatic = plan.is_ring or plan.kind is Kind.DISCLOSED_BOTS
        assert (plan.habits == 0) == automatic


def test_a_circle_comes_to_what_its_members_make_each_when_awake(background: pl.DataFrame) -> None:
    world = planted(background, {"circle": replace(PLANS["birthdays"], greetings=0.0)}, seed=3)
    came = _came(world, background)
    posts = world.events.filter(pl.col("channel").cast(pl.String) == "post").select(
        "object_id", pl.col("account_id").alias("owner")
    )
    owners = came.join(posts, on="object_id")["owner"].unique()
    assert owners.is_in(world.truth["account_id"].implode()).all()
    # Who sleeps eight hours comes in two thirds of the day and at their edges, not in all of it.
    hours = came.with_columns((pl.col("timestamp").dt.hour() // 8).alias("third"))
    busy = came.group_by("account_id").len().filter(pl.col("len") >= 8)["account_id"]
    assert busy.len() > 5
    span = hours.filter(pl.col("account_id").is_in(busy.implode())).group_by("account_id")
    assert float(span.agg(pl.col("third").n_unique() < 3)["third"].mean() or 0.0) > 0.2  # type: ignore[arg-type]


def test_greetings_are_said_word_for_word(background: pl.DataFrame) -> None:
    plan = replace(PLANS["birthdays"], greetings=1.0)
    came = _came(planted(background, {"circle": plan}, seed=3), background)
    said = came["text"].value_counts(sort=True)
    # Four greetings are nearly all; the rest is of lives that touch these posts by chance.
    assert said["count"].head(4).sum() > 0.95 * came.height
    assert said["text"].head(4).is_in(background["text"].implode()).all()


def test_fans_may_have_several_stars_and_an_audience_beside_them(background: pl.DataFrame) -> None:
    plan = replace(PLANS["minority"], n_stars=3, audience=6.0)
    world = planted(background, {"fans": plan}, seed=3)
    stars = world.truth.filter(pl.col("role") == "beneficiary")["account_id"]
    assert stars.len() == 3
    objects = _came(world, background)["object_id"].unique()
    new = world.events.join(background, on="event_id", how="anti")
    there = new.filter(pl.col("object_id").is_in(objects.implode()))
    others = there.filter(~pl.col("account_id").is_in(world.truth["account_id"].implode()))
    # Six others to each object on average: of n objects 6 n, with a deviation of sqrt(6 n).
    n = objects.len()
    assert abs(others.height - 6 * n) < 4 * np.sqrt(6 * n)


@pytest.mark.parametrize("channel", ["comment", "group"])
def test_a_match_is_watched_together_for_less_than_two_hours(background: pl.DataFrame, channel: str) -> None:
    kind = pl.col("channel").cast(pl.String)
    only = background.filter(kind == channel)
    world = planted(only, {"match": replace(PLANS["match"], elsewhere=0.1, audience=0.0)}, seed=3)
    members = world.truth.filter(pl.col("role") == "lookalike")["account_id"]
    new = world.events.join(only, on="event_id", how="anti")
    there = new.filter(
        pl.col("account_id").is_in(members.implode()), ~pl.col("object_id").is_in(only["object_id"].implode())
    )
    evenings = there.group_by("object_id").agg(
        pl.col("account_id").n_unique().alias("n"),
        (pl.col("timestamp").max() - pl.col("timestamp").min()).dt.total_seconds().alias("lasted_s"),
    )
    assert evenings["n"].min() >= 10  # type: ignore[operator]
    # 110 minutes and at most some minutes of cheering after them.
    assert evenings["lasted_s"].max() < 6600 + 600  # type: ignore[operator]


def test_a_plan_refuses_negative_habits_and_audiences() -> None:
    with pytest.raises(Exception, match=r"`habits` must be at least 0.*`audience` must be at least 0"):
        Plan(Kind.CIRCLE, 5, habits=-1.0, audience=-1.0)
