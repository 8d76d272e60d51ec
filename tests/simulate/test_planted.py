"""What holds for every planted group, whatever its kind."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from towns import town

from graphkit.errors import InputError
from graphkit.simulate import PLANS, Kind, Plan, World, planted
from graphkit.tables import EVENTS
from graphkit.words import Channel


@pytest.fixture(scope="module")
def background() -> pl.DataFrame:
    return town(7)


@pytest.fixture(scope="module")
def chinese_background() -> pl.DataFrame:
    return town(8, chinese=True, n_events=2500)


@pytest.fixture(scope="module")
def world(background: pl.DataFrame) -> World:
    return planted(background, PLANS, seed=5)


def _acts(world: World, name: str) -> pl.DataFrame:
    """What the members or look-alikes of a group did, their ordinary lives included."""
    group = world.truth.filter(pl.col("group_id") == name, pl.col("role").is_in(["member", "lookalike"]))
    return world.events.join(group.select("account_id"), on="account_id", how="semi")


def test_the_background_is_kept_and_the_truth_is_told(background: pl.DataFrame, world: World) -> None:
    assert EVENTS.is_valid(world.events)
    assert world.events.join(background, on="event_id", how="semi").equals(background)
    planted_accounts = world.truth.filter("planted")
    sizes = planted_accounts.filter(pl.col("role") != "beneficiary").group_by("group_id").len()
    assert dict(sizes.iter_rows()) == {name: plan.n_accounts for name, plan in PLANS.items()}
    assert planted_accounts["account_id"].is_unique().all()
    assert not planted_accounts["account_id"].is_in(background["account_id"].unique().implode()).any()
    victims = world.truth.filter(pl.col("role") == "victim")
    assert victims["account_id"].is_in(background["account_id"].unique().implode()).all()
    assert set(victims["kind"]) == {"fan_out", "thin", "tailing", "framing"}


def test_the_same_seed_gives_the_same_world_in_any_order_of_rows(background: pl.DataFrame) -> None:
    plans: Mapping[str, Plan] = {name: PLANS[name] for name in ("lockstep", "fan_out", "chorus", "friends")}
    one = planted(background, plans, seed=3)
    two = planted(background.sample(fraction=1.0, shuffle=True, seed=1), plans, seed=3)
    assert one.events.equals(two.events)
    assert one.truth.equals(two.truth)
    assert not planted(background, plans, seed=4).events.equals(one.events)


def test_ids_look_like_those_of_the_background(world: World) -> None:
    assert world.events["event_id"].str.contains(r"^e\d{7}$").all()
    assert world.events["account_id"].str.len_chars().max() <= 12  # type: ignore[operator]
    short = world.truth.filter(pl.col("account_id").str.len_chars() == 4)
    assert short["account_id"].str.contains(r"^u\d{3}$").all()


def test_excluded_accounts_play_no_victim(background: pl.DataFrame) -> None:
    busy = background["account_id"].value_counts(sort=True)["account_id"].head(40).to_list()
    world = planted(background, [PLANS["tailing"], PLANS["framing"]], seed=2, exclude=busy)
    assert not set(world.truth["account_id"]) & set(busy)


def test_an_empty_background_is_refused(background: pl.DataFrame) -> None:
    with pytest.raises(InputError, match="holds no event"):
        planted(background.clear(), [PLANS["lockstep"]], seed=1)


def test_lockstep_comes_within_seconds_and_jitter_within_hours(world: World) -> None:
    gaps = {}
    for name in ("lockstep", "jitter"):
        acts = _acts(world, name).filter(pl.col("channel").cast(pl.String) == "comment")
        together = acts.group_by("object_id").agg(
            pl.col("account_id").n_unique().alias("n"),
            pl.col("timestamp").sort().diff().dt.total_seconds().median().alias("gap"),
        )
        gaps[name] = together.filter(pl.col("n") >= 5)["gap"].median()
    assert gaps["lockstep"] <= 2 < 60 < gaps["jitter"]  # type: ignore[operator]


def test_a_swarm_shares_invented_words_and_serves_one_account(background: pl.DataFrame, world: World) -> None:
    acts = _acts(world, "swarm")
    known = set(" ".join(background["text"].drop_nulls()).split())
    words = acts.select(pl.col("account_id"), pl.col("text").str.split(" ")).explode("text")
    invented = words.filter(~pl.col("text").is_in(sorted(known))).unique()
    assert invented["text"].value_counts(sort=True)["count"][0] > 10
    star = world.truth.filter(pl.col("group_id") == "swarm", pl.col("role") == "beneficiary")["account_id"][0]
    assert (acts["target_id"] == star).sum() > acts.height / 6


def test_recipients_of_a_fan_out_hear_from_many_members(world: World) -> None:
    victims = world.truth.filter(pl.col("group_id") == "fan_out", pl.col("role") == "victim")["account_id"]
    heard = _acts(world, "fan_out").filter(pl.col("target_id").is_in(victims.implode()))
    assert heard.group_by("target_id").agg(pl.col("account_id").n_unique())["account_id"].median() >= 4  # type: ignore[operator]


def test_friends_answer_each_other(world: World) -> None:
    group = _acts(world, "friends")
    inside = group.filter(pl.col("target_id").is_in(group["account_id"].unique().implode()))
    ties = inside.select("account_id", "target_id").unique()
    back = ties.join(
        ties, left_on=["account_id", "target_id"], right_on=["target_id", "account_id"], how="semi"
    )
    assert back.height / ties.height > 0.7


@pytest.mark.parametrize(("own", "expected"), [(1.0, 1.0), (0.5, 0.5), (0.0, 0.0)])
def test_a_pod_keeps_to_its_own_objects_as_planned(
    background: pl.DataFrame, own: float, expected: float
) -> None:
    # On each of the pod's occasions most members act; its own objects are those that the background lacks.
    plan = Plan(Kind.POD, 12, events=12, elsewhere=0.0, participation=0.6, own=own)
    world = planted(background, {"pod": plan}, seed=3)
    before = background["object_id"].unique().implode()
    acts = _acts(world, "pod").filter(pl.col("channel").cast(pl.String) == Channel.COMMENT.value)
    new = acts.filter(~pl.col("object_id").is_in(before))
    busy = acts.group_by("object_id").agg(pl.col("account_id").n_unique()).filter(pl.col("account_id") >= 4)
    assert busy.join(new, on="object_id", how="semi").height / busy.height == pytest.approx(
        expected, abs=0.11
    )


def test_chinese_backgrounds_give_chinese_texts(chinese_background: pl.DataFrame) -> None:
    world = planted(chinese_background, {"swarm": PLANS["swarm"], "fan_out": PLANS["fan_out"]}, seed=1)
    new = world.events.join(chinese_background, on="event_id", how="anti")
    assert new["text"].str.contains("^[\u4e00-\u9fff]+$").all()
    assert new["text"].n_unique() > new.height * 0.8


def _auc(one: pl.Series, other: pl.Series) -> float:
    """The chance that a value of `one` is above a value of `other` (ties count half)."""
    rank = pl.concat([one, other]).rank().to_numpy()[: len(one)]
    return float((rank.sum() - len(one) * (len(one) + 1) / 2) / (len(one) * len(other)))


def test_no_trivial_column_tells_planted_accounts_from_ordinary_ones(background: pl.DataFrame) -> None:
    # Twelve worlds of pods hidden at equal volume; ordinary accounts of the same range of activity. Which
    # channels an account uses is left out: a pod acts in comments, and that is seen in any count by channel.
    worlds = [
        planted(background, [Plan(Kind.POD, 12, events=12, elsewhere=1.0)], seed=seed) for seed in range(12)
    ]
    tables = []
    for world in worlds:
        members = world.truth.filter("planted")["account_id"].implode()
        table = world.events.group_by("account_id", maintain_order=True).agg(
            pl.len().cast(pl.Float64).alias("events"),
            pl.col("timestamp").dt.hour().cast(pl.Float64).mean().alias("hour"),
            pl.col("text").str.len_chars().mean().alias("length"),
            pl.col("text").str.len_chars().cast(pl.Float64).std().alias("length_spread"),
            pl.col("event_id").str.len_chars().mean().alias("id_length"),
        )
        tables.append(table.with_columns(pl.col("account_id").is_in(members).alias("planted")))
    every = pl.concat(tables)
    low, high = every.filter("planted")["events"].min(), every.filter("planted")["events"].max()
    every = every.filter(pl.col("events").is_between(low, high)).fill_null(0.0)
    for name in ("events", "hour", "length", "length_spread", "id_length"):
        value = _auc(every.filter("planted")[name], every.filter(~pl.col("planted"))[name])
        assert np.abs(value - 0.5) < 0.2, (name, value)
