"""Which options of the commands on shares go together: none is passed over in silence."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any

import typer

from graphkit.coaction.peers import Peer, Threshold
from graphkit.errors import ConfigError


class Engine(StrEnum):
    """What works the pairs out: this machine, or a cluster."""

    POLARS = "polars"
    SPARK = "spark"


class Measure(StrEnum):
    """Measures of coordination other than pairs within a window."""

    INTERVAL = "interval"
    COSINE = "cosine"
    PROJECTION = "projection"
    SWEEP = "sweep"


_OF_TOOLKIT = {"network", "min_edge_weight", "similarity"}
_NOT_OF_TOOLKIT = {
    *("communities", "fast_window", "subgraph", "stats", "keep_loops", "memory"),
    *("min_participation", "edge_weight", "spark_master"),
}
_OF_MEASURE = {
    Measure.INTERVAL: {"quantile", "share", "like"},
    Measure.COSINE: {"min_shares", "top", "min_similarity"},
    Measure.PROJECTION: {"null", "alpha"},
    Measure.SWEEP: {"window", "min_participation"},
}


def fit_together(options: Mapping[str, Any], named: AbstractSet[str]) -> None:
    """ConfigError for options that would be passed over in silence, or give what nobody asked for."""
    toolkit, spark = options["like"] is Peer.TOOLKIT, options["engine"] is Engine.SPARK
    if toolkit and spark:
        raise ConfigError("the toolkit has no cluster; leave `--engine` out")
    _refuse(named & (_NOT_OF_TOOLKIT if toolkit else _OF_TOOLKIT), "--like toolkit", missing=not toolkit)
    if not spark:
        _refuse(named & {"spark_master"}, "--engine spark", missing=True)
    if options["stats"] is not None and (spark or len(options["window"]) > 1):
        raise ConfigError(
            "statistics are of one window, and made here; give one `--window` and no `--engine`"
        )
    if options["stats"] is Threshold.FAST and options["fast_window"] is None:
        raise ConfigError("`--stats fast` needs `--fast-window`; give one, or take full or none")
    if options["communities"] is not None and (
        options["fast_window"] is not None or len(options["window"]) > 1
    ):
        raise ConfigError("communities are of one window; give one `--window` and no `--fast-window`")
    if spark and (options["like"] or options["fast_window"] is not None or len(options["window"]) > 1):
        raise ConfigError("`--engine spark` gives one window and no peer's numbers; leave these options out")


def _refuse(foreign: AbstractSet[str], rule: str, *, missing: bool) -> None:
    if foreign:
        said = " and ".join(f"`--{name.replace('_', '-')}`" for name in sorted(foreign))
        verb, it = ("mean", "them") if len(foreign) > 1 else ("means", "it")
        end = f"without `{rule}`; leave {it} out or add that" if missing else f"with `{rule}`; leave {it} out"
        raise ConfigError(f"{said} {verb} nothing {end}")


def given(ctx: typer.Context) -> AbstractSet[str]:
    """The options that the call names."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


def one_measure(kind: Measure, named: AbstractSet[str]) -> None:
    """ConfigError for options of another measure than `kind`."""
    others = {name for names in _OF_MEASURE.values() for name in names} - _OF_MEASURE[kind]
    _refuse(named & others, f"measure {kind}", missing=False)
