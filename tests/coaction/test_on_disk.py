"""Shares that do not fit into memory: dealt out to files, the same tables to the last row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

import graphkit as gk
from graphkit.coaction import coactions as module
from graphkit.coaction import meet, rows_on_disk, streams
from graphkit.errors import ConfigError, InputError

# With 64 MiB: a row at a time, four, sixteen, as the bytes that each is said to take.
ROW_BYTES = [2**27, 2**24, 2**22]


@contextmanager
def cramped(row_bytes: int = 2**27, few: int = 1) -> Iterator[None]:
    """So little memory that rows are dealt out to files, and pairs and edges are done `few` at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROW_BYTES", row_bytes)
        patch.setattr(rows_on_disk, "ROW_BYTES", row_bytes)
        patch.setattr(module, "SUM_PAIRS", few)
        patch.setattr(module, "BLOCK_ROWS", few)
        patch.setattr(meet, "LOOK_PAIRS", few)
        patch.setattr(streams, "_NAMED_ROWS", few)
        yield


def _written(table: pl.DataFrame, folder: Path, n_files: int) -> Path:
    """The rows of a table in so many files, in order of their names."""
    size = -(-table.height // n_files) or 1
    for number in range(n_files):
        table.slice(number * size, size).write_parquet(folder / f"part{number}.parquet")
    return folder


# Anything that is read with so much memory while it is `cramped` goes to disk.
LITTLE = 64


def _without_memory(facts: Any) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name not in ("on_disk", "budget_mib")}


@examples(max_examples=60)
@given(
    rows=cases.SHARES,
    n_files=st.integers(1, 3),
    row_bytes=st.sampled_from(ROW_BYTES),
    few=st.integers(1, 5),
    divisor=st.sampled_from([1, 4, 10]),
    options=st.fixed_dictionaries(
        {
            "window_s": st.sampled_from([0, 1, 2.5, [0, 2, 5], [0.3, 1, 9]]),
            "min_participation": st.integers(0, 3),
            "remove_loops": st.booleans(),
            "like": st.sampled_from([None, "coortweet"]),
            "most_pairs": st.sampled_from([1, 5, 20, 10**9]),
            "edge_weight": st.sampled_from([0.0, 0.5, 0.9]),
        }
    ),
)
def test_on_disk_as_in_memory(
    rows: list[cases.Share], n_files: int, row_bytes: int, few: int, divisor: int, options: dict[str, Any]
) -> None:
    table = cases.shares(rows)
    if divisor > 1:
        table = table.with_columns(pl.col("timestamp_share") / divisor)
    with tempfile.TemporaryDirectory() as folder:
        source = _written(table, Path(folder), n_files)
        memory = gk.coactions(source, **options)
        with cramped(row_bytes, few):
            disk = gk.coactions(source, **options, memory_mib=LITTLE)
    assert memory.facts["on_disk"] is False
    assert disk.facts["on_disk"] is (len(rows) > max(2**26 // row_bytes, 1))
    for name in ("pairs", "edges", "left_out"):
        one, other = getattr(memory, name), getattr(disk, name)
        assert one.schema == other.schema
        assert one.equals(other), name
    assert _without_memory(memory.facts) == _without_memory(disk.facts)


def test_whole_seconds_beside_broken_ones_in_another_file(tmp_path: Path) -> None:
    whole = cases.shares([("o", "a", "1", 0), ("o", "b", "2", 1)])
    broken = cases.shares([("o", "c", "3", 5)]).with_columns(pl.col("timestamp_share") / 4)
    whole.write_parquet(tmp_path / "1.parquet")
    broken.write_parquet(tmp_path / "2.parquet")
    with cramped():
        disk = gk.coactions(tmp_path, window_s=1, min_participation=1, memory_mib=LITTLE)
    # a at 0, b at 1, c at 1.25 s: a-b 1 s apart, b-c 0.25 s, a-c 1.25 s.
    assert disk.facts["on_disk"] is True
    assert disk.pairs.select("account_id", "account_id_y", "time_delta").rows() == [
        ("a", "b", 1.0),
        ("b", "c", 0.25),
    ]
    assert disk.pairs.equals(gk.coactions(tmp_path, window_s=1, min_participation=1).pairs)


def test_a_real_file_gives_the_same_on_disk(tmp_path: Path) -> None:
    shares = gk.read_shares(cases.COORTWEET / "russ.csv")
    source = _written(shares, tmp_path, 3)
    options: dict[str, Any] = {"window_s": [1, 60], "like": "coortweet"}
    memory = gk.coactions(shares, **options)
    # Four ranges of rows, and pairs two hundred at a time.
    with cramped(2**26 // shares.height + 1, 200):
        disk = gk.coactions(source, **options, memory_mib=LITTLE)
    assert disk.facts["on_disk"] is True
    assert memory.pairs.equals(disk.pairs)
    assert memory.edges.equals(disk.edges)


def test_the_mean_of_many_gaps_with_fractions(tmp_path: Path) -> None:
    # a shares 70 times, b 70 times half a second later: 4,900 gaps of 0.5 s, which are 4.9e9 times a
    # microsecond, more than 32 bits count.
    rows = [("o", name, f"{name}{n}", at) for n in range(70) for name, at in (("a", 1), ("b", 3))]
    table = cases.shares(rows).with_columns(pl.col("timestamp_share") / 4)
    with cramped(2**22, 1000):
        disk = gk.coactions(_written(table, tmp_path, 1), window_s=1, memory_mib=LITTLE)
    for made in (disk, gk.coactions(table, window_s=1)):
        assert made.edges.select("weight", "avg_time_delta").rows() == [(4900, 0.5)]


def test_a_file_without_rows_has_no_pairs(tmp_path: Path) -> None:
    cases.shares([]).write_parquet(tmp_path / "empty.parquet")
    with cramped():
        made = gk.coactions(tmp_path / "empty.parquet", window_s=1, memory_mib=LITTLE)
    assert (made.pairs.height, made.edges.height, made.left_out.height) == (0, 0, 0)
    assert made.pairs.columns == gk.coactions(cases.shares([]), window_s=1).pairs.columns


def test_accounts_of_which_none_takes_part_enough_have_no_pairs(tmp_path: Path) -> None:
    source = _written(cases.shares([("o", name, name, 0) for name in "abc"]), tmp_path, 1)
    with cramped():
        made = gk.coactions(source, window_s=1, min_participation=2, memory_mib=LITTLE)
    assert (made.facts["rows"], made.pairs.height, made.edges.height) == (0, 0, 0)


RING = cases.shares([("o", name, f"{name}{n}", n) for name in "abcd" for n in range(3)])


def test_nothing_is_left_beside_the_result(tmp_path: Path) -> None:
    source = _written(RING, tmp_path, 2)
    out = tmp_path / "out"
    with cramped(), module.streamed_coactions(source, window_s=2, beside=out, memory_mib=LITTLE) as made:
        assert len(list(out.iterdir())) == 1
        n_pairs = made.pairs.collect().height
        assert made.pairs.head(3).collect().rows() == made.pairs.collect().rows()[:3]
        near = made.pairs.filter(pl.col("time_delta") == 0).select("account_id_y", "time_delta").collect()
        assert near.columns == ["account_id_y", "time_delta"]
        assert set(near["time_delta"]) == {0}
    # Four accounts share at 0, 1 and 2 s: 12 x 11 / 2 pairs without the 4 x 3 of an account with itself.
    assert n_pairs == 54
    assert list(out.iterdir()) == []


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    source = _written(RING, tmp_path, 2)
    out = tmp_path / "out"

    def fail() -> None:
        with cramped(), module.streamed_coactions(source, window_s=2, beside=out, memory_mib=LITTLE):
            raise KeyError("midway")

    with pytest.raises(KeyError, match="midway"):
        fail()
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("column", ["object_id", "account_id", "content_id"])
@pytest.mark.parametrize("empty", ["", None])
def test_a_row_without_an_id_is_named(column: str, empty: str | None, tmp_path: Path) -> None:
    bad = RING.with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(pl.lit(empty)).otherwise(pl.col(column)).alias(column)
    )
    bad.write_parquet(tmp_path / "bad.parquet")
    out = tmp_path / "out"
    with (
        cramped(),
        pytest.raises(gk.GraphkitError, match=f"`{column}` is empty .* row 8"),
        module.streamed_coactions(tmp_path / "bad.parquet", window_s=2, beside=out, memory_mib=LITTLE),
    ):
        pass
    assert not out.exists() or list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (5e12, "divide milliseconds"),
        (float("nan"), "no number of seconds"),
        (None, "no number of seconds"),
    ],
)
def test_a_row_with_no_time_is_named(at: float | None, fault: str, tmp_path: Path) -> None:
    time = pl.col("timestamp_share").cast(pl.Float64)
    bad = RING.with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(pl.lit(at)).otherwise(time).alias("timestamp_share")
    )
    bad.write_parquet(tmp_path / "bad.parquet")
    with cramped(), pytest.raises(gk.GraphkitError, match="row 8") as error:
        gk.coactions(tmp_path / "bad.parquet", window_s=2, memory_mib=LITTLE)
    assert fault in str(error.value)


