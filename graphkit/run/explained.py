"""The record of one account as a file: a picture, a page, or JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError
from graphkit.report.account import account_page
from graphkit.report.plots import picture_bytes
from graphkit.report.strings import strings
from graphkit.report.weights import weights, weights_figure
from graphkit.run.tables import Run, view
from graphkit.store.durable import told, write_bytes

KINDS = ("html", "json", "png", "svg")
_DPI = 150


def explained(run: Run, record: Mapping[str, Any], path: Path) -> None:
    """Write the record of an account to `path`, in the kind that its name ends in; the same bytes each time.

    Raises ConfigError for an ending that is none of KINDS.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        known = ", ".join(f"`.{one}`" for one in KINDS)
        raise ConfigError(f"`{path}` must end in one of {known}")
    with told(path.parent):
        write_bytes(path, _content(run, record, kind))


def _content(run: Run, record: Mapping[str, Any], kind: str) -> bytes:
    if kind == "json":
        return f"{json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()
    if kind == "html":
        return account_page(view(run), record).encode("utf-8", "replace")
    say = strings(record["language"])
    return picture_bytes(weights_figure(weights(record, say), say), kind, _DPI)
