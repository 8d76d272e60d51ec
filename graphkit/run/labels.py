"""Reviewed labels joined to the scores of the runs that were reviewed."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from graphkit.errors import ConfigError, InputError
from graphkit.store import read_run

_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


def labelled(labels: Path, runs: Sequence[Path]) -> tuple[pl.DataFrame, str]:
    """account_id, score and is_tool_run of every labelled account of the runs, and the policy of the runs.

    The score is that of the last run that has the account. Labels that nobody has filled in, and accounts
    that no run has, are left out. Raises InputError for a table without the columns, ConfigError for runs
    under different policies: their bits are no one scale.
    """
    known = _read(labels)
    scores, policies = [], set()
    for number, folder in enumerate(runs):
        stored = read_run(folder)
        policies.add(f"{stored.manifest['policy']['name']} {stored.manifest['policy']['version']}")
        scores.append(stored.tables["accounts"].select("account_id", "score", pl.lit(number).alias("run")))
    if len(policies) != 1:
        raise ConfigError(
            f"the runs have different policies: {', '.join(sorted(policies))}; give runs of one"
        )
    last = pl.concat(scores).sort("account_id", "run").unique("account_id", keep="last", maintain_order=True)
    joined = known.join(last, on="account_id").select("account_id", "score", "is_tool_run")
    return joined.sort("account_id"), policies.pop()


def _read(path: Path) -> pl.DataFrame:
    """The last label of each account; ids as text, labels as yes or no."""
    try:
        if path.suffix == ".parquet":
            table = pl.read_parquet(path, glob=False)
        else:
            table = pl.read_csv(path, infer_schema=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"`{path}` cannot be read as labels: {error}") from error
    missing = [name for name in ("account_id", "is_tool_run") if name not in table.columns]
    if missing:
        raise InputError(f"`{path}` lacks {', '.join(f'`{name}`' for name in missing)}")
    said = pl.col("is_tool_run").cast(pl.String).str.to_lowercase().str.strip_chars()
    words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    strange = table.filter(~said.is_in([*words, ""])).height
    if strange:
        raise InputError(
            f"`{path}` has {strange} rows whose `is_tool_run` is neither true nor false;"
            " `graphkit decisions LEDGER --out` writes such a table"
        )
    label = said.replace_strict(words, default=None, return_dtype=pl.Boolean).alias("is_tool_run")
    return (
        table.select(pl.col("account_id").cast(pl.String), label)
        .drop_nulls()
        .unique("account_id", keep="last", maintain_order=True)
    )
