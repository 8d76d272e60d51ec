"""Adopted histories keep what the donor's history is like and nothing of what it was about."""

import numpy as np
import polars as pl
import pytest
from towns import town

from graphkit.simulate.ground import DAY_US, ground
from graphkit.simulate.lives import lives


@pytest.fixture(scope="module")
def background() -> pl.DataFrame:
    return town(7)


@pytest.fixture(scope="module")
def told(background: pl.DataFrame) -> tuple[pl.DataFrame, str, pl.DataFrame]:
    """The life adopted from an account of forty events or so, whole; the donor's name and its events."""
    counts = background.group_by("account_id").len().sort("len", "account_id")
    donor = counts.filter(pl.col("len") >= 40).row(0)[0]
    history = background.filter(pl.col("account_id") == donor)
    cast = pl.DataFrame(
        {
            "account_id": ["heir"],
            "donor_id": [donor],
            "size": [history.height],
            "n": [history.height],
            "around": [None],
        },
        schema_overrides={"around": pl.Int64},
    )
    return lives(ground(background), cast, np.random.default_rng(4)), donor, history


def test_counts_pauses_and_hours_are_the_donors(told: tuple[pl.DataFrame, str, pl.DataFrame]) -> None:
    acts, _, history = told
    own = acts.filter(pl.col("account_id") == "heir").sort("at")
    assert own.height == history.height
    assert (
        own["channel"]
        .value_counts()
        .sort("channel")
        .equals(history["channel"].cast(pl.String).value_counts().sort("channel"))
    )
    pauses = own["at"].diff().drop_nulls().sort()
    before = history["timestamp"].sort().dt.epoch("us").diff().drop_nulls().sort()
    # The town has events on every day, so whole days and one offset are all that times are moved by.
    assert (pauses - before).abs().max() <= 2_000_000  # type: ignore[operator]
    moved = (own["at"] - history["timestamp"].sort().dt.epoch("us"))[0] % DAY_US
    assert min(moved, DAY_US - moved) <= 3_600_000_000


def test_lengths_of_text_are_about_the_donors(told: tuple[pl.DataFrame, str, pl.DataFrame]) -> None:
    acts, _, history = told
    own = acts.filter(pl.col("account_id") == "heir")
    ratio = len("".join(own["text"])) / len("".join(history["text"]))
    assert 0.8 < ratio < 1.25
    assert not own["text"].filter(own["text"].str.len_chars() > 20).is_in(history["text"].implode()).any()


def test_the_heir_has_partners_of_its_own(told: tuple[pl.DataFrame, str, pl.DataFrame]) -> None:
    acts, donor, history = told
    assert donor not in set(acts["account_id"])
    own = acts.filter(pl.col("account_id") == "heir", pl.col("channel") == "dm")
    # Each person of the donor's is one other person throughout, so there are no more of them.
    persons = history.filter(pl.col("channel").cast(pl.String) == "dm")["target_id"].n_unique()
    assert own["target_id"].n_unique() <= persons
    answers = acts.filter(pl.col("account_id") != "heir")
    assert answers.height > 0
    assert (answers["target_id"] == "heir").all()


def test_own_posts_are_new_objects(
    background: pl.DataFrame, told: tuple[pl.DataFrame, str, pl.DataFrame]
) -> None:
    posts = told[0].filter(pl.col("channel") == "post")
    assert not posts["object_id"].is_in(background["object_id"].drop_nulls().unique().implode()).any()
