"""Commands around planted rings: simulate, evaluate."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit import __version__
from graphkit.cli.speech import Debug, Quiet, Told, faults_told, progress, say
from graphkit.errors import ConfigError
from graphkit.settings import Settings, read_settings

if TYPE_CHECKING:
    from graphkit.simulate import Plan

PlanNames = Annotated[
    list[str] | None,
    typer.Option(
        "--plan",
        help="A plan to plant (see `graphkit simulate --list`); again for more. Default: all that fit.",
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plans", help="Plans of your own as TOML: [name] like = ..., n_accounts = ..."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Change a plan: pod_hours.n_accounts=20, or *.elsewhere=2 for all. Again for more."
    ),
]
MadeUp = Annotated[
    bool,
    typer.Option(
        "--make-channels", help="Plant also what needs a channel that the background lacks, and make that up."
    ),
]


def simulate(
    background: Annotated[
        Path | None, typer.Argument(help="Events of ordinary accounts to plant into.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write events, truth and manifest into; needed but for --list."),
    ] = None,
    plan: PlanNames = None,
    plans: PlanFile = None,
    changes: Changes = None,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 1,
    exclude: Annotated[
        Path | None, typer.Option(help="Table of account_id that lend no history and are no victims.")
    ] = None,
    make_channels: MadeUp = False,
    listed: Annotated[bool, typer.Option("--list", help="List the plans and end.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Plant rings and look-alikes into an event log, and write down who they are.

    Writes events.parquet, truth.parquet and manifest.json; accounts.parquet where accounts say that they are
    automated. The same background, plans and seed give the same files.
    """
    with faults_told(debug=debug):
        known = _plans(plans)
        if listed:
            say("\n".join(_listing(known)))
            return
        if background is None or out is None:
            raise ConfigError("give a background and `--out`, or `--list` to see the plans")
        _simulate(
            background,
            out,
            known,
            plan or [],
            changes or [],
            seed,
            exclude,
            make_channels=make_channels,
            quiet=quiet,
        )


