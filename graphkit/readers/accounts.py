"""What the platform knows of its accounts: read as strictly as events, but without a quarantine."""

from collections.abc import Mapping

import polars as pl

from graphkit.errors import InputError
from graphkit.readers.base import Kind, Raw
from graphkit.readers.clock import moments
from graphkit.readers.rules import CONTROL
from graphkit.readers.source import fitted
from graphkit.settings import ReadSettings
from graphkit.tables import ACCOUNTS

ACCOUNT_KINDS = {
    "account_id": Kind.ID,
    "created_at": Kind.TIME,
    "name": Kind.TEXT,
    "automation_disclosed": Kind.FLAG,
    "verified": Kind.FLAG,
    "device_id": Kind.ID,
    "address_id": Kind.ID,
}
_IDS = ("account_id", "device_id", "address_id")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def accounts(
    sources: list[tuple[str, Raw]], settings: ReadSettings, columns: Mapping[str, str] | None
) -> pl.DataFrame:
    """ACCOUNTS of sources that are taken apart; rows that say the same twice are one.

    A creation time outside the range gate (0001-01-01, epoch 0) is a platform's way to say unknown: null.
    Raises InputError with the place of every kind of row that cannot be read: a list of accounts is short and
    comes from the platform, so it is mended, not thinned out.
    """
    torn = [
        f"`{name}` line {raw.faults['position'][0]}: {raw.faults['rule'][0]}"
        for name, raw in sources
        if raw.faults.height
    ]
    if torn:
        raise InputError(f"accounts cannot be read: {'; '.join(torn)}")
    rows = pl.concat(
        fitted(raw, ACCOUNT_KINDS, columns, ("account_id",), f"`{name}`").with_columns(
            pl.lit(name).alias("source")
        )
        for name, raw in sources
    )
    rows = rows.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in ACCOUNT_KINDS)
    clock = moments(rows["created_at"], settings, where="accounts")
    flags = [
        pl.col(name).str.strip_chars().str.to_lowercase() for name in ("automation_disclosed", "verified")
    ]
    rows = rows.with_columns(clock["at"], clock["fault"], *flags)
    _sound(rows)
    table = rows.select(
        "account_id",
        pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("created_at"),
        pl.col("name").str.replace_all("\0", "\ufffd", literal=True),
        *(
            pl.col(name).replace_strict(_FLAGS, return_dtype=pl.Boolean)
            for name in ("automation_disclosed", "verified")
        ),
        "device_id",
        "address_id",
    ).unique()
    twice = table.filter(pl.col("account_id").is_duplicated())["account_id"].unique().sort()
    if twice.len():
        raise InputError(
            f"accounts: {twice.len()} ids stand twice with different facts, the first is `{twice[0]}`;"
            " keep one row for each account"
        )
    return ACCOUNTS.check(table)


def _sound(rows: pl.DataFrame) -> None:
    """Raise InputError naming each fault with the first place where it stands."""
    found = {
        "account_id is missing": pl.col("account_id").is_null(),
        "created_at is no time": pl.col("fault").is_in(["bad_timestamp", "no_time_zone"]),
        **{f"{name} holds a control character": pl.col(name).str.contains(CONTROL) for name in _IDS},
        **{
            f"{name} is neither true nor false": ~pl.col(name).is_in(list(_FLAGS))
            for name in ("automation_disclosed", "verified")
        },
    }
    faults = []
    for fault, breaks in found.items():
        broken = rows.filter(breaks).select("source", "position")
        if broken.height:
            source, position = broken.row(0)
            faults.append(f"{fault} in {broken.height} rows, first in `{source}` at {position}")
    if faults:
        raise InputError(f"accounts cannot be read: {'; '.join(faults)}")
