"""The rehearsal: back up while a drop runs, lose the machine, restore, and go on selling."""

import shutil
from pathlib import Path

import pytest

from tests.concurrency.clients import reserve_surely, summary_of
from tests.concurrency.load import Load
from tests.concurrency.watching import ledger_of
from tests.server import Server

pytestmark = pytest.mark.sqlite_only("it is about the files of SQLite")

SEATS_ENOUGH_FOR_ALL = 1_000_000
CLIENTS = 4
COMMITS_BETWEEN = 30
BACKUPS = 3


def test_what_a_backup_under_load_has_is_sold_on_after_the_machine_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    disk = tmp_path / "disk"
    disk.mkdir()
    with Server(disk, TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL) as server:
        with Load(server, CLIENTS) as load:
            for _ in range(BACKUPS):
                load.wait_for_more(COMMITS_BETWEEN)
                answered_before = len(load.settled)
                made = server.operate("backup", str(folder), "--keep", "2")
            load.wait_for_more(COMMITS_BETWEEN)
        assert load.interruptions == []
        ledger = ledger_of(server)
    shutil.rmtree(disk)

    assert len(list(folder.iterdir())) == 2
    disk.mkdir()
    restored = Server(disk)
    restored.operate("restore", made["path"])
    assert ledger_of(restored) == ledger[: made["entries"]]
    # The event's creation is an entry as well.
    assert answered_before < made["entries"] < len(ledger)
    with restored:
        reserve_surely(restored, 3)
        assert summary_of(restored)["version"] == made["entries"]
        assert restored.differences() == []


def test_an_idle_server_is_not_robbed_of_its_database(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.operate("backup", str(tmp_path / "b.db"))
        refused = server.command("restore", str(tmp_path / "b.db"))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "is in use: stop the server" in refused.stderr
        assert server.stop() == 0
        assert server.command("restore", str(tmp_path / "b.db")).returncode == 0
