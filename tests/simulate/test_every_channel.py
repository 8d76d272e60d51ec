"""Every kind in every channel that it can act in, in two backgrounds that hold nothing else."""

from dataclasses import replace

import polars as pl
import pytest
from towns import town

from graphkit.simulate import NEEDS, PLANS, Kind, Plan, planted
from graphkit.tables import EVENTS
from graphkit.words import FEED_CHANNELS, Channel

_PLANS = {plan.kind: plan for plan in reversed(PLANS.values())}
CASES = [
    (kind, channel)
    for kind, needs in NEEDS.items()
    for channel in Channel
    if len(needs) == 1 and channel in needs[0] and channel is not Channel.POST
]


def _only(channel: Channel, *, chinese: bool) -> pl.DataFrame:
    """A town that talks in one channel; where it lacks that, its comments take its place."""
    events = town(8 if chinese else 7, chinese=chinese)
    name = pl.col("channel").cast(pl.String)
    source = channel if channel in (Channel.DM, Channel.GROUP) else Channel.COMMENT
    return EVENTS.check(events.filter(name == source.value).with_columns(channel=pl.lit(channel.value)))


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize(("kind", "channel"), CASES)
def test_a_kind_acts_in_each_channel_that_it_can(kind: Kind, channel: Channel, chinese: bool) -> None:
    background = _only(channel, chinese=chinese)
    plan: Plan = replace(_PLANS[kind], n_accounts=min(_PLANS[kind].n_accounts, 8), n_chats=3)
    world = planted(background, {"one": plan}, seed=4)
    assert EVENTS.is_valid(world.events)
    members = world.truth.filter(pl.col("role").is_in(["member", "lookalike"]))
    assert members.height == plan.n_accounts
    acted = world.events.join(members, on="account_id", how="semi")
    assert acted["account_id"].n_unique() == plan.n_accounts
    assert set(acted["channel"].cast(pl.String)) == {channel.value}


def test_thin_rings_act_in_all_channels_even_where_they_have_to_be_made_up() -> None:
    background = _only(Channel.COMMENT, chinese=False)
    world = planted(background, {"one": PLANS["thin"]}, seed=4)
    members = world.truth.filter(pl.col("role") == "member")
    acted = world.events.join(members, on="account_id", how="semi")
    assert set(acted["channel"].cast(pl.String)) == {"comment", "dm", "group"}
    assert Channel.COMMENT in FEED_CHANNELS


def test_a_message_to_two_thousand_makes_nobody_talk_all_day_in_a_made_up_channel() -> None:
    letters = _only(Channel.DM, chinese=False)
    one = letters.filter(pl.col("target_id").is_not_null()).head(1)
    row = pl.int_range(2000, dtype=pl.Int64)
    copies = pl.concat([one] * 2000).with_columns(
        event_id=pl.format("mass-{}", row), target_id=pl.format("reader-{}", row)
    )
    world = planted(EVENTS.check(pl.concat([letters, copies])), {"one": PLANS["thin"]}, seed=4)
    made_up = pl.col("channel").cast(pl.String) != Channel.DM.value
    talk = world.events.filter(made_up)["account_id"].value_counts()
    theirs = talk.filter(pl.col("account_id") == one["account_id"][0])["count"].sum()
    # 2,000 of some 3,000 rows are this one deed; by rows the account would say most of what is said.
    assert float(theirs) < 0.05 * float(talk["count"].sum())


def test_disclosed_bots_say_what_they_are_and_nobody_else_does() -> None:
    world = planted(town(7), {name: PLANS[name] for name in ("disclosed_bots", "friends")}, seed=4)
    bots = world.truth.filter(pl.col("group_id") == "disclosed_bots")["account_id"].sort()
    assert world.accounts["account_id"].sort().equals(bots)
    assert world.accounts["automation_disclosed"].all()


def test_two_accounts_have_one_conversation() -> None:
    background = town(7)
    world = planted(background, {name: PLANS[name] for name in ("fan_out", "friends")}, seed=4)
    private = world.events.filter(
        pl.col("channel").cast(pl.String) == "dm", pl.col("object_id").is_not_null()
    )
    new = private.join(background, on="event_id", how="anti")
    pair = [
        pl.min_horizontal("account_id", "target_id").alias("a"),
        pl.max_horizontal("account_id", "target_id").alias("b"),
    ]
    talks = new.select(*pair, "object_id").unique()
    assert talks.height == talks.select("a", "b").unique().height
