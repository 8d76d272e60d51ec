"""A kept reference: read as it was written, the same bytes again, refused where it does not fit."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from graphkit.errors import InputError
from graphkit.settings import SignalSettings
from graphkit.signals.known import content, read_reference, reference_of
from graphkit.signals.reference import shipped

SETTINGS = SignalSettings()
FACTS = {"platform": "小红书", "graphkit": "0", "inputs": [{"name": "log", "sha256": "00"}]}


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = reference_of(shipped(), SETTINGS, FACTS)
    path = tmp_path / "kept.parquet"
    path.write_bytes(content(kept))
    again = read_reference(path, SETTINGS)
    assert again.values.equals(kept.values)
    assert again.facts["platform"] == "小红书"
    assert again.version == kept.version
    assert content(again) == path.read_bytes()
    assert again.told("小红书")["use"] == "own platform"
    assert again.told("")["use"] == again.told("x")["use"] == "from elsewhere: ranks only"


def test_another_value_is_another_version() -> None:
    kept = reference_of(shipped(), SETTINGS, FACTS)
    assert reference_of(shipped().head(3), SETTINGS, FACTS).version != kept.version
    assert reference_of(shipped(), SETTINGS, {**FACTS, "platform": "x"}).version != kept.version


def test_settings_that_decide_a_value_must_be_the_same(tmp_path: Path) -> None:
    path = tmp_path / "kept.parquet"
    path.write_bytes(content(reference_of(shipped(), SETTINGS, FACTS)))
    # Grades may be asked anew of the same values; other values have to be measured.
    assert read_reference(path, replace(SETTINGS, strong_tail=0.001, floor_keys_s=1.0)).platform == "小红书"
    with pytest.raises(InputError, match="another `typing_gap_s`; fit it again"):
        read_reference(path, replace(SETTINGS, typing_gap_s=60.0))


def test_what_is_no_reference_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(plain)
    with pytest.raises(InputError, match="is no reference; make one with `graphkit reference`"):
        read_reference(plain, SETTINGS)
    text = tmp_path / "text.parquet"
    text.write_text("nothing")
    with pytest.raises(InputError, match="cannot be read as a reference"):
        read_reference(text, SETTINGS)
    with pytest.raises(InputError, match="cannot be read as a reference"):
        read_reference(tmp_path / "none.parquet", SETTINGS)
