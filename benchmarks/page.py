"""The page of figures, written from the measurements and from nothing else."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from contenders import CONTENDERS, WINDOW_S
from detect_page import whole_runs
from edges import WINDOWS_S
from results import Results, Summary, summaries
from shares import Log
from targets import Table, targets

_TITLES = {contender.name: contender.title for contender in CONTENDERS}
_PROGRAMMES = {contender.name: contender.programme for contender in CONTENDERS}
_FAMILIES = {contender.name: contender.family for contender in CONTENDERS}
_OURS = {"toolkit": "graphkit-toolkit", "coortweet": "graphkit-coortweet"}

_COSTS = ("contender", "wall s", "CPU s", "peak MiB", "above base", "CPU µs an event", "edges", "times ours")

_OPENING = """# How fast, beside what

This page and the plot are written by `python benchmarks/run.py` from `benchmarks/results.json`; do not edit
them. Figures of before are kept where the code that they measure has not changed: `--fresh` measures
again, `--only NAME` measures one contender, `--help` lists the rest.

![Time for one event, and ratios](benchmarks.png)
"""

_READING = f"""## How it is measured

- **Logs** come from `benchmarks/shares.py` with a fixed seed: 100,000 accounts of log-normal activity,
  200,000 objects whose popularity falls as rank to the power -zipf, and 40 rings of 25 accounts that
  share 60 objects each within 45 s. The days and the objects stay the same while the events grow, so pairs
  grow faster than events. The window is {WINDOW_S} s.
- **CPU** is user and system time of all processes of a command, start of the interpreter, reading and writing
  included, the least over its runs; ratios are of CPU seconds, which other work on the machine changes
  least. **Wall** is the median over runs, with the least and the most beside it. Contenders take turns.
  **Memory** is the peak of the largest single process; contenders with several processes hold more.
  **Above base** is that less the same programme with its modules imported and nothing to do.
- Each contender starts in a process of its own, from a small one, since a child's peak starts from its
  parent's. The input has been read once before, so it comes from memory and not from disk.
- **coordination-network-toolkit** is the released one from PyPI: `preprocess` and
  `compute co_retweet --time_window 60 --min_edge_weight 2` (its defaults are 1 s and 2), on all cores. The
  released version compares a message with itself, so its self loops are left out of the comparison.
- **CooRTweet** runs `detect_groups(time_window = 60, min_participation = 2)` and
  `generate_coordinated_network(edge_weight = 0.5)` on the same rows as csv, with the sources or the package
  that the caller has; graphkit reads parquet there.
- **A join in polars** is `benchmarks/baseline_polars.py`, two buckets of time and no bound on memory;
  **reading, sorting and writing** is `benchmarks/limit.py`, which makes no pairs: what is left of the time
  is the engine's own.
