"""Logs of shares to measure with: zipf objects, log-normal accounts, planted rings, one viral object."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

SEED = 20260301
BEGIN_S = 1_772_323_200  # 2026-03-01T00:00:00Z
DAY_S = 86_400

ACCOUNTS = 100_000
ACTIVITY_SIGMA = 1.2
OBJECTS = 200_000

RINGS = 40
RING_ACCOUNTS = 25
RING_OBJECTS = 60
BURST_S = 45
FIRST_RING_OBJECT = 1_000  # rings leave the most popular objects alone
EVENTS_BY_RING = 2_500  # a log too small for forty rings has fewer

SLICE_EVENTS = 1_000_000

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, order=True)
class Log:
    """What a log is made of: `events` rows and, besides, `viral` rows of one object; the same every time."""

    events: int
    zipf: float = 1.0
    days: int = 30
    viral: int = 0

    @property
    def name(self) -> str:
        """The stem of its files."""
        crowd = f"-viral{self.viral}" if self.viral else ""
        return f"{self.events}-zipf{self.zipf:g}-days{self.days}{crowd}"

    @property
    def rings(self) -> int:
        """How many rings are planted."""
        return min(RINGS, self.events // EVENTS_BY_RING)


@dataclass(frozen=True)
class _Town:
    """What all slices of a log share."""

    objects: npt.NDArray[np.float64]
    accounts: npt.NDArray[np.float64]
    planted: pl.DataFrame


def shares(log: Log) -> Iterator[pl.DataFrame]:
    """The log in slices of time: object_id, account_id, content_id, timestamp_share (UNIX seconds), sorted.

    Background events fall evenly on the days, on objects by rank ** -zipf, on accounts by log-normal
    activity; each ring's accounts share each of its objects once within 45 s. With `viral`, one more object
    is shared by that many accounts in one second in the middle, every account of a ring among them.
    """
    random = np.random.default_rng(SEED)
    town = _town(log, random)
    n_slices = -(-log.events // SLICE_EVENTS)
    edges = np.linspace(0, log.days * DAY_S, n_slices + 1).astype(np.int64)
    ordinary = log.events + log.viral - town.planted.height
    counts = random.multinomial(ordinary, np.full(n_slices, 1 / n_slices))
    written = 0
    for begin, end, count in zip(edges, edges[1:], counts, strict=False):
        rows = pl.concat(
            [
                _background(town, int(count), int(begin), int(end), random),
                town.planted.filter(pl.col("at").is_between(begin, end, closed="left")),
            ]
        ).sort("at", maintain_order=True)
        yield _named(rows, written)
        written += rows.height


def rings(log: Log) -> pl.DataFrame:
    """Who is in which planted ring: account_id, ring."""
    members = _members(log, np.random.default_rng(SEED))
    return pl.DataFrame(
        {"account": members.ravel(), "ring": np.repeat(np.arange(log.rings), RING_ACCOUNTS)},
        schema={"account": pl.Int64, "ring": pl.Int64},
    ).select(_id("a", "account"), "ring")


def _town(log: Log, random: np.random.Generator) -> _Town:
    members = _members(log, random)
    popularity = np.arange(1, OBJECTS + 1, dtype=np.float64) ** -log.zipf
    activity = random.lognormal(0, ACTIVITY_SIGMA, ACCOUNTS)
    planted = pl.concat([_bursts(log, members, random), _crowd(log, members)])
    return _Town(_cumulative(popularity), _cumulative(activity), planted)


def _members(log: Log, random: np.random.Generator) -> Numbers:
    # The first draw of a log, so that `rings` need not make the rest.
    drawn = random.permutation(ACCOUNTS)[: log.rings * RING_ACCOUNTS]
    return drawn.reshape(log.rings, RING_ACCOUNTS).astype(np.int64)


def _bursts(log: Log, members: Numbers, random: np.random.Generator) -> pl.DataFrame:
    shape = (log.rings, RING_OBJECTS, RING_ACCOUNTS)
    unpopular = OBJECTS - FIRST_RING_OBJECT
    drawn = [random.choice(unpopular, RING_OBJECTS, replace=False) for _ in range(log.rings)]
    objects = np.array(drawn, dtype=np.int64).reshape(shape[:2]) + FIRST_RING_OBJECT
    starts = random.integers(0, log.days * DAY_S - BURST_S - 1, shape[:2])
    at = starts[:, :, None] + random.integers(0, BURST_S + 1, shape)
    return _rows(
        np.broadcast_to(objects[:, :, None], shape).ravel(),
        np.broadcast_to(members[:, None, :], shape).ravel(),
        at.ravel(),
    )


def _crowd(log: Log, members: Numbers) -> pl.DataFrame:
    ringed = members.ravel()[: log.viral]
    strangers = np.arange(ACCOUNTS, ACCOUNTS + log.viral - len(ringed))
    accounts = np.concatenate([ringed, strangers])
    middle = log.days * DAY_S // 2
    return _rows(np.full(log.viral, OBJECTS), accounts, np.full(log.viral, middle))


def _background(town: _Town, count: int, begin: int, end: int, random: np.random.Generator) -> pl.DataFrame:
    objects = np.searchsorted(town.objects, random.random(count), side="right")
    accounts = np.searchsorted(town.accounts, random.random(count), side="right")
    return _rows(objects, accounts, random.integers(begin, end, count))


def _cumulative(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    total = np.cumsum(weights)
    # Drop the last, so that no draw can round past the end.
    return np.asarray(total[:-1] / total[-1])


def _rows(objects: Numbers, accounts: Numbers, at: Numbers) -> pl.DataFrame:
    schema = {"object": pl.Int64, "account": pl.Int64, "at": pl.Int64}
    return pl.DataFrame({"object": objects, "account": accounts, "at": at}, schema=schema)


def _named(rows: pl.DataFrame, before: int) -> pl.DataFrame:
    numbered = rows.with_row_index("content", before)
    return numbered.select(
        _id("o", "object"),
        _id("a", "account"),
        _id("c", "content"),
        (pl.col("at") + BEGIN_S).alias("timestamp_share"),
    )


def _id(letter: str, column: str) -> pl.Expr:
    return pl.concat_str(pl.lit(letter), pl.col(column).cast(pl.String)).alias(f"{column}_id")


def as_messages(rows: pl.DataFrame) -> pl.DataFrame:
    """The eight columns of coordination-network-toolkit: every share is the repost of its object."""
    nothing = pl.lit("")
    return rows.select(
        pl.col("content_id").alias("message_id"),
        pl.col("account_id").alias("user_id"),
        pl.col("account_id").alias("username"),
        pl.col("object_id").alias("repost_id"),
        nothing.alias("reply_id"),
        pl.lit("x").alias("message"),
        pl.col("timestamp_share").alias("timestamp"),
        nothing.alias("urls"),
    )


def written(log: Log, layout: str, folder: Path) -> Path:
    """The file of a log, made if it is not there; `layout` is shares.parquet, shares.csv or messages.csv.

    A slice at a time, so that a log larger than memory can be written; a file that is there is whole.
    """
    kind, suffix = layout.split(".")
    path = folder / f"{kind}-{log.name}.{suffix}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        waiting = path.with_name(f".{path.name}.waiting")
        slices = shares(log) if kind == "shares" else map(as_messages, shares(log))
        if suffix == "csv":
            _write_csv(slices, waiting)
        else:
            _write_parquet(slices, waiting)
        waiting.replace(path)
    return path


def _write_csv(slices: Iterator[pl.DataFrame], path: Path) -> None:
    with path.open("wb") as stream:
        for number, rows in enumerate(slices):
            # Empty fields stay bare, as most exports have them.
            rows.write_csv(stream, include_header=number == 0, quote_style="never")


def _write_parquet(slices: Iterator[pl.DataFrame], path: Path) -> None:
    parts = []
    for number, rows in enumerate(slices):
        parts.append(path.with_name(f"{path.name}.{number:04}"))
        rows.write_parquet(parts[-1])
    pl.scan_parquet(parts, glob=False).sink_parquet(path)
    for part in parts:
        part.unlink()
