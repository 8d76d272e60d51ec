"""A reference that is kept: fitted once on a platform's ordinary accounts, versioned, used by later runs."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.errors import InputError
from graphkit.settings import SignalSettings
from graphkit.tables import REFERENCE

_KEY = "graphkit.reference"
_FORMAT = 1
# Settings that grade a value; all others decide what the value is.
_GRADING = ("floor_", "ceiling_", "_tail", "_reference", "candidates_")


@dataclass(frozen=True)
class Reference:
    """REFERENCE and where it comes from.

    facts is ready for JSON: format, platform, graphkit (its version), inputs (name and sha256), first_seen,
    last_seen (of the events), accounts (how many were ordinary, and left out as what), answers (ordinary
    accounts behind each signal) and settings (those that decide what a value is).
    """

    values: pl.DataFrame
    facts: Mapping[str, Any]

    @property
    def platform(self) -> str:
        """The platform that it was fitted on, by the name it was given."""
        return str(self.facts["platform"])

    @property
    def version(self) -> str:
        """A name for its content: the same values and facts have the same."""
        content = json.dumps([dict(self.facts), self.values.to_dicts()], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def is_of(self, platform: str) -> bool:
        """Whether it speaks for `platform`; without a name nobody vouches for that."""
        return platform != "" and platform == self.platform

    def told(self, platform: str) -> dict[str, Any]:
        """What a manifest says of it in a run on `platform`."""
        here = self.is_of(platform)
        return {
            "version": self.version,
            "use": "own platform" if here else "from elsewhere: ranks only",
            **{name: self.facts[name] for name in ("platform", "graphkit", "inputs", "answers")},
        }


def reference_of(values: pl.DataFrame, settings: SignalSettings, facts: Mapping[str, Any]) -> Reference:
    """The reference of `values`; `facts` has platform, graphkit, inputs, first_seen, last_seen, accounts."""
    answers = values.group_by("signal").agg(pl.col("n_accounts").sum()).sort("signal").rows()
    named = {"answers": dict(answers), "settings": _deciding(settings)}
    # Keys in order: where the reference is read again, its facts are the same text.
    return Reference(REFERENCE.check(values), dict(sorted({"format": _FORMAT, **facts, **named}.items())))


def content(reference: Reference) -> bytes:
    """The reference as a Parquet file; the same reference gives the same bytes."""
    stream = io.BytesIO()
    told = json.dumps(dict(reference.facts), sort_keys=True, ensure_ascii=False)
    table = reference.values.rechunk()
    table.write_parquet(stream, compression="zstd", compression_level=3, metadata={_KEY: told})
    return stream.getvalue()


def read_reference(path: Path, settings: SignalSettings) -> Reference:
    """The reference that `graphkit reference` wrote to `path`.

    Raises InputError when it is none, or when its values were measured by other settings than `settings`.
    """
    try:
        told = pl.read_parquet_metadata(path).get(_KEY)
        values = pl.read_parquet(path, glob=False) if told else None
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"`{path}` cannot be read as a reference: {error}") from error
    if told is None or values is None:
        raise InputError(f"`{path}` is no reference; make one with `graphkit reference`")
    facts = json.loads(told)
    if facts["format"] != _FORMAT:
        raise InputError(
            f"`{path}` has format {facts['format']}, this graphkit reads {_FORMAT}; fit it again"
        )
    here = json.loads(json.dumps(_deciding(settings)))
    other = sorted(name for name in here if facts["settings"].get(name) != here[name])
    if other:
        names = ", ".join(f"`{name}`" for name in other)
        raise InputError(f"`{path}` was measured with another {names}; fit it again with these settings")
    return Reference(REFERENCE.check(values), facts)


def _deciding(settings: SignalSettings) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(settings).items()
        if not any(name.startswith(mark) or name.endswith(mark) for mark in _GRADING)
    }
