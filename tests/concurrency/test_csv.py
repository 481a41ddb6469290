"""A long export to a slow reader: it begins at once, and nobody waits for its end."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from tests.concurrency.clients import PARTNER_ID, REQUEST_SECONDS_MAX, Client, reserve_surely
from tests.concurrency.watching import DEFAULT_EVENT
from tests.server import Server
from ticketboss.domain.commands import Reserve, ReserveMany
from ticketboss.engine.committer import Committer
from ticketboss.engine.ids import new_id
from ticketboss.repository import open_repository

# Far more than the buffers between a server and a reader that stops reading.
ROWS = 16_000
REFERENCE = "😀" * 100
RECEIVE_BUFFER_BYTES = 4_096
FIRST_BYTES = 1_000
OTHERS = 20


def _fill(server: Server) -> None:
    """Many long rows, made by another process than the server's."""
    common: dict[str, Any] = {"event_id": DEFAULT_EVENT, "partner_id": PARTNER_ID}
    with closing(open_repository(server.environment["DATABASE_URL"])) as repository:
        committer = Committer(repository, command_seconds_max=30, queue_length_max=10)
        items = tuple(
            Reserve(reservation_id=new_id(), seats=1, reference=REFERENCE, **common)
            for _ in range(ROWS)
        )
        committer.submit(ReserveMany(items=items, **common))


@contextmanager
def _export(server: Server) -> Iterator[HTTPResponse]:
    """The export as a reader gets it that has little room and takes its time."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        reader.settimeout(REQUEST_SECONDS_MAX)
        reader.connect(("127.0.0.1", server.port))
        path = f"/events/{DEFAULT_EVENT}/reservations.csv"
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        response = HTTPResponse(reader)
        try:
            response.begin()
            yield response
        finally:
            response.close()


def test_one_worker_goes_on_serving_while_it_exports(tmp_path: Path) -> None:
    with Server(tmp_path, WEB_CONCURRENCY=1, TICKETBOSS_DEFAULT_EVENT_SEATS=2 * ROWS) as server:
        _fill(server)
        with _export(server) as export:
            assert export.status == 200
            begun = export.read(FIRST_BYTES)
            assert begun.startswith(b'"reservationId",')
            # The export is under way, and this reader takes no more of it for now.
            with Client(server.url) as client:
                for _ in range(OTHERS):
                    assert client.get("/readyz").status_code == 200
                    assert client.reserve(1).status_code == 201
            late = reserve_surely(server, 1)
            assert late.encode() not in begun
            text = (begun + export.read()).decode()

        lines = text.splitlines()
        assert len(lines) == 1 + ROWS + OTHERS + 1
        # It was made when the first bytes had long arrived: the last page was not yet read.
        assert lines[-1].startswith(f'"{late}",')
        assert text.count(REFERENCE) == ROWS
