"""What strace saw of a server: changes of its files, syncs, and the answers that left it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# All that can change a file or its name; a call that is not understood below stops the harness.
TRACED_CALLS = (
    "openat,creat,pwrite64,write,writev,pwritev,pwritev2,truncate,ftruncate,fallocate,fsync,"
    "fdatasync,sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,sendto,sendmsg"
)
TRACED_BYTES_MAX = 1_000_000
DATABASE = "ticketboss.db"

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)", re.DOTALL)
_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes that were written and may still be lost."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file that was given another size in bytes."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file is safe as it was when the call began."""

    file: str
    began: int


@dataclass(frozen=True, slots=True)
class Make:
    """A file was opened, and made if there was none."""

    file: str


@dataclass(frozen=True, slots=True)
class Remove:
    """The name of a file was removed."""

    file: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """The names of the files are safe as they were when the call began."""

    began: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer was handed to the network."""

    head: str


Operation = Write | Truncate | Sync | Make | Remove | SyncFolder | Answer


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, and the place in the trace from which on it has had its effect."""

    place: int
    operation: Operation


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    arguments: str
    result: int
    began: int
    ended: int


def read(trace: Path) -> list[Step]:
    """The steps of a server that was recorded from before it made its database."""
    with trace.open() as lines:
        opened = (_path(call) for call in _calls(lines) if call.name == "openat")
        database = next(path for path in opened if path.name == DATABASE)
    with trace.open() as lines:
        return steps(lines, database)


def steps(lines: Iterable[str], database: Path) -> list[Step]:
    """What happened to the files of one database, and all answers, in order of their effect.

    Of a call that others overlapped, an answer counts from its beginning, as it may have arrived;
    anything else from its end. Memory shared by processes (`-shm`) is none of the disk's.
    """
    found: list[Step] = []
    for call in _calls(lines):
        operation = _operation(call, database)
        if operation is not None:
            place = call.began if isinstance(operation, Answer) else call.ended
            found.append(Step(place, operation))
    return sorted(found, key=lambda step: step.place)


def _calls(lines: Iterable[str]) -> Iterator[_Call]:
    begun: dict[str, tuple[int, str]] = {}
    for place, line in enumerate(lines):
        process, _, text = line.rstrip("\n").partition(" ")
        began, rest = place, text.strip()
        if rest.endswith(_UNFINISHED):
            begun[process] = (place, rest.removesuffix(_UNFINISHED))
            continue
        if resumed := _RESUMED.fullmatch(rest):
            began, head = begun.pop(process)
            rest = head + resumed[1]
        if call := _CALL.match(rest):
            yield _Call(call[1], call[2], int(call[3]), began, place)


def _operation(call: _Call, database: Path) -> Operation | None:
    if call.result < 0:
        return None
    if call.name in ("sendto", "sendmsg"):
        return _answer(call)
    path = _path(call)
    if path == database.parent:
        return SyncFolder(call.began) if call.name in ("fsync", "fdatasync") else None
    if not path.name.startswith(database.name) or path.name.endswith("-shm"):
        return None
    return _of_file(call, path.name)


def _of_file(call: _Call, file: str) -> Operation | None:
    match call.name:
        case "pwrite64":
            offset = int(call.arguments.rpartition(", ")[2])
            return Write(file, offset, _bytes(call.arguments)[: call.result])
        case "ftruncate":
            return Truncate(file, int(call.arguments.rpartition(", ")[2]))
        case "fsync" | "fdatasync":
            return Sync(file, call.began)
        case "unlink":
            return Remove(file)
        case "openat":
            return Make(file) if "O_CREAT" in call.arguments else None
    raise NotImplementedError(f"{call.name} of {file} is a call that no image is made from.")


def _answer(call: _Call) -> Answer | None:
    sent = _bytes(call.arguments)
    if not sent.startswith(b"HTTP/1.1 "):
        return None
    return Answer(sent.partition(b"\r\n\r\n")[0].decode())


def _path(call: _Call) -> Path:
    """The file that a call is about: by its descriptor, or by the first name it is given."""
    named = call.name in ("openat", "creat", "truncate", "rename", "link") or "unlink" in call.name
    if not named and (descriptor := _DESCRIPTOR.match(call.arguments)):
        return Path(_unescaped(descriptor[1]).decode(errors="replace"))
    return Path(_bytes(call.arguments).decode(errors="replace"))


def _bytes(arguments: str) -> bytes:
    text = _TEXT.search(arguments)
    return _unescaped(text[1]) if text else b""


def _unescaped(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
