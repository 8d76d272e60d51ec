"""The limit: read the same bytes, sort them by object and time, write them; no pairs."""

import sys
from pathlib import Path

import polars as pl


def main(source: str, out: str) -> None:
    """Sort a parquet or csv file of shares or messages into `sorted.parquet`."""
    path = Path(source)
    rows = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    by = ["repost_id", "timestamp"] if "repost_id" in rows.columns else ["object_id", "timestamp_share"]
    Path(out).mkdir(parents=True, exist_ok=True)
    rows.sort(by).write_parquet(Path(out, "sorted.parquet"))


if __name__ == "__main__":
    main(*sys.argv[1:])
