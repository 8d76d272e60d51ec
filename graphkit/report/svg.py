"""Pictures as parts for the templates: coordinates and path data; text is escaped there."""

from dataclasses import dataclass

from graphkit.report.clean import visible
from graphkit.report.contacts import Line, Network, Node
from graphkit.report.moments import Moment
from graphkit.report.timeline import Tick, Timeline

_NAME = 22


@dataclass(frozen=True)
class Dot:
    """A circle with its label; `anchor` says on which side of `label_x` the label stands."""

    x: float
    y: float
    radius: float
    role: str
    label: str
    label_x: float
    label_y: float
    anchor: str
    title: str


@dataclass(frozen=True)
class Stroke:
    """Path data drawn with one class, width and opacity."""

    path: str
    kind: str
    width: float
    opacity: float


@dataclass(frozen=True)
class Picture:
    """One picture: its size, dots, strokes and the labels on its axes as (x, y, text, anchor)."""

    width: int
    height: int
    dots: tuple[Dot, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    labels: tuple[tuple[float, float, str, str], ...] = ()


def network_picture(scene: Network) -> Picture:
    """Members and their bonds in the middle, outside contacts on the rim with their names."""
    width, height = 760, 500
    left, top, wide, high = 140.0, 18.0, 480.0, 464.0

    def x(value: float) -> float:
        return round(left + value * wide, 1)

    def y(value: float) -> float:
        return round(top + value * high, 1)

    def path(line: Line) -> str:
        return f"M{x(line.x1):g} {y(line.y1):g}L{x(line.x2):g} {y(line.y2):g}"

    strokes = [Stroke("".join(path(line) for line in scene.contact_lines), "outside", 0.7, 0.35)]
    # A few classes of width draw hundreds of lines in a handful of paths, the heavy ones on top.
    for step in range(1, 6):
        for strand in sorted({line.strand for line in scene.lines}):
            chosen = [line for line in scene.lines if line.strand == strand and _step(line.share) == step]
            if chosen:
                data = "".join(path(line) for line in chosen)
                strokes.append(Stroke(data, strand, 0.35 + 0.4 * step, round(0.16 + 0.1 * step, 2)))
    radius = 10.0 if len(scene.members) <= 45 else 7.0 if len(scene.members) <= 90 else 4.0
    dots = [_contact(node, x(node.x), y(node.y)) for node in scene.contacts]
    dots += [_member(node, x(node.x), y(node.y), radius) for node in scene.members]
    return Picture(width, height, tuple(dots), tuple(stroke for stroke in strokes if stroke.path))


def timeline_picture(scene: Timeline) -> Picture:
    """Rows of marks under a time axis."""
    rows = len(scene.members)
    row = max(2.5, min(13.0, 460 / rows))
    width, left, right, top = 960, 30.0, 14.0, 22.0
    inner = width - left - right
    bottom = top + rows * row
    strokes = [_grid(scene.ticks, left, inner, top - 4, bottom)]
    for channel, marks in scene.marks.items():
        data = "".join(
            f"M{left + at * inner:.1f} {top + place * row + row * 0.12:.1f}v{row * 0.76:.1f}"
            for at, place in marks
        )
        strokes.append(Stroke(data, channel, 1.3, 0.85))
    every = max(1, round(11 / row))
    labels = [(left + tick.at * inner, top - 9, tick.label, "middle") for tick in scene.ticks]
    labels += [
        (left - 6, round(top + (place + 0.5) * row + 3, 1), str(member.number), "end")
        for place, member in enumerate(scene.members)
        if place % every == 0
    ]
    return Picture(width, round(bottom + 6), (), tuple(strokes), tuple(labels))


def moment_picture(scene: Moment, words: tuple[str, str, str]) -> Picture:
    """The object's whole life as a strip, and below it the seconds after the first member, row by row.

    `words` name the strip, the row of the other accounts, and the axis of seconds.
    """
    life, others, axis = words
    rows = len(scene.members)
    row = max(5.0, min(13.0, 420 / max(rows, 1)))
    width, left, right, strip, top = 960, 150.0, 14.0, 30.0, 92.0
    inner = width - left - right
    bottom = top + rows * row
    dots = tuple(
        _mark(
            round(left + after / scene.span_s * inner, 1),
            round(top + (place + 0.5) * row, 1),
            round(min(3.6, row * 0.36), 1),
            f"{member.number} {member.name}: {after:.3f} s",
        )
        for place, (member, afters) in enumerate(scene.members)
        for after in afters
    )
    strokes = [
        Stroke(_ticks(scene.context_others, left, inner, strip, 24), "others", 1.0, 0.55),
        Stroke(_ticks(scene.context_ring, left, inner, strip - 5, 34), "ring", 1.6, 0.95),
        _grid(scene.ticks, left, inner, top - 4, bottom + row),
        Stroke(
            _ticks([at / scene.span_s for at in scene.others], left, inner, bottom + 1, row - 2),
            "others",
            1.4,
            0.7,
        ),
    ]
    labels = [
        (left - 8, strip + 16, life, "end"),
        (left - 8, round(bottom + row * 0.5 + 4, 1), others, "end"),
        (left, round(bottom + row + 26, 1), axis, "start"),
        *((left + tick.at * inner, strip - 10, tick.label, "middle") for tick in scene.context_ticks),
        *(
            (left + tick.at * inner, round(bottom + row + 12, 1), tick.label, "middle")
            for tick in scene.ticks
        ),
    ]
    every = max(1, round(11 / row))
    labels += [
        (left - 8, round(top + (place + 0.5) * row + 3.5, 1), _row_label(member.number, member.name), "end")
        for place, (member, _) in enumerate(scene.members)
        if place % every == 0
    ]
    shown = tuple(stroke for stroke in strokes if stroke.path)
    return Picture(width, round(bottom + row + 32), dots, shown, tuple(labels))


def _row_label(place: int, name: str) -> str:
    return f"{visible(name, 20)} · {place}" if name else str(place)


def _step(share: float) -> int:
    return max(1, min(5, int(share * 5 + 0.999)))


def _grid(ticks: tuple[Tick, ...], left: float, inner: float, top: float, bottom: float) -> Stroke:
    return Stroke(
        "".join(f"M{left + t.at * inner:.1f} {top:.1f}V{bottom:.1f}" for t in ticks), "grid", 1.0, 1.0
    )


def _ticks(
    places: tuple[float, ...] | list[float], left: float, inner: float, top: float, high: float
) -> str:
    return "".join(f"M{left + at * inner:.1f} {top:.1f}v{high:.1f}" for at in places)


def _member(node: Node, x: float, y: float, radius: float) -> Dot:
    label = str(node.number) if radius > 5 else ""
    title = f"{node.number} {node.name or visible(node.account_id, _NAME)}: {node.n_events}"
    return Dot(x, y, radius, node.role, label, x, round(y + radius * 0.34, 1), "middle", title)


def _mark(x: float, y: float, radius: float, title: str) -> Dot:
    return Dot(x, y, radius, "mark", "", 0.0, 0.0, "start", title)


def _contact(node: Node, x: float, y: float) -> Dot:
    name = visible(node.name or node.account_id, _NAME)
    side = -1 if node.x < 0.5 else 1
    label_x = round(x + side * 8, 1)
    return Dot(x, y, 4.0, "outside", name, label_x, round(y + 3.5, 1), "end" if side < 0 else "start", name)
