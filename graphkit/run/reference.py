"""Fit a reference on a platform's ordinary accounts, for later runs to hold their values against."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from graphkit import __version__
from graphkit.errors import InputError
from graphkit.readers import Source
from graphkit.readers.reads import read_accounts, read_events
from graphkit.settings import Settings
from graphkit.signals import Case
from graphkit.signals.base import written
from graphkit.signals.evidence import measures
from graphkit.signals.known import Reference, reference_of
from graphkit.signals.standing import yardstick
from graphkit.store import read_run
from graphkit.tables import ACCOUNTS, MEMBERS, PAIRS
from graphkit.words import Tier


def fit_reference(
    events: Source,
    *,
    platform: str,
    accounts: Source | None = None,
    suspects: Iterable[str] = (),
    settings: Settings | None = None,
) -> Reference:
    """The reference of a platform's ordinary accounts: not openly automated, no suspects, no candidates.

    `platform` is the name by which a run says that it is of the same one; `suspects` are accounts to leave
    out, such as the members of rings (see `suspects_of`); candidates are those that people elsewhere do not
    resemble. The same input and settings give the same reference.
    """
    if not platform:
        raise InputError("the reference needs the name of its platform; a run on it has to give the same")
    chosen = settings or Settings()
    read = read_events(events, settings=chosen.read)
    if read.events.is_empty():
        raise InputError("a reference needs events of ordinary accounts; this log holds none")
    known = ACCOUNTS.empty() if accounts is None else read_accounts(accounts, settings=chosen.read)
    case = Case(written(read.events), known, MEMBERS.empty(), PAIRS.empty(), chosen.signals)
    left_out = sorted(set(suspects))
    marks = yardstick(case, measures(case), suspects=left_out)
    seen = read.events["timestamp"]
    facts = {
        "platform": platform,
        "graphkit": __version__,
        "inputs": [{"name": name, "sha256": sha256} for name, sha256, _ in read.inputs],
        "first_seen": str(seen.min()),
        "last_seen": str(seen.max()),
        "accounts": {
            "ordinary": len(marks.ordinary),
            "left out by name": len(left_out),
            "left out as candidates": len(marks.candidates),
        },
    }
    named = marks.own.with_columns(pl.col("source").str.replace("own", platform, literal=True))
    return reference_of(named, chosen.signals, facts)


def suspects_of(place: Path) -> list[str]:
    """Accounts to leave out: of a run, members of rings and whoever is at `warn`; of a table, all."""
    if place.is_dir():
        table = read_run(place).tables["accounts"]
        table = table.filter(pl.col("ring_id").is_not_null() | (pl.col("tier") >= Tier.WARN.value))
    else:
        table = read_accounts(place)
    return table["account_id"].unique().sort().to_list()
