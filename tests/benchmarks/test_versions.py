"""A report names what it measured."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import versions
from benchmarks.versions import UNKNOWN, at_start, commit, of_peers

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit."""
    for path in ("app.py", "benchmarks/README.md", "benchmarks/results/bench.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("of the commit")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "one")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@needs_git
def test_the_commit_is_named(project: Path) -> None:
    assert commit(project) == git(project, "rev-parse", "HEAD")


@needs_git
def test_a_changed_file_makes_it_dirty(project: Path) -> None:
    (project / "app.py").write_text("changed")

    assert commit(project) == f"{git(project, 'rev-parse', 'HEAD')}-dirty"


@needs_git
def test_what_runs_write_themselves_does_not_make_it_dirty(project: Path) -> None:
    (project / "benchmarks/README.md").write_text("another table")
    (project / "benchmarks/results/bench.md").write_text("the run before")

    assert commit(project) == git(project, "rev-parse", "HEAD")


@needs_git
def test_a_project_in_the_repository_of_something_else_is_unknown(project: Path) -> None:
    assert commit(project / "benchmarks") == UNKNOWN


def test_without_a_repository_the_commit_is_unknown(tmp_path: Path) -> None:
    assert commit(tmp_path) == UNKNOWN


def test_without_git_node_and_wrk_a_report_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    assert commit(project) == UNKNOWN
    assert "wrk not installed" in at_start()["versions"]
    assert "Node.js not installed" in of_peers()


def test_what_serves_and_how_busy_the_machine_was_is_named() -> None:
    facts = at_start()

    assert re.search(r"gunicorn \d+\.\d+\.\d+, gevent \d.*, Flask \d", facts["versions"])
    assert re.fullmatch(
        r"\d+\.\d\d in 1 min, \d+\.\d\d in 5 min, \d+\.\d\d in 15 min",
        facts["load average before the start"],
    )


def test_a_peer_that_is_not_installed_is_named_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "EXPRESS", tmp_path)
    monkeypatch.setattr(versions, "PEERS_IN_PYTHON", ("no-such-package",))

    assert of_peers().startswith("no-such-package not installed, SQLite 3.")
    assert "express not installed, better-sqlite3 not installed" in of_peers()
