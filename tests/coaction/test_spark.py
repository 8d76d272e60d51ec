"""Spark, run here on two cores: the same pairs, edges, components and communities as the local functions."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import graphkit as gk
from graphkit.cli import app
from graphkit.coaction import spark_session as sessions
from graphkit.coaction.memberships import communities_of, components_of
from graphkit.coaction.spark import SparkCoactions, local_table, spark_coactions
from graphkit.coaction.spark_components import spark_communities, spark_components
from graphkit.coaction.spark_shares import spark_shares
from graphkit.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MISSING = [name for name in ("pyspark", "pandas", "pyarrow") if importlib.util.find_spec(name) is None]
needs_spark = pytest.mark.skipif(
    bool(MISSING) or shutil.which("java") is None,
    reason=f"Spark cannot run here: {', '.join(MISSING) or 'no Java on the path'}",
)


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """One session for all tests: two cores, two partitions, and no compiling of plans that run once."""
    with pytest.MonkeyPatch.context() as patch:
        # Java's second compiler only pays off after minutes.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        session = sessions.spark_session(master="local[2]", memory_mib=1024, shuffle_partitions=2)
    session.conf.set("spark.sql.codegen.wholeStage", "false")
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
    session.conf.set("spark.sql.adaptive.enabled", "false")
    yield session
    session.stop()


def drawn(seed: int, n: int, *, fractions: bool = False) -> pl.DataFrame:
    """Rows of few objects, accounts, contents and times: ties, duplicates and loops are common; unsorted."""
    random = Random(seed)
    rows = [
        (
            random.choice(["o1", "o2", "007", "7", "é"]),
            random.choice(["a", "b", "c", "07", "7", "Z"]),
            random.choice([*(f"c{number}" for number in range(n // 2)), "o1"]),
            random.randrange(-9, 40) + (random.randrange(1000) / 997 if fractions else 0),
        )
        for _ in range(n)
    ]
    ids = {"object_id": pl.String, "account_id": pl.String, "content_id": pl.String}
    time = pl.Float64 if fractions else pl.Int64
    return pl.DataFrame(rows, schema={**ids, "timestamp_share": time}, orient="row")


def in_order(table: pl.DataFrame) -> pl.DataFrame:
    return table.sort(table.columns)


def check_equal(
    made: SparkCoactions, shares: pl.DataFrame, *, window_s: float, least: int, remove_loops: bool = True
) -> None:
    """Pairs and edges are those of the local functions, to the last bit."""
    local = gk.coaction_pairs(shares, window_s=window_s, min_participation=least, remove_loops=remove_loops)
    assert_frame_equal(made.table("pairs"), in_order(local), check_exact=True)
    assert_frame_equal(made.table("edges"), gk.coordinated_network(local), check_exact=True)
    assert (made.n_rows, made.n_pairs, made.n_edges) == (
        len(shares),
        len(local),
        len(gk.coordinated_network(local)),
    )


@needs_spark
@pytest.mark.parametrize(
    ("seed", "n", "window_s", "least", "remove_loops", "fractions"),
    [
        (1, 120, 5, 2, True, False),
        (2, 40, 0, 3, False, False),
        (3, 80, 1.25, 2, True, True),
        (4, 1, 5, 1, True, False),
        (5, 0, 5, 2, True, False),
    ],
)
def test_pairs_and_edges_equal_the_local_result(
    spark: SparkSession,
    seed: int,
    n: int,
    window_s: float,
    least: int,
    remove_loops: bool,
    fractions: bool,
) -> None:
    shares = drawn(seed, n, fractions=fractions)
    if n == 0:
        shares = shares.clear()
    made = spark_coactions(
        shares, window_s=window_s, min_participation=least, remove_loops=remove_loops, session=spark
    )
    if n == 0:
        # Nothing says whether no times are whole; they are taken as whole.
        shares = shares.cast({"timestamp_share": pl.Int64})
    check_equal(made, shares, window_s=window_s, least=least, remove_loops=remove_loops)


def parts(out: Path, name: str) -> pl.DataFrame:
    """A table that Spark wrote; its folder also holds check sums, which are no parquet."""
    return pl.read_parquet(out / f"{name}.parquet" / "*.parquet")


@needs_spark
def test_files_are_read_and_tables_written_by_spark(spark: SparkSession, tmp_path: Path) -> None:
    shares = drawn(6, 90)
    (tmp_path / "in").mkdir()
    # Two files, and ids that look like numbers.
    shares[:50].write_csv(tmp_path / "in" / "one.csv")
    shares[50:].write_csv(tmp_path / "in" / "two.csv")
    files = [tmp_path / "in" / "one.csv", tmp_path / "in" / "two.csv"]
    out = tmp_path / "out"
    made = spark_coactions(
        files, window_s=5, resolution=2, subgraph=1, edge_weight=0.5, out=out, session=spark
    )
    pairs = gk.coaction_pairs(shares, window_s=5)
    edges = gk.coordinated_network(pairs, subgraph=1)
    assert_frame_equal(in_order(parts(out, "pairs")), in_order(pairs))
    assert_frame_equal(in_order(parts(out, "edges")), edges)
    found = in_order(parts(out, "communities"))
    assert_frame_equal(found, communities_of(edges, resolution=2))
    assert parts(out, "left_out").is_empty()
    assert made.crowd_limit is None
    # What was written can be read again as input is, and a second run takes its place.
    shares.write_parquet(tmp_path / "in" / "shares.parquet")
    again = spark_coactions(tmp_path / "in" / "shares.parquet", window_s=5, out=out, session=spark)
    assert (again.n_pairs, again.communities) == (len(pairs), None)
    with pytest.raises(ConfigError, match="communities"):
        again.table("communities")
    with pytest.raises(InputError, match="most_rows"):
        again.table("pairs", most_rows=1)


@needs_spark
def test_a_viral_object_is_left_out_and_said(spark: SparkSession) -> None:
    # 3,000 rows on `viral` in one second: 3,000 * 2,999 / 2 = 4,498,500 pairs, all above the 10,000 allowed.
    quiet = drawn(7, 60).with_columns(pl.format("q{}", "content_id").alias("content_id"))
    number = pl.int_range(3000, eager=True).alias("n").to_frame()
    viral = number.select(
        pl.lit("viral").alias("object_id"),
        pl.format("v{}", pl.col("n") % 1500).alias("account_id"),
        pl.format("v{}", "n").alias("content_id"),
        pl.lit(5).cast(pl.Int64).alias("timestamp_share"),
    )
    shares = pl.concat([viral, quiet])
    made = spark_coactions(shares, window_s=5, most_pairs=10_000, session=spark)
    here = gk.coactions(shares, window_s=5, most_pairs=10_000)
    assert_frame_equal(made.left_out, here.left_out)
    assert_frame_equal(made.table("pairs"), in_order(here.pairs))
    assert made.left_out.rows() == [("viral", 3000, 4_498_500)]
    assert made.crowd_limit is not None
    local = gk.coaction_pairs(quiet, window_s=5)
    assert made.n_counted is not None
    assert made.n_counted >= 4_498_500 + len(local)
    assert_frame_equal(made.table("pairs"), in_order(local))


def network(links: list[tuple[str, str, int]]) -> pl.DataFrame:
    ends = [(min(one, other), max(one, other), weight) for one, other, weight in links]
    return pl.DataFrame(
        ends, schema={"from": pl.String, "to": pl.String, "weight": pl.Int64}, orient="row"
    ).unique(["from", "to"], keep="first", maintain_order=True)


def shapes() -> dict[str, pl.DataFrame]:
    """Networks that are hard for an algorithm of rounds: ways, hubs, many small parts, loops, nothing."""
    random = Random(11)
    names = [f"a{number}" for number in range(60)]
    random.shuffle(names)
    return {
        "path": network([(one, other, 1) for one, other in itertools.pairwise(names)]),
        "star": network([("m", name, 1) for name in names]),
        "pairs": network([(names[i], names[i + 1], 1) for i in range(0, 60, 2)]),
        "sparse": network([(random.choice(names), random.choice(names), 1) for _ in range(45)]),
        "loop": network([("a", "a", 3), ("b", "c", 1)]),
        "nothing": network([]),
    }


@needs_spark
def test_the_command_runs_on_spark(spark: SparkSession, tmp_path: Path) -> None:
    shares = drawn(5, 40)
    shares.write_parquet(tmp_path / "shares.parquet")
    options = ["--engine", "spark", "--window", "5", "--min-participation", "1", "--communities", "0.5"]
    place = [str(tmp_path / "shares.parquet"), "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(app, ["coactions", *place, *options])
    assert answer.exit_code == 0, answer.output
    local = gk.coactions(shares, window_s=5, min_participation=1)
    assert answer.output == (
        f"{shares.height} rows, {local.pairs.height} pairs, {local.edges.height} edges: {tmp_path / 'out'}\n"
    )
    edges = pl.read_parquet(tmp_path / "out" / "edges.parquet" / "*.parquet")
    assert_frame_equal(in_order(edges), local.edges, check_exact=True)
    communities = pl.read_parquet(tmp_path / "out" / "communities.parquet" / "*.parquet")
    assert_frame_equal(in_order(communities), communities_of(local.edges, resolution=0.5))


def test_components_equal_the_local_ones(spark: SparkSession) -> None:
    # All shapes in one table, each under its own letter, so that one run of rounds serves for all.
    every = pl.concat(
        [
            edges.with_columns(pl.format("{}-{}", pl.lit(name), end).alias(end) for end in ("from", "to"))
            for name, edges in shapes().items()
        ]
    )
    found = local_table(spark_components(spark.createDataFrame(every.to_arrow())))
    assert_frame_equal(found, components_of(every))
    sizes = found.group_by(pl.col("account_id").str.split("-").list.first()).agg(
        pl.col("component").n_unique().alias("n")
    )
    counts = dict(sizes.rows())
    assert (counts["path"], counts["star"], counts["pairs"], counts["loop"]) == (1, 1, 30, 2)


@needs_spark
def test_components_of_nothing_are_none(spark: SparkSession) -> None:
    edges = spark.createDataFrame(shapes()["nothing"].to_arrow())
    assert local_table(spark_components(edges)).is_empty()


@needs_spark
@pytest.mark.parametrize(("bins", "resolution"), [(1, 0.5), (7, 3.0)])
def test_communities_equal_the_local_ones(spark: SparkSession, bins: int, resolution: float) -> None:
    # A random graph, in which another order of vertices or edges gives another partition, and planted groups.
    random = Random(5)
    one = [
        (f"r{random.randrange(40)}", f"r{random.randrange(40)}", random.randrange(1, 9)) for _ in range(150)
    ]
    two = [(f"p{i}", f"p{j}", 5) for i in range(8) for j in range(i)]
    three = [(f"q{i}", f"q{j}", 5) for i in range(6) for j in range(i)]
    edges = network([*one, *two, *three, ("p0", "q0", 1), ("p1", "p1", 50)])
    shuffled = edges.sample(fraction=1.0, shuffle=True, seed=3)
    found = spark_communities(
        spark.createDataFrame(shuffled.to_arrow()), resolution=resolution, seed=1, bins=bins
    )
    local = communities_of(edges, resolution=resolution, seed=1)
    assert_frame_equal(local_table(found), local)
    assert local["community"].n_unique() > 2


def test_communities_by_hand() -> None:
    # Two triangles of weight 3 joined by one edge of weight 1. With resolution 2 a triangle gains 3 * (3 - 2)
    # = 3; all six together would gain 3 * 6 + 1 - 2 * 15 = -11, so the triangles are the communities.
    triangles = [("a", "b"), ("b", "c"), ("a", "c"), ("d", "e"), ("e", "f"), ("d", "f")]
    edges = network([*((one, other, 3) for one, other in triangles), ("c", "d", 1)])
    found = communities_of(edges, resolution=2)
    groups = found.group_by("community").agg(pl.col("account_id").sort())
    assert sorted(groups["account_id"].to_list()) == [["a", "b", "c"], ["d", "e", "f"]]
    assert components_of(edges)["component"].to_list() == ["a"] * 6
    # Where nothing gains there is no community, and no account is named.
    assert communities_of(edges, resolution=4).is_empty()
    with pytest.raises(ConfigError, match="resolution"):
        communities_of(edges, resolution=0)


@needs_spark
@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("account_id", pl.Series([1.0, 2.0]), "`account_id` is double"),
        ("object_id", pl.Series([7, 8]), "`object_id` is bigint"),
        ("content_id", pl.Series(["", "c"]), "`content_id` is empty in 1 rows"),
        ("account_id", pl.Series([None, None], dtype=pl.String), "`account_id` is empty in 2 rows"),
        ("timestamp_share", pl.Series(["1", "soon"]), "such as `soon`"),
        ("timestamp_share", pl.Series([1.0, float("nan")]), "no number of UNIX seconds in 1 rows"),
        ("timestamp_share", pl.Series([1, 1_772_323_200_000]), "divide milliseconds by 1000"),
    ],
)
def test_faults_of_the_input_are_said(
    spark: SparkSession, column: str, values: pl.Series, fault: str
) -> None:
    shares = drawn(8, 2).with_columns(values.alias(column))
    with pytest.raises(InputError, match=fault):
        spark_shares(shares, spark)


@needs_spark
def test_files_that_cannot_be_read_are_said(spark: SparkSession, tmp_path: Path) -> None:
    header = "object_id,account_id,content_id,timestamp_share"
    torn = tmp_path / "torn.csv"
    torn.write_text(f"{header}\no,a,c1,1\no,b\n", encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text(f"{header},more\no,a,c1,1,x\n", encoding="utf-8")
    bare = tmp_path / "bare.csv"
    bare.write_text("object_id,account_id\no,a\n", encoding="utf-8")
    swapped = tmp_path / "swapped.csv"
    swapped.write_text("account_id,object_id,content_id,timestamp_share\na,o,c1,1\n", encoding="utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text(f'{header}\no,a,"c\n1",1\n', encoding="utf-8")
    for source, fault in (
        (torn, "not every row of the input"),
        ([other, swapped], "not every row of the input"),
        (broken, "not every row of the input"),
        (bare, "lacks the column `content_id`, `timestamp_share`"),
        (tmp_path / "nowhere.parquet", "cannot be read by Spark"),
        ([torn, tmp_path / "x.parquet"], "of one kind"),
    ):
        with pytest.raises(InputError, match=fault):
            spark_shares(source, spark)
    assert spark_shares(other, spark).n_rows == 1


@needs_spark
@pytest.mark.parametrize(
    "options",
    [{"window_s": -1}, {"edge_weight": 2}, {"subgraph": 2}, {"resolution": 0}],
    ids=str,
)
def test_wrong_options_are_said_before_the_work(spark: SparkSession, options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        spark_coactions(drawn(9, 4), session=spark, **{"window_s": 1, **options})  # type: ignore[arg-type]


def test_a_machine_without_spark_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install graphkit\[spark\]"):
        sessions.spark_session()


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ('openjdk version "11.0.2" 2019', "version 11"),
        ('java version "1.8.0_402"', "version 8"),
        (None, "no Java"),
    ],
)
def test_a_machine_without_java_is_told_which(
    monkeypatch: pytest.MonkeyPatch, version: str | None, fault: str
) -> None:
    def answer(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, stdout="", stderr=version or "")

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda name: None if version is None else "java")
    monkeypatch.setattr(subprocess, "run", answer)
    with pytest.raises(ConfigError, match=f"{fault}.* 17 or later"):
        sessions.spark_session()
