"""`make` on a machine that lacks something, and `make run` from start to Ctrl-C."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import PROJECT, Server

MAKEFILE = (PROJECT / "Makefile").read_text()


def make_run_in(folder: Path, python: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make run` in a folder that has the Makefile and nothing else."""
    shutil.copy(PROJECT / "Makefile", folder)
    (folder / "requirements.txt").touch()
    return subprocess.run(
        ["make", "run", f"PYTHON={python}"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def own_lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """All that was printed, except make's own closing line."""
    lines = (done.stdout + done.stderr).splitlines()
    return [line for line in lines if not line.startswith("make: ***")]


def test_missing_venv_module_gives_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "ensurepip.py").write_text("raise ImportError\n")
    done = make_run_in(tmp_path, sys.executable, PYTHONPATH=str(modules))
    assert done.returncode != 0
    [line] = own_lines(done)
    assert "apt install python3-venv" in line
    assert not (tmp_path / ".venv").exists()


def test_old_python_gives_one_line_that_says_which_is_needed(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 10, 13)\n")
    done = make_run_in(tmp_path, sys.executable, PYTHONPATH=str(modules))
    assert done.returncode != 0
    [line] = own_lines(done)
    assert "needs Python 3.11 or newer" in line
    assert not (tmp_path / ".venv").exists()


def test_absent_python_gives_one_line_too(tmp_path: Path) -> None:
    done = make_run_in(tmp_path, str(tmp_path / "python-that-is-not-there"))
    assert done.returncode != 0
    [line] = own_lines(done)
    assert "needs Python 3.11 or newer" in line


def test_help_has_a_line_for_every_target() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    [phony] = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert [line.split()[1] for line in done.stdout.splitlines()] == phony.split()


@pytest.mark.parametrize(
    ("target", "requirements"), [("run", "requirements.txt"), ("test", "requirements-dev.txt")]
)
def test_targets_install_only_what_is_locked_with_hashes(
    target: str, requirements: str, tmp_path: Path
) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).touch()
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    installs = [line for line in done.stdout.splitlines() if "pip install" in line]
    assert all("--require-hashes" in line for line in installs)
    assert any(line.endswith(f"-r {requirements}") for line in installs)


def test_second_make_run_installs_nothing_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    server = MakeRun(tmp_path)
    try:
        server.start()
        server.wait_until_ready()
        assert server.programs() == ["-m ticketboss settings", "-m gunicorn wsgi:app"]
        # A terminal sends Ctrl-C to make and to all that it started.
        os.killpg(server.master_pid, signal.SIGINT)
        server.wait_for_exit()
    finally:
        server.destroy()
    assert "Shutting down: Master" in server.log()
    assert "***" not in server.log()
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("workers", ["abc", ""])
def test_make_run_names_all_wrong_settings_also_those_that_gunicorn_reads(
    tmp_path: Path, workers: str
) -> None:
    server = MakeRun(tmp_path, WEB_CONCURRENCY=workers, LOG_LEVEL="loud", TICKETBOSS_FOO="1")
    server.start()
    assert server.wait_for_exit() != 0
    log = server.log()
    for name in ("WEB_CONCURRENCY", "LOG_LEVEL", "TICKETBOSS_FOO"):
        assert f"  {name}: " in log
    assert "Traceback" not in log


class MakeRun(Server):
    """A scratch server that is started by `make run` where a first one has installed all.

    Its Python is that of the tests, which says what it was asked to run.
    """

    def start(self, *arguments: str) -> None:
        venv = self.folder / "venv"
        python = venv / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\necho "$*" >>{self._programs}\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        for made in ("bin/pip", ".run"):
            (venv / made).touch()
        with self.log_path.open("ab") as log:
            self._master = subprocess.Popen(
                ["make", "run", f"VENV={venv}", *arguments],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def programs(self) -> list[str]:
        """What its Python was asked to run so far, pip among it."""
        return self._programs.read_text().splitlines()

    @property
    def _programs(self) -> Path:
        return self.folder / "programs"
