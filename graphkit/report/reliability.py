"""The picture of a calibration: what was said against what is the case."""

from collections.abc import Sequence

import matplotlib as mpl

from graphkit.report import fonts
from graphkit.report.plots import Picture

_INK, _SOFT, _PAPER, _RULE, _BLUE = "#1d2228", "#5a636d", "#fdfcf9", "#dedad0", "#0067a5"


def reliability(groups: Sequence[tuple[float, float, int]], *, title: str) -> bytes:
    """A PNG with a point for each group: the probability said, the share that is run by a tool, its size.

    On the diagonal said and seen are the same; the area of a point grows with the number of accounts.
    """
    with mpl.rc_context({"font.family": fonts.families(), "text.parse_math": False}):
        figure = Picture(figsize=(5.2, 5.2), facecolor=_PAPER, layout="constrained")
        axes = figure.add_subplot()
        axes.set_facecolor(_PAPER)
        axes.plot((0, 1), (0, 1), color=_RULE, linewidth=1.2)
        said, seen, sizes = ([group[place] for group in groups] for place in range(3))
        largest = max(sizes)
        axes.plot(said, seen, color=_BLUE, linewidth=1.0, alpha=0.6)
        axes.scatter(said, seen, s=[20 + 120 * size / largest for size in sizes], color=_BLUE, alpha=0.8)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        axes.set_aspect("equal")
        axes.set_xlabel("probability said, out of fold", fontsize=9, color=_SOFT)
        axes.set_ylabel("share run by a tool", fontsize=9, color=_SOFT)
        axes.set_title(title, loc="left", fontsize=10, color=_INK, parse_math=False)
        axes.tick_params(colors=_SOFT, length=0, labelsize=8)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_color(_RULE)
        return figure._repr_png_()
