"""Of what a figure is: the commit, and the versions of all that is measured."""

import datetime
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.servers import EXPRESS

PROJECT = Path(__file__).parent.parent
UNKNOWN = "unknown"
OURS = ("gunicorn", "gevent", "Flask", "Werkzeug", "marshmallow")
PEERS_IN_PYTHON = ("fastapi", "uvicorn", "uvloop", "pydantic", "Flask", "gunicorn")
PEERS_IN_NODE = ("express", "better-sqlite3", "zod")
# Runs write these themselves, so they change nothing of what the next run measures.
WRITTEN_BY_RUNS = ("benchmarks/results", "benchmarks/README.md")
SQLITE_IN_NODE = (
    "console.log(new (require('better-sqlite3'))(':memory:')"
    ".prepare('SELECT sqlite_version()').pluck().get())"
)
COMMAND_SECONDS_MAX = 30


def at_start() -> dict[str, str]:
    """What is to be known of a run before it begins."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(PROJECT),
        "load average before the start": _load_average(),
        "versions": ", ".join([*_installed(OURS), _wrk()]),
    }


def of_peers() -> str:
    """The versions of the peers, as far as they are installed, and of the SQLite of each."""
    python = [*_installed(PEERS_IN_PYTHON), f"SQLite {sqlite3.sqlite_version}"]
    return "; ".join([", ".join(python), ", ".join(_in_node(EXPRESS))])


def commit(project: Path) -> str:
    """The commit that is checked out, with -dirty where files that git knows are not as in it."""
    found = _said(["git", "-C", str(project), "rev-parse", "--show-toplevel", "HEAD"])
    top, _, name = found.partition("\n")
    # An unpacked archive may lie in the repository of something else.
    if not name or Path(top).resolve() != project.resolve():
        return UNKNOWN
    ours = [".", *(f":(exclude){path}" for path in WRITTEN_BY_RUNS)]
    changed = _said(
        ["git", "-C", str(project), "status", "--porcelain", "--untracked-files=no", "--", *ours]
    )
    return f"{name}-dirty" if changed else name


def _load_average() -> str:
    minutes = zip((1, 5, 15), os.getloadavg(), strict=True)
    return ", ".join(f"{load:.2f} in {number} min" for number, load in minutes)


def _installed(packages: Sequence[str]) -> Iterator[str]:
    for package in packages:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"{package} not installed"


def _in_node(folder: Path) -> Iterator[str]:
    """What is installed in a folder, which need not be what its package.json asks for."""
    yield f"Node.js {_said(['node', '--version']).removeprefix('v') or 'not installed'}"
    for package in PEERS_IN_NODE:
        path = folder / "node_modules" / package / "package.json"
        found = json.loads(path.read_text())["version"] if path.is_file() else "not installed"
        yield f"{package} {found}"
    yield f"SQLite {_said(['node', '-e', SQLITE_IN_NODE], folder) or UNKNOWN}"


def _wrk() -> str:
    # It ends with status 1 behind this.
    found = _said(["wrk", "-v"], is_checked=False).split()
    return f"wrk {found[1]}" if len(found) > 1 else "wrk not installed"


def _said(command: Sequence[str], folder: Path = PROJECT, is_checked: bool = True) -> str:
    """What a command writes, without the white space around it; empty where it does not work."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX
    )
    return "" if is_checked and done.returncode else done.stdout.strip()
