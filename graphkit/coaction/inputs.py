"""The peers' own tables, read into exact ids and checked times, rows in the order of the input."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from graphkit.coaction.plain import plain_lines
from graphkit.errors import InputError
from graphkit.readers import READERS, Source
from graphkit.readers.base import Kind, exact_strings, opened
from graphkit.readers.parquet import PARQUET
from graphkit.readers.source import parts

# CooRTweet's columns; object_id, account_id and content_id are String, timestamp_share is UNIX seconds: Int64
# or, where one has a fraction, Float64.
SHARES = ("object_id", "account_id", "content_id", "timestamp_share")

# The toolkit's columns, which it knows by their order; timestamp is Float64, the others String; repost_id and
# reply_id are null where they are empty; urls are parted by a space.
MESSAGES = (
    "message_id",
    "user_id",
    "username",
    "repost_id",
    "reply_id",
    "message",
    "timestamp",
    "urls",
)

# The first second of 2100: times beyond it are in milliseconds, and every window a thousand times off.
_LATEST_S = 4_102_444_800


def read_shares(source: Source) -> pl.DataFrame:
    """SHARES of a csv or parquet file, a folder, a glob or a polars frame.

    Raises InputError where a column is missing, ids are floats, a row cannot be taken apart, an id is empty
    or a time is no number of UNIX seconds.
    """
    shares = _checked(_strings(source, SHARES, by_place=False))
    seconds = shares["timestamp_share"]
    whole = seconds.dtype.is_integer() or (seconds == seconds.floor()).all()
    return shares.with_columns(seconds.cast(pl.Int64)) if whole else shares


def share_batches(paths: Sequence[Path], rows: int) -> Iterator[pl.DataFrame]:
    """SHARES of Parquet files, about `rows` at a time, in their order.

    timestamp_share is as the file has it, Int64 or Float64. Raises as `read_shares` does.
    """
    for path in paths:
        where, seen = f"`{path}`", 0
        with _whole_parquet(where):
            names = _names(list(pl.read_parquet_schema(path)), SHARES, where, by_place=False)
            lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False).select(list(names))
            batches = iter(lazy.collect_batches(chunk_size=rows, maintain_order=True))
        while True:
            with _whole_parquet(where):
                batch = next(batches, None)
            if batch is None:
                break
            yield _checked(_typed(batch, where, before=seen))
            seen += batch.height


@contextmanager
def _whole_parquet(where: str) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{where} cannot be read as Parquet: {error}") from error


def parquet_paths(source: Source) -> list[Path] | None:
    """The files of a source that is nothing but Parquet; None for any other."""
    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        return None
    found = parts(source, READERS)
    return [part.path for part in found] if all(part.reader is PARQUET for part in found) else None


def _checked(rows: pl.DataFrame) -> pl.DataFrame:
    """SHARES, or InputError naming the first row at fault."""
    _whole(rows, [name for name in SHARES if name != "timestamp_share"])
    seconds = rows["timestamp_share"]
    if (seconds.abs() > _LATEST_S).any():
        late = rows.filter(seconds.abs() > _LATEST_S)
        raise InputError(
            f"`timestamp_share` is {late['timestamp_share'][0]} in row {late['position'][0]}; in UNIX seconds"
            " that lies beyond the year 2100; divide milliseconds by 1000"
        )
    return rows.select(SHARES)


def read_messages(source: Source, *, columns: Sequence[str] = MESSAGES) -> pl.DataFrame:
    """MESSAGES of the toolkit's csv; columns are known by their place, whatever the header calls them.

    `columns` are those that are kept, which saves memory: `toolkit_rows.NEEDED` names them by network. Raises
    InputError as `read_shares` does; times may count from any moment, but in seconds.
    """
    rows = _strings(source, MESSAGES, by_place=True, kept=columns)
    _whole(rows, [name for name in ("message_id", "user_id") if name in columns])
    empty = pl.lit(None, dtype=pl.String)
    formed = {
        "timestamp": pl.col("timestamp").cast(pl.Float64),
        **{
            name: pl.when(pl.col(name) != "").then(name).otherwise(empty)
            for name in ("repost_id", "reply_id")
        },
        **{name: pl.col(name).fill_null("") for name in ("message", "urls")},
    }
    return rows.select(formed.get(name, pl.col(name)).alias(name) for name in MESSAGES if name in columns)


def _strings(
    source: Source, columns: Sequence[str], *, by_place: bool, kept: Sequence[str] | None = None
) -> pl.DataFrame:
    """`position` and the `kept` columns: exact strings and finite seconds; every row or an error."""
    wanted = [name for name in columns if kept is None or name in kept]
    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        frame = source.lazy().collect()
        names = _names(frame.columns, columns, "the frame", by_place=by_place)
        return _typed(frame.select(list(names)).rename(names).select(wanted), "the frame")
    tables = []
    for part in parts(source, READERS):
        if part.reader is PARQUET:
            with _whole_parquet(f"`{part.name}`"):
                found = list(pl.read_parquet_schema(part.path))
                names = _names(found, columns, f"`{part.name}`", by_place=by_place)
                lazy = pl.scan_parquet(part.path, glob=False, hive_partitioning=False)
                rows = lazy.select(list(names)).rename(names).select(wanted).collect()
            tables.append(_typed(rows, f"`{part.name}`"))
            continue
        header = _header(part.path)
        names = _names(header, columns, f"`{part.name}`", by_place=by_place) if header else {}
        chosen = {theirs: ours for theirs, ours in names.items() if ours in wanted}
        table = _plain(part.path, header, list(chosen)) if header else None
        if table is not None:
            tables.append(_timed(table.rename(chosen)))
            continue
        raw = part.reader.scan(part.path, _kinds(names or {name: name for name in columns}))
        if raw.faults.height:
            place, rule = raw.faults.row(0)[:2]
            raise InputError(
                f"`{part.name}` has {raw.faults.height} rows that cannot be read; the first is line {place}"
                f" ({rule}); mend them, or leave them out"
            )
        names = names or _names(raw.found, columns, f"`{part.name}`", by_place=False)
        tables.append(_timed(raw.frame.rename(names).select("position", *wanted)))
    # Ids are strings in all; only whole and broken seconds may have to be brought together.
    return pl.concat(tables, how="vertical_relaxed").select("position", *wanted)


def _typed(frame: pl.DataFrame, where: str, *, before: int = 0) -> pl.DataFrame:
    """`position` (after `before` others), exact strings and finite seconds of a table that has types."""
    kinds = _kinds({name: name for name in frame.columns})
    given = frame.select(name for name in frame.columns if _is_time(name) and frame.schema[name].is_numeric())
    rows = exact_strings(frame, kinds, where).frame.with_columns(given.get_columns())
    return _timed(rows.with_columns(pl.col("position") + before))


def _timed(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with times as numbers, columns in one order."""
    times = [_numbers(rows, name) for name in rows.columns if _is_time(name)]
    return rows.with_columns(times).select("position", *sorted(set(rows.columns) - {"position"}))


