"""The pictures of a ring for notebooks and files, drawn by matplotlib from the same scenes as the pages."""

import io
import warnings
from contextlib import AbstractContextManager

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from graphkit.report import fonts
from graphkit.report.clean import drawn
from graphkit.report.contacts import Network, Node, bonds, network
from graphkit.report.moments import Moment, moment
from graphkit.report.strings import Strings, number, strings
from graphkit.report.timeline import Tick, Timeline, timeline
from graphkit.report.view import ReportView, RingCase, ring_case

INK, SOFT, PAPER, RULE = "#1d2228", "#5a636d", "#fdfcf9", "#dedad0"
_COLOURS = {
    "post": "#0067a5",
    "comment": "#c2410c",
    "dm": "#0f766e",
    "group": "#a21caf",
    "share": "#a16207",
    "reaction": "#4d7c0f",
    "feed": "#c2410c",
    "chat": "#a21caf",
    "recipient": "#7c3aed",
    "talk": "#0f766e",
    "content": "#0067a5",
}
_NAME = 24


class Picture(Figure):
    """A figure that a notebook shows without pyplot, saved without a date or the name of a program."""

    def _repr_png_(self) -> bytes:
        return picture_bytes(self, "png", 110)


def picture(view: ReportView, ring_id: str) -> Picture:
    """One ring in one picture: a moment from near, the network, and what happened when.

    Raises InputError when there is no such ring.
    """
    case = ring_case(view, ring_id)
    say = strings(view.settings.report.language)
    near, when = moment(view, case), timeline(case)
    with style():
        figure = Picture(figsize=(12.0, 9.2), facecolor=PAPER, layout="constrained")
        figure.suptitle(_title(case, say), x=0.012, ha="left", fontsize=15, color=INK, parse_math=False)
        grid = figure.add_gridspec(2, 2, height_ratios=(1.25, 1.0))
        _network(
            figure.add_subplot(grid[0, 0 if near else slice(None)]), network(view, case), view, case, say
        )
        if near is not None:
            _moment(figure.add_subplot(grid[0, 1]), near, say)
        if when is not None:
            _timeline(figure.add_subplot(grid[1, :]), when, say)
    return figure


def picture_bytes(figure: Figure, kind: str, dpi: int) -> bytes:
    """The figure as a file of that kind (png, svg, pdf); the same bytes each time."""
    undated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    out = io.BytesIO()
    with style(), warnings.catch_warnings():
        # A name may use any letter there is; one that no font has is drawn as a box, and that is enough said.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(out, format=kind, dpi=dpi, metadata=undated.get(kind))
    return fonts.embedded_in_svg(out.getvalue()) if kind == "svg" else out.getvalue()


def style() -> AbstractContextManager[None]:
    """Chinese from whatever font is there, text as text, no formulas, the same bytes each time."""
    return mpl.rc_context(
        {
            "font.family": fonts.families(),
            "text.parse_math": False,
            "svg.fonttype": "none",
            "svg.hashsalt": "graphkit",
        }
    )


def _title(case: RingCase, say: Strings) -> str:
    heading = say.say("dossier_heading", ring=drawn(case.ring_id, _NAME))
    events, members = number(case.events.height), number(len(case.members))
    return f"{heading}: {members} {say.say('col_members')}, {events} {say.say('col_events')}"


def _network(axes: Axes, scene: Network, view: ReportView, case: RingCase, say: Strings) -> None:
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-0.25, 1.25)
    axes.set_ylim(1.02, -0.02)
    axes.add_collection(
        LineCollection(
            [[(line.x1, line.y1), (line.x2, line.y2)] for line in scene.contact_lines],
            colors=SOFT,
            linewidths=0.5,
            alpha=0.3,
        )
    )
    axes.add_collection(
        LineCollection(
            [[(line.x1, line.y1), (line.x2, line.y2)] for line in scene.lines],
            colors=[_COLOURS.get(line.strand, SOFT) for line in scene.lines],
            linewidths=[0.3 + 1.6 * line.share for line in scene.lines],
            alpha=0.45,
        )
    )
    small = len(scene.members) > 45
    for node in scene.contacts:
        _contact(axes, node)
    for node in scene.members:
        core = node.role == "core"
        axes.plot(
            *([node.x], [node.y], "o"),
            markersize=5 if small else 12,
            markerfacecolor=INK if core else PAPER,
            markeredgecolor=PAPER if core else INK,
        )
        if not small:
            text = axes.text(node.x, node.y, str(node.number), ha="center", va="center", fontsize=7)
            text.set_color(PAPER if core else INK)
    strands = bonds(view, case)["strand"].unique().sort()
    _legend(axes, [str(strand) for strand in strands], say)
    heading(axes, say.say("network_heading"))


