"""The record of one account or ring as a file: a picture, a page, or JSON."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError
from graphkit.report.account import account_page
from graphkit.report.pages import dossier
from graphkit.report.plots import Picture, picture, picture_bytes
from graphkit.report.strings import strings
from graphkit.report.view import ReportView
from graphkit.report.weights import weights, weights_figure
from graphkit.run.tables import Run, view
from graphkit.store.durable import told, write_bytes

KINDS = ("html", "json", "png", "svg")
_DPI = 150


def explained(run: Run, record: Mapping[str, Any], path: Path) -> None:
    """Write the record of an account or a ring to `path`, in the kind that its name ends in.

    The language is that of the record; the same record gives the same bytes. Raises ConfigError for an ending
    that is none of KINDS.
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
    report = replace(run.settings.report, language=record["language"])
    shown = view(replace(run, settings=replace(run.settings, report=report)))
    if kind == "html":
        return _page(shown, record).encode("utf-8", "replace")
    return picture_bytes(_figure(shown, record), kind, _DPI)


def _page(shown: ReportView, record: Mapping[str, Any]) -> str:
    if "account_id" in record:
        return account_page(shown, record)
    return dossier(shown, record["ring_id"], record["decision"])


def _figure(shown: ReportView, record: Mapping[str, Any]) -> Picture:
    if "account_id" not in record:
        return picture(shown, record["ring_id"])
    say = strings(record["language"])
    return weights_figure(weights(record, say), say)
