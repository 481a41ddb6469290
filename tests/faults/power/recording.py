"""A server with several workers, recorded by strace while clients do a bit of everything."""

import os
import random
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.concurrency.clients import Client
from tests.faults.power.trace import TRACED_BYTES_MAX, TRACED_CALLS, Step, read
from tests.planting import Patch, copy_of_the_code
from tests.server import Server

CLIENTS = 6
# Sold at once, so that their batches share transactions.
EVENTS = ("event-1", "event-2", "event-3")
SEATS_MAX = 3
HOLD_SECONDS = 60
ENOUGH_SEATS = 1_000_000
ANSWER_SECONDS_MAX = 30


class RecordedServer(Server):
    """A server from a copy of the application; its system calls go into the file `trace`."""

    def __init__(self, folder: Path, patches: Sequence[Patch]) -> None:
        super().__init__(folder, TICKETBOSS_DEFAULT_EVENT_SEATS=ENOUGH_SEATS)
        self.trace_path = folder / "trace"
        self.project = copy_of_the_code(folder / "code", patches)

    def command_line(self) -> list[str]:
        """Only the traced calls stop a process, so that the others take no longer than usual."""
        strace = ["strace", "-f", "-y", "-xx", "--seccomp-bpf", "-o", str(self.trace_path)]
        calls = ["-s", str(TRACED_BYTES_MAX), "-e", f"trace={TRACED_CALLS}"]
        return [*strace, *calls, *super().command_line()]

    def finish(self) -> None:
        """Have gunicorn end as an operator would; strace ends behind it."""
        [gunicorn] = self.worker_pids()
        os.kill(gunicorn, signal.SIGTERM)
        if self.wait_for_exit():
            raise AssertionError(self.log())


def record(folder: Path, count: int, seed: int, patches: Sequence[Patch]) -> list[Step]:
    """What happened on the disk from the making of the database to the end of the server."""
    folder.mkdir()
    with RecordedServer(folder, patches) as server:
        for event_id in EVENTS:
            body = {"eventId": event_id, "name": "Event", "totalSeats": ENOUGH_SEATS}
            answer = requests.post(f"{server.url}/events", json=body, timeout=ANSWER_SECONDS_MAX)
            answer.raise_for_status()
        with ThreadPoolExecutor(CLIENTS) as threads:
            share = count // CLIENTS
            list(threads.map(partial(_buy, server.url, share, seed), range(CLIENTS)))
        server.finish()
    return read(server.trace_path)


def _buy(url: str, count: int, seed: int, number: int) -> None:
    chance = random.Random(f"{seed}-{number}")
    mine: list[str] = []
    event_id = EVENTS[number % len(EVENTS)]
    with Client(url, partner_id=f"partner-{number}", event_id=event_id) as client:
        client.send_always({"X-Request-Id": event_id})
        for place in range(count):
            _ask(client, mine, f"{number}-{place}", chance)


def _ask(client: Client, mine: list[str], key: str, chance: random.Random) -> None:
    seats = chance.randint(1, SEATS_MAX)
    match chance.choice(["reserve", "hold", "many", "settle", "change", "read"]):
        case "reserve":
            mine.append(_made(client.reserve(seats, key)))
        case "hold":
            mine.append(_made(client.hold(seats, HOLD_SECONDS)))
        case "many":
            client.reserve_many([1] * seats, key).raise_for_status()
        case "settle" if mine:
            reservation_id = mine.pop(chance.randrange(len(mine)))
            (client.confirm if chance.random() < 0.5 else client.cancel)(reservation_id)
        case "change" if mine:
            client.change(chance.choice(mine), seats)
        case _:
            client.read_event().raise_for_status()


def _made(answer: Any) -> str:
    answer.raise_for_status()
    reservation_id: str = answer.json()["reservationId"]
    return reservation_id