def _contact(axes: Axes, node: Node) -> None:
    left = node.x < 0.5
    axes.plot([node.x], [node.y], "o", markersize=4, markerfacecolor=PAPER, markeredgecolor=SOFT)
    axes.text(
        *(node.x + (-0.02 if left else 0.02), node.y, drawn(node.name or node.account_id, 18)),
        ha="right" if left else "left",
        va="center",
        fontsize=7,
        color=SOFT,
        parse_math=False,
    )


def _moment(axes: Axes, scene: Moment, say: Strings) -> None:
    for place, (_, afters) in enumerate(scene.members):
        axes.plot(afters, [place] * len(afters), "o", markersize=4, color=_COLOURS["comment"])
    bottom = len(scene.members)
    axes.plot(scene.others, [bottom] * len(scene.others), "|", markersize=8, color=SOFT)
    axes.set_xlim(-0.02 * scene.span_s, scene.span_s)
    axes.set_ylim(bottom + 0.8, -0.8)
    step = max(1, round(bottom / 34))
    places = [*range(0, bottom, step), bottom]
    names = [
        f"{drawn(member.name, 16)} · {member.number}".lstrip(" ·") for member, _ in scene.members[::step]
    ]
    axes.set_yticks(places, [*names, say.say("moment_others")], fontsize=6.5, color=SOFT, parse_math=False)
    axes.set_xlabel(say.say("moment_axis"), fontsize=9, color=SOFT, parse_math=False)
    plain(axes)
    heading(axes, say.say("moment_heading"))


def _timeline(axes: Axes, scene: Timeline, say: Strings) -> None:
    for channel, marks in scene.marks.items():
        places = [at for at, _ in marks]
        rows = [row for _, row in marks]
        colour = _COLOURS.get(channel, SOFT)
        # Thousands of marks as one picture inside the picture: an SVG of them would be megabytes.
        axes.vlines(
            places,
            [row - 0.38 for row in rows],
            [row + 0.38 for row in rows],
            colour,
            linewidth=1,
            rasterized=True,
        )
    axes.set_xlim(-0.005, 1.005)
    axes.set_ylim(len(scene.members) - 0.4, -0.6)
    _ticks(axes, scene.ticks)
    step = max(1, round(len(scene.members) / 24))
    axes.set_yticks(
        range(0, len(scene.members), step),
        [str(member.number) for member in scene.members[::step]],
        fontsize=6.5,
    )
    axes.set_xlabel("UTC", fontsize=9, color=SOFT)
    plain(axes)
    _legend(axes, list(scene.marks), say)
    heading(axes, say.say("timeline_heading"))


def _ticks(axes: Axes, ticks: tuple[Tick, ...]) -> None:
    axes.set_xticks([tick.at for tick in ticks], [tick.label for tick in ticks])


def _legend(axes: Axes, names: list[str], say: Strings) -> None:
    lines = [
        Line2D([], [], color=_COLOURS.get(name, SOFT), linewidth=3, label=say.word(name)) for name in names
    ]
    if lines:
        axes.legend(
            handles=lines, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=6, frameon=False, fontsize=8
        )


def heading(axes: Axes, text: str) -> None:
    """What the axes show, over their left end."""
    axes.set_title(text, loc="left", fontsize=11, color=INK, parse_math=False)


def bare(axes: Axes) -> None:
    """Axes as quiet as paper: no frame, a thin rule below, any grid behind what is drawn."""
    axes.set_facecolor(PAPER)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(colors=SOFT, length=0, labelsize=8)


def plain(axes: Axes) -> None:
    """Axes as quiet as paper, with a pale grid."""
    bare(axes)
    axes.grid(visible=True, axis="x", color=RULE, linewidth=0.7)
    axes.tick_params(axis="y", labelsize=6.5)
