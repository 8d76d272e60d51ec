"""What the platform knows of its accounts: exact, unknown where nothing is said, an error where wrong."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from graphkit.errors import InputError
from graphkit.readers.reads import read_accounts
from graphkit.settings import ReadSettings
from graphkit.tables import ACCOUNTS

HOSTILE = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"


def read(folder: Path, content: str) -> pl.DataFrame:
    path = folder / "a.csv"
    path.write_text(content, encoding="utf-8", newline="")
    return read_accounts(path)


def test_hostile_names_come_through() -> None:
    table = read_accounts(HOSTILE / "accounts.csv")
    assert table.columns == ACCOUNTS.column_names()
    names = dict(table.select("account_id", "name").rows())
    assert len(names) == 14
    assert names["007"] == "<script>alert(1)</script>"
    assert names["a,b;c|d\\e"] == "line\nbreak\ttab\rreturn, \"quoted\", +cmd|' /C calc'!A0"
    assert len(names["long_" + "x" * 500]) == 5_000
    assert table.filter(automation_disclosed=True)["account_id"].to_list() == ["plain"]
    assert table.filter(pl.col("automation_disclosed").is_null()).height == 13
    assert read_accounts(table).equals(table)


def test_only_the_id_is_needed(tmp_path: Path) -> None:
    table = read(tmp_path, "account_id,followers\n007,1\n7,2\n")
    assert table["account_id"].to_list() == ["007", "7"]
    assert table.drop("account_id").null_count().row(0) == (2, 2, 2, 2, 2, 2)


def test_flags_and_times(tmp_path: Path) -> None:
    rows = ["a,TRUE,1767225600", "b,no,", "c,1,0", "d,,1767225601"]
    table = read(tmp_path, "account_id,verified,created_at\n" + "\n".join(rows) + "\n")
    assert table["verified"].to_list() == [True, False, True, None]
    # 1767225600 is 2026-01-01; 0 is outside the gate, a platform's way to say unknown
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert table["created_at"].to_list() == [created, None, None, created + dt.timedelta(seconds=1)]
    days = pl.DataFrame({"account_id": ["a"], "created_at": ["2026-01-01"], "verified": [True]})
    table = read_accounts(days, settings=replace(ReadSettings(), time_zone="Asia/Shanghai"))
    assert table["created_at"].to_list() == [created - dt.timedelta(hours=8)]


def test_the_same_twice_is_once(tmp_path: Path) -> None:
    assert read(tmp_path, "account_id,name\na,x\na,x\n").height == 1
    with pytest.raises(InputError, match="1 ids stand twice with different facts, the first is `a`"):
        read(tmp_path, "account_id,name\na,x\na,y\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\nx\n", "lacks the column `account_id`"),
        ("account_id,name\n,x\n", "account_id is missing in 1 rows, first in `a.csv` at 2"),
        ("account_id,verified\na,maybe\n", "verified is neither true nor false in 1 rows"),
        ("account_id,created_at\na,soon\n", "created_at is no time in 1 rows"),
        ("account_id,name\na\n", "`a.csv` line 2: malformed_row"),
        ('account_id,name\n"a\x07",x\n', "account_id holds a control character"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, content)


def test_float_ids_are_refused() -> None:
    with pytest.raises(InputError, match="`account_id` is Float64"):
        read_accounts(pl.DataFrame({"account_id": [1.0]}))
