"""Measure graphkit against its peers and the limit, print the ratios, and write table, plot and figures.

`python benchmarks/run.py` measures everything; figures of before are kept where nothing changed.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import peers
import polars as pl
from contenders import CONTENDERS, HERE, IDLE, Contender, Job, Tools
from measure import busy_s, cost
from page import page, ratios
from plot import plot
from results import (
    DIGESTED_EDGES,
    Results,
    Run,
    costed,
    digest,
    graphkit_digest,
    kept_results,
    sources_digest,
    summaries,
)
from shares import Log, rings, written

IDLE_EVENTS = -1


@dataclass(frozen=True)
class Bench:
    """What all measurements of one call share."""

    results: Results
    tools: Tools
    made_of: dict[str, str]
    data: Path
    limit_s: float
    repeat_below_s: float
    fresh: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for and write the pages."""
    given = _options().parse_args(arguments)
    given.cache.mkdir(parents=True, exist_ok=True)
    chosen = [
        contender
        for contender in CONTENDERS
        if (not given.only or contender.name in given.only)
        and (contender.needs is None or contender.needs in given.peers)
    ]
    wanted = frozenset(contender.needs for contender in chosen if contender.needs)
    tools = peers.tools(wanted, given.cache, coortweet=given.coortweet, rscript=given.rscript, told=_told)
    bench = Bench(
        results=kept_results(given.results),
        tools=tools,
        made_of=_versions(tools),
        data=given.cache / "data",
        limit_s=given.limit,
        repeat_below_s=given.repeat_below,
        fresh=given.fresh,
    )
    if not given.pages_only:
        _idle(bench, chosen, given.repeat)
        _sizes(bench, chosen, given)
        _viral(bench, chosen, given)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "benchmarks.md").write_text(page(bench.results), encoding="utf-8")
    plot(summaries(bench.results.runs), given.out / "benchmarks.png")
    for line in ratios(bench.results):
        print(line)
    _told(f"written: {given.out / 'benchmarks.md'}, {given.out / 'benchmarks.png'}, {given.results}")


def _options() -> argparse.ArgumentParser:
    names = [contender.name for contender in CONTENDERS]
    both = ["toolkit", "coortweet"]
    sizes = [100_000, 1_000_000, 10_000_000]
    cache = Path(tempfile.gettempdir()) / "graphkit-benchmarks"
    parser = argparse.ArgumentParser(prog="run.py", description=(__doc__ or "").splitlines()[0])
    option = parser.add_argument
    option("--sizes", type=int, nargs="+", default=sizes, help="Events of the logs.")
    option("--zipf", type=float, nargs="+", default=[0.6, 0.8, 1.0], help="How uneven objects are.")
    option("--days", type=int, default=30, help="Days that a log covers, whatever its size.")
    option("--repeat", type=int, default=3, help="Runs of each contender on each log.")
    option("--repeat-below", type=float, default=120, help="Seconds above which one run is enough.")
    option("--limit", type=float, default=900, help="Seconds after which a contender is stopped.")
    option("--only", nargs="+", choices=names, default=[], help="Contenders, if not all.")
    option("--peers", nargs="*", choices=both, default=both, help="Peers to measure; none if empty.")
    option("--viral", type=int, default=1_000_000, help="Accounts at the viral object; 0 for none.")
    option("--viral-size", type=int, default=100_000, help="Events beside the viral object.")
    option("--coortweet", type=Path, help="Folder of CooRTweet's R files, if it is not installed in R.")
    option("--rscript", default="Rscript", help="The R that runs CooRTweet.")
    option("--out", type=Path, default=HERE.parent / "docs", help="Folder of the page and the plot.")
    option("--results", type=Path, default=HERE / "results.json", help="Where figures are kept.")
    option("--cache", type=Path, default=cache, help="Folder for logs and for a peer's installation.")
    option("--fresh", action="store_true", help="Measure again what was measured before.")
    option("--pages-only", action="store_true", help="Measure nothing, write the pages again.")
    return parser


def _versions(tools: Tools) -> dict[str, str]:
    """What every contender is made of now, by its name."""
    made_of = {}
    for contender in CONTENDERS:
        if contender.needs == "toolkit":
            made_of[contender.name] = peers.toolkit_version(tools) if tools.toolkit else ""
        elif contender.needs == "coortweet":
            made_of[contender.name] = peers.coortweet_version(tools) if tools.coortweet else ""
        elif contender.name in ("limit", "limit-csv", "polars"):
            scripts = [HERE / "limit.py", HERE / "baseline_polars.py"]
            made_of[contender.name] = f"polars {pl.__version__}, {sources_digest(scripts)}"
        else:
            made_of[contender.name] = graphkit_digest()
    return made_of


def _idle(bench: Bench, chosen: list[Contender], repeats: int) -> None:
    """The base of memory: every programme without work."""
    programmes = {contender.programme: contender for contender in chosen}
    for repeat, (programme, contender) in itertools.product(range(repeats), programmes.items()):
        log = Log(IDLE_EVENTS, 0, 0)
        run = _case(f"idle-{programme}", log, repeat, bench.made_of[contender.name])
        if not _known(bench, run) and not _absent(contender, bench.tools):
            steps = IDLE[programme](Job(Path(), Path(), bench.tools))
            bench.results.add(costed(run, cost(steps, limit_s=bench.limit_s)))


