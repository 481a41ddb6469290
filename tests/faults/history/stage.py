"""A short sale on a server, in which a test says who asks for what."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.concurrency.watching import wait_until, wait_until_all_workers_answer
from tests.faults.history.record import Document, History, Operation, read_operations
from tests.faults.history.sale import Keys, ending_of, put_on_sale
from tests.faults.history.wire import REQUEST_SECONDS_MAX, Identity, Request, Wire
from tests.server import Server

CROWD = 8


class Stage:
    """One event and a client for each partner and the operator; all that they ask is recorded.

    `ada` asks where nobody is named.
    """

    def __init__(self, server: Server, keys: Keys, event_id: str, seats: int = 20) -> None:
        self.server = server
        self.keys = keys
        self.event_id = event_id
        self.event = f"/events/{event_id}"
        self._asked = 0
        self._paths: list[Path] = []
        self._files = ExitStack()
        put_on_sale(server, keys, event_id, totalSeats=seats)

    @contextmanager
    def open(self) -> Iterator[None]:
        """The clients have their connections inside the block."""
        with self._files:
            identities = {each.partner_id or "operator": each for each in self.keys.partners}
            identities["operator"] = self.keys.operator
            self._wires = {who: self._wire(who, each) for who, each in identities.items()}
            try:
                yield
            finally:
                for wire in self._wires.values():
                    wire.close()

    def _wire(self, name: str, identity: Identity) -> Wire:
        # A file for each, because they may write at the same moment.
        path = self.server.folder / f"{self.event_id}-{name}.jsonl"
        self._paths.append(path)
        # At once in the file, so that it can be read before it is closed.
        file = self._files.enter_context(path.open("w", encoding="utf-8", buffering=1))
        return Wire(self.server.port, name, identity, file)

    def history(self) -> History:
        """All that was asked, and the end."""
        ending = ending_of(self.server, self.keys, self.event_id)
        return History(self.event_id, "staged", read_operations(self._paths), ending)

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: Document | None = None,
        by: str = "ada",
        key: str | None = None,
        if_match: str | None = None,
        seconds: float = REQUEST_SECONDS_MAX,
    ) -> Operation:
        """Ask for anything, and wait so long for the answer."""
        return self._wires[by].ask(Request(kind, method, path, body, key, if_match), seconds)

    def reserve(
        self, seats: int, by: str = "ada", key: str | None = None, **more: Any
    ) -> Operation:
        """Reserve; `more` are further members of the body."""
        self._asked += 1
        kind = "hold" if "holdSeconds" in more else "fill" if "minSeats" in more else "reserve"
        body = {"seats": seats, "reference": f"{by}-{self._asked}", **more}
        return self.ask(kind, "POST", f"{self.event}/reservations", body, by, key)

    def bulk(self, seats: list[int], *, atomic: bool = False) -> Operation:
        """Reserve many."""
        self._asked += 1
        items = [
            {"seats": count, "reference": f"bulk-{self._asked}/{place}"}
            for place, count in enumerate(seats)
        ]
        body = {"items": items, "atomic": atomic}
        return self.ask("bulk", "POST", f"{self.event}/reservations/bulk", body)

    def of(self, made: Operation, behind: str = "") -> str:
        """The path of what an operation has made."""
        return f"{self.event}/reservations/{made.document['reservationId']}{behind}"

    def confirm(self, made: Operation) -> Operation:
        """Confirm a hold."""
        return self.ask("confirm", "POST", self.of(made, "/confirm"))

    def cancel(self, made: Operation, by: str = "ada", key: str | None = None) -> Operation:
        """Cancel a reservation."""
        return self.ask("cancel", "DELETE", self.of(made), None, by, key)

    def change(self, made: Operation, seats: int, if_match: str | None = None) -> Operation:
        """Change a reservation's seats."""
        return self.ask("change", "PATCH", self.of(made), {"seats": seats}, if_match=if_match)

    def settings(self, **settings: Any) -> Operation:
        """Change the event, named as JSON names it."""
        return self.ask("change_event", "PATCH", self.event, settings, "operator")

    def operate(self, kind: str) -> Operation:
        """Pause, resume or cancel the event."""
        path = f"{self.event}/{kind.removesuffix('_event')}"
        return self.ask(kind, "POST", path, None, "operator")

    def freeze(self, holds: str) -> None:
        """Freeze ada."""
        self.ask("freeze", "POST", "/partners/ada/freeze", {"holds": holds}, "operator")

    def unfreeze(self) -> None:
        """Let ada go on."""
        self.ask("unfreeze", "POST", "/partners/ada/unfreeze", None, "operator")

    def read(self, kind: str, path: str, by: str = "ada") -> Operation:
        """Read anything."""
        return self.ask(kind, "GET", path, by=by)

    def wait_for_version(self, version: int) -> None:
        """Return when somebody has made that version."""

        def is_there() -> bool:
            read = self.read("read_event", self.event)
            return read.status == 200 and bool(read.document["version"] >= version)

        wait_until(is_there, f"version {version} never came")

    def crowd(self, act: Callable[[Callable[..., Operation]], None]) -> None:
        """Let several clients of ada's act at the same moment; each is given its way to ask."""
        wait_until_all_workers_answer(self.server)
        barrier = threading.Barrier(CROWD)
        wires = [self._wire(f"crowd-{number}", self.keys.partners[0]) for number in range(CROWD)]

        def take_part(number: int) -> None:
            wire = wires[number]

            def ask(*request: Any) -> Operation:
                answer = wire.ask(Request(*request))
                # The next request is any worker's.
                wire.close()
                return answer

            barrier.wait(10)
            act(ask)

        with ThreadPoolExecutor(CROWD) as threads:
            list(threads.map(take_part, range(CROWD)))
