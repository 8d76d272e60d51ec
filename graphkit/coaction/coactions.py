"""From a file of shares to pairs and edges in one call, in memory or beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphkit.coaction.edges import coordinated_network
from graphkit.coaction.inputs import parquet_paths, read_messages, read_shares
from graphkit.coaction.meet import BLOCK_ROWS, paired
from graphkit.coaction.pairs import PAIRS, flag_speed_share, kept_contents, pairs_frame
from graphkit.coaction.peers import Peer, ToolkitNetwork
from graphkit.coaction.rows import Rows, rows_of
from graphkit.coaction.rows_on_disk import ROW_BYTES, rows_on_disk
from graphkit.coaction.streams import SUM_BYTES, SUM_PAIRS, account_codes, lazy_edges, lazy_pairs
from graphkit.coaction.toolkit import toolkit_coactions
from graphkit.coaction.toolkit_rows import NEEDED
from graphkit.coaction.wanted import Wanted, peer_of, windows_of
from graphkit.engine.budget import Budget, budget
from graphkit.engine.crowding import MOST_PAIRS
from graphkit.engine.scratch import Scratch, scratch
from graphkit.errors import ConfigError, InputError
from graphkit.readers import Source

Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Coactions:
    """PAIRS of shares within the window and the edges that they sum to, under the names of CooRTweet.

    With several windows `edges` has their edges one window after the other, told apart by `window_s`, and
    `pairs` those of the longest. left_out: what was in too large a crowd (object_id, rows, pairs); empty as
    long as there are no more pairs than `most_pairs`. facts: rows, pairs counted, the crowd limit, memory.
    """

    pairs: pl.DataFrame
    edges: pl.DataFrame
    left_out: pl.DataFrame
    facts: Mapping[str, object]


@dataclass(frozen=True)
class StreamedCoactions:
    """Coactions as lazy tables, made while they are collected or written."""

    pairs: pl.LazyFrame
    edges: pl.LazyFrame
    left_out: pl.DataFrame
    facts: Mapping[str, object]


def coactions(
    source: Source,
    *,
    window_s: float | Sequence[float],
    min_participation: int = 2,
    remove_loops: bool = True,
    edge_weight: float = 0.5,
    fast_window_s: float | None = None,
    subgraph: int = 0,
    like: Peer | str | None = None,
    most_pairs: int = MOST_PAIRS,
    memory_mib: int = 0,
    network: ToolkitNetwork | str | None = None,
    min_edge_weight: int = 2,
    similarity: float = 0.8,
) -> Coactions:
    """Who shared the same object within `window_s` seconds, read from a file or a frame of SHARES.

    `like="coortweet"` gives that peer's numbers, with its faults; without it the counts of contents are those
    of each account. `like="toolkit"` reads MESSAGES instead and gives the edges of `network`, of at least
    `min_edge_weight` messages, and no pairs: see `toolkit_network`, whose options these are. Several
    windows are worked through in one pass. `fast_window_s` marks the pairs of a faster window and measures
    every edge in both. Where more than `most_pairs` pairs lie within the longest
    window, rows in the largest crowds make none, and `left_out` says which objects they are on.

    `memory_mib` bounds what is held beside the result (0: a quarter of the machine); Parquet files for which
    that is too little are worked through on disk, with the same result. See `coaction_pairs`,
    `flag_speed_share` and `coordinated_network` for what each option does, `streamed_coactions` for results
    longer than memory.

    Raises InputError for an input that cannot be read, ConfigError for options that do not fit together.
    """
    if like == Peer.TOOLKIT:
        if fast_window_s is not None or subgraph or not remove_loops:
            raise ConfigError(
                "the toolkit has no `fast_window_s`, `subgraph` or `remove_loops`; leave them out"
            )
        return _like_toolkit(source, network, windows_of(window_s), min_edge_weight, similarity, most_pairs)
    if network is not None:
        raise ConfigError(f"`network` is `{network}`, which is of the toolkit; add `like` `{Peer.TOOLKIT}`")
    with streamed_coactions(
        source,
        window_s=window_s,
        min_participation=min_participation,
        remove_loops=remove_loops,
        edge_weight=edge_weight,
        fast_window_s=fast_window_s,
        subgraph=subgraph,
        like=like,
        most_pairs=most_pairs,
        memory_mib=memory_mib,
    ) as made:
        return Coactions(made.pairs.collect(), made.edges.collect(), made.left_out, made.facts)


def _like_toolkit(
    source: Source,
    network: ToolkitNetwork | str | None,
    windows_s: tuple[float, ...],
    min_edge_weight: int,
    similarity: float,
    most_pairs: int,
) -> Coactions:
    known = {str(name): name for name in ToolkitNetwork}
    if network not in known:
        raise ConfigError(f"`network` is `{network}`; the toolkit's are {', '.join(known)}")
    if len(windows_s) > 1:
        raise ConfigError("the toolkit has one window; give one `window_s`")
    messages = read_messages(source, columns=NEEDED[known[network]])
    made = toolkit_coactions(
        messages,
        known[network],
        window_s=windows_s[0],
        min_edge_weight=min_edge_weight,
        similarity=similarity,
        most_pairs=most_pairs,
    )
    no_pairs = pl.DataFrame(schema=dict.fromkeys(PAIRS, pl.String) | {"time_delta": pl.Int64})
    return Coactions(no_pairs, made.edges, made.left_out, {"rows": messages.height})


@contextmanager
def streamed_coactions(
    source: Source,
    *,
    window_s: float | Sequence[float],
    min_participation: int = 2,
    remove_loops: bool = True,
    edge_weight: float = 0.5,
    fast_window_s: float | None = None,
    subgraph: int = 0,
    like: Peer | str | None = None,
    most_pairs: int = MOST_PAIRS,
    memory_mib: int = 0,
    beside: Path | None = None,
    coded: bool = False,
    progress: Told | None = None,
) -> Iterator[StreamedCoactions]:
    """`coactions` as lazy tables, to be written with `sink_parquet` before the context is left.

    Files that are needed meanwhile lie in a folder `beside` the result (default: the system's place for such)
    and are taken away at the end. A fast window and subgraphs need a whole table and so an input that fits.
    `coded`: account ids may be Categorical, which `write_results` writes as texts, in half the time.
    `progress` is told each stage and the share of the work done.
    """
    told = progress or _nobody
    wanted = Wanted(
        windows_of(window_s),
        min_participation,
        remove_loops,
        edge_weight,
        fast_window_s,
        subgraph,
        peer_of(like),
        most_pairs,
    )
    memory = budget(memory_mib)
    paths = parquet_paths(source)
    n_rows = sum(_n_rows(path) for path in paths or ())
    on_disk = paths is not None and n_rows > memory.items(ROW_BYTES)
    if on_disk and wanted.whole_tables:
        raise ConfigError(
            f"{n_rows:,} rows do not fit into {memory.facts()['budget_mib']:,} MiB, and a fast window"
            " or a subgraph needs them all; allow more memory, or leave these options out"
        )
    with scratch(on_disk=on_disk, beside=beside) as room:
        told("reading", 0.0)
        if paths is None or not on_disk:
            shares = read_shares(source)
            rows = rows_of(shares, min_participation, wanted.like)
            shares = shares if wanted.whole_tables else shares.clear()
        else:
            rows = rows_on_disk(paths, n_rows, min_participation, wanted.like, room, memory)
            shares = None
        told("pairing", 0.4)
        made = _streamed(rows, shares, wanted, room, memory, coded=coded)
        told("writing", 0.7)
        yield made


def _n_rows(path: Path) -> int:
    """The rows of a Parquet file; InputError where it is damaged."""
    try:
        n: int = pl.scan_parquet(path, glob=False, hive_partitioning=False).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"`{path}` cannot be read as Parquet: {error}") from error
    return n


def _nobody(_stage: str, _share: float) -> None:
    """Where nobody wants to be told."""


def _streamed(
    rows: Rows, shares: pl.DataFrame | None, wanted: Wanted, room: Scratch, memory: Budget, *, coded: bool
) -> StreamedCoactions:
    longest = rows.ticks(wanted.windows_s[-1])
    pairing = paired(
        rows,
        longest,
        room,
        remove_loops=wanted.remove_loops,
        most_pairs=wanted.most_pairs,
        block_rows=memory.items(ROW_BYTES, 0.25, most=BLOCK_ROWS),
    )
    least, several = wanted.min_participation, len(wanted.windows_s) > 1
    facts: dict[str, object] = {
        "rows": len(rows),
        "objects": len(rows.starts) - 1,
        "accounts": len(rows.accounts),
        "pairs_within_window": pairing.counted,
        "crowd_limit": pairing.crowd,
        "on_disk": room.folder is not None,
        **memory.facts(),
    }
    busy = kept_contents(pairing, least, longest)
    if wanted.whole_tables and shares is not None:
        table, network = _whole_tables(pairs_frame(pairing, busy), shares, wanted)
        return StreamedCoactions(table.lazy(), network.lazy(), pairing.left_out, facts)
    codes = account_codes(pairing) if coded else None
    edges_by_window = [
        lazy_edges(
            pairing,
            busy if window == longest else kept_contents(pairing, least, window),
            room,
            window=window,
            edge_weight=wanted.edge_weight,
            like=wanted.like,
            sum_pairs=memory.items(SUM_BYTES, 0.25, most=SUM_PAIRS),
            accounts=codes,
        )
        for window in map(rows.ticks, wanted.windows_s)
    ]
    edges = edges_by_window[0]
    if several:
        named = zip(wanted.windows_s, edges_by_window, strict=True)
        edges = pl.concat(
            part.select(pl.lit(window_s).alias("window_s"), pl.all()) for window_s, part in named
        )
    return StreamedCoactions(lazy_pairs(pairing, busy, codes), edges, pairing.left_out, facts)


def _whole_tables(
    pairs: pl.DataFrame, shares: pl.DataFrame, wanted: Wanted
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs with their fast ones marked, and the network that needs them all at once."""
    fast = wanted.fast_window_s
    if fast is not None:
        pairs = flag_speed_share(
            shares, pairs, window_s=fast, min_participation=wanted.min_participation, like=wanted.like
        )
    edges = coordinated_network(
        pairs,
        edge_weight=wanted.edge_weight,
        subgraph=wanted.subgraph,
        fast=fast is not None,
        like=wanted.like,
    )
    return pairs, edges
