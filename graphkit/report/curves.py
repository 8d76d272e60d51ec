"""Pictures of an evaluation: how many planted rings are found where, and along which curve that fails."""

from collections.abc import Mapping, Sequence

import polars as pl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from graphkit.report.plots import INK, PAPER, SOFT, Picture, bare, style

_COLOURS = ("#0067a5", "#c2410c", "#0f766e", "#a21caf", "#a16207", "#4d7c0f")
_MARKS = ("o", "s", "^", "D", "v", "P")
_COLUMNS = 3


def recall_table(rings: pl.DataFrame, *, title: str) -> bytes:
    """A PNG with one cell for each plan and place: the share of planted rings that was found.

    `rings` has place, plan and recall; rows in which either is null (a sum) are not drawn.
    """
    cells = rings.drop_nulls(["place", "plan"])
    plans, places = cells["plan"].unique().sort().to_list(), cells["place"].unique().sort().to_list()
    with style():
        figure = Picture(
            figsize=(2.6 + 1.15 * len(places), 1.3 + 0.36 * len(plans)),
            facecolor=PAPER,
            layout="constrained",
        )
        axes = figure.add_subplot()
        found = dict(zip(zip(cells["place"], cells["plan"], strict=True), cells["recall"], strict=True))
        for row, plan in enumerate(plans):
            for column, place in enumerate(places):
                _cell(axes, row, column, found.get((place, plan)))
        axes.set_xlim(-0.5, len(places) - 0.5)
        axes.set_ylim(len(plans) - 0.5, -0.5)
        axes.set_xticks(range(len(places)), places, fontsize=9, color=SOFT, parse_math=False)
        axes.set_yticks(range(len(plans)), plans, fontsize=9, color=SOFT, parse_math=False)
        axes.xaxis.tick_top()
        bare(axes)
        axes.spines["bottom"].set_visible(False)
        figure.suptitle(title, x=0.012, ha="left", fontsize=12, color=INK, parse_math=False)
    return figure._repr_png_()


def _cell(axes: Axes, row: int, column: int, recall: float | None) -> None:
    if recall is None:
        return
    colour = _COLOURS[1] if recall < 0.8 else _COLOURS[0]
    axes.add_patch(
        Rectangle(
            (column - 0.46, row - 0.42),
            0.92,
            0.84,
            facecolor=colour,
            alpha=0.12 + 0.5 * abs(recall - 0.8),
            edgecolor="none",
        )
    )
    axes.text(column, row, f"{recall:.2f}", ha="center", va="center", fontsize=9, color=INK)


def recall_curves(curves: pl.DataFrame, titles: Mapping[str, str]) -> bytes:
    """A PNG with one panel for each curve of `titles`: recall along it, one line for each plan and place.

    `curves` has suite, place, plan, x and recall. The axis is logarithmic where values span a hundredfold.
    """
    names = [name for name in titles if curves["suite"].is_in([name]).any()]
    n_rows = max(1, -(-len(names) // _COLUMNS))
    lines = curves.select("place", "plan").unique().sort("place", "plan").rows()
    with style():
        figure = Picture(
            figsize=(12.0, 0.9 + 3.1 * n_rows + 0.22 * len(lines) / 4), facecolor=PAPER, layout="constrained"
        )
        for place, name in enumerate(names):
            axes = figure.add_subplot(n_rows, _COLUMNS, place + 1)
            _panel(axes, curves.filter(pl.col("suite") == name), lines)
            axes.set_title(name, loc="left", fontsize=11, color=INK, parse_math=False)
            axes.set_xlabel(titles[name], fontsize=8.5, color=SOFT, parse_math=False)
        handles, labels = _legend(figure)
        figure.legend(handles, labels, loc="outside lower left", ncols=4, frameon=False, fontsize=8)
    return figure._repr_png_()


def _panel(axes: Axes, points: pl.DataFrame, lines: Sequence[tuple[str, str]]) -> None:
    places = sorted({place for place, _ in lines})
    plans = sorted({plan for _, plan in lines})
    for place, plan in lines:
        line = points.filter(pl.col("place") == place, pl.col("plan") == plan).sort("x")
        if line.height:
            axes.plot(
                *(line["x"].to_list(), line["recall"].to_list()),
                color=_COLOURS[places.index(place) % len(_COLOURS)],
                marker=_MARKS[plans.index(plan) % len(_MARKS)],
                markersize=4,
                linewidth=1.2,
                alpha=0.85,
                label=f"{plan}, {place}",
            )
    known = points["x"].filter(points["x"] > 0)
    if known.len() and float(known.max()) / float(known.min()) >= 100:  # type: ignore[arg-type]
        axes.set_xscale("log")
        # The axis' own labels are formulas, and no text of a picture is read as one.
        axes.set_xticks(known.unique().sort().to_list(), minor=False)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(-0.04, 1.04)
    bare(axes)


def _legend(figure: Picture) -> tuple[list[Artist], list[str]]:
    found: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return [found[label] for label in sorted(found)], sorted(found)
