"""Another process on the database: `python -m tests.contract.process BACKEND FOLDER ACTION`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.backends import BACKENDS, PATIENCE_SECONDS, plan, within, write
from tests.unit.examples import EVENT_ID, reserve
from ticketboss.repository.interface import Conflict, Repository, Transaction
from ticketboss.repository.postgres.repository import PostgresRepository

PROJECT = Path(__file__).parents[2]
READY = "ready\n"


def hold(repository: Repository) -> None:
    """Take the write lock, write a reservation, and commit it when the input ends."""

    def write_and_wait(transaction: Transaction) -> None:
        write(transaction, reserve(1, "held-back"))
        # Over a network what was written may still be on its way: asking brings it there.
        transaction.snapshot(EVENT_ID, [])
        print(READY, end="", flush=True)  # noqa: T201 - tells the test
        sys.stdin.read()

    repository.exclusive(EVENT_ID, write_and_wait, within())


def hold_access(repository: Repository) -> None:
    """Keep everybody else from writing keys, partners and the admin log until the input ends."""
    if isinstance(repository, PostgresRepository):
        with repository._connections.writing(within()) as session:
            session.execute("LOCK TABLE api_keys, partners, admin_log IN EXCLUSIVE MODE")
            session.execute("SELECT 1").fetchall()
            print(READY, end="", flush=True)  # noqa: T201 - tells the test
            sys.stdin.read()
    else:
        hold(repository)


def sell(repository: Repository, reservation_ids: list[str]) -> None:
    """Sell single seats as the engine does: plan, compare and set, plan again when overtaken."""
    print(READY, end="", flush=True)  # noqa: T201 - tells the test
    sys.stdin.read()
    for reservation_id in reservation_ids:
        while True:
            try:
                repository.commit(plan(repository, reserve(1, reservation_id)), within())
            except Conflict:
                continue
            break


def migrate(backend: str, folder: Path) -> None:
    """Migrate each database whose name is sent, and answer how much was applied."""
    print(READY, end="", flush=True)  # noqa: T201 - tells the test
    for name in sys.stdin:
        repository = BACKENDS[backend](folder / name.strip())
        print(len(repository.migrate()), flush=True)  # noqa: T201 - tells the test
        repository.close()


def main(backend: str, folder: str, action: str, *reservation_ids: str) -> None:
    if action == "migrate":
        migrate(backend, Path(folder))
        return
    repository = BACKENDS[backend](Path(folder))
    if action == "hold":
        hold(repository)
    elif action == "hold-access":
        hold_access(repository)
    else:
        sell(repository, list(reservation_ids))
    repository.close()


@contextmanager
def started(backend: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start such a process; it is at its starting line inside the block and gone behind it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.process", backend, str(folder), *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert answer(process) == READY
            yield process
        finally:
            process.kill()


def ask(process: subprocess.Popen[str], line: str) -> None:
    """Send it one line."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    """The next line that it prints; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline()


def let_go(process: subprocess.Popen[str]) -> None:
    """Let it do its work, without waiting for the end."""
    assert process.stdin is not None
    process.stdin.close()


def finish(process: subprocess.Popen[str]) -> str:
    """Let it do its work; gives what it printed."""
    let_go(process)
    assert process.stdout is not None
    printed = process.stdout.read()
    assert process.wait(PATIENCE_SECONDS) == 0
    return printed


def sold(repository: Repository) -> int:
    """How many seats of the event are sold, by its counters."""
    event = repository.event(EVENT_ID)
    assert event is not None
    return event.total_seats - event.available_seats


if __name__ == "__main__":
    main(*sys.argv[1:])
