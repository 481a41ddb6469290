"""Who else uses the database meanwhile: a second server, one that waits for the port, a backup."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from tests.concurrency.watching import assert_stays, wait_until
from tests.faults.history.buyers import Book, Buyer
from tests.faults.history.violations import Violation
from tests.faults.history.wire import Identity, Request
from tests.faults.nemeses.scene import Scene
from tests.server import Server
from tests.sqlite_file import SqliteFile
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.verifier import Verifier
from ticketboss.repository import open_repository
from ticketboss.repository.sqlite.driver import choose_driver

SERVE_SECONDS = (0.5, 2.0)
WAIT_SECONDS = (0.1, 1.0)
ENTRIES_MAX = 1_000_000


def serve_beside(scene: Scene) -> None:
    """A second server on the same database, with another port; it is killed while it serves."""
    with _like(scene, "second") as second, ThreadPoolExecutor() as threads:
        wait_until(lambda: _decides(scene, second.port), "the second server decided nothing")
        until_ns = time.monotonic_ns() + int(scene.chance.uniform(*SERVE_SECONDS) * 1e9)
        buying = [
            threads.submit(_buy, scene, partner, second.port, until_ns)
            for partner in scene.keys.partners
        ]
        killed_at_ns = until_ns - scene.chance.choice((0, int(0.2e9)))
        time.sleep(max(0.0, (killed_at_ns - time.monotonic_ns()) / 1e9))
        second.destroy()
        for each in buying:
            each.result()
    scene.tally["second servers"] += 1


def _decides(scene: Scene, port: int) -> bool:
    """Whether the server on a port decides a request: not while the other one stops in a write."""
    with scene.client(scene.keys.partners[0], port, 0) as wire:
        name = scene.new_name()
        body = {"seats": 1, "reference": name}
        path = f"/events/{scene.event_id}/reservations"
        return wire.ask(Request("reserve", "POST", path, body, name)).version is not None


def _buy(scene: Scene, partner: Identity, port: int, until_ns: int) -> None:
    """Ask the server on a port for everything until it is killed."""
    books = {each.partner_id or "": Book() for each in scene.keys.partners}
    with scene.client(partner, port, 0) as wire, suppress(OSError):
        name = scene.new_name()
        Buyer(wire, scene.event_id, name, books, name).run(lambda: time.monotonic_ns() >= until_ns)


def wait_at_the_port(scene: Scene) -> None:
    """A second server on the same port: it waits, and serves nobody."""
    first = scene.server
    second = _like(scene, "waiting", PORT=first.port, LOG_LEVEL="warning")
    second.start()
    try:
        said = f"Waiting for 127.0.0.1:{first.port}, which is still in use."
        wait_until(lambda: said in second.log(), "the second server did not wait for the port")
        assert_stays(
            lambda: second.worker_pids() == [],
            "the second server has workers at the port of the first",
            scene.chance.uniform(*WAIT_SECONDS),
        )
        second.stop()
    finally:
        second.destroy()
    scene.tally["servers at the same port"] += 1


def _like(scene: Scene, name: str, **settings: str | int) -> Server:
    """Another server with the settings and the database of the first."""
    folder = scene.server.folder / f"{scene.event_id}-{name}-{scene.new_name()}"
    folder.mkdir()
    others = {each: value for each, value in scene.server.environment.items() if each != "PORT"}
    return Server(folder, **(others | settings))


def back_up(scene: Scene) -> None:
    """Copy the database through SQLite while it is written to; the copy must be whole."""
    url = scene.server.environment["DATABASE_URL"]
    path = Path(url.removeprefix("sqlite:///"))
    copy = path.with_name(f"{scene.new_name()}.db")
    before = _version(url, scene.event_id)
    _copy(path, copy)
    after = _version(url, scene.event_id)
    ledger, wrong = _inspected(copy, scene.event_id)
    if not before < len(ledger) <= after + 1:
        wrong = [f"it ends before version {len(ledger)}, made between {before} and {after}", *wrong]
    scene.found += [Violation("backup", f"the copy is not whole: {each}") for each in wrong]
    scene.copies.append(ledger)
    copy.unlink()
    scene.tally["backups"] += 1


def _copy(source: Path, target: Path) -> None:
    connect = choose_driver().module.connect
    with closing(connect(source)) as reading, closing(connect(target)) as writing:
        # In one step: a copy by pages begins anew whenever somebody else writes.
        reading.backup(writing)


def _version(url: str, event_id: str) -> int:
    # Not by a repository of its own, which would bring the log into the file.
    query = f"SELECT version FROM events WHERE event_id = '{event_id}'"  # noqa: S608 - our own id
    [(version,)] = SqliteFile(url).rows(query)
    return int(version)


def _inspected(copy: Path, event_id: str) -> tuple[Sequence[LedgerEntry], list[str]]:
    """The ledger of a copy, and what is wrong with it."""
    with closing(choose_driver().module.connect(copy)) as connection:
        wrong = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall()]
        wrong += [str(row) for row in connection.execute("PRAGMA foreign_key_check").fetchall()]
    with closing(open_repository(f"sqlite:///{copy}")) as repository:
        verification = Verifier(repository, event_id).verify()
        ledger = repository.ledger(event_id, -1, ENTRIES_MAX)
    wrong += ["there is no such event"] if verification is None else verification.differences
    return ledger, [each for each in wrong if each != "ok"]


def wrong_copies(scene: Scene) -> list[Violation]:
    """Backups that are not the beginning of what the ledger is at the end."""
    if not scene.copies:
        return []
    with closing(open_repository(scene.server.environment["DATABASE_URL"])) as repository:
        ledger = repository.ledger(scene.event_id, -1, ENTRIES_MAX)
    return [
        Violation("backup", f"a copy with {len(copy)} entries is not what the ledger began with")
        for copy in scene.copies
        if list(copy) != ledger[: len(copy)]
    ]
