"""The check by hand that stands beside the bench: slow clients."""

from pathlib import Path

from benchmarks import slow
from tests.server import Server


def test_greenlets_answer_while_64_clients_send_half_a_request(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_WORKER_CLASS="gevent") as server:
        assert slow.answered(server, slow_clients=64) == slow.PROBES
