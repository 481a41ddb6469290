"""Keys that are made and revoked beside a running server: every worker knows at once."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.hammer import Asked, Hammer
from tests.concurrency.watching import log_lines, wait_until, wait_until_all_workers_answer
from tests.server import Server
from ticketboss.api.rate_limits import FAILED_KEYS_PER_MINUTE_MAX

PARTNER_ID = "abc-corp"
SEATS_ENOUGH_FOR_ALL = 1_000_000
REVOKE_SECONDS_MAX = 1.0
CLIENTS = 4


def keyed_server(folder: Path, **settings: str | int) -> Server:
    """A server that asks for keys, with a default event that does not sell out."""
    return Server(
        folder,
        TICKETBOSS_AUTH="keys",
        # The hammers ask as fast as they can.
        TICKETBOSS_RATE_LIMIT_WRITES="",
        TICKETBOSS_RATE_LIMIT_READS="",
        TICKETBOSS_DEFAULT_EVENT_SEATS=SEATS_ENOUGH_FOR_ALL,
        **settings,
    )


def _workers_that_answered(server: Server, asked: list[Asked]) -> set[int]:
    ids = {each.request_id for each in asked}
    return {line["pid"] for line in log_lines(server) if line.get("requestId") in ids}


def _wait_until_every_worker_answered(server: Server, hammer: Hammer, *statuses: int) -> None:
    seen = len(hammer.asked)

    def all_answered() -> bool:
        answered = [asked for asked in hammer.asked[seen:] if asked.status in statuses]
        return set(server.worker_pids()) <= _workers_that_answered(server, answered)

    wait_until(all_answered, f"not every worker answered {statuses}")


@pytest.mark.parametrize(("worker_class", "workers"), [("gevent", 4), ("gthread", 2), ("sync", 2)])
def test_revoked_key_fails_in_every_worker_within_a_second(
    tmp_path: Path, worker_class: str, workers: int
) -> None:
    with keyed_server(
        tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, WEB_CONCURRENCY=workers
    ) as server:
        wait_until_all_workers_answer(server)
        key = server.operate("keys", "create", "--partner", PARTNER_ID)
        with Hammer(server, key["key"], CLIENTS) as hammer:
            # The new key is in use everywhere, so that every worker has it to forget.
            _wait_until_every_worker_answered(server, hammer, 201)
            server.operate("keys", "revoke", key["keyId"])
            too_late = time.monotonic() + REVOKE_SECONDS_MAX
            wait_until(lambda: time.monotonic() > too_late, "the clock stood still")
            # 429 for clients that go on trying.
            _wait_until_every_worker_answered(server, hammer, 401, 429)

        late = {asked.status for asked in hammer.asked if asked.sent_at > too_late}
        assert late <= {401, 429}
        assert late
        made = [asked for asked in hammer.asked if asked.status == 201]
        (event,) = server.operate("events", "list")["events"]
        assert event["reservationCount"] == len(made)
        assert server.differences() == []


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of four workers, all of them up, that asks for keys and logs all it can."""
    folder = tmp_path_factory.mktemp("keyed")
    with keyed_server(folder, WEB_CONCURRENCY=4, LOG_LEVEL="debug") as server:
        wait_until_all_workers_answer(server)
        yield server


def test_new_key_works_at_once_in_every_worker(keyed: Server) -> None:
    with Hammer(keyed, "tb_live_" + "n" * 43, clients=1) as hammer:
        # A key that there is not is refused everywhere, and that is not remembered for others.
        hammer.wait_for(401, 8)
    key = keyed.operate("keys", "create", "--partner", PARTNER_ID)
    with Hammer(keyed, key["key"], CLIENTS) as hammer:
        _wait_until_every_worker_answered(keyed, hammer, 201)

    assert {asked.status for asked in hammer.asked} == {200, 201}


def test_new_key_works_while_clients_of_its_partner_go_on_with_the_revoked_one(
    tmp_path: Path,
) -> None:
    with keyed_server(tmp_path, WEB_CONCURRENCY=1) as server:
        old = server.operate("keys", "create", "--partner", PARTNER_ID)
        with Hammer(server, old["key"], clients=1) as hammer:
            hammer.wait_for(201, 1)
            server.operate("keys", "revoke", old["keyId"])
            hammer.wait_for(401, FAILED_KEYS_PER_MINUTE_MAX)
            new = server.operate("keys", "create", "--partner", PARTNER_ID)

            with Client(server.url, PARTNER_ID, new["key"]) as client:
                assert client.reserve(1).status_code == 201


def test_reservations_of_a_revoked_key_stay_for_the_partners_next_key(keyed: Server) -> None:
    first, second = (keyed.operate("keys", "create", "--partner", PARTNER_ID) for _ in range(2))
    with Client(keyed.url, PARTNER_ID, first["key"]) as client:
        made = client.reserve(2).json()["reservationId"]
        held = client.hold(3, seconds=600).json()["reservationId"]
    keyed.operate("keys", "revoke", first["keyId"])

    with Client(keyed.url, PARTNER_ID, second["key"]) as client:
        assert client.get(f"/reservations/{made}").json()["status"] == "confirmed"
        assert client.confirm(held).status_code == 200
        assert client.cancel(made).status_code == 204
    assert keyed.differences() == []


def test_no_secret_is_in_the_log_or_in_the_database(keyed: Server) -> None:
    made = [
        keyed.operate("keys", "create", *whose)
        for whose in (["--partner", PARTNER_ID], ["--operator"])
    ]
    for key in made:
        with Client(keyed.url, PARTNER_ID, key["key"]) as client:
            assert client.reserve(1).status_code == 201
            refused = client.get(f"/reservations?key={key['key']}")
            assert (refused.status_code, key["key"] in refused.text) == (400, False)
        _send_malformed(keyed, key["key"])
        keyed.operate("keys", "revoke", key["keyId"])
    malformed = [line for line in log_lines(keyed) if "Invalid request" in line["message"]]
    assert len(malformed) == len(made), "gunicorn wrote nothing that could give a key away"

    stored = keyed.database.stored()
    listed = keyed.command("keys", "list").stdout + keyed.command("admin-log").stdout
    for key in made:
        # What is behind the prefix is the secret.
        secret = key["key"].removeprefix(key["prefix"])
        assert secret not in keyed.log()
        assert secret.encode() not in stored
        assert key["prefix"].encode() in stored
        assert secret not in listed
        assert key["prefix"] in listed


def _send_malformed(server: Server, api_key: str) -> None:
    """A request that gunicorn refuses by itself, with the key wherever one could put it."""
    request = (
        f"GET /reservations?key={api_key} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {api_key}\x01\r\nBroken {api_key}: yes\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
