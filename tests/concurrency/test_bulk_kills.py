"""kill -9 under bulks: none is there in part, and no key has made two."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.concurrency.clients import Client, crowd, summary_of
from tests.concurrency.killing import kill_a_worker
from tests.concurrency.load import settled
from tests.concurrency.watching import ledger_of, wait_until
from tests.server import Server

CLIENTS = 8
KILLS = 4
BETWEEN_KILLS = 150
BULK = [2] * 10


class Bulks:
    """Clients that send one bulk after the other, each under a key until it is settled."""

    def __init__(self) -> None:
        self.interruptions: list[str] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self._stopping = threading.Event()

    @contextmanager
    def running(self, server: Server) -> Iterator[None]:
        """Send bulks while the block lasts."""
        with ThreadPoolExecutor(1) as threads:
            sent = threads.submit(crowd, server, CLIENTS, self._send)
            try:
                yield
            finally:
                self._stopping.set()
            sent.result()

    def _send(self, client: Client, number: int) -> None:
        for step in range(1_000_000):
            if self._stopping.is_set():
                return
            self._settle(client, f"bulk-{number}-{step}", atomic=step % 2 == 0)

    def _settle(self, client: Client, key: str, atomic: bool) -> None:
        answer = settled(
            lambda: client.reserve_many(BULK, key, atomic=atomic), 201, self.interruptions
        )
        self.answers[key] = answer.json()


def _wait_for_more(server: Server) -> None:
    goal = summary_of(server)["version"] + BETWEEN_KILLS
    wait_until(lambda: len(ledger_of(server)) > goal, "the bulks came to a halt")


def test_killed_workers_leave_no_bulk_in_part_and_none_twice(tmp_path: Path) -> None:
    bulks = Bulks()
    with Server(tmp_path, TICKETBOSS_DEFAULT_EVENT_SEATS=1_000_000, WEB_CONCURRENCY=4) as server:
        killed: set[int] = set()
        with bulks.running(server):
            for _ in range(KILLS):
                _wait_for_more(server)
                killed.add(kill_a_worker(server, killed))

        assert bulks.interruptions, "no kill met a bulk"
        ledger = ledger_of(server)
        keys = {entry.idempotency_key: entry.version for entry in ledger if entry.idempotency_key}
        firsts = {key: told["outcomes"][0]["version"] for key, told in bulks.answers.items()}
        assert keys == firsts
        assert len(ledger) == 1 + len(firsts) * len(BULK)
        for key, told in bulks.answers.items():
            entries = ledger[firsts[key] : firsts[key] + len(BULK)]
            ids = [each["reservationId"] for each in told["outcomes"]]
            assert [entry.reservation_id for entry in entries] == ids
        assert server.differences() == []
