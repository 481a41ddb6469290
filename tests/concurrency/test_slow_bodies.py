"""Clients that begin a body and never finish it."""

import json
import socket
from pathlib import Path

import pytest
import requests

from tests.server import Server

HEAD = (
    b"POST /reservations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 40\r\n\r\n{"
)
WAIT_SECONDS_MAX = 15.0


def _half_body(server: Server) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS_MAX)
    client.sendall(HEAD)
    return client


def _answer(client: socket.socket) -> bytes:
    received = b""
    while b"body_too_slow" not in received:
        piece = client.recv(65_536)
        if not piece:
            break
        received += piece
    return received


@pytest.mark.parametrize("worker_class", ["gevent", "gthread", "sync"])
def test_a_half_body_ends_in_time_and_with_an_answer(tmp_path: Path, worker_class: str) -> None:
    with (
        Server(
            tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, TICKETBOSS_BODY_SECONDS_MAX="1"
        ) as server,
        _half_body(server) as client,
    ):
        received = _answer(client)
        assert received.startswith(b"HTTP/1.1 408 ")
        document = json.loads(received.partition(b"\r\n\r\n")[2])
        assert (document["code"], document["retryable"]) == ("body_too_slow", True)


def test_a_body_that_drips_gets_no_more_time_than_one_that_stops(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_BODY_SECONDS_MAX="1") as server, _half_body(server) as client:
        # Its length is not reached for much longer than it has, however slow the machine is.
        client.settimeout(0.3)
        received = b""
        for _ in range(30):
            client.sendall(b" ")
            try:
                received = client.recv(65_536)
                break
            except TimeoutError:
                continue
        assert received.startswith(b"HTTP/1.1 408 ")


def test_many_half_bodies_do_not_stop_the_others_for_long(tmp_path: Path) -> None:
    """More of them than two gevent workers have places for connections."""
    places = "--worker-connections 1000"
    with Server(tmp_path, TICKETBOSS_BODY_SECONDS_MAX="1", GUNICORN_CMD_ARGS=places) as server:
        clients = [_half_body(server) for _ in range(2_100)]
        try:
            answer = requests.post(
                f"{server.url}/reservations",
                json={"partnerId": "abc-corp", "seats": 1},
                timeout=WAIT_SECONDS_MAX,
            )
            assert answer.status_code == 201
        finally:
            for client in clients:
                client.close()
