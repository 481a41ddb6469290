"""What the fault tests need of the machine, and that they say so where it is missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.server import PROJECT

pytestmark = pytest.mark.sqlite_only("it is about the tests themselves")

SENTENCE = "This needs strace, which is not installed: apt install strace"
PROGRAMS = ("power", "io", "soak --part io", "soak")
TESTS = "tests"
FILES = ("test_power_cut.py", "test_io_calls.py", "test_io_servers.py")
# One test of each.
CHOICE = "only_deleted or calls_that_fail_are or no_sync_succeeds"
AT_ONCE = 2
Begun = dict[str, Future[subprocess.CompletedProcess[str]]]
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


@pytest.fixture(scope="module")
def without_strace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    """What runs without strace, some at once."""
    path = str(tmp_path_factory.mktemp("empty"))
    programs = {name: (sys.executable, "-m", *f"tests.faults.{name}".split()) for name in PROGRAMS}
    files = [f"tests/faults/{name}" for name in FILES]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield {
            name: threads.submit(run, *command, PATH=path)
            for name, command in {TESTS: pytest_of(*files, "-k", CHOICE), **programs}.items()
        }


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_without_strace_says_in_one_sentence_what_to_install(
    without_strace: Begun, program: str
) -> None:
    done = without_strace[program].result()
    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("", f"Error: {SENTENCE}\n")


def test_tests_without_strace_fail_with_one_sentence(without_strace: Begun) -> None:
    done = without_strace[TESTS].result()
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