@pytest.mark.parametrize("option", [{"fast_window_s": 1}, {"subgraph": 1}], ids=str)
def test_what_needs_a_whole_table_is_refused_on_disk(option: dict[str, Any], tmp_path: Path) -> None:
    source = _written(RING, tmp_path, 1)
    out = tmp_path / "out"
    with (
        cramped(),
        pytest.raises(ConfigError, match="12 rows do not fit into"),
        module.streamed_coactions(source, window_s=2, beside=out, memory_mib=LITTLE, **option),
    ):
        pass
    assert not out.exists()


def test_a_damaged_file_is_an_error_of_the_input(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    path.write_bytes(b"PAR1 no table at all PAR1")
    with pytest.raises(InputError, match=r"damaged\.parquet"):
        gk.coactions(path, window_s=1)


def test_a_budget_too_small_for_the_rows_is_refused_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 600 rows, one to a range: 600 ranges are more than the 512 that are dealt out.
    rows = pl.concat([RING] * (-(-600 // RING.height))).head(600)
    rows.write_parquet(tmp_path / "many.parquet")
    for home in ("coactions", "rows_on_disk"):
        monkeypatch.setattr(f"graphkit.coaction.{home}.ROW_BYTES", 16 * 2**20)
    with pytest.raises(gk.GraphkitError, match="600 ranges in 64 MiB; allow 75 MiB"):
        gk.coactions(tmp_path / "many.parquet", window_s=2, memory_mib=64)


def test_parquet_damaged_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    RING.write_parquet(path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:60] = bytes(56)
    path.write_bytes(content)
    with pytest.raises(gk.GraphkitError, match=r"damaged\.parquet"):
        gk.read_shares(path)
    with cramped(), pytest.raises(gk.GraphkitError, match=r"damaged\.parquet"):
        gk.coactions(path, window_s=2, memory_mib=LITTLE)
