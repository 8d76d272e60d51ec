"""What comes of reading: events, refused rows and the account of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from graphkit.errors import InputError, QuarantineError
from graphkit.readers.base import Kind, Raw
from graphkit.readers.rules import RULES, judged
from graphkit.readers.source import fitted
from graphkit.settings import ReadSettings
from graphkit.tables import QUARANTINE

EVENT_KINDS = {
    "event_id": Kind.ID,
    "timestamp": Kind.TIME,
    "channel": Kind.TEXT,
    "account_id": Kind.ID,
    "target_id": Kind.ID,
    "object_id": Kind.ID,
    "parent_id": Kind.ID,
    "text": Kind.TEXT,
}
_NAMED_BY = "`--column timestamp=created_utc`, in settings and code `columns`"
REQUIRED = ("timestamp", "channel", "account_id")


@dataclass(frozen=True)
class Reading:
    """EVENTS and QUARANTINE of one input: rows_read is exactly the rows of both.

    A row is a row of a table, or a line of a text file that is neither blank nor the header (a quoted field
    may span lines); what cannot be taken apart counts line by line. `inputs`: each file, SHA-256, size.
    """

    events: pl.DataFrame
    quarantine: pl.DataFrame
    rows_read: int
    notes: tuple[str, ...]
    inputs: tuple[tuple[str, str, int], ...]

    def refusals(self) -> dict[str, int]:
        """How many rows each rule refused, by name of the rule."""
        counts = self.quarantine.group_by("rule").agg(pl.len().cast(pl.Int64).alias("n")).sort("rule")
        return dict(zip(counts["rule"], counts["n"], strict=True))


def refused(reading: Reading, settings: ReadSettings) -> None:
    """Raise QuarantineError with the counts by rule where more rows were refused than the settings allow."""
    n = reading.quarantine.height
    if n <= settings.quarantine_share * reading.rows_read:
        return
    causes = "; ".join(f"{count} {rule} ({RULES[rule]})" for rule, count in reading.refusals().items())
    raise QuarantineError(
        f"{n} of {reading.rows_read} rows were refused, more than the share {settings.quarantine_share:g}"
        f" that `quarantine_share` allows: {causes}; quarantine.parquet tells where they stood"
    )


def reading(
    sources: Sequence[tuple[str, Raw]],
    settings: ReadSettings,
    columns: Mapping[str, str] | None,
    inputs: Sequence[tuple[str, str, int]],
) -> Reading:
    """The reading of sources that are taken apart, judged together: ids are unique, units one over all."""
    where = f"`{sources[0][0]}`" if len(sources) == 1 else f"the {len(sources)} files"
    tables: list[pl.DataFrame] = []
    faults: list[pl.DataFrame] = [QUARANTINE.empty()]
    notes: list[str] = []
    found: set[str] = set()
    for name, raw in sources:
        torn_whole = raw.faults.height and not raw.frame.height and not raw.found
        table = fitted(raw, EVENT_KINDS, columns, () if torn_whole else REQUIRED, f"`{name}`", by=_NAMED_BY)
        tables.append(table.with_columns(pl.lit(name).alias("source")))
        nowhere = pl.lit(None, dtype=pl.String)
        faults.append(
            raw.faults.select(pl.lit(name).alias("source"), "position", "rule", "column", value=nowhere)
        )
        notes.extend(raw.notes)
        found.update(raw.found)
    rows = pl.concat(tables)
    torn = QUARANTINE.check(pl.concat(faults))
    if not rows.height + torn.height:
        raise InputError(f"{where} holds no rows; nothing can be read from it")
    events, quarantine, said = judged(rows, settings, where=where)
    known = {(columns or {}).get(name, name) for name in EVENT_KINDS}
    unused = sorted(found - known)
    if unused:
        notes.append(f"columns that were not used: {', '.join(unused)}")
    return Reading(
        events=events,
        quarantine=QUARANTINE.check(pl.concat([torn, quarantine])),
        rows_read=rows.height + torn.height,
        notes=(*notes, *said),
        inputs=tuple(inputs),
    )
