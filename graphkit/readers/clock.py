"""Written times as microseconds since 1970: one unit for the whole input, no zone guessed, one range gate."""

import polars as pl

from graphkit.errors import ConfigError, InputError
from graphkit.settings import ReadSettings

# Microseconds in a unit; nanoseconds are divided instead.
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0}

_NUMBER = r"^(?:-?[0-9]+|[0-9]+\.[0-9]+)$"
_ISO = (
    r"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?<minute>[0-9]{2}:[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?)?)?"
    r" ?(?<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?$"
)


def moments(written: pl.Series, settings: ReadSettings, *, where: str) -> pl.DataFrame:
    """Columns `at` (microseconds since 1970 UTC) and `fault` (the rule that a time breaks), one row a time.

    Exactly one of the two is null. Raises InputError where no time of the input has a zone and none is
    declared, and where its integers could be of two units; ConfigError for a setting that makes no sense.
    """
    gate = (_gate("earliest", settings.earliest), _gate("latest", settings.latest))
    if gate[0] >= gate[1]:
        raise ConfigError(f"`earliest` ({settings.earliest}) must be before `latest` ({settings.latest})")
    times = pl.DataFrame({"written": written.str.strip_chars()}).with_columns(
        pl.col("written").str.contains(_NUMBER).fill_null(value=False).alias("numeric")
    )
    return (
        _counted(_dated(times, settings, where), settings, gate, where)
        .with_columns(
            pl.when(pl.col("written").is_null())
            .then(pl.lit("missing_timestamp"))
            .when(pl.col("outside") | ~pl.col("at").is_between(*gate, closed="left"))
            .then(pl.lit("timestamp_out_of_range"))
            .when(pl.col("unzoned"))
            .then(pl.lit("no_time_zone"))
            .when(pl.col("at").is_null())
            .then(pl.lit("bad_timestamp"))
            .alias("fault")
        )
        .select(pl.when(pl.col("fault").is_null()).then(pl.col("at")), "fault")
    )


def _gate(name: str, day: str) -> int:
    parsed = pl.Series([day]).str.to_datetime("%Y-%m-%d", time_unit="us", strict=False).dt.epoch("us")[0]
    if parsed is None:
        raise ConfigError(f"`{name}` is `{day}`; write a day such as `1990-01-01`")
    return int(parsed)


def _dated(times: pl.DataFrame, settings: ReadSettings, where: str) -> pl.DataFrame:
    """Adds `at` for times written in ISO 8601 and `unzoned` for those whose zone nobody knows."""
    parts = times.select(pl.when(~pl.col("numeric")).then(pl.col("written")).str.extract_groups(_ISO)).unnest(
        "written"
    )
    local = pl.concat_str(
        pl.col("date"),
        pl.lit("T"),
        pl.col("minute").fill_null("00:00"),
        pl.lit(":"),
        pl.col("second").fill_null("00"),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    fraction = pl.col("fraction").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    digits = pl.col("zone").str.replace_all("[^0-9]", "").str.pad_end(4, "0")
    east = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2, 2).cast(
        pl.Int64, strict=False
    )
    east = pl.when(pl.col("zone").str.starts_with("-")).then(-east).otherwise(east)
    parts = parts.with_columns(local.alias("local"), (east * 60_000_000).alias("east"))
    naive = parts.select(naive=pl.col("local").is_not_null() & pl.col("zone").is_null())["naive"]
    declared = _placed(parts["local"], settings.time_zone) if settings.time_zone else None
    if declared is None and naive.any() and not parts["zone"].is_not_null().any():
        raise InputError(
            f"{where}: {naive.sum()} times carry no zone;"
            " declare one with the setting `time_zone` (`--time-zone UTC`)"
        )
    placed = pl.lit(None, dtype=pl.Int64) if declared is None else declared
    zoned = pl.col("local").dt.epoch("us") - pl.col("east")
    at = parts.select(
        (pl.when(pl.col("zone").is_null()).then(placed).otherwise(zoned) + fraction).alias("at")
    )
    return times.with_columns(at["at"], (naive & (declared is None)).alias("unzoned"))


def _placed(local: pl.Series, zone: str) -> pl.Series:
    """Local times in `zone`; an hour that summer time repeats is its first, one that it skips is null."""
    try:
        return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.epoch("us")
    except pl.exceptions.PolarsError as error:
        raise ConfigError(
            f"`time_zone` is `{zone}`, which is no zone; write one such as `Asia/Shanghai`"
        ) from error


def _counted(times: pl.DataFrame, settings: ReadSettings, gate: tuple[int, int], where: str) -> pl.DataFrame:
    """Fills `at` for times written as numbers, and `outside` where the number lies beyond the gate."""
    numbers = times.select(
        pl.when("numeric").then(pl.col("written")).str.extract(r"^(-?[0-9]+)").alias("digits"),
        pl.when("numeric").then(pl.col("written")).str.extract(r"\.([0-9]{1,6})").alias("fraction"),
    ).with_columns(pl.col("digits").cast(pl.Int64, strict=False).alias("whole"))
    unit = _unit(numbers["whole"], settings, gate, where)
    factor = _UNITS[unit]
    inside = _inside(unit, gate)
    micros = pl.col("whole") * factor if factor else pl.col("whole") // 1_000
    finer = pl.col("fraction").str.pad_end(6, "0").cast(pl.Int64).fill_null(0) * factor // 1_000_000
    at = numbers.select(
        # The gate comes first: a number far outside would wrap around when it is multiplied.
        pl.when(inside).then(micros + finer).alias("at"),
        (pl.col("digits").is_not_null() & ~inside.fill_null(value=False)).alias("outside"),
    )
    return times.with_columns(
        pl.when("numeric").then(at["at"]).otherwise(pl.col("at")).alias("at"), at["outside"]
    )


def _inside(unit: str, gate: tuple[int, int]) -> pl.Expr:
    """True where `whole`, counted in `unit`, lies within the gate."""
    factor = _UNITS[unit]
    first, last = (end // factor if factor else end * 1_000 for end in gate)
    # Ends beyond 64 bits (nanoseconds after 2262) are no ends at all.
    return pl.col("whole").is_between(max(first, -(2**63)), min(last, 2**63 - 1), closed="left")


def _unit(whole: pl.Series, settings: ReadSettings, gate: tuple[int, int], where: str) -> str:
    """The declared unit, or the one that most of the numbers fit; raises where a second one fits too."""
    if settings.time_unit in _UNITS:
        return settings.time_unit
    if settings.time_unit != "auto":
        raise ConfigError(f"`time_unit` is `{settings.time_unit}`; it must be auto, {', '.join(_UNITS)}")
    n = whole.len() - whole.null_count()
    counts = whole.to_frame("whole").select(_inside(unit, gate).sum().alias(unit) for unit in _UNITS).row(0)
    (most, unit), (second, other) = sorted(zip(counts, _UNITS, strict=True), reverse=True)[:2]
    if second > settings.quarantine_share * n:
        raise InputError(
            f"{where}: of {n} integer times {most} fit the unit {unit} and {second} the unit {other};"
            f" declare one with the setting `time_unit` (`--time-unit {unit}`)"
        )
    return str(unit)
