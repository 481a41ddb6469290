"""A history: one sale, every request of every client with its answer, and how it ended."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Document = dict[str, Any]

# Answered with a 5xx, but with the word that there was no effect.
WITHOUT_EFFECT = frozenset({"overloaded", "storage_unavailable", "not_ready"})
# The server's clock is the clients' own, but a clock may be set a little while we look.
SLACK_MS = 50
READS = frozenset({"read_event", "read_event_at", "read_reservation", "list", "read_ledger"})
FREEZES = frozenset({"freeze", "unfreeze"})


@dataclass(slots=True, eq=False)
class Operation:
    """One request and what came of it.

    `actor` is who asked, as the ledger names them; `partner_id` whose key it was, None for an
    operator's. Times ending in `_ns` are monotonic and comparable between all processes of a
    machine; those ending in `_at` are milliseconds since 1970. No status means no answer:
    the connection was cut, or nobody waited any longer.
    """

    number: int
    client: str
    kind: str
    actor: str
    method: str
    path: str
    called_ns: int
    called_at: int
    partner_id: str | None = None
    body: Document | None = None
    key: str | None = None
    if_match: str | None = None
    answered_ns: int | None = None
    answered_at: int | None = None
    status: int | None = None
    version: int | None = None
    replayed: bool = False
    was_cut: bool = False
    text: str = ""
    _document: Document | None = field(default=None, repr=False)

    @property
    def document(self) -> Document:
        """The answer's JSON object; empty where there is none."""
        if self._document is None:
            self._document = _object_in(self.text)
        return self._document

    @property
    def code(self) -> str | None:
        """The code of a refusal or failure, if it has one."""
        code = self.document.get("code")
        is_failure = self.status is not None and self.status >= 400
        return code if is_failure and isinstance(code, str) else None

    @property
    def outcome(self) -> str:
        """`ok`, `refused`, or `unknown`: it may have had its effect or not."""
        if self.status is None:
            return "unknown"
        if self.status < 400:
            return "ok"
        return "refused" if self.status < 500 or self.code in WITHOUT_EFFECT else "unknown"

    @property
    def is_read(self) -> bool:
        """Whether it asked for no change."""
        return self.kind in READS

    @property
    def asks(self) -> str:
        """What a repetition under the same key has in common with it."""
        return json.dumps([self.method, self.path, self.body], sort_keys=True)

    @property
    def reservation_id(self) -> str:
        """The reservation that the path names."""
        return self.path.split("/")[4]


def _object_in(text: str) -> Document:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Ending:
    """The sale when all was quiet, as an operator reads it over HTTP, and what verify says."""

    event: Document
    ledger: list[Document]
    reservations: list[Document]
    differences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """All there is to know about one sale.

    `slack_ms` is how far the clocks of servers and clients may have been apart.
    """

    event_id: str
    seed: str
    operations: list[Operation]
    ending: Ending
    slack_ms: int = SLACK_MS


def write_history(path: Path, history: History) -> None:
    """Write it as JSON lines: the sale, the operations in the order of their calls, the end."""
    sale = {name: getattr(history, name) for name in ("event_id", "seed", "slack_ms")}
    lines = [{"line": "sale", **sale}, *map(operation_line, history.operations)]
    lines.append({"line": "ending", **asdict(history.ending)})
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def read_history(path: Path) -> History:
    """Read what `write_history` wrote."""
    sale: Document = {}
    ending: Document = {}
    operations = []
    for line in _lines(path):
        kind = line.pop("line")
        if kind == "operation":
            operations.append(Operation(**line))
        elif kind == "sale":
            sale = line
        else:
            ending = line
    return History(operations=operations, ending=Ending(**ending), **sale)


def operation_line(operation: Operation) -> Document:
    """One operation as a line; what is not there is left out."""
    facts = {
        name: value
        for name in Operation.__slots__
        if not name.startswith("_")
        and (value := getattr(operation, name)) is not None
        and value is not False
        and value != ""
    }
    return {"line": "operation", **facts}


def read_operations(paths: Iterable[Path]) -> list[Operation]:
    """The operations of several files in the order of their calls, numbered anew."""
    found = []
    for path in paths:
        for line in _lines(path):
            del line["line"]
            found.append(Operation(**line))
    found.sort(key=lambda operation: operation.called_ns)
    for number, operation in enumerate(found):
        operation.number = number
    return found


def _lines(path: Path) -> Iterator[Document]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
