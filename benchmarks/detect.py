"""Measure a whole `graphkit detect` on a log with texts, on parts of it, and with one object that is a crowd.

`python benchmarks/detect.py` measures the shipped extracts, as many times under other names as it takes;
`--events LOG --named WORDS` another log. Figures go to `detect.json`, which `run.py --pages-only` puts on the
page.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from measure import busy_s, cost
from results import graphkit_digest, machine

HERE = Path(__file__).parent
FIXTURES = ("moltbook", "irc")
_NAMES = ("event_id", "account_id", "target_id", "object_id", "parent_id")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for and keep the figures; those of the same log are replaced."""
    given = _options().parse_args(arguments)
    log = pl.read_parquet(given.events) if given.events else extracts(given.size)
    kept = json.loads(given.results.read_text(encoding="utf-8"))["runs"] if given.results.exists() else []
    runs = [run for run in kept if run["log"] != given.named]
    with tempfile.TemporaryDirectory() as folder:
        for told, part in _logs(log, given.parts, given.crowd):
            run = {
                "log": given.named,
                **told,
                "code": graphkit_digest(),
                **_measured(part, Path(folder), given),
            }
            runs.append(run)
            print(json.dumps(run), file=sys.stderr, flush=True)
            content = json.dumps({"machine": machine(), "runs": runs}, indent=1) + "\n"
            given.results.write_text(content, encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="detect.py", description=(__doc__ or "").splitlines()[0])
    option = parser.add_argument
    option("--events", type=Path, help="A log of events as parquet, if not the shipped extracts.")
    option("--named", default="shipped extracts, renamed", help="What the page calls the log.")
    option("--size", type=int, default=1_000_000, help="Events of the renamed extracts.")
    option("--parts", type=int, nargs="+", default=[4, 2, 1], help="One of so many of the objects.")
    option("--crowd", type=int, default=100_000, help="Commenters of one more object; 0 for none.")
    option("--limit", type=float, default=3600, help="Seconds after which a run is stopped.")
    option("--results", type=Path, default=HERE / "detect.json", help="Where figures are kept.")
    return parser


def extracts(size: int) -> pl.DataFrame:
    """`size` events of the shipped extracts; each time that they come again all names are others."""
    every = [pl.read_parquet(HERE.parent / "fixtures" / name / "events.parquet") for name in FIXTURES]
    once = pl.concat(every, how="diagonal_relaxed")
    copies = range(-(-size // once.height))
    named = [
        once.with_columns((pl.lit(f"{copy}-") + pl.col(name)).alias(name) for name in _NAMES)
        for copy in copies
    ]
    return pl.concat(named).head(size)


def crowded(log: pl.DataFrame, n: int) -> pl.DataFrame:
    """`log` with one more object, on which `n` accounts comment within an hour, in words of the log."""
    last = log["timestamp"].max()
    texts = log["text"].drop_nulls().head(n)
    place = pl.int_range(n, eager=True)
    crowd = pl.DataFrame({"place": place}).select(
        pl.format("crowd-{}", "place").alias("event_id"),
        (pl.lit(last) + pl.duration(microseconds=pl.col("place") * (3_600_000_000 // max(n, 1)))).alias(
            "timestamp"
        ),
        pl.lit("comment").alias("channel"),
        pl.format("crowd-account-{}", "place").alias("account_id"),
        pl.lit("crowd-object").alias("object_id"),
        texts.gather(place % len(texts)).alias("text"),
    )
    return pl.concat([log, crowd.cast({"timestamp": log.schema["timestamp"]})], how="diagonal")


def _logs(
    log: pl.DataFrame, parts: Sequence[int], crowd: int
) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """Each part of the log, whole objects at a time, and the smallest of them with the crowd beside it."""
    where = pl.coalesce("object_id", "event_id").hash(seed=0)
    for part in sorted(parts, reverse=True):
        chosen = log.filter(where % part == 0)
        yield {"events": chosen.height, "crowd": 0}, chosen
    if crowd:
        smallest = log.filter(where % max(parts) == 0)
        yield {"events": smallest.height, "crowd": crowd}, crowded(smallest, crowd)


def _measured(log: pl.DataFrame, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    source, out = folder / "events.parquet", folder / "run"
    log.write_parquet(source)
    command = (sys.executable, "-m", "graphkit", "detect", str(source), "--out", str(out), "--quiet")
    before_s = busy_s()
    spent = cost([command], limit_s=given.limit)
    others = max(busy_s() - before_s - spent.cpu_s, 0) / max(spent.wall_s, 1e-9)
    manifest = out / "manifest.json"
    stages = json.loads(manifest.read_text(encoding="utf-8"))["stages"] if manifest.exists() else {}
    return {
        # A run that the circuit breaker holds is written in full and ends with 4.
        "status": "done" if spent.status == "done" or spent.why.startswith("exit 4:") else spent.status,
        "wall_s": round(spent.wall_s, 1),
        "cpu_s": round(spent.cpu_s, 1),
        "peak_mib": round(spent.peak_mib),
        "others": round(others, 2),
        "stages": {name: round(facts["seconds"], 1) for name, facts in stages.items() if "seconds" in facts},
    }


if __name__ == "__main__":
    main()
