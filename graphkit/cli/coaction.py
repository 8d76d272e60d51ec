"""Commands on tables of shares: who shared the same within a window, and other measures of coordination."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

import resource
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphkit import __version__
from graphkit.cli.fitting import Engine, Measure, fit_together, given, one_measure
from graphkit.cli.speech import Debug, Quiet, faults_told, progress, say
from graphkit.coaction.peers import Peer, Threshold, ToolkitNetwork
from graphkit.engine import allocator
from graphkit.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl


class Null(StrEnum):
    """What chance is in a validated projection."""

    BICM = "bicm"
    HYPERGEOMETRIC = "hypergeometric"


Inputs = Future[list[dict[str, Any]]]
_NO_OPTIONS = ("ctx", "file", "out", "quiet", "debug")
Windows = Annotated[
    list[float], typer.Option(help="Seconds between two rows, ends included; may be repeated.")
]
Out = Annotated[Path, typer.Option(help="Folder to write the tables and manifest.json into.")]


def coactions(
    ctx: typer.Context,
    # Texts, not paths: a cluster's places have two slashes, which a path makes one.
    file: Annotated[str, typer.Argument(metavar="FILE", help="Shares or messages: csv or parquet.")],
    window: Windows,
    out: Annotated[str, typer.Option(help="Folder to write the tables and manifest.json into.")],
    like: Annotated[Peer | None, typer.Option(help="Whose numbers to give, faults included.")] = None,
    min_participation: Annotated[int, typer.Option(help="Rows that an account needs.")] = 2,
    keep_loops: Annotated[
        bool, typer.Option("--keep-loops", help="Keep pairs of an account, or a content, with itself.")
    ] = False,
    edge_weight: Annotated[float, typer.Option(help="Quantile of the weights that is the threshold.")] = 0.5,
    fast_window: Annotated[float | None, typer.Option(help="Seconds of a faster window.")] = None,
    subgraph: Annotated[
        int, typer.Option(help="0 all edges, 1 strong, 2 fast, 3 near fast (2 and 3 with --fast-window).")
    ] = 0,
    stats: Annotated[
        Threshold | None, typer.Option(help="Also statistics of objects and accounts, along such edges.")
    ] = None,
    network: Annotated[ToolkitNetwork | None, typer.Option(help="toolkit: what messages share.")] = None,
    min_edge_weight: Annotated[int, typer.Option(help="toolkit: messages that an edge needs.")] = 2,
    similarity: Annotated[float, typer.Option(help="toolkit: words in common over words in either.")] = 0.8,
    most_pairs: Annotated[int | None, typer.Option(help="Beyond so many pairs crowds are left out.")] = None,
    engine: Annotated[Engine, typer.Option(help="spark: on a cluster; see docs/cluster.md.")] = Engine.POLARS,
    communities: Annotated[
        float | None, typer.Option(help="Also part the edges: pairs that a member pays for (CPM resolution).")
    ] = None,
    spark_master: Annotated[str | None, typer.Option(help="spark: where it runs; default: here.")] = None,
    memory: Annotated[int, typer.Option(help="MiB to work in; 0: a quarter of the machine.")] = 0,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say who shared the same within a window; also in the numbers of CooRTweet or the toolkit."""
    options = {name: value for name, value in locals().items() if name not in _NO_OPTIONS}
    with faults_told(debug=debug):
        allocator.give_memory_back()
        allocator.start_no_idle_threads()
        allocator.collect_seldom()
        fit_together(options, given(ctx))
        if engine is Engine.SPARK:
            _on_spark(file, out, options, quiet=quiet)
            return
        with _digested(Path(file)) as inputs:
            work = _toolkit if like is Peer.TOOLKIT else _here
            work(Path(file), Path(out), options, inputs, quiet=quiet)


def _limit(options: Mapping[str, Any]) -> int:
    """The limit on pairs that was given, or the usual one."""
    from graphkit.engine.crowding import MOST_PAIRS

    return MOST_PAIRS if options["most_pairs"] is None else int(options["most_pairs"])


def _here(file: Path, out: Path, options: Mapping[str, Any], inputs: Inputs, *, quiet: bool) -> None:
    from graphkit.coaction.coactions import streamed_coactions

    with (
        progress(quiet=quiet) as told,
        streamed_coactions(
            file,
            window_s=options["window"],
            min_participation=options["min_participation"],
            remove_loops=not options["keep_loops"],
            edge_weight=options["edge_weight"],
            fast_window_s=options["fast_window"],
            subgraph=options["subgraph"],
            like=options["like"],
            most_pairs=_limit(options),
            memory_mib=options["memory"],
            beside=out,
            coded=options["communities"] is None and options["stats"] is None,
            progress=told,
        ) as made,
    ):
        tables: dict[str, pl.DataFrame | pl.LazyFrame] = {"pairs": made.pairs, "edges": made.edges}
        if options["communities"] is not None:
            # Drags in igraph, which takes longer to import than a small log to work through.
            from graphkit.coaction.memberships import communities_of

            tables["communities"] = communities_of(made.edges.collect(), resolution=options["communities"])
        if options["stats"] is not None:
            tables |= _statistics(file, made.edges.collect(), made.pairs.collect(), options)
        _written(inputs, out, tables | {"left_out": made.left_out}, options, made.facts, quiet=quiet)