def _sizes(bench: Bench, chosen: list[Contender], given: argparse.Namespace) -> None:
    """Every contender on every log, in turn, so that no one has the quiet hour to itself."""
    ordinary = [contender for contender in chosen if not contender.crowded]
    for events, zipf in itertools.product(sorted(given.sizes), sorted(given.zipf)):
        fitting = [
            contender
            for contender in ordinary
            if (contender.largest is None or events <= contender.largest)
            and (not contender.plain or zipf == max(given.zipf))
        ]
        for repeat, contender in itertools.product(range(given.repeat), fitting):
            _measured(bench, contender, Log(events, zipf, given.days), repeat)


def _viral(bench: Bench, chosen: list[Contender], given: argparse.Namespace) -> None:
    """The same log without and with the viral object."""
    crowded = [contender for contender in chosen if contender.crowded]
    sizes = (0, given.viral) if given.viral else ()
    for repeat, contender, viral in itertools.product(range(given.repeat), crowded, sizes):
        _measured(bench, contender, Log(given.viral_size, max(given.zipf), given.days, viral), repeat)


def _case(name: str, log: Log, repeat: int, made_of: str) -> Run:
    return Run(name, log.events, log.zipf, log.days, log.viral, repeat, made_of, status="")


def _measured(bench: Bench, contender: Contender, log: Log, repeat: int) -> None:
    run = _case(contender.name, log, repeat, bench.made_of[contender.name])
    if _known(bench, run) or _once_is_enough(bench, run):
        return
    reason = _absent(contender, bench.tools) or _hopeless(bench, run)
    if reason:
        # A peer that is gone leaves the figures that it had.
        if not bench.results.measured_before(run):
            bench.results.add(replace(run, status="missing", why=reason))
        return
    source = written(log, contender.layout, bench.data)
    _warmed(source)
    with tempfile.TemporaryDirectory(dir=bench.data.parent) as folder:
        job = Job(source, Path(folder, "out"), bench.tools)
        job.out.mkdir()
        before_s = busy_s()
        done = costed(run, cost(contender.steps(job), limit_s=bench.limit_s))
        others = max(busy_s() - before_s - done.cpu_s, 0) / max(done.wall_s, 1e-9)
        done = replace(
            done, input_mib=round(source.stat().st_size / 2**20, 4), others=round(min(others, 999), 2)
        )
        if done.status == "done" and contender.edges is not None:
            done = _compared(done, contender.edges, job.out, log)
    bench.results.add(done)
    told = f"{done.wall_s:8.2f} s {done.cpu_s:8.2f} cpu s {done.peak_mib:8.0f} MiB {done.why}"
    _told(f"{log.name:<30} {contender.name:<20} {repeat + 1} {told}")


def _known(bench: Bench, run: Run) -> bool:
    if bench.fresh and run.repeat == 0:
        bench.results.forget(run)
    return not bench.fresh and bench.results.known(run, bench.limit_s) is not None


def _compared(run: Run, read: Callable[[Path], pl.DataFrame], out: Path, log: Log) -> Run:
    """The run with what tells whether another one found the same, and whether anything was left out."""
    table, left_out = out / "edges.parquet", out / "left_out.parquet"
    if left_out.exists():
        run = replace(run, left_out=_height(left_out))
    if table.exists() and _height(table) > DIGESTED_EDGES:
        return replace(run, n_edges=_height(table))
    edges = read(out)
    ringed = digest(_within_rings(pl.read_parquet(table), log)) if run.contender == "viral" else ""
    return replace(run, n_edges=edges.height, edges=digest(edges), ring_edges=ringed)


def _height(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _within_rings(edges: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Edges between accounts of one planted ring, every column of them."""
    members = rings(log)
    inside = edges.join(members.rename({"account_id": "from"}), on="from")
    return inside.join(members.rename({"account_id": "to"}), on=["to", "ring"]).sort("from", "to")


def _absent(contender: Contender, tools: Tools) -> str:
    there = contender.needs is None or getattr(tools, contender.needs) is not None
    return "" if there else "not to be had here"


def _hopeless(bench: Bench, run: Run) -> str:
    """Why a larger log need not be tried, if a smaller one of the same kind was not done in time."""
    late = bench.results.late_before(run, bench.limit_s)
    return f"not tried: {min(late):,} events were not done after {bench.limit_s:g} s" if late else ""


def _once_is_enough(bench: Bench, run: Run) -> bool:
    first = [kept for kept in bench.results.runs if kept.case == replace(run, repeat=0).case]
    slow = any(kept.status != "done" or kept.wall_s > bench.repeat_below_s for kept in first)
    return run.repeat > 0 and slow


def _warmed(path: Path) -> None:
    """Read the file once, so that it lies in memory for everyone and no disk is measured."""
    with path.open("rb") as stream:
        while stream.read(2**24):
            pass


def _told(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
