"""Finished worlds, one line each, on the disk before the next: what a killed evaluation goes on from."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


def append(path: Path, record: Record) -> None:
    """Add one line to the journal; when the call returns it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    with path.open("ab+") as stream:
        # A line that a crash left half written ends here, so that it cannot swallow this one.
        stream.seek(0, os.SEEK_END)
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            line = line if stream.read(1) == b"\n" else b"\n" + line
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def records(path: Path) -> dict[str, Record]:
    """The last record of each key; lines that are no whole record are passed over."""
    found: dict[str, Record] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict) and "key" in record:
            found[str(record["key"])] = record
    return found