def _statistics(
    file: Path, edges: "pl.DataFrame", pairs: "pl.DataFrame", options: Mapping[str, Any]
) -> "dict[str, pl.DataFrame | pl.LazyFrame]":
    from graphkit.coaction.inputs import read_shares
    from graphkit.coaction.stats import account_stats, group_stats

    like, threshold, least = options["like"], options["stats"], options["min_participation"]
    # Only the peer's numbers hang on the order of the input.
    shares = read_shares(file) if like is Peer.COORTWEET else None
    groups = group_stats(edges, pairs, threshold=threshold, like=like, shares=shares, min_participation=least)
    accounts = account_stats(edges, pairs, threshold=threshold, like=like)
    return {"group_stats": groups, "account_stats": accounts}


def _toolkit(file: Path, out: Path, options: Mapping[str, Any], inputs: Inputs, *, quiet: bool) -> None:
    from graphkit.coaction.inputs import read_messages
    from graphkit.coaction.toolkit import toolkit_coactions
    from graphkit.coaction.toolkit_rows import NEEDED

    if options["network"] is None:
        raise ConfigError(f"`--like toolkit` needs `--network`, one of {', '.join(ToolkitNetwork)}")
    if len(options["window"]) > 1:
        raise ConfigError("the toolkit has one window; give one `--window`")
    messages = read_messages(file, columns=NEEDED[options["network"]])
    made = toolkit_coactions(
        messages,
        options["network"],
        window_s=options["window"][0],
        min_edge_weight=options["min_edge_weight"],
        similarity=options["similarity"],
        most_pairs=_limit(options),
    )
    tables = {"edges": made.edges, "left_out": made.left_out}
    _written(inputs, out, tables, options, {"rows": messages.height}, quiet=quiet)


def _on_spark(file: str, out: str, options: Mapping[str, Any], *, quiet: bool) -> None:
    from graphkit.coaction.spark import spark_coactions
    from graphkit.coaction.spark_session import spark_session

    made = spark_coactions(
        file,
        window_s=options["window"][0],
        min_participation=options["min_participation"],
        remove_loops=not options["keep_loops"],
        edge_weight=options["edge_weight"],
        subgraph=options["subgraph"],
        resolution=options["communities"],
        most_pairs=_limit(options),
        out=out,
        session=spark_session(master=options["spark_master"], memory_mib=options["memory"]),
    )
    if not quiet:
        gone = made.left_out.height
        said = f"; crowds on {gone:,} objects are left out" if gone else ""
        say(f"{made.n_rows:,} rows, {made.n_pairs:,} pairs, {made.n_edges:,} edges: {out}{said}")


def measure(
    ctx: typer.Context,
    kind: Annotated[Measure, typer.Argument(metavar="MEASURE", help=", ".join(Measure))],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Shares: csv or parquet.")],
    out: Out,
    window: Annotated[float, typer.Option(help="sweep: seconds between two rows.")] = 60,
    min_participation: Annotated[int, typer.Option(help="sweep: rows that an account needs.")] = 2,
    quantile: Annotated[float, typer.Option(help="interval: share of objects that are fastest.")] = 0.1,
    share: Annotated[float, typer.Option(help="interval: share of an object's shares to wait for.")] = 0.5,
    like: Annotated[str | None, typer.Option(help="interval: `coornet` for that peer's number.")] = None,
    min_shares: Annotated[int, typer.Option(help="cosine: different objects that an account needs.")] = 11,
    top: Annotated[float, typer.Option(help="cosine: share of the most similar pairs that is kept.")] = 0.005,
    min_similarity: Annotated[float | None, typer.Option(help="cosine: least similarity instead.")] = None,
    null: Annotated[Null, typer.Option(help="projection: what chance is.")] = Null.BICM,
    alpha: Annotated[float, typer.Option(help="projection: false discovery rate.")] = 0.05,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Estimate a window, or say whose shares are alike in other ways; see docs/coaction_measures.md."""
    options = {name: value for name, value in locals().items() if name not in _NO_OPTIONS}
    with faults_told(debug=debug), _digested(file) as inputs:
        one_measure(kind, given(ctx))
        allocator.give_memory_back()
        from graphkit.coaction.measured import measured

        tables, facts, said = measured(kind, file, options)
        if not quiet:
            say(said)
        _written(inputs, out, tables, options, facts, quiet=quiet)


@contextmanager
def _digested(file: Path) -> Iterator[Inputs]:
    """Name, SHA-256 and size of every file of the input, worked out beside the rest."""
    from graphkit.readers import READERS
    from graphkit.readers.source import file_digest, parts

    def digests() -> list[dict[str, Any]]:
        found = [(part.name, *file_digest(part.path)) for part in parts(file, READERS)]
        return [{"name": name, "sha256": sha256, "bytes": size} for name, sha256, size in found]

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(digests)


def _written(
    inputs: Inputs,
    out: Path,
    tables: "Mapping[str, pl.DataFrame | pl.LazyFrame]",
    options: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    quiet: bool,
) -> None:
    from graphkit.store.results import write_results

    allocator.give_back_at_once()
    rows = write_results(
        out,
        tables,
        {"graphkit": __version__, "options": options, "inputs": inputs.result(), "counts": dict(facts)},
        spent=_spent,
    )
    if not quiet:
        gone = rows.pop("left_out", 0)
        counts = ", ".join(f"{n:,} {name}" for name, n in rows.items())
        said = f"; crowds on {gone:,} objects are left out, see left_out.parquet" if gone else ""
        say(f"{counts}: {out}{said}")
    allocator.end_at_once()


def _spent() -> dict[str, float]:
    """Seconds since the command began and its peak of memory."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"cpu_seconds": round(time.process_time(), 2), "peak_mib": round(peak / 2**20, 1)}