"""


def page(results: Results) -> str:
    """The whole page as Markdown."""
    table = Table(summaries(results.runs))
    sections = [
        _OPENING,
        _asked(table),
        *_logs(table),
        _windows(table),
        _same(table),
        whole_runs(results.path.with_name("detect.json")),
        _READING,
        _machine(results),
    ]
    return "\n".join(section.strip() + "\n" for section in sections if section)


def ratios(results: Results) -> list[str]:
    """How many times as long as graphkit everyone else takes, one line for each log, for the terminal."""
    table = Table(summaries(results.runs))
    found = []
    for log in table.logs:
        told = [
            f"{_TITLES[name]} {row[-1]}"
            for name in _TITLES
            if _FAMILIES[name] in _OURS and name not in (*_OURS.values(), "graphkit")
            if (summary := table.one(name, log)) is not None and (row := _row(summary, table))[-1]
        ]
        if told:
            found.append(f"times ours, {_named(log)}: {', '.join(told)}")
    return found


def _asked(table: Table) -> str:
    rows = [(target.asked, target.measured, target.verdict) for target in targets(table)]
    return "## What was asked, and what was measured\n\n" + _markdown(("asked", "measured", ""), rows)


def _logs(table: Table) -> Iterator[str]:
    """A table for every log, contenders of one family below each other."""
    for log in table.logs:
        rows = [
            _row(summary, table)
            for name in _TITLES
            if _FAMILIES[name] in _OURS and (summary := table.one(name, log)) is not None
        ]
        if rows:
            yield f"## {_named(log)}\n\n" + _markdown(_COSTS, rows)


def _named(log: Log) -> str:
    return f"{log.events:,} events, zipf {log.zipf:g}, {log.days} days"


def _row(summary: Summary, table: Table) -> tuple[str, ...]:
    title = _TITLES[summary.contender]
    if summary.status != "done":
        return (title, _escaped(summary.why), "", "", "", "", "", _at_least(summary, table))
    ours = table.one(_OURS[_FAMILIES[summary.contender]], summary.log)
    ratio = f"{summary.cpu_s / ours.cpu_s:.2f}" if ours is not None and ours.status == "done" else ""
    spread = f" ({_seconds(summary.least_s)}-{_seconds(summary.most_s)})" if summary.n > 1 else " (one run)"
    return (
        title,
        _seconds(summary.wall_s) + spread,
        _seconds(summary.cpu_s),
        f"{summary.peak_mib:,.0f}",
        _above(summary, table),
        f"{summary.event_us:.2f}",
        _edges(summary),
        ratio,
    )


def _edges(summary: Summary) -> str:
    told = f"{summary.n_edges:,}" if summary.n_edges >= 0 else ""
    return f"{told}; {summary.left_out:,} objects in part left out" if summary.left_out > 0 else told


def _at_least(summary: Summary, table: Table) -> str:
    ours = table.one(_OURS[_FAMILIES[summary.contender]], summary.log)
    if summary.status != "late" or ours is None or ours.status != "done":
        return ""
    return f"over {summary.cpu_s / ours.cpu_s:.0f}"


def _above(summary: Summary, table: Table) -> str:
    base = table.idle(_PROGRAMMES[summary.contender])
    return "" if base is None else f"{summary.peak_mib - base:,.0f}"


def _windows(table: Table) -> str:
    shown = [summary for summary in table.all if _FAMILIES.get(summary.contender) == "windows"]
    rows = [
        (
            _named(summary.log),
            _TITLES[summary.contender],
            _seconds(summary.wall_s) if summary.status == "done" else _escaped(summary.why),
            _seconds(summary.cpu_s) if summary.status == "done" else "",
            f"{summary.peak_mib:,.0f}" if summary.status == "done" else "",
        )
        for summary in shown
    ]
    if not rows:
        return ""
    windows = ", ".join(f"{window_s:,}" for window_s in WINDOWS_S)
    return f"## Several windows: {windows} s\n\n" + _markdown(
        ("log", "", "wall s", "CPU s", "peak MiB"), rows
    )


def _same(table: Table) -> str:
    """Whether contenders of a family found the same edges on each log."""
    rows = []
    for family in (*_OURS, "windows"):
        names = [name for name in _TITLES if _FAMILIES[name] == family]
        for log in table.logs:
            found = [table.one(name, log) for name in names]
            told = [summary for summary in found if summary is not None and any(summary.edges)]
            if len(told) > 1:
                same = len(frozenset[str]().union(*(summary.edges for summary in told))) == 1
                who = "; ".join(_TITLES[summary.contender] for summary in told)
                rows.append((_named(log), who, f"{told[0].n_edges:,}", "yes" if same else "NO"))
    if not rows:
        return ""
    opening = "## Do they find the same?\n\nSelf loops aside, digests of all sorted edges are compared.\n\n"
    return opening + _markdown(("log", "who", "edges", "the same edges and weights"), rows)


def _machine(results: Results) -> str:
    ours = {run.made_of for run in results.runs if _PROGRAMMES.get(run.contender) == "graphkit"}
    peers = {
        f"{_TITLES[run.contender]} {run.made_of}"
        for run in results.runs
        if run.contender in ("toolkit", "coortweet") and run.status == "done"
    }
    busy = [run.others for run in results.runs if run.status == "done" and run.events > 0]
    facts = [f"- {name.replace('_', ' ')}: {value}" for name, value in results.machine.items()]
    facts.extend(f"- {peer}" for peer in sorted(peers))
    facts.append(f"- states of graphkit's code measured: {len(ours)} ({', '.join(sorted(ours)) or 'none'})")
    if busy:
        facts.append(
            f"- cores that other work kept busy during the runs: median {statistics.median(busy):.2f},"
            f" most {max(busy):.2f}"
        )
    return "## The machine\n\n" + "\n".join(facts)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _seconds(seconds: float) -> str:
    return f"{seconds:,.2f}" if seconds < 100 else f"{seconds:,.0f}"
