"""What was asked of the engine in numbers, each beside the measurement that answers it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from results import Summary
from shares import Log

_MILLION = 1_000_000
_TIMES_THE_TOOLKIT = 15
_ABOVE_INPUT_MB = 300
_GROWTH = 1.3
_DISK_PEAK_GB = 6
_VIRAL_S = 60
_VIRAL_GIB = 2
_MIB = 2**20


@dataclass(frozen=True)
class Target:
    """One line: what was asked, what was measured, and `met`, `not met` or `not measured`."""

    asked: str
    measured: str
    verdict: str


class Table:
    """Summaries found by contender and log."""

    def __init__(self, all_summaries: Iterable[Summary]) -> None:
        self.all = list(all_summaries)
        self._places = {(s.contender, s.log): s for s in self.all}

    @property
    def logs(self) -> list[Log]:
        """Every log without a viral object, the largest last."""
        return sorted({s.log for s in self.all if s.log.events > 0 and not s.log.viral})

    def one(self, contender: str, log: Log) -> Summary | None:
        """The summary of one contender on one log."""
        return self._places.get((contender, log))

    def done(self, contender: str, log: Log) -> Summary | None:
        """The same, if it came to an end."""
        found = self.one(contender, log)
        return found if found is not None and found.status == "done" else None

    def idle(self, programme: str) -> float | None:
        """MiB of a programme without work."""
        name = f"idle-{programme}"
        found = [s.peak_mib for s in self.all if s.contender == name and s.status == "done"]
        return found[0] if found else None


def targets(table: Table) -> Iterator[Target]:
    """All lines, whether measured or not."""
    for contender in ("graphkit-toolkit", "graphkit"):
        yield _ratio(table, contender)
    for contender in ("graphkit-toolkit", "graphkit"):
        yield _memory(table, contender)
    for contender in ("graphkit-toolkit", "graphkit"):
        yield _growth(table, contender)
    yield _disk(table)
    yield _viral(table)
    yield _windows(table)


def _ratio(table: Table, contender: str) -> Target:
    asked = (
        f"1,000,000 events, zipf 1: `{contender}` {_TIMES_THE_TOOLKIT} times faster than"
        " coordination-network-toolkit"
    )
    ours, theirs = table.done(contender, Log(_MILLION)), table.done("toolkit", Log(_MILLION))
    if ours is None or theirs is None:
        return _unmeasured(asked)
    # CPU seconds decide: they are the contender's own, whatever else the machine does.
    ratio = theirs.cpu_s / ours.cpu_s
    told = (
        f"{theirs.cpu_s:.2f} CPU seconds against {ours.cpu_s:.2f}: {ratio:.1f} times (wall"
        f" {theirs.wall_s / ours.wall_s:.1f} times)"
    )
    return Target(asked, told, _verdict(ratio >= _TIMES_THE_TOOLKIT))


def _memory(table: Table, contender: str) -> Target:
    asked = f"1,000,000 events, zipf 1: `{contender}` under {_ABOVE_INPUT_MB} MB above the input"
    ours, base = table.done(contender, Log(_MILLION)), table.idle("graphkit")
    if ours is None or base is None:
        return _unmeasured(asked)
    above = (ours.peak_mib - base - ours.input_mib) * _MIB / 1e6
    told = (
        f"{above:.0f} MB above base and file: peak {ours.peak_mib:.0f} MiB, base {base:.0f} MiB, file"
        f" {ours.input_mib:.1f} MiB"
    )
    return Target(asked, told, _verdict(above < _ABOVE_INPUT_MB))


def _growth(table: Table, contender: str) -> Target:
    asked = f"10,000,000 events, zipf 1: `{contender}` takes at most {_GROWTH} times as long for an event"
    small, large = table.done(contender, Log(_MILLION)), table.done(contender, Log(10 * _MILLION))
    if small is None or large is None:
        return _unmeasured(asked)
    growth = large.event_us / small.event_us
    told = (
        f"{large.event_us:.2f} CPU µs against {small.event_us:.2f}: {growth:.2f} times, for"
        f" {large.n_edges:,} edges where the smaller log has {small.n_edges:,}"
    )
    return Target(asked, told, _verdict(growth <= _GROWTH))


def _disk(table: Table) -> Target:
    asked = f"100,000,000 events on disk finish in under {_DISK_PEAK_GB} GB"
    found = [s for s in table.all if s.contender == "graphkit" and s.log.events == 100 * _MILLION]
    if not found:
        return _unmeasured(asked)
    ours = found[-1]
    if ours.status != "done":
        return Target(asked, ours.why, _verdict(met=False))
    peak = ours.peak_mib * _MIB / 1e9
    told = (
        f"zipf {ours.log.zipf:g}, {ours.log.days} days: {ours.wall_s:,.0f} s, peak {peak:.2f} GB, file"
        f" {ours.input_mib * _MIB / 1e9:.2f} GB, {ours.n_edges:,} edges, objects in part left out:"
        f" {max(ours.left_out, 0):,}"
    )
    return Target(asked, told, _verdict(peak < _DISK_PEAK_GB))


def _viral(table: Table) -> Target:
    asked = (
        f"an object with 1,000,000 commenters in one second beside rings: under {_VIRAL_S} s, under"
        f" {_VIRAL_GIB} GiB above base, the rings' edges unchanged, the omission told"
    )
    crowded = [s for s in table.all if s.contender == "viral" and s.log.viral]
    base = table.idle("graphkit")
    if not crowded or base is None:
        return _unmeasured(asked)
    ours = crowded[-1]
    before = table.one("viral", replace(ours.log, viral=0))
    if ours.status != "done" or before is None:
        return Target(asked, ours.why, _verdict(met=False))
    above = (ours.peak_mib - base) / 1024
    same = any(ours.ring_edges) and ours.ring_edges == before.ring_edges
    told = (
        f"{ours.log.viral:,} commenters: {ours.wall_s:.1f} s, {above:.2f} GiB above base, edges"
        f" {'unchanged' if same else 'CHANGED'}, objects told as left out: {max(ours.left_out, 0)};"
        f" {before.wall_s:.1f} s without the object"
    )
    small = ours.wall_s < _VIRAL_S and above < _VIRAL_GIB
    met = ours.log.viral >= _MILLION and small and same and ours.left_out > 0
    return Target(asked, told, _verdict(met))


def _windows(table: Table) -> Target:
    asked = "three windows in one pass cost less than three passes"
    once = [s for s in table.all if s.contender == "windows-once" and s.status == "done"]
    thrice = [(s, other) for s in once if (other := table.done("windows-thrice", s.log)) is not None]
    if not thrice:
        return _unmeasured(asked)
    one, three = thrice[-1]
    told = f"{one.log.events:,} events: {one.cpu_s:.2f} CPU seconds against {three.cpu_s:.2f}"
    return Target(asked, told, _verdict(one.cpu_s < three.cpu_s))


def _unmeasured(asked: str) -> Target:
    return Target(asked, "", "not measured")


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"
