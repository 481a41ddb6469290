"""Many slow clients in front of nginx are not noticed by the workers, nor by the others."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.concurrency.watching import log_lines, wait_until
from tests.deployment.nginx import Nginx
from tests.deployment.partners import Partner, connections_to, new_key
from tests.deployment.trickling import Trickling, begun_body
from tests.server import Server

OF_EACH_KIND = 150
# What each worker of nginx keeps for later, its `keepalive`; under sync nothing is kept.
OCCUPIED_MAX = {"gevent": 64 * (os.cpu_count() or 1), "sync": 2}
ROUNDS = 4
UNDER_WAY_MAX = 400
LOUD, OTHER = "127.0.0.51", "127.0.0.52"
QUICK_SECONDS_MAX = 1.0


# One of these would keep a sync worker from all others, and there are two.
@pytest.mark.parametrize("worker_class", ["gevent", "sync"])
def test_slow_clients_occupy_no_worker_and_the_others_are_answered_quickly(
    tmp_path: Path, worker_class: str
) -> None:
    settings: dict[str, str | int] = {
        "TICKETBOSS_AUTH": "keys",
        "TICKETBOSS_WORKER_CLASS": worker_class,
        "TICKETBOSS_DEFAULT_EVENT_SEATS": 1_000_000,
        # One connection that asks again at once comes to more than the 500 that are the default.
        "TICKETBOSS_RATE_LIMIT_WRITES": "5000/second",
    }
    with Server(tmp_path, **settings) as server, Nginx(tmp_path, server.port) as nginx:
        key = new_key(server, "abc-corp")
        seconds: list[float] = []
        with Partner(nginx, key, "127.0.0.2") as quick, Trickling(nginx, OF_EACH_KIND) as slow:
            wait_until(lambda: len(_asked(server, "/openapi.json")) == OF_EACH_KIND, "no answers")
            goal = slow.rounds + ROUNDS
            while slow.rounds < goal:
                began = time.monotonic()
                answer = quick.send("POST", "/reservations", b'{"seats":1}')
                seconds.append(time.monotonic() - began)
                assert answer.status == 201
            occupied = len(connections_to(server))
            assert slow.ended == 0

    # The answers that are taken so slowly are nginx's to give: the workers were done with them.
    assert max(seconds) < QUICK_SECONDS_MAX, sorted(seconds)[-3:]
    assert len(seconds) > 50
    assert _asked(server, "/reservations/bulk") == []
    assert occupied <= OCCUPIED_MAX[worker_class]


def test_one_address_has_only_so_many_requests_under_way(tmp_path: Path) -> None:
    with (
        Server(tmp_path, TICKETBOSS_AUTH="keys") as server,
        Nginx(tmp_path, server.port) as nginx,
        ExitStack() as half_bodies,
    ):
        for _ in range(UNDER_WAY_MAX):
            half_bodies.enter_context(begun_body(nginx, LOUD))

        def is_refused() -> bool:
            # They are begun when nginx has read their heads.
            with Partner(nginx, None, LOUD) as one_more:
                answer = one_more.send("GET", "/reservations")
            return answer.status == 429 and answer.document["code"] == "rate_limited"

        wait_until(is_refused, "one more was let in")
        with Partner(nginx, None, OTHER) as other:
            assert other.send("GET", "/reservations").document["code"] == "key_required"


def _asked(server: Server, path: str) -> list[object]:
    return [line for line in log_lines(server) if line.get("path") == path]
