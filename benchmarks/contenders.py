"""Who is measured: one entry of a tuple each, with what it is given, what is run and what it found."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import edges
import polars as pl
from edges import WINDOWS_S
from measure import Command

HERE = Path(__file__).parent
WINDOW_S = 60
MIN_EDGE_WEIGHT = 2
MIN_PARTICIPATION = 2

_Edges = Callable[[Path], pl.DataFrame]


@dataclass(frozen=True)
class Tools:
    """The programmes of the peers; None where one is not to be had."""

    toolkit: str | None = None
    rscript: str | None = None
    # A folder of CooRTweet's R files, or - for the installed package.
    coortweet: str | None = None


@dataclass(frozen=True)
class Job:
    """One run: the file that is read, the folder that is written, the programmes."""

    source: Path
    out: Path
    tools: Tools


Steps = Callable[[Job], tuple[Command, ...]]


@dataclass(frozen=True)
class Contender:
    """One way from a log to its edges.

    `family` is what its edges are comparable with; contenders of a family have the same ones, self loops
    aside. `programme` names an entry of IDLE: its memory is the base. `needs` names a peer in
    Tools. `largest` is the size beyond which it is not run, `plain` that one distribution of objects is
    enough, `crowded` that it is run beside a viral object only.
    """

    name: str
    title: str
    family: str
    layout: str
    steps: Steps
    programme: str
    edges: _Edges | None = None
    needs: str | None = None
    largest: int | None = None
    plain: bool = False
    crowded: bool = False


def _graphkit(job: Job, *options: str, out: str = "") -> Command:
    target = str(job.out / out)
    return (
        sys.executable,
        "-m",
        "graphkit",
        "coactions",
        str(job.source),
        *options,
        "--out",
        target,
        "--quiet",
    )


def _windows(*seconds: int) -> tuple[str, ...]:
    return tuple(word for window_s in seconds for word in ("--window", str(window_s)))


def _like_toolkit(job: Job) -> tuple[Command, ...]:
    network = ("--like", "toolkit", "--network", "co_retweet", "--min-edge-weight", str(MIN_EDGE_WEIGHT))
    return (_graphkit(job, *network, *_windows(WINDOW_S)),)


def _like_coortweet(job: Job) -> tuple[Command, ...]:
    return (_graphkit(job, "--like", "coortweet", *_participation(MIN_PARTICIPATION), *_windows(WINDOW_S)),)


def _default(job: Job) -> tuple[Command, ...]:
    return (_graphkit(job, *_participation(MIN_PARTICIPATION), *_windows(WINDOW_S)),)


def _windows_once(job: Job) -> tuple[Command, ...]:
    return (_graphkit(job, *_participation(MIN_PARTICIPATION), *_windows(*WINDOWS_S)),)


def _windows_thrice(job: Job) -> tuple[Command, ...]:
    shared = _participation(MIN_PARTICIPATION)
    return tuple(
        _graphkit(job, *shared, *_windows(window_s), out=f"window-{window_s}") for window_s in WINDOWS_S
    )


def _viral(job: Job) -> tuple[Command, ...]:
    # Commenters with one comment would otherwise be gone before the crowd is looked at.
    return (_graphkit(job, *_participation(1), *_windows(WINDOW_S)),)


def _participation(n: int) -> tuple[str, ...]:
    return ("--min-participation", str(n))


def _toolkit(job: Job) -> tuple[Command, ...]:
    call = (str(job.tools.toolkit), "-m", "coordination_network_toolkit", str(job.out / "toolkit.db"))
    options = ("--time_window", str(WINDOW_S), "--min_edge_weight", str(MIN_EDGE_WEIGHT))
    return (*call, "preprocess", str(job.source)), (*call, "compute", "co_retweet", *options)


def _coortweet(job: Job) -> tuple[Command, ...]:
    options = (str(job.source), str(job.out), str(WINDOW_S), str(MIN_PARTICIPATION))
    return ((*_coortweet_idle(job)[0], *options),)


def _coortweet_idle(job: Job) -> tuple[Command, ...]:
    return ((str(job.tools.rscript), str(HERE / "coortweet.R"), str(job.tools.coortweet)),)


def _script(name: str, *options: str) -> Steps:
    def steps(job: Job) -> tuple[Command, ...]:
        return ((sys.executable, str(HERE / name), str(job.source), str(job.out), *options),)

    return steps


def _graphkit_idle(_job: Job) -> tuple[Command, ...]:
    modules = "graphkit.cli, graphkit.coaction.coactions, graphkit.coaction.toolkit, graphkit.store.durable"
    return ((sys.executable, "-c", f"import {modules}"),)


def _toolkit_idle(job: Job) -> tuple[Command, ...]:
    return ((str(job.tools.toolkit), "-c", "import coordination_network_toolkit.compute_networks"),)


def _polars_idle(_job: Job) -> tuple[Command, ...]:
    return ((sys.executable, "-c", "import polars"),)


# Every programme without work.
IDLE: dict[str, Steps] = {
    "graphkit": _graphkit_idle,
    "toolkit": _toolkit_idle,
    "coortweet": _coortweet_idle,
    "polars": _polars_idle,
}

# One more way to measure, an engine on a cluster for one, is one more entry.
CONTENDERS: tuple[Contender, ...] = (
    Contender(
        name="graphkit-toolkit",
        title="graphkit, like the toolkit",
        family="toolkit",
        layout="messages.csv",
        steps=_like_toolkit,
        programme="graphkit",
        edges=edges.directed,
    ),
    Contender(
        name="toolkit",
        title="coordination-network-toolkit",
        family="toolkit",
        layout="messages.csv",
        steps=_toolkit,
        programme="toolkit",
        edges=edges.of_toolkit,
        needs="toolkit",
    ),
    Contender(
        name="limit-csv",
        title="reading, sorting and writing the csv",
        family="toolkit",
        layout="messages.csv",
        steps=_script("limit.py"),
        programme="polars",
    ),
    Contender(
        name="graphkit",
        title="graphkit",
        family="coortweet",
        layout="shares.parquet",
        steps=_default,
        programme="graphkit",
        edges=edges.shared,
    ),
    Contender(
        name="graphkit-coortweet",
        title="graphkit, like CooRTweet",
        family="coortweet",
        layout="shares.parquet",
        steps=_like_coortweet,
        programme="graphkit",
        edges=edges.shared,
    ),
    Contender(
        name="coortweet",
        title="CooRTweet",
        family="coortweet",
        layout="shares.csv",
        steps=_coortweet,
        programme="coortweet",
        edges=edges.of_coortweet,
        needs="coortweet",
    ),
    Contender(
        name="polars",
        title="a join in polars",
        family="coortweet",
        layout="shares.parquet",
        steps=_script("baseline_polars.py", str(WINDOW_S)),
        programme="polars",
        edges=edges.shared,
        largest=10_000_000,
    ),
    Contender(
        name="limit",
        title="reading, sorting and writing the parquet",
        family="coortweet",
        layout="shares.parquet",
        steps=_script("limit.py"),
        programme="polars",
        largest=10_000_000,
    ),
    Contender(
        name="windows-once",
        title="three windows in one pass",
        family="windows",
        layout="shares.parquet",
        steps=_windows_once,
        programme="graphkit",
        edges=edges.of_windows,
        largest=1_000_000,
        plain=True,
    ),
    Contender(
        name="windows-thrice",
        title="three windows in three passes",
        family="windows",
        layout="shares.parquet",
        steps=_windows_thrice,
        programme="graphkit",
        edges=edges.of_passes,
        largest=1_000_000,
        plain=True,
    ),
    Contender(
        name="viral",
        title="graphkit beside a viral object",
        family="viral",
        layout="shares.parquet",
        steps=_viral,
        programme="graphkit",
        edges=edges.shared,
        crowded=True,
    ),
)
