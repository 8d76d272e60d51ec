"""One JSON object a line: every line is parsed whole, so no key is missed and no duplicate key passes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from graphkit.errors import InputError
from graphkit.readers.base import PORTION, Kind, Raw, Reader, faults, opened, strings


class _Fraction(str):
    """A JSON number with a fraction or exponent (or NaN), as it was written: no id, but perhaps a time."""

    __slots__ = ()


class _Twice(dict[str, object]):
    """An object that names a key twice; readers of JSON disagree on which one counts."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else _Twice(value)


# Numbers stay the digits that were written.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=_Fraction, parse_constant=_Fraction
)


@dataclass
class _Portions:
    """Objects on their way into whole columns."""

    wanted: Mapping[str, Kind]
    positions: list[int] = field(default_factory=list)
    objects: list[dict[str, object]] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)
    refused: list[tuple[int, str, str | None]] = field(default_factory=list)
    found: set[str] = field(default_factory=set)

    def settle(self) -> None:
        """Turn the waiting objects into columns; what no column can hold is refused with its row."""
        broken: dict[int, tuple[int, str, str | None]] = {}
        columns = [pl.Series("position", self.positions, dtype=pl.Int64)]
        for name, kind in self.wanted.items():
            values = [item.get(name) for item in self.objects]
            if not set(map(type, values)) <= {str, type(None)}:
                values, misfits = _plain(values, kind)
                for place, rule in misfits:
                    broken.setdefault(place, (self.positions[place], rule, name))
            columns.append(strings(name, values))  # type: ignore[arg-type]
        self.refused.extend(broken.values())
        kept = pl.Series([place not in broken for place in range(len(self.objects))], dtype=pl.Boolean)
        self.frames.append(pl.DataFrame(columns).filter(kept))
        self.found.update(*self.objects)
        self.positions, self.objects = [], []


def _plain(values: list[object], kind: Kind) -> tuple[list[object], list[tuple[int, str]]]:
    """The values as strings, null where they can be none, and those places with the rule they break."""
    plain: list[object] = []
    misfits: list[tuple[int, str]] = []
    for place, value in enumerate(values):
        rule = None
        if isinstance(value, bool) and kind is Kind.FLAG:
            value = str(value).lower()
        if isinstance(value, _Fraction) and kind is Kind.ID:
            rule = "float_id"
        elif value is not None and not isinstance(value, str):
            rule = "malformed_row"
        plain.append(value if rule is None else None)
        if rule:
            misfits.append((place, rule))
    return plain, misfits


def _scan(path: Path, wanted: Mapping[str, Kind]) -> Raw:
    """The objects of a file with their line; blank lines are no rows, what is no object is refused."""
    portions = _Portions(wanted)
    with opened(path) as lines:
        for position, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            rule = _taken(portions, position, line)
            if rule:
                portions.refused.append((position, rule, None))
            if len(portions.objects) >= PORTION:
                portions.settle()
    portions.settle()
    if not portions.refused and not portions.found:
        raise InputError(f"`{path}` is empty; it needs one JSON object a line")
    return Raw(pl.concat(portions.frames), faults(sorted(portions.refused)), tuple(sorted(portions.found)))


def _taken(portions: _Portions, position: int, line: bytes) -> str | None:
    """The rule that a line breaks, or None once it stands among the objects."""
    try:
        value = _DECODER.decode(line.decode("utf-8-sig" if position == 1 else "utf-8"))
    except UnicodeDecodeError:
        return "invalid_utf8"
    except (ValueError, RecursionError):
        return "invalid_json"
    if isinstance(value, _Twice):
        return "duplicate_key"
    if not isinstance(value, dict):
        return "malformed_row"
    portions.positions.append(position)
    portions.objects.append(value)
    return None


NDJSON = Reader("ndjson", (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz"), _scan)
