"""Run folders: written beside the old run, moved into place, sealed by the manifest, verified when read."""

import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.errors import ConfigError, IntegrityError
from graphkit.store.durable import digest, files_below, safe_name, sync_folder, told, write_bytes, write_table

MANIFEST = "manifest.json"
# A run on its way in; a folder that holds it was interrupted, and its plan names every file to clear away.
_UNFINISHED = ".unfinished"
_PLAN = "plan.json"
_SEAL = "manifest_sha256"


@dataclass(frozen=True)
class StoredRun:
    """A run read back, every byte of it verified."""

    folder: Path
    tables: dict[str, pl.DataFrame]
    manifest: dict[str, Any]


def write_run(
    folder: Path, tables: Mapping[str, pl.DataFrame], pages: Mapping[str, str], manifest: Mapping[str, Any]
) -> Path:
    """Write a run: `<name>.parquet` for each table, each page by its name, `manifest.json` last.

    The manifest gains `outputs` (SHA-256 and bytes of every file) and a seal over itself. A run that stands
    there stays whole until every new file is on the disk; then its manifest goes first, so a crash from there
    on leaves a folder without manifest, which `verify_run` refuses and the next `write_run` replaces.
    Raises ConfigError for a folder that holds other things, and for names that are no plain file names.
    """
    folder = Path(folder)
    names = [*(f"{name}.parquet" for name in tables), *pages]
    _refuse_unsafe(names)
    # A manifest that is no JSON fails here, before anything is touched.
    head = json.loads(_text(manifest))
    with told(folder):
        _refuse_strange(folder)
        earlier = _earlier(folder)
        _stage(folder / _UNFINISHED, tables, pages, {*names, *earlier})
        staged = folder / _UNFINISHED / "files"
        outputs = {name: digest((staged / name).read_bytes()) for name in sorted(names)}
        _move_in(folder, staged, names, earlier)
        sealed = {**head, "outputs": outputs}
        write_bytes(folder / MANIFEST, _text({**sealed, _SEAL: _seal(sealed)}))
        shutil.rmtree(folder / _UNFINISHED)
        sync_folder(folder)
    return folder


def verify_run(folder: Path) -> tuple[str, ...]:
    """The names of the files of a run, once every one is there and has the bytes that were written.

    Raises IntegrityError naming every file that is missing, altered or extra, all together.
    """
    contents, _ = _verified(Path(folder))
    return tuple(sorted(contents))


def read_run(folder: Path) -> StoredRun:
    """The tables and the manifest of a run; the bytes that were verified are the bytes that are read."""
    contents, manifest = _verified(Path(folder))
    tables = {
        name.removesuffix(".parquet"): pl.read_parquet(io.BytesIO(content))
        for name, content in sorted(contents.items())
        if name.endswith(".parquet")
    }
    return StoredRun(Path(folder), tables, manifest)


def _refuse_unsafe(names: list[str]) -> None:
    unsafe = [name for name in names if not safe_name(name) or name == MANIFEST]
    twice = sorted({name for name in names if names.count(name) > 1})
    if unsafe or twice:
        raise ConfigError(
            f"`{(unsafe or twice)[0]}` is no name for a file of a run; use letters, digits, `_` and `-`"
        )


