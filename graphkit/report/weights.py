"""What an account's evidence weighs, step by step, as a picture that starts at zero and ends at the sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from graphkit.report.clean import drawn, visible
from graphkit.report.plots import INK, PAPER, SOFT, Picture, heading, plain, style
from graphkit.report.strings import Strings
from graphkit.report.svg import Picture as Parts
from graphkit.report.svg import Stroke
from graphkit.words import UNUSUAL

_AGAINST, _FOR = "#c2410c", "#0f766e"
_SAID = 96
_ROW = 46


@dataclass(frozen=True)
class Step:
    """One line of evidence: from where to where it moves the sum, and what it says in a few words."""

    label: str
    grade: str
    said: str
    bits: float
    start: float

    @property
    def end(self) -> float:
        """Where the sum stands after this line."""
        return self.start + self.bits


@dataclass(frozen=True)
class Weights:
    """The steps of one account, and how many lines of evidence move nothing and say nothing.

    probability says in words what the sum was worth among reviewed accounts; empty without a calibration.
    """

    title: str
    steps: tuple[Step, ...]
    total: float
    n_left_out: int
    probability: str = ""

    @property
    def lowest(self) -> float:
        """The left end of the axis."""
        return min([-0.5, self.total, *(step.end for step in self.steps)])

    @property
    def highest(self) -> float:
        """The right end of the axis."""
        return max([1.0, self.total, *(step.end for step in self.steps)])


def weights(record: Mapping[str, Any], say: Strings) -> Weights:
    """The steps of the record of an account, in its order: lines that weigh something or found something."""
    steps: list[Step] = []
    for line in record["evidence"]:
        telling = line["grade"] in UNUSUAL and line["explanation"] not in record["speaks_against"]
        if line["bits"] or telling:
            # The first clause says what was seen; what is ordinary stands in the table.
            said = visible(line["explanation"].replace("；", ";").partition(";")[0], _SAID)
            label, grade = f"{line['name']} ({line['family']})", say.word(line["grade"])
            steps.append(Step(label, grade, said, line["bits"], steps[-1].end if steps else 0.0))
    tier, bits = say.word(record["tier"]), f"{record['score_bits']:.1f}"
    title = say.say("weights_title", account=visible(record["account_id"], 40), tier=tier, bits=bits)
    learnt = visible(record["calibrated"]["explanation"], _SAID) if "calibrated" in record else ""
    n_left_out = len(record["evidence"]) - len(steps)
    return Weights(title, tuple(steps), record["score_bits"], n_left_out, learnt)


def weights_figure(scene: Weights, say: Strings) -> Picture:
    """The steps for notebooks and files."""
    rows = len(scene.steps) + 1
    with style():
        figure = Picture(figsize=(10.0, 1.5 + 0.62 * rows), facecolor=PAPER, layout="constrained")
        axes = figure.add_subplot()
        for place, step in enumerate(scene.steps):
            _bar(axes, place, step.start, step.bits, step.said)
        _bar(axes, rows - 1, 0.0, scene.total, _of_sum(scene, say), colour=INK)
        names = [f"{drawn(step.label, 40)}\n{step.grade}" for step in scene.steps]
        axes.set_yticks(range(rows), [*names, say.say("weights_sum")], parse_math=False)
        axes.set_ylim(rows - 0.4, -0.6)
        axes.set_xlim(scene.lowest, scene.highest + 0.12 * (scene.highest - scene.lowest))
        axes.axvline(0.0, color=SOFT, linewidth=0.8)
        axes.set_xlabel(say.say("weights_axis"), fontsize=9, color=SOFT, parse_math=False)
        plain(axes)
        axes.tick_params(axis="y", labelsize=8.5, labelcolor=INK)
        heading(axes, scene.title)
    return figure


def weights_parts(scene: Weights, say: Strings) -> Parts:
    """The steps for a page."""
    width, left, right, top = 960, 210.0, 60.0, 26.0
    rows = len(scene.steps) + 1
    bottom = top + rows * _ROW
    step_x = (width - left - right) / (scene.highest - scene.lowest)

    def x(bits: float) -> float:
        return round(left + (bits - scene.lowest) * step_x, 1)

    grid = "".join(f"M{x(at):g} {top - 6:g}V{bottom:g}" for at in _whole(scene))
    strokes = [
        Stroke(grid, "grid", 1.0, 1.0),
        Stroke(f"M{x(0):g} {top - 6:g}V{bottom:g}", "outside", 1.0, 1.0),
    ]
    labels = [(x(at), top - 11, f"{at:+g}" if at else "0", "middle") for at in _whole(scene)]
    bars = [(step.start, step.bits, step.label, step.grade, step.said) for step in scene.steps]
    bars.append((0.0, scene.total, say.say("weights_sum"), "", _of_sum(scene, say)))
    for place, (start, bits, label, grade, said) in enumerate(bars):
        y = top + place * _ROW + 13
        kind = "others" if place == rows - 1 else "talk" if bits < 0 else "comment"
        # What weighs nothing is a thin mark: it was seen, and another of its family already counts.
        stretch = f"M{x(start):g} {y:g}H{x(start + bits):g}" if bits else f"M{x(start):g} {y - 7:g}v14"
        strokes.append(Stroke(stretch, kind, 13.0 if bits else 2.5, 0.9))
        labels += [(left - 12, y + 1, label, "end"), (left - 12, y + 14, grade, "end")]
        labels += [(max(x(start), x(start + bits)) + 6, y + 4, _signed(bits), "start")]
        labels += [(x(0.0) + 6, y + 22, said, "start")]
    return Parts(width, round(bottom + 4), (), tuple(strokes), tuple(one for one in labels if one[2]))


def _of_sum(scene: Weights, say: Strings) -> str:
    """What stands under the sum: its probability where one was learnt, or that there is no evidence."""
    return scene.probability or ("" if scene.steps else say.say("weights_none"))


def _bar(axes: Axes, place: int, start: float, bits: float, said: str, colour: str = "") -> None:
    shade = colour or (_FOR if bits < 0 else _AGAINST)
    if bits:
        axes.barh(place - 0.1, bits, left=start, height=0.36, color=shade)
    else:
        axes.plot([start], [place - 0.1], "|", markersize=11, markeredgewidth=2.2, color=shade)
    at = max(start, start + bits)
    axes.annotate(
        _signed(bits), (at, place - 0.1), (4, 0), textcoords="offset points", va="center", fontsize=8.5
    )
    axes.annotate(
        drawn(said, _SAID),
        (0.0, place + 0.3),
        (5, 0),
        textcoords="offset points",
        va="center",
        fontsize=7.5,
        color=SOFT,
        parse_math=False,
    )


def _signed(bits: float) -> str:
    return f"{bits:+.1f}" if bits else "0"


def _whole(scene: Weights) -> list[float]:
    """Whole bits within the axis."""
    every = max(1, round((scene.highest - scene.lowest) / 12))
    return [float(at) for at in np.arange(np.ceil(scene.lowest), scene.highest + 1e-9, every)]
