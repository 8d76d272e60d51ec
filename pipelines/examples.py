"""Writes the example dossiers: `python pipelines/examples.py` reads fixtures/ and writes docs/examples/.

One ring that was found among AI agents, and one account that looks like a machine and hides nothing, each in
English and Chinese. The same code and fixtures give the same bytes; a test says when they are out of date.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import graphkit as gk
from graphkit.words import Language

ROOT = Path(__file__).resolve().parents[1]
# Announces what happens in a bug tracker: awake day and night, texts of even length, and no secret of it.
NOTIFIER = "mediawiki:wikibugs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes every example and returns the exit code."""
    parser = argparse.ArgumentParser(prog="examples", description="Writes the example dossiers.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "examples", help="folder to write into")
    out = parser.parse_args(arguments).out
    moltbook, irc = ROOT / "fixtures" / "moltbook", ROOT / "fixtures" / "irc"
    agents = gk.detect(moltbook / "events.parquet", accounts=moltbook / "accounts.parquet")
    people = gk.detect(irc / "events.parquet")
    write_ring(agents, out)
    write_lookalike(people, out)
    return 0


def write_ring(run: gk.Run, out: Path) -> None:
    """The dossier of the largest ring, agent_smith's, in each language."""
    ring = run.rings.sort("n_members")["ring_id"][-1]
    for language in Language:
        record = run.ring(ring, language=language.value)
        gk.explained(run, record, out / f"agent_smith.{language.value}.html")


def write_lookalike(run: gk.Run, out: Path) -> None:
    """The page of an innocent look-alike in each language, and its record."""
    for language in Language:
        record = run.account(NOTIFIER, language=language.value)
        gk.explained(run, record, out / f"notifier.{language.value}.html")
    gk.explained(run, run.account(NOTIFIER), out / "notifier.json")


if __name__ == "__main__":
    sys.exit(main())