def _is_time(name: str) -> bool:
    return name.startswith("timestamp")


def _kinds(names: Mapping[str, str]) -> dict[str, Kind]:
    return {
        theirs: Kind.TIME if _is_time(ours) else Kind.TEXT if ours in ("message", "urls") else Kind.ID
        for theirs, ours in names.items()
    }


def _names(found: Sequence[str], columns: Sequence[str], where: str, *, by_place: bool) -> dict[str, str]:
    """The name in the input of every wanted column, each with the name that it has here."""
    if by_place and len(found) >= len(columns):
        return dict(zip(found, columns, strict=False))
    missing = [name for name in columns if name not in found]
    if missing:
        raise InputError(
            f"{where} lacks the column {', '.join(f'`{name}`' for name in missing)};"
            f" it has {', '.join(f'`{name}`' for name in found) or 'none'}; rename it or add it"
        )
    return {name: name for name in columns}


def _header(path: Path) -> list[str]:
    """The names in the first line of a comma separated file; none where it is of another kind."""
    if not path.name.lower().endswith((".csv", ".csv.gz")):
        return []
    with opened(path) as stream:
        line = stream.readline().decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []  # the strict reader says what is wrong


def _plain(path: Path, header: Sequence[str], wanted: Sequence[str]) -> pl.DataFrame | None:
    """`position` and the wanted columns of a file with nothing in quotes; None for all other files.

    Ten times faster than taking a file apart strictly, and as exact: separators are looked at one by one, so
    no line has a field too many or too few.
    """
    content = path.read_bytes() if path.suffix.lower() == ".csv" else b""
    if not content or len(set(header)) < len(header) or content.startswith((b'"', b"\xef")):
        return None
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(plain_lines, content, len(header))
        try:
            table = pl.read_csv(content, columns=list(wanted), infer_schema=False, empty_string_is_null=False)
        except pl.exceptions.PolarsError:
            return None
        n_lines = looking.result()
    return table.with_row_index("position", 2) if n_lines and table.height == n_lines - 1 else None


def _whole(rows: pl.DataFrame, columns: Sequence[str]) -> None:
    """Raise InputError where an id is missing."""
    faults = [
        f"`{name}` is empty in {bad.len()} rows, first in row {bad[0]}"
        for name in columns
        if (empty := rows[name].fill_null("") == "").any() and (bad := rows.filter(empty)["position"]).len()
    ]
    if faults:
        raise InputError(f"{'; '.join(faults)}; fill them in, or leave the rows out")


def _numbers(rows: pl.DataFrame, column: str) -> pl.Series:
    """The seconds of a column; InputError where one is no finite number."""
    given = rows[column]
    if given.dtype.is_integer() and not given.null_count():
        return given.cast(pl.Int64)
    if given.dtype == pl.String and not (whole := given.cast(pl.Int64, strict=False)).null_count():
        return whole.cast(pl.Float64)  # a whole number is read in a fraction of the time
    text = given.str.strip_chars(" ") if given.dtype == pl.String else given
    seconds = text.cast(pl.Float64, strict=False)
    finite = seconds.is_finite().fill_null(value=False)
    if not finite.all():
        bad = rows.filter(~finite)
        raise InputError(
            f"`{column}` is no number of seconds in {bad.height} rows, first in row {bad['position'][0]}:"
            f" `{bad[column][0]}`; write times as UNIX seconds"
        )
    return seconds