def evaluate(
    backgrounds: Annotated[list[str], typer.Argument(help="Event logs of ordinary accounts, or name=log.")],
    out: Annotated[Path, typer.Option(help="Folder for tables, plots, page and journal.")],
    plan: PlanNames = None,
    plans: PlanFile = None,
    changes: Changes = None,
    seeds: Annotated[int, typer.Option(help="Worlds with every plan for each background.")] = 3,
    curve: Annotated[
        list[str] | None,
        typer.Option(
            "--curves",
            help="all, or one of jitter, camouflage, participation, habits, size, accounts and period; "
            "again for more.",
        ),
    ] = None,
    curve_seeds: Annotated[int, typer.Option(help="Worlds at each point of a curve.")] = 2,
    first_seed: Annotated[int, typer.Option(help="The first seed; others follow it.")] = 1,
    make_channels: MadeUp = False,
    as_it_is: Annotated[
        bool, typer.Option(help="Look at each background with nothing planted in it, too.")
    ] = True,
    settings: Annotated[Path | None, typer.Option(help="Settings as TOML, laid over the defaults.")] = None,
    jobs: Annotated[int, typer.Option(help="Worlds measured at the same time.")] = 1,
    limit: Annotated[float, typer.Option(help="Seconds after which a world is given up.")] = 600.0,
    page: Annotated[Path | None, typer.Option(help="Write the page and its plots here as well.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Plant every plan that each background can take, run detect, and say what was found and where it fails.

    A call that was stopped goes on where it was. Accounts that a labels.parquet beside a background names are
    known to belong to rings: they lend no history and are no false flags.
    """
    with faults_told(debug=debug):
        from graphkit.evaluate import Wanted
        from graphkit.evaluate import evaluate as evaluated
        from graphkit.evaluate.curves import curves
        from graphkit.simulate import chosen_plans, with_changes

        known = _plans(plans)
        wanted = Wanted(
            plans=with_changes(chosen_plans(plan, known) if plan else known, changes or []),
            curves=curves(curve or []),
            n_seeds=seeds,
            n_curve_seeds=curve_seeds if curve else 0,
            first_seed=first_seed,
            made_up=make_channels,
            as_it_is=as_it_is,
            jobs=jobs,
            limit_s=limit,
        )
        given = read_settings(settings) if settings else Settings()
        with _lines(quiet=quiet) as told:
            facts = evaluated(backgrounds, wanted, out=out, settings=given, page=page, progress=told)
        if not quiet:
            say("\n".join([*_summary(facts), f"page: {page or out / 'evaluation.md'}"]))


def _plans(path: Path | None) -> "dict[str, Plan]":
    from graphkit.simulate import PLANS, read_plans

    return {**PLANS, **read_plans(path)} if path else dict(PLANS)


def _listing(plans: "Mapping[str, Plan]") -> Iterator[str]:
    from graphkit.simulate import NEEDS

    for name, plan in plans.items():
        needs = ", and ".join(" or ".join(channel.value for channel in need) for need in NEEDS[plan.kind])
        what = "ring" if plan.is_ring else "look-alike"
        yield f"{name}: {what} of {plan.n_accounts} ({plan.kind.value}); needs {needs}"


def _simulate(
    background: Path,
    out: Path,
    known: "dict[str, Plan]",
    names: list[str],
    changes: list[str],
    seed: int,
    exclude: Path | None,
    *,
    make_channels: bool,
    quiet: bool,
) -> None:
    from graphkit.readers.reads import read_accounts, read_events
    from graphkit.simulate import chosen_plans, fitting_plans, planted, with_changes
    from graphkit.store.results import write_results

    began = time.monotonic()
    read = read_events(background, settings=Settings().read)
    chosen = with_changes(chosen_plans(names, known) if names else known, changes)
    if make_channels:
        chosen = {name: replace(plan, mixed=True) for name, plan in chosen.items()}
    if not names:
        chosen = fitting_plans(chosen, read.events)
    if not chosen:
        raise ConfigError(
            f"`{background}` can take none of the plans; see `--list`, or give `--make-channels`"
        )
    left_out = read_accounts(exclude)["account_id"].to_list() if exclude else []
    world = planted(read.events, chosen, seed=seed, exclude=left_out)
    tables = {"events": world.events, "truth": world.truth}
    if world.accounts.height:
        tables["accounts"] = world.accounts
    facts = {
        "graphkit": __version__,
        "seed": seed,
        "plans": {name: asdict(plan) for name, plan in chosen.items()},
        "inputs": [{"name": name, "sha256": sha256, "bytes": size} for name, sha256, size in read.inputs],
        "rows_read": read.rows_read,
        "quarantined": read.quarantine.height,
        "excluded": len(left_out),
    }
    write_results(out, tables, facts, spent=lambda: {"seconds": round(time.monotonic() - began, 3)})
    if not quiet:
        new = int(world.truth["planted"].sum())
        say(f"{len(chosen)} groups with {new:,} new accounts in {world.events.height:,} events: {out}")


@contextmanager
def _lines(*, quiet: bool) -> Iterator[Told | None]:
    """A bar on a terminal; elsewhere one line for each world, since a whole evaluation takes hours."""
    with progress(quiet=quiet) as bar:
        yield bar or (None if quiet else lambda what, _share: say(what, to_stderr=True))


def _summary(facts: Mapping[str, list[dict[str, float | str | None]]]) -> Iterator[str]:
    for row in facts["rings"]:
        if row["place"] is None and row["plan"] is None:
            found = f"recall {row['recall']:.3f}, mean Jaccard {row['jaccard']:.3f}"
            yield f"{row['n_groups']} planted rings: {found}"
    for row in facts["lookalikes"]:
        if row["place"] is None and row["plan"] is None:
            yield f"{row['n_accounts']} accounts of look-alikes: {row['flagged']:.2%} flagged"
    for row in facts["backgrounds"]:
        if row["flagged"] is not None:
            yield f"{row['place']}: {row['flagged']:.1f} ordinary accounts in 10,000 flagged"
