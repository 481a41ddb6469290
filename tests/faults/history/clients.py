"""One process of clients: `python -m tests.faults.history.clients FILE`, which says what they do.

Each partner has several clients in it, each a thread with a connection and a file of its own.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.history.buyers import Book, Buyer
from tests.faults.history.operators import Operator
from tests.faults.history.wire import Identity, Wire

# Files by which the clients of a sale are told.
ENDING, OVER = "ending", "over"


@dataclass(frozen=True, slots=True)
class Crew:
    """What one process is told. Only one of several has an operator, who ends the sale.

    Files of these names in `folder` say that the sale ends, and that it is over: how long it lasts
    is up to what happens meanwhile. Nobody asks behind `until_ns`, which is monotonic.
    """

    port: int
    event_id: str
    seed: str
    name: str
    folder: str
    seats: int
    partners: list[dict[str, str]]
    clients_each: int
    until_ns: int
    operator: dict[str, str] | None = None

    def write(self) -> Path:
        """Write it for `main`, and give the file."""
        path = Path(self.folder) / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self)))
        return path

    def run(self) -> None:
        """Let all its clients loose."""
        books = {partner["partner_id"]: Book() for partner in self.partners}
        with ExitStack() as stack, ThreadPoolExecutor(64) as threads:
            running = []
            for partner in self.partners:
                for number in range(self.clients_each):
                    name = f"{self.name}-{partner['partner_id']}-{number}"
                    buyer = Buyer(
                        self._wire(stack, name, Identity(**partner)),
                        self.event_id,
                        name,
                        books,
                        self.seed,
                    )
                    running.append(threads.submit(buyer.run, self._is_over))
            if self.operator is not None:
                running.append(threads.submit(self._operate(stack, self.operator)))
            for each in running:
                each.result()

    def _operate(self, stack: ExitStack, operator: dict[str, str]) -> Callable[[], None]:
        wire = self._wire(stack, f"{self.name}-operator", Identity(**operator))
        partner_ids = [partner["partner_id"] for partner in self.partners]
        acting = Operator(wire, self.event_id, partner_ids, self.seats, self.seed)
        return lambda: acting.run(self._is_over, self._is_ending)

    def _is_ending(self) -> bool:
        return Path(self.folder, ENDING).exists()

    def _is_over(self) -> bool:
        return time.monotonic_ns() >= self.until_ns or Path(self.folder, OVER).exists()

    def _wire(self, stack: ExitStack, name: str, identity: Identity) -> Wire:
        path = Path(self.folder) / f"{name}.jsonl"
        file = stack.enter_context(path.open("w", encoding="utf-8"))
        wire = Wire(self.port, name, identity, file)
        stack.callback(wire.close)
        return wire


def main(path: str) -> None:
    """Run the crew of a file."""
    Crew(**json.loads(Path(path).read_text())).run()


if __name__ == "__main__":
    main(sys.argv[1])
