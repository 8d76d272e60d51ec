"""The plot: time for one event by the size of the log, and ratios between contenders."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from contenders import CONTENDERS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullFormatter, StrMethodFormatter
from results import Summary

# Okabe and Ito's colours, told apart by people who see fewer; markers differ too.
_LOOKS = {
    "graphkit": ("#0072B2", "o", "-"),
    "graphkit-toolkit": ("#56B4E9", "s", "-"),
    "graphkit-coortweet": ("#009E73", "P", "-"),
    "coortweet": ("#D55E00", "^", "-"),
    "toolkit": ("#E69F00", "v", "-"),
    "polars": ("#CC79A7", "D", "--"),
    "limit": ("#000000", "x", ":"),
    "limit-csv": ("#666666", "+", ":"),
}
_TITLES = {contender.name: contender.title for contender in CONTENDERS}
# Who stands above whom in the ratios.
_RATIOS = (
    ("toolkit", "graphkit-toolkit"),
    ("coortweet", "graphkit-coortweet"),
    ("polars", "graphkit"),
    ("graphkit-toolkit", "limit-csv"),
    ("graphkit", "limit"),
)


def plot(found: Sequence[Summary], path: Path) -> None:
    """Write the picture; on the left the most uneven spread of objects, on the right the largest log."""
    shown = [
        s
        for s in found
        if s.contender in _LOOKS and s.status == "done" and not s.log.viral and s.log.days == 30
    ]
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 9}):
        figure = Figure(figsize=(11, 4.8), dpi=150, layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _lines(left, shown)
        _bars(right, shown)
        figure.savefig(path, metadata={"Software": None})


def _lines(axes: Axes, shown: Sequence[Summary]) -> None:
    zipf = max((s.log.zipf for s in shown), default=1.0)
    for name, (colour, marker, style) in _LOOKS.items():
        points = [s for s in shown if s.contender == name and s.log.zipf == zipf]
        if points:
            axes.plot(
                [s.log.events for s in points],
                [s.event_us for s in points],
                color=colour,
                marker=marker,
                linestyle=style,
                markersize=5,
                linewidth=1.6,
                label=_TITLES[name],
            )
    axes.set(xscale="log", yscale="log", xlabel="events in the log", ylabel="CPU microseconds for an event")
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.set_title(f"Time for an event, whole command, zipf {zipf:g}", loc="left")
    axes.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    _without_frame(axes)


def _bars(axes: Axes, shown: Sequence[Summary]) -> None:
    """How many times longer the first takes than the second, on the largest log that both did."""
    zipf = max((s.log.zipf for s in shown), default=1.0)
    places = {(s.contender, s.log.events): s for s in shown if s.log.zipf == zipf}
    names, ratios, colours = [], [], []
    for slow, fast in _RATIOS:
        both = [events for name, events in places if name == slow and (fast, events) in places]
        if both:
            events = max(both)
            names.append(f"{_TITLES[slow]}\nover {_TITLES[fast]}\n{events:,} events")
            ratios.append(places[slow, events].cpu_s / places[fast, events].cpu_s)
            colours.append(_LOOKS[slow][0])
    # From 1 on: to the right is longer, to the left is shorter.
    bars = axes.barh(range(len(names)), [ratio - 1 for ratio in ratios], left=1, color=colours, height=0.6)
    axes.bar_label(bars, labels=[f"{ratio:.1f}" for ratio in ratios], padding=4)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="#444444", linewidth=0.8)
    axes.set(xscale="log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title("Times longer, the largest log that both did", loc="left")
    axes.margins(x=0.15)
    _without_frame(axes)


def _without_frame(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
