"""SHARES read by Spark itself: ids as they are written, times checked, every fault said before the work."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from graphkit.coaction.inputs import SHARES
from graphkit.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame
    from pyspark.sql import SparkSession

# The first second of 2100: times beyond it are in milliseconds, and every window a thousand times off.
_LATEST_S = 4_102_444_800

_IDS = ("object_id", "account_id", "content_id")

_CSV = {
    "header": "true",
    "inferSchema": "false",
    "enforceSchema": "false",
    "mode": "FAILFAST",
    "columnPruning": "false",
    "quote": '"',
    "escape": '"',
    "encoding": "UTF-8",
}

SparkSource = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | pl.DataFrame


@dataclass(frozen=True)
class SparkShares:
    """SHARES as a table of Spark; times are bigint where all are `whole` seconds, else double."""

    frame: SparkFrame
    whole: bool
    n_rows: int


def spark_shares(source: SparkSource | SparkFrame, session: SparkSession) -> SparkShares:
    """SHARES of csv or parquet files, folders or globs that Spark can see, or of a table of Spark or polars.

    Names that end in .csv or .csv.gz are comma separated with a header, all others parquet. One pass over the
    input checks every row.

    Raises InputError where it cannot be read, a column is missing, an id is no text or is empty, or a time is
    no number of UNIX seconds.
    """
    raw = _raw(source, session)
    missing = [name for name in SHARES if name not in raw.columns]
    if missing:
        raise InputError(
            f"the input lacks the column {', '.join(f'`{name}`' for name in missing)};"
            f" it has {', '.join(f'`{name}`' for name in raw.columns) or 'none'}; rename it or add it"
        )
    types = dict(raw.dtypes)
    wrong = [f"`{name}` is {types[name]}" for name in _IDS if types[name] != "string"]
    if wrong:
        raise InputError(
            f"{'; '.join(wrong)}; ids are texts, as numbers they lose zeros and digits: write them as strings"
        )
    return _checked(raw.select(*SHARES), types["timestamp_share"])


def _raw(source: SparkSource | SparkFrame, session: SparkSession) -> SparkFrame:
    """The input as Spark has it, csv all as texts."""
    if isinstance(source, pl.DataFrame):
        return session.createDataFrame(source.to_arrow())
    if not isinstance(source, str | os.PathLike | Sequence):
        return source
    paths = [os.fspath(path) for path in ([source] if isinstance(source, str | os.PathLike) else source)]
    csv = [path.lower().endswith((".csv", ".csv.gz")) for path in paths]
    if any(csv) and not all(csv):
        raise InputError("some of the input is csv and some is not; give files of one kind")
    try:
        if paths and all(csv):
            return session.read.options(**_CSV).csv(paths)
        return session.read.parquet(*paths)
    except _spark_errors() as error:
        raise InputError(
            f"`{', '.join(paths)}` cannot be read by Spark: {_told(error)}; names in .csv or .csv.gz are read"
            " as csv, all others as parquet"
        ) from error


def _checked(rows: SparkFrame, time_type: str) -> SparkShares:
    """`rows` with times as numbers, once every row has been looked at."""
    timed = rows.selectExpr(
        *(f"`{name}`" for name in _IDS),
        "try_cast(timestamp_share as double) as timestamp_share",
        "cast(timestamp_share as string) as written",
    )
    finite = "(timestamp_share is not null and not isnan(timestamp_share) and abs(timestamp_share) < 1e308)"
    faults = {
        **{name: f"coalesce(`{name}`, '') = ''" for name in _IDS},
        "time": f"not {finite}",
        "late": f"{finite} and abs(timestamp_share) > {_LATEST_S}",
        "part": f"{finite} and timestamp_share != floor(timestamp_share)",
    }
    counts = [f"count_if({rule}) as `{name}`" for name, rule in faults.items()]
    examples = [
        f"min(case when {faults[name]} then written end) as `{name}_written`" for name in ("time", "late")
    ]
    try:
        found = timed.selectExpr("count(*) as n_rows", *counts, *examples).first()
    except _spark_errors() as error:
        raise InputError(f"not every row of the input can be read by Spark: {_told(error)}") from error
    seen: dict[str, object] = found.asDict() if found is not None else {}
    _no_faults(seen, time_type)
    whole = not seen.get("part")
    kind = "bigint" if whole else "double"
    frame = timed.selectExpr(*_IDS, f"cast(timestamp_share as {kind}) as timestamp_share")
    return SparkShares(frame, whole, int(str(seen["n_rows"])))


def _no_faults(seen: dict[str, object], time_type: str) -> None:
    """InputError naming all faults that were counted."""
    faults = [f"`{name}` is empty in {seen[name]} rows" for name in _IDS if seen.get(name)]
    if seen.get("time"):
        faults.append(
            f"`timestamp_share` ({time_type}) is no number of UNIX seconds in {seen['time']} rows, such as"
            f" `{seen['time_written']}`"
        )
    if seen.get("late"):
        faults.append(
            f"`timestamp_share` is `{seen['late_written']}` and the like in {seen['late']} rows, in UNIX"
            " seconds beyond the year 2100; divide milliseconds by 1000"
        )
    if faults:
        raise InputError(f"{'; '.join(faults)}; mend these rows, or leave them out")


def _spark_errors() -> tuple[type[Exception], ...]:
    """What Spark raises: errors that it knows, and those of Java as they come."""
    errors, java = (importlib.import_module(name) for name in ("pyspark.errors", "py4j.protocol"))
    return (errors.PySparkException, java.Py4JJavaError)


def _told(error: Exception) -> str:
    """The first line of what went wrong deepest down; Spark goes on for pages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line.partition("Caused by: ")[2] for line in lines if line.startswith("Caused by: ")]
    told = (causes or lines or ["no reason given"])[-1 if causes else 0]
    return told.rpartition("Exception: ")[2].rstrip(".")
