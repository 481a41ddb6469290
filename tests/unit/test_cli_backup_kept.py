"""`backup FOLDER --keep N`: which backups go, and what is never touched."""

import fcntl
from pathlib import Path

import pytest

from tests.unit.backing_up import Keeper, make_sqlite, rows_of
from tests.unit.examples import reserve

OF_THE_PAST = "ticketboss-20200101T000000.000Z.db"
OF_THE_FUTURE = "ticketboss-29990101T000000.000Z.db"
PARTIAL = ".ticketboss-partial"


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_in_a_folder_the_name_has_the_moment(folder: Path, keeper: Keeper) -> None:
    backup = keeper.back_up(folder)
    assert backup.parent == folder
    assert backup.name.startswith("ticketboss-2")
    assert backup.name.endswith("Z.db")


def test_what_a_killed_backup_left_goes_and_one_that_is_made_stays(
    folder: Path, keeper: Keeper
) -> None:
    left, made = folder / f"{OF_THE_PAST}{PARTIAL}", folder / f"{OF_THE_FUTURE}{PARTIAL}"
    journal = folder / f"{left.name}-journal"
    others = [folder / name for name in (f"other-20200101T000000.000Z.db{PARTIAL}", PARTIAL)]
    for path in (left, journal, made, *others):
        path.write_text("half of it")
    with made.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        told = keeper.document("backup", str(folder))

    assert told["deleted"] == [str(left)]
    assert _names(folder) == {Path(told["path"]).name, made.name, *(path.name for path in others)}


def test_without_keep_nothing_is_deleted(folder: Path, keeper: Keeper) -> None:
    made = {keeper.back_up(folder).name for _ in range(3)}
    assert _names(folder) == made
    assert len(made) == 3


def test_the_oldest_go(folder: Path, keeper: Keeper) -> None:
    first, second = keeper.back_up(folder), keeper.back_up(folder)
    keeper.sell(reserve(1, "r2"))
    told = keeper.document("backup", str(folder), "--keep", "2")
    assert told["deleted"] == [str(first)]
    assert _names(folder) == {second.name, Path(told["path"]).name}
    assert rows_of(Path(told["path"]), "SELECT version FROM events") == [(2,)]


def test_people_are_told_which_were_deleted(folder: Path, keeper: Keeper) -> None:
    first = keeper.back_up(folder)
    assert keeper.lines("backup", str(folder), "--keep", "1")[1:] == [f"Deleted {first}"]


def test_what_backup_did_not_make_is_never_deleted(folder: Path, keeper: Keeper) -> None:
    other_names = ("notes.txt", "ticketboss.db", "other-20200101T000000.000Z.db", "before-drop.db")
    keeper.back_up(folder / "before-drop.db")
    for name in {*other_names} - _names(folder):
        (folder / name).write_bytes((folder / "before-drop.db").read_bytes())
    (folder / OF_THE_PAST).write_text("named like a backup, but none")
    make_sqlite(folder / OF_THE_PAST.replace("2020", "2019"), "CREATE TABLE t (x)")
    (folder / OF_THE_PAST.replace("2020", "2018")).symlink_to(folder / "before-drop.db")
    (folder / OF_THE_PAST.replace("2020", "2017")).mkdir()
    before = _names(folder)
    keeper.back_up(folder, "--keep", "1")
    assert len(_names(folder)) == len(before) + 1
    assert before < _names(folder)


def test_the_new_one_stays_though_the_clock_went_back(folder: Path, keeper: Keeper) -> None:
    keeper.back_up(folder / OF_THE_FUTURE)
    backup = keeper.back_up(folder, "--keep", "1")
    assert _names(folder) == {backup.name}


def test_a_backup_that_failed_deletes_nothing(folder: Path, keeper: Keeper) -> None:
    old = {keeper.back_up(folder).name for _ in range(2)}
    make_sqlite(keeper.path, "UPDATE reservations SET seats = 3")
    assert keeper.run("backup", str(folder), "--keep", "1").exit_code == 1
    assert _names(folder) == old


def test_what_cannot_be_deleted_is_told_of(
    folder: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.back_up(folder)
    unlink = Path.unlink

    def refuse(path: Path, **options: bool) -> None:
        if path.suffix == ".db":
            raise PermissionError(13, "Permission denied")
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", refuse)
    told = keeper.run("backup", str(folder), "--keep", "1")
    assert told.exit_code == 1
    assert "was made, but the older ones could not be deleted: Permission denied." in told.stderr
    assert len(_names(folder)) == 2


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_keep_is_a_number_from_one_on(folder: Path, keeper: Keeper, number: str) -> None:
    assert "--keep" in keeper.usage_error("backup", str(folder), "--keep", number)


def test_keep_needs_a_folder(tmp_path: Path, keeper: Keeper) -> None:
    said = keeper.usage_error("backup", str(tmp_path / "b.db"), "--keep", "2")
    assert "--keep needs a folder" in said
