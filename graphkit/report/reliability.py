"""The picture of a calibration: what was said against what is the case."""

from collections.abc import Sequence

from graphkit.report.plots import INK, PAPER, RULE, SOFT, Picture, style

_BLUE = "#0067a5"


def reliability(groups: Sequence[tuple[float, float, int]], *, title: str) -> bytes:
    """A PNG with a point for each group: the probability said, the share that is run by a tool, its size.

    On the diagonal said and seen are the same; the area of a point grows with the number of accounts.
    """
    with style():
        figure = Picture(figsize=(5.2, 5.2), facecolor=PAPER, layout="constrained")
        axes = figure.add_subplot()
        axes.set_facecolor(PAPER)
        axes.plot((0, 1), (0, 1), color=RULE, linewidth=1.2)
        said, seen, sizes = ([group[place] for group in groups] for place in range(3))
        largest = max(sizes)
        axes.plot(said, seen, color=_BLUE, linewidth=1.0, alpha=0.6)
        axes.scatter(said, seen, s=[20 + 120 * size / largest for size in sizes], color=_BLUE, alpha=0.8)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        axes.set_aspect("equal")
        axes.set_xlabel("probability said, out of fold", fontsize=9, color=SOFT)
        axes.set_ylabel("share run by a tool", fontsize=9, color=SOFT)
        axes.set_title(title, loc="left", fontsize=10, color=INK, parse_math=False)
        axes.tick_params(colors=SOFT, length=0, labelsize=8)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_color(RULE)
        return figure._repr_png_()
