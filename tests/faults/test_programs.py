"""What the fault tests need of the machine, and that they say so where it is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import PROJECT

pytestmark = pytest.mark.sqlite_only("it is about the tests themselves")

SENTENCE = "This needs strace, which is not installed: apt install strace"
FILES = ("test_power_cut.py", "test_io_calls.py", "test_io_servers.py")
# One test of each.
CHOICE = "only_deleted or calls_that_fail_are or no_sync_succeeds"
WITHOUT_MOUNTING = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this in the project's folder."""
    return subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def pytest_of(*arguments: str) -> tuple[str, ...]:
    """The command that runs some of these tests."""
    return (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments)


@pytest.mark.parametrize("program", ["power", "io", "soak --part io", "soak"])
def test_a_program_without_strace_says_in_one_sentence_what_to_install(
    tmp_path: Path, program: str
) -> None:
    done = run(sys.executable, "-m", *f"tests.faults.{program}".split(), PATH=str(tmp_path))
    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("", f"Error: {SENTENCE}\n")


def test_tests_without_strace_fail_with_one_sentence(tmp_path: Path) -> None:
    files = [f"tests/faults/{name}" for name in FILES]
    done = run(*pytest_of(*files, "-k", CHOICE), PATH=str(tmp_path))
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert f", {len(FILES)} errors in " in done.stdout
    assert done.stdout.count(f"\n{SENTENCE}\n") == len(FILES)
    assert "Error:" not in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="others leave out what is tested here")
def test_full_disks_without_the_right_to_mount_fail_with_one_sentence() -> None:
    done = run(*WITHOUT_MOUNTING, *pytest_of("tests/faults/test_io_servers.py", "-k", "full_disk"))
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert ", 2 errors in " in done.stdout
    assert "This needs the right to mount a small disk" in done.stdout
    assert "Error:" not in done.stdout
