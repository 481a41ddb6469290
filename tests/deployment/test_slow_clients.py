"""Many slow clients in front of nginx are not noticed by the workers, nor by the others."""

import os
import time
from pathlib import Path

import pytest

from tests.concurrency.watching import log_lines, wait_until
from tests.deployment.nginx import Nginx
from tests.deployment.partners import Partner, connections_to, new_key
from tests.deployment.trickling import Trickling
from tests.server import Server

OF_EACH_KIND = 150
# What each worker of nginx keeps for later, its `keepalive`; under sync nothing is kept.
OCCUPIED_MAX = {"gevent": 64 * (os.cpu_count() or 1), "sync": 2}
ROUNDS = 4
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


def _asked(server: Server, path: str) -> list[object]:
    return [line for line in log_lines(server) if line.get("path") == path]
