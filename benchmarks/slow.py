"""How the server fares while some clients send half a request and then nothing.

Run as `python -m benchmarks.slow --worker-class sync --slow-clients 2`.
"""

import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import click
import requests

from tests.server import Server
from ticketboss.setting_checks import WORKER_CLASSES

HALF_A_REQUEST = b"POST /reservations HTTP/1.1\r\nHost: "
ANSWER_SECONDS_MAX = 5.0
PROBES = 10


def answered(server: Server, slow_clients: int) -> int:
    """How many of PROBES well-behaved clients are answered in time, beside the slow ones."""
    with ExitStack() as stack:
        for _ in range(slow_clients):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            slow.sendall(HALF_A_REQUEST)
        pool = stack.enter_context(ThreadPoolExecutor(PROBES))
        return sum(pool.map(_is_answered, [f"{server.url}/reservations"] * PROBES))


def _is_answered(url: str) -> bool:
    try:
        return requests.get(url, timeout=ANSWER_SECONDS_MAX).ok
    except requests.RequestException:
        return False


@click.command()
@click.option("--slow-clients", type=click.IntRange(1, 500), default=64, show_default=True)
@click.option("--worker-class", type=click.Choice(WORKER_CLASSES), default="gevent")
def main(slow_clients: int, worker_class: str) -> None:
    """Ask a scratch server for its event while slow clients hold their connections."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), TICKETBOSS_WORKER_CLASS=worker_class) as server,
    ):
        count = answered(server, slow_clients)
    click.echo(
        f"{worker_class}, {slow_clients} slow clients: {count} of {PROBES} others answered "
        f"within {ANSWER_SECONDS_MAX:.0f} s"
    )


if __name__ == "__main__":
    main()
