"""Account ids that are written as codes: a reader sees texts, whatever reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import coaction_cases as cases
import polars as pl
import pyarrow.parquet as pq

import graphkit as gk
from graphkit.store.results import write_results

OPTIONS: dict[str, Any] = {"window_s": [10, 60], "min_participation": 1}

# Forty accounts on three objects, a share every three seconds: more pairs than accounts.
SHARES = cases.shares([(f"o{n % 3}", f"a{n * 7 % 40}", f"c{n}", n * 3) for n in range(300)])


def test_codes_are_written_as_their_texts(tmp_path: Path) -> None:
    plain = gk.coactions(SHARES, **OPTIONS)
    with gk.streamed_coactions(SHARES, **OPTIONS, coded=True) as made:
        assert isinstance(made.pairs.collect_schema()["account_id"], pl.Categorical)
        assert isinstance(made.edges.collect_schema()["from"], pl.Categorical)
        rows = write_results(tmp_path, {"pairs": made.pairs, "edges": made.edges}, {}, spent=dict)
    assert rows == {"pairs": plain.pairs.height, "edges": plain.edges.height}
    for name, table in (("pairs", plain.pairs), ("edges", plain.edges)):
        written = pl.read_parquet(tmp_path / f"{name}.parquet")
        assert written.schema == table.schema
        assert written.equals(table)
    schema = pq.read_schema(tmp_path / "edges.parquet")
    assert str(schema.field("from").type) == "large_string"


def test_few_pairs_of_many_accounts_are_no_codes() -> None:
    # A dictionary of all names would be longer than the table.
    few = {**OPTIONS, "window_s": 0}
    with gk.streamed_coactions(SHARES.unique("account_id", maintain_order=True), **few, coded=True) as made:
        assert made.pairs.collect_schema()["account_id"] == pl.String
