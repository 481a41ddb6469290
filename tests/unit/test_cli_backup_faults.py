"""`backup` on a disk that fills up, and in a folder where it may not write."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.io.servers import unprivileged
from tests.server import PROJECT
from tests.unit.backing_up import Keeper

SECONDS_MAX = 60.0


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


def _back_up(keeper: Keeper, to: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, behind another one."""
    return subprocess.run(
        [*before, sys.executable, "-m", "ticketboss", "backup", str(to)],
        cwd=PROJECT,
        env={
            "DATABASE_URL": keeper.database.url,
            "TICKETBOSS_ENV_FILE": "",
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


def test_a_disk_that_is_full_half_way_has_its_room_back(tmp_path: Path, keeper: Keeper) -> None:
    target = tmp_path / "b.db"
    partial = f"{target}.ticketboss-partial"
    strace = ("strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-P", partial)
    full = ("-e", "inject=pwrite64:error=ENOSPC:when=5+")
    done = _back_up(keeper, target, *strace, "-e", "trace=pwrite64", *full)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"Error: Not copied to {tmp_path}: database or disk is full.\n")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "trace"}
    assert keeper.run("verify").exit_code == 0


def test_what_a_kill_leaves_in_a_folder_goes_with_the_next_backup(
    tmp_path: Path, keeper: Keeper
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    strace = ("strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", "trace=pwrite64")
    done = _back_up(keeper, folder, *strace, "-e", "inject=pwrite64:signal=SIGKILL:when=20")
    assert done.returncode == -signal.SIGKILL
    [left] = folder.iterdir()
    assert left.name.endswith(".ticketboss-partial")

    backup = keeper.back_up(folder)
    assert [*folder.iterdir()] == [backup]


def test_a_limit_on_file_sizes_is_told_of(tmp_path: Path, keeper: Keeper) -> None:
    done = _back_up(keeper, tmp_path / "b.db", "bash", "-c", 'ulimit -f 20; exec "$@"', "-")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Not copied to {tmp_path}: disk I/O error" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_a_folder_that_may_not_be_written_to_is_told_of(tmp_path: Path, keeper: Keeper) -> None:
    (tmp_path / "backups").mkdir(mode=0o555)
    target = tmp_path / "backups" / "b.db"
    done = _back_up(keeper, target, *unprivileged())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {target}: Permission denied.\n"


def test_a_database_that_may_not_be_read_is_told_of(tmp_path: Path, keeper: Keeper) -> None:
    keeper.path.chmod(0)
    done = _back_up(keeper, tmp_path / "b.db", *unprivileged())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {keeper.path}: Permission denied.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
