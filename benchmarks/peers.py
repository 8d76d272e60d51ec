"""The peers: one is installed from PyPI into an environment of its own, the other is used where it is."""

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from contenders import Tools

TOOLKIT = "coordination-network-toolkit"
TOOLKIT_VERSION = "1.5.2"

Told = Callable[[str], None]


def tools(wanted: frozenset[str], cache: Path, *, coortweet: Path | None, rscript: str, told: Told) -> Tools:
    """The programmes of the `wanted` peers, toolkit and coortweet; what cannot be had is told of."""
    toolkit = _toolkit(cache, told) if "toolkit" in wanted else None
    found = shutil.which(rscript) if "coortweet" in wanted else None
    sources = _coortweet(found, coortweet) if found else None
    if "coortweet" in wanted and sources is None:
        told("CooRTweet is left out: it needs R with data.table and igraph, and the package or its sources")
    return Tools(toolkit=toolkit, rscript=found, coortweet=sources)


def toolkit_version(tools: Tools) -> str:
    """The version that is installed."""
    question = f"import importlib.metadata as m; print(m.version({TOOLKIT!r}))"
    return _said(str(tools.toolkit), "-c", question)


def coortweet_version(tools: Tools) -> str:
    """The version of the package and of R."""
    if tools.coortweet == "-":
        version = 'as.character(packageVersion("CooRTweet"))'
    else:
        # Its R files lie in a folder R beside the description.
        description = Path(str(tools.coortweet)).parent / "DESCRIPTION"
        lines = description.read_text(encoding="utf-8").splitlines() if description.is_file() else []
        stated = [line.split()[1] for line in lines if line.startswith("Version:")]
        version = f'"{stated[0] if stated else "version not stated"}"'
    return _said(str(tools.rscript), "-e", f'cat({version}, "on R", as.character(getRversion()))')


def _toolkit(cache: Path, told: Told) -> str | None:
    folder = cache / f"{TOOLKIT}-{TOOLKIT_VERSION}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / "ready"
    if ready.exists():
        return str(python)
    told(f"installing {TOOLKIT} {TOOLKIT_VERSION}")
    venv.create(folder, with_pip=True, clear=True)
    install = [str(python), "-m", "pip", "install", "--quiet", f"{TOOLKIT}=={TOOLKIT_VERSION}"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        told(f"{TOOLKIT} is left out: pip ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return None
    ready.touch()
    return str(python)


def _coortweet(rscript: str, sources: Path | None) -> str | None:
    """Where CooRTweet is, if it can be loaded."""
    where = "-" if sources is None else str(sources.resolve())
    command = [rscript, str(Path(__file__).with_name("coortweet.R")), where]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    return where if done.returncode == 0 else None


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
