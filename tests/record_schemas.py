"""Records held against their published schemas."""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from graphkit.judgement.records_schema import schema_text

# `graphkit.ring_record/2` is described by schemas/ring_record.json.
NAMES = ("record", "ring_record")


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(schema_text(name)), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def faults(record: Mapping[str, Any], name: str = "") -> list[str]:
    """What the schema `name` (default: the one that the record claims) has against a record."""
    name = name or str(record["schema"]).partition(".")[2].partition("/")[0]
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(record)]
