"""The whole evaluation: worlds chosen, measured where the journal does not hold them yet, and told."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError, GraphkitError
from graphkit.evaluate.backgrounds import Background, backgrounds
from graphkit.evaluate.curves import Curve
from graphkit.evaluate.journal import Record, append, records
from graphkit.evaluate.measured import facts
from graphkit.evaluate.page import written
from graphkit.evaluate.runs import outcomes
from graphkit.evaluate.summary import summed
from graphkit.evaluate.worlds import Task, tasks
from graphkit.settings import Settings
from graphkit.simulate import Plan

Told = Callable[[str, float], None]
JOURNAL = "worlds.jsonl"
# What the outcome of a world is made by; other parts of graphkit may change without measuring again.
_DECIDES = (
    *(
        "engine",
        "evaluate/curves.py",
        "evaluate/honest.py",
        "evaluate/measured.py",
        "evaluate/victims.py",
        "judgement",
        "layers",
        "network",
        "readers",
    ),
    *("rings", "run", "signals", "simulate", "tables", "text", "words.py"),
)


@dataclass(frozen=True)
class Wanted:
    """What to measure, with which seeds, and how to run it.

    made_up: channels that a background lacks are made up. as_it_is: each is also taken with nothing planted.
    """

    plans: Mapping[str, Plan]
    curves: Sequence[Curve] = ()
    n_seeds: int = 3
    n_curve_seeds: int = 2
    first_seed: int = 1
    made_up: bool = False
    as_it_is: bool = False
    jobs: int = 1
    limit_s: float = 600.0


def evaluate(
    given: Sequence[str],
    wanted: Wanted,
    *,
    out: Path,
    settings: Settings | None = None,
    page: Path | None = None,
    progress: Told | None = None,
) -> dict[str, Any]:
    """Measure all worlds and write tables, results.json, plots and evaluation.md into `out`; gives the facts.

    Each world is measured in a process of its own and its outcome appended to worlds.jsonl, so a call that
    was killed goes on where it stopped; outcomes of other code, settings or data are measured again. `page`
    names a further place for the page and its plots. `progress` is told each world and the share of the work
    that is done.
    """
    faults = [f"`{name}` must be at least 1" for name in ("n_seeds", "jobs") if getattr(wanted, name) < 1]
    if faults:
        raise ConfigError("; ".join(faults))
    chosen = settings or Settings()
    places = backgrounds(given, chosen.read)
    first = wanted.first_seed
    todo = tasks(
        places,
        wanted.plans,
        wanted.curves,
        seeds=range(first, first + wanted.n_seeds),
        curve_seeds=range(first, first + wanted.n_curve_seeds),
        made_up=wanted.made_up,
        as_it_is=wanted.as_it_is,
    )
    if not todo:
        raise ConfigError(
            "no background can take any of the plans; `graphkit simulate --list` says what each needs"
        )
    found = _measured(todo, chosen, wanted, out / JOURNAL, progress)
    results = summed(found, _places(places), wanted.plans)
    written(results, out, page=page)
    return results.facts


def _measured(
    todo: Sequence[Task], settings: Settings, wanted: Wanted, journal: Path, progress: Told | None
) -> list[Record]:
    code, given = code_digest(), asdict(settings)
    keys = [task.key(code, given) for task in todo]
    kept = records(journal)
    missing = [
        task for task, key in zip(todo, keys, strict=True) if not _holds(kept.get(key), wanted.limit_s)
    ]
    by_task = {id(task): key for task, key in zip(todo, keys, strict=True)}
    began, n_done = time.monotonic(), len(todo) - len(missing)
    if progress:
        progress(f"{n_done} of {len(todo)} worlds are in the journal", n_done / len(todo))
    for n, (task, outcome) in enumerate(
        outcomes(missing, settings, jobs=wanted.jobs, limit_s=wanted.limit_s), 1
    ):
        if code_digest() != code:
            raise GraphkitError(
                "the code changed while worlds were measured; call again to go on with the new code"
            )
        record = {"key": by_task[id(task)], **facts(task), **outcome}
        append(journal, record)
        kept[by_task[id(task)]] = record
        if progress:
            left = (time.monotonic() - began) / n * (len(missing) - n) / 60
            ended = f"{task.sentence}: {outcome['status']} in {outcome['seconds']:.0f} s"
            said = f"{n_done + n} of {len(todo)}: {ended}; about {left:.0f} min left"
            progress(said, (n_done + n) / len(todo))
    return [kept[key] for key in keys]


def _holds(record: Record | None, limit_s: float) -> bool:
    """Whether a record stands: failures are tried again, late worlds when they are given more time."""
    if record is None or record["status"] == "failed":
        return False
    return record["status"] == "done" or float(record["limit_s"]) >= limit_s


def code_digest() -> str:
    """SHA-256 of the modules that decide what comes of a world."""
    package = Path(__file__).parent.parent
    files = [
        path
        for name in _DECIDES
        for path in sorted((package / name).rglob("*") if (package / name).is_dir() else [package / name])
        if path.suffix in (".py", ".toml")
    ]
    total = hashlib.sha256()
    for path in files:
        total.update(path.relative_to(package).as_posix().encode() + b"\n" + path.read_bytes())
    return total.hexdigest()


def _places(places: Sequence[Background]) -> list[dict[str, Any]]:
    return [
        {
            "background": place.name,
            "sha256": place.sha256,
            "n_events": place.n_events,
            "n_accounts": place.n_accounts,
            "channels": sorted(channel.value for channel in place.held.channels),
            "n_known": len(place.known),
        }
        for place in places
    ]
