"""Plans and what they ask of a background."""

import polars as pl
import pytest
from towns import town

from graphkit.errors import ConfigError
from graphkit.simulate import NEEDS, PLANS, RING_KINDS, Kind, Plan, plans_for, planted
from graphkit.words import Channel


@pytest.fixture(scope="module")
def background() -> pl.DataFrame:
    return town(7)


def test_every_kind_has_needs_and_a_preset() -> None:
    assert set(NEEDS) == set(Kind) == {plan.kind for plan in PLANS.values()}
    assert Kind.FRAMING in RING_KINDS
    assert Kind.FAN_CLUB not in RING_KINDS


def test_all_faults_of_a_plan_are_told_together() -> None:
    with pytest.raises(
        ConfigError, match=r"`n_accounts` must be at least 2.*`scripted` must lie.*`own` must"
    ):
        Plan(Kind.POD, 1, scripted=1.5, own=-0.1)


def test_a_missing_channel_is_refused_unless_mixed(background: pl.DataFrame) -> None:
    quiet = background.filter(pl.col("channel").cast(pl.String) != "dm")
    with pytest.raises(ConfigError, match="holds no event of `dm`"):
        planted(quiet, [Plan(Kind.FAN_OUT, 5)], seed=1)
    world = planted(quiet, [Plan(Kind.FAN_OUT, 5, n_victims=8, mixed=True)], seed=1)
    sent = world.events.filter(pl.col("channel").cast(pl.String) == Channel.DM.value)
    # The ring does not stand alone in the channel that was made up.
    members = world.truth.filter(pl.col("role") == "member")["account_id"].implode()
    assert sent["account_id"].is_in(members).mean() < 0.5  # type: ignore[operator]


def test_a_chorus_needs_its_chats(background: pl.DataFrame) -> None:
    with pytest.raises(ConfigError, match="only 9 chats of the 10 needed"):
        planted(background, [Plan(Kind.CHORUS, 4, n_chats=10)], seed=1)


def test_presets_follow_the_channels_of_the_background(background: pl.DataFrame) -> None:
    assert set(plans_for(background)) == set(PLANS)
    messages = background.filter(pl.col("channel").cast(pl.String) == "dm")
    assert set(plans_for(messages)) == {"fan_out", "friends", "in_jokes", "many_friends", "service_desk"}
