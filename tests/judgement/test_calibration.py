"""Calibration: by hand, against a library, and refused where it does not hold."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from graphkit.errors import ConfigError, InputError
from graphkit.judgement.calibration import Calibration, calibrated, isotonic, platt, read_calibration


def labels(n: int, *, seed: int = 1, slope: float = 1.0) -> pl.DataFrame:
    """Accounts whose chance of being run by a tool is logistic in their bits."""
    chance = np.random.default_rng(seed)
    score = np.round(chance.normal(0.0, 2.0, n) * 2) / 2
    tool = chance.random(n) < 1 / (1 + np.exp(-slope * score))
    return pl.DataFrame({"account_id": [f"a{i}" for i in range(n)], "score": score, "is_tool_run": tool})


def made(n: int = 400) -> Calibration:
    return calibrated(labels(n), platform="here", policy="generic 1")


def test_few_labels_are_refused_and_platt_begins_at_two_hundred() -> None:
    with pytest.raises(ConfigError, match=r"199 reviewed accounts, .* too few"):
        made(199)
    assert made(200).method == "platt"
    assert made(999).method == "platt"
    assert made(1000).method == "isotonic"
    one_kind = labels(300).with_columns(pl.lit(value=True).alias("is_tool_run"))
    with pytest.raises(ConfigError, match="20 of each kind"):
        calibrated(one_kind, platform="here", policy="generic 1")


def test_labels_without_an_answer_are_no_labels() -> None:
    unsure = labels(210).with_columns(
        pl.when(pl.int_range(pl.len()) < 11).then(None).otherwise("is_tool_run").alias("is_tool_run")
    )
    with pytest.raises(ConfigError, match="199 reviewed"):
        calibrated(unsure, platform="here", policy="generic 1")


def test_isotonic_by_hand() -> None:
    # Scores 1, 2, 3, 4 with tool 0, 1, 0, 1: 2 and 3 are pooled to a half; the ends, one account each, are
    # drawn in to 1/3 and 2/3.
    knots, fitted = isotonic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert knots.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert fitted.tolist() == pytest.approx([1 / 3, 0.5, 0.5, 2 / 3])


@given(st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=1, max_size=60))
def test_isotonic_is_the_librarys_with_its_ends_drawn_in(rows: list[tuple[int, bool]]) -> None:
    score = np.array([float(one) for one, _ in rows])
    tool = np.array([float(one) for _, one in rows])
    knots, fitted = isotonic(score, tool)
    library = IsotonicRegression(out_of_bounds="clip").fit(score, tool).predict(knots)
    assert (np.diff(fitted) >= 0).all()
    inner = (library > 0) & (library < 1)
    # Drawing in a lower end may lift its neighbours, never by more than it was lifted itself.
    assert np.abs(fitted - library)[inner].max(initial=0.0) <= np.abs(fitted - library).max() + 1e-12
    assert ((fitted > 0) & (fitted < 1)).all()


def test_platt_is_the_logistic_line_of_his_targets() -> None:
    known = labels(3000)
    score, tool = known["score"].to_numpy(), known["is_tool_run"].cast(pl.Float64).to_numpy()
    knots, fitted = platt(score, tool)
    library = LogisticRegression(C=1e9).fit(score.reshape(-1, 1), tool)
    # With 3,000 labels his targets are next to 0 and 1.
    assert fitted == pytest.approx(library.predict_proba(knots.reshape(-1, 1))[:, 1], abs=0.005)


def test_more_bits_are_never_less_probable() -> None:
    # Labels that run against the bits: the line stays flat.
    against = calibrated(labels(400, slope=-1.0), platform="here", policy="generic 1")
    assert np.ptp(against.probabilities) == pytest.approx(0.0)


def test_what_is_said_out_of_fold_is_what_is_seen() -> None:
    found = made(5000)
    assert sum(size for _, _, size in found.reliability) == 5000
    assert found.ece < 0.03
    # Brier of always saying the share: share * (1 - share).
    share = found.n_tools / found.n_labels
    assert found.brier < share * (1 - share)
    said = found.probability(pl.Series([-99.0, 0.0, 99.0])).to_list()
    assert said == sorted(said)
    assert said[1] == pytest.approx(0.5, abs=0.05)


def test_the_order_of_labels_is_irrelevant() -> None:
    shuffled = labels(400).sample(fraction=1, shuffle=True, seed=3)
    assert calibrated(shuffled, platform="here", policy="generic 1").content() == made(400).content()


def test_it_holds_on_its_own_platform_and_policy_only(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_bytes(made().content())
    assert read_calibration(path, platform="here", policy="generic 1") == made()
    for platform in ("", "there"):
        with pytest.raises(ConfigError, match="holds for its own platform only"):
            read_calibration(path, platform=platform, policy="generic 1")
    with pytest.raises(ConfigError, match="calibrate again"):
        read_calibration(path, platform="here", policy="generic 2")
    path.write_text("{}")
    with pytest.raises(InputError, match="is no calibration"):
        read_calibration(path, platform="here", policy="generic 1")
    path.write_text("nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read_calibration(path, platform="here", policy="generic 1")
