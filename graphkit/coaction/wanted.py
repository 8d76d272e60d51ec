"""The options of `coactions`, checked: windows, thresholds, and whose numbers are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphkit.coaction.edges import checked_network
from graphkit.coaction.pairs import checked_window
from graphkit.coaction.peers import Peer
from graphkit.errors import ConfigError


@dataclass(frozen=True)
class Wanted:
    """The options, checked."""

    windows_s: tuple[float, ...]
    min_participation: int
    remove_loops: bool
    edge_weight: float
    fast_window_s: float | None
    subgraph: int
    like: Peer | None
    most_pairs: int

    @property
    def whole_tables(self) -> bool:
        """Whether the network needs its pairs as a table in memory."""
        return self.fast_window_s is not None or self.subgraph != 0

    def __post_init__(self) -> None:
        """ConfigError for options that make no sense, alone or together."""
        _fit_together(self)


def windows_of(window_s: float | Sequence[float]) -> tuple[float, ...]:
    """The windows in order, each once; ConfigError where there is none or one is no number of seconds."""
    given = [window_s] if isinstance(window_s, int | float) else window_s
    windows = tuple(sorted({float(window) for window in given}))
    if not windows:
        raise ConfigError("`window_s` names no window; give a number of seconds, or several")
    for window in windows:
        checked_window(window)
    return windows


def peer_of(like: Peer | str | None) -> Peer | None:
    """Whose pairs are wanted; ConfigError for one who has none."""
    if like not in (None, Peer.COORTWEET):
        raise ConfigError(f"`like` is `{like}`; pairs are like `{Peer.COORTWEET}` or like nobody")
    return None if like is None else Peer.COORTWEET


def _fit_together(wanted: Wanted) -> None:
    fast, longest = wanted.fast_window_s, wanted.windows_s[-1]
    if fast is not None and fast > longest:
        raise ConfigError(f"`fast_window_s` is {fast:g}, longer than `window_s` of {longest:g}; shorten it")
    if wanted.whole_tables and len(wanted.windows_s) > 1:
        raise ConfigError("a fast window and a subgraph are of one window; give one `window_s`")
    if wanted.most_pairs < 1:
        raise ConfigError(f"`most_pairs` is {wanted.most_pairs}; allow one pair at least")
    checked_network(wanted.edge_weight, wanted.subgraph, fast=fast is not None)
