"""Commands around reviewed labels: calibrate."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.speech import Debug, Quiet, faults_told, say


def calibrate(
    labels: Annotated[
        Path,
        typer.Argument(help="Table of account_id and is_tool_run (parquet, csv), as `decisions` writes."),
    ],
    run: Annotated[list[Path], typer.Option(help="A run that has the accounts; again for more.")],
    platform: Annotated[str, typer.Option(help="Name of the platform; `detect --platform` says it again.")],
    out: Annotated[Path, typer.Option(help="File to write the calibration to (JSON).")],
    plot: Annotated[Path | None, typer.Option(help="File for the reliability plot (PNG).")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Learn from reviewed labels of a platform what probability its scores mean.

    Needs 200 labels or more; without them there are bits, which rank, and no probability.
    """
    with faults_told(debug=debug):
        from graphkit.judgement.calibration import calibrated
        from graphkit.report.reliability import reliability
        from graphkit.run.labels import labelled
        from graphkit.store.durable import write_bytes

        known, policy = labelled(labels, run)
        found = calibrated(known, platform=platform, policy=policy)
        write_bytes(out, found.content())
        title = f"{found.method}, {found.n_labels:,} labels, Brier {found.brier:.3f}, ECE {found.ece:.3f}"
        if plot:
            write_bytes(plot, reliability(found.reliability, title=title))
        if not quiet:
            say(f"{platform}: {title}: {out}")
            for mean, share, size in found.reliability:
                say(f"  said {mean:.3f}, {share:.3f} of {size:,} accounts are run by a tool")