def _refuse_strange(folder: Path) -> None:
    """A folder is replaced only if it is a run's, or empty: nobody's other files are touched."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"`{folder}` is a file; name a folder for the run")
    if folder.is_dir() and any(folder.iterdir()) and not _is_run(folder):
        raise ConfigError(f"`{folder}` holds files that are of no run; name an empty or a new folder")


def _is_run(folder: Path) -> bool:
    if (folder / _UNFINISHED).is_dir():
        return True
    try:
        return _SEAL in json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False


def _earlier(folder: Path) -> set[str]:
    """The files of the run that stands in the folder, or of the one that was interrupted there."""
    named: set[str] = set()
    for path in (folder / MANIFEST, folder / _UNFINISHED / _PLAN):
        try:
            listed = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        named.update(listed["outputs"] if isinstance(listed, dict) else listed)
    return {name for name in named if safe_name(name)}


def _stage(
    staging: Path, tables: Mapping[str, pl.DataFrame], pages: Mapping[str, str], listed: set[str]
) -> None:
    """Put the plan and every new file on the disk, beside the run that stands there."""
    # The new plan replaces an interrupted run's in one step: at no moment are there files that nobody lists.
    write_bytes(staging / _PLAN, json.dumps(sorted(listed)).encode())
    shutil.rmtree(staging / "files", ignore_errors=True)
    (staging / "files").mkdir()
    for name, table in tables.items():
        write_table(staging / "files" / f"{name}.parquet", table)
    for name, page in pages.items():
        write_bytes(staging / "files" / name, page.encode("utf-8", "replace"))


def _move_in(folder: Path, staged: Path, names: list[str], earlier: set[str]) -> None:
    """Take the old manifest away, then put every new file in its place and clear the old run's others."""
    (folder / MANIFEST).unlink(missing_ok=True)
    sync_folder(folder)
    for name in sorted(names):
        (folder / name).parent.mkdir(exist_ok=True)
        os.replace(staged / name, folder / name)
    for name in sorted(earlier - set(names)):
        (folder / name).unlink(missing_ok=True)
    for below in sorted({(folder / name).parent for name in {*names, *earlier}} - {folder}):
        if below.is_dir() and not any(below.iterdir()):
            below.rmdir()
        elif below.is_dir():
            sync_folder(below)


def _text(manifest: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the manifest is no JSON: {error}") from error
    return f"{text}\n".encode()


def _seal(manifest: Mapping[str, Any]) -> str:
    return str(digest(_text(manifest))["sha256"])


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run whose seal holds; IntegrityError otherwise."""
    if not folder.is_dir():
        raise IntegrityError(f"`{folder}` is no folder; name the folder that detect wrote")
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        interrupted = (folder / _UNFINISHED).is_dir()
        why = "the run was interrupted" if interrupted else "it is no run folder"
        raise IntegrityError(f"`{folder}` has no `{MANIFEST}`: {why}; run detect again") from None
    try:
        manifest = json.loads(content)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("outputs"), dict):
        raise IntegrityError(f"`{folder}/{MANIFEST}` is damaged; remove the folder and run detect again")
    unsealed = {key: value for key, value in manifest.items() if key != _SEAL}
    if manifest.get(_SEAL) != _seal(unsealed) or content != _text(manifest):
        raise IntegrityError(
            f"`{folder}/{MANIFEST}` was altered after the run; remove the folder and run detect again"
        )
    return manifest


def _verified(folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The bytes of every file and the manifest of a run that is whole; IntegrityError otherwise."""
    with told(folder):
        manifest = _manifest(folder)
        contents, faults = _contents(folder, manifest)
    if faults:
        raise IntegrityError(f"`{folder}`: {'; '.join(faults)}; run detect again into this folder")
    return contents, manifest


def _contents(folder: Path, manifest: dict[str, Any]) -> tuple[dict[str, bytes], list[str]]:
    """The bytes of every file that is as recorded, and one sentence for each that is not."""
    contents: dict[str, bytes] = {}
    faults = []
    # What an interrupted re-run left behind is no part of the run, and harmless.
    present = {name for name in files_below(folder) if not name.startswith(f"{_UNFINISHED}/")} - {MANIFEST}
    for name, recorded in sorted(manifest["outputs"].items()):
        if name not in present or (folder / name).is_symlink():
            faults.append(f"`{name}` is missing")
            continue
        content = (folder / name).read_bytes()
        if digest(content) == recorded:
            contents[name] = content
        else:
            faults.append(f"`{name}` was altered")
    faults.extend(f"`{name}` is extra" for name in sorted(present - set(manifest["outputs"])))
    return contents, faults
