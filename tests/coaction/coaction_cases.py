"""What the tests of coactions share: the peers' rules once more, pair by pair and as slowly as possible."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
COORTWEET = FIXTURES / "coortweet"
TOOLKIT = FIXTURES / "coordination_network_toolkit"
SETS = {"rus": "russian_coord_tweets", "russ": "russ", "ger_url": "ger_url"}

Share = tuple[str, str, str, int]


@dataclass(frozen=True)
class Expected:
    """One file of a peer's answers and the options that its name carries."""

    path: Path
    set_name: str
    window: int
    least: int
    edge_weight: float = 0.5
    subgraph: int = 0
    similarity: float = 0.8

    def __str__(self) -> str:
        return self.path.stem


def pairs_files() -> list[Expected]:
    return [_coortweet(path) for path in sorted((COORTWEET / "expected").glob("pairs_*.csv"))]


def edges_files() -> list[Expected]:
    return [_coortweet(path) for path in sorted((COORTWEET / "expected").glob("edges_*.csv"))]


def toolkit_files() -> list[Expected]:
    found = []
    for path in sorted((TOOLKIT / "expected").glob("sample_co_*.csv")):
        named = re.fullmatch(r"sample_(co_\w+?)_w(\d+)_mew(\d+)(?:_th([\d.]+))?", path.stem)
        assert named, f"{path.name} does not say how it was made"
        network, window, least, similarity = named.groups()
        found.append(Expected(path, network, int(window), int(least), similarity=float(similarity or 0.8)))
    return found


def _coortweet(path: Path) -> Expected:
    named = re.fullmatch(r"\w+?_(\w+)_tw(\d+)_mp(\d+)(?:_ew([\d.]+)_subgraph(\d))?", path.stem)
    assert named, f"{path.name} does not say how it was made"
    set_name, window, least, edge_weight, subgraph = named.groups()
    return Expected(path, set_name, int(window), int(least), float(edge_weight or 0.5), int(subgraph or 0))


def shares(rows: list[Share]) -> pl.DataFrame:
    schema = {"object_id": pl.String, "account_id": pl.String, "content_id": pl.String}
    return pl.DataFrame(rows, schema={**schema, "timestamp_share": pl.Int64}, orient="row")


# Few objects, accounts, contents and seconds, so that ties, duplicates, loops and busy accounts are common;
# `o1` is an object and a content, as where somebody shares a post that is itself in the data.
SHARES = st.lists(
    st.tuples(
        st.sampled_from(["o1", "o2", "007", "7"]),
        st.sampled_from(["a", "b", "c", "07"]),
        st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6", "o1"]),
        st.integers(0, 9),
    ),
    max_size=16,
)


def brute_pairs(rows: list[Share], window: int, least: int, *, keep_loops: bool) -> list[tuple[object, ...]]:
    """detect_groups of CooRTweet in the words of its rules, every two rows looked at."""
    n_rows = {row[1]: sum(other[1] == row[1] for other in rows) for row in rows}
    first_seen = {account: [row[1] for row in rows].index(account) for account in n_rows}
    # Its first step groups rows by account in order of first appearance; the sort is stable.
    kept = sorted((row for row in rows if n_rows[row[1]] >= least), key=lambda row: first_seen[row[1]])
    made = []
    for x, y in itertools.combinations(kept, 2):
        if x[0] != y[0] or abs(x[3] - y[3]) > window:
            continue
        if not keep_loops and (x[0] in (x[2], y[2]) or x[2] == y[2] or x[1] == y[1]):
            continue
        made.append((y, x) if x[3] > y[3] else (x, y))
    if least >= 1:
        paired = {row[2] for pair in made for row in pair}
        taking_part = [row for row in kept if row[2] in paired]
        n_left = {row[1]: sum(other[1] == row[1] for other in taking_part) for row in taking_part}
        busy = {row[2] for row in taking_part if n_left[row[1]] >= least}
        made = [pair for pair in made if busy & {pair[0][2], pair[1][2]}]
    return sorted((x[0], x[1], y[1], x[2], y[2], y[3] - x[3]) for x, y in made)


def brute_edges(pairs: list[tuple[object, ...]], *, like_peer: bool) -> list[tuple[object, ...]]:
    """from, to, weight, mean gap, contents on either side and their symmetry; counted in sets."""
    groups: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for _, older, newer, content, content_y, gap in pairs:
        low, high = sorted((str(older), str(newer)))
        sides = (str(content), str(content_y))
        if not like_peer and str(older) != low:
            sides = (sides[1], sides[0])
        groups.setdefault((low, high), []).append((*sides, int(str(gap))))
    found: list[tuple[object, ...]] = []
    for (low, high), met in sorted(groups.items()):
        n, n_y = len({row[0] for row in met}), len({row[1] for row in met})
        mean = sum(row[2] for row in met) / len(met)
        found.append((low, high, len(met), mean, n, n_y, min(n, n_y) / max(n, n_y)))
    return found
