"""Whoever runs the server has all of its log from its standard output."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.concurrency.clients import Client
from tests.concurrency.watching import reload_workers, wait_until_all_workers_answer
from tests.server import Server


class Split(Server):
    """A server whose standard error goes into a file of its own."""

    @property
    def error_path(self) -> Path:
        """What it writes to its standard error."""
        return self.folder / "stderr.log"

    def start(self, *arguments: str) -> None:
        with self.log_path.open("ab") as output, self.error_path.open("ab") as errors:
            self._master = subprocess.Popen(
                [*self.command_line(), *arguments],
                cwd=self.project,
                env=self.environment,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )


@pytest.mark.parametrize("worker_class", ["gevent", "gthread", "sync"])
def test_log_is_on_standard_output_from_the_start_to_the_end(
    tmp_path: Path, worker_class: str
) -> None:
    with Split(tmp_path, TICKETBOSS_WORKER_CLASS=worker_class, LOG_LEVEL="debug") as server:
        with Client(server.url) as client:
            assert client.reserve(1).status_code == 201
            assert client.reserve(-1).status_code == 400
        wait_until_all_workers_answer(server)
        os.kill(server.worker_pids()[0], signal.SIGKILL)
        reload_workers(server)
        assert server.stop() == 0

    assert server.error_path.read_text() == ""
    lines = [json.loads(line) for line in server.log().splitlines()]
    told = {line["message"] for line in lines}
    assert {"request", "Handling signal: hup", "Handling signal: term"} <= told
    assert any("Booting worker" in message for message in told)
    assert {line["status"] for line in lines if line["message"] == "request"} >= {201, 400}
    assert {"debug", "info"} <= {line["level"] for line in lines}


def test_refusal_to_start_is_on_standard_error(tmp_path: Path) -> None:
    server = Split(tmp_path, LOG_LEVEL="loud")
    server.start()
    assert server.wait_for_exit() != 0
    assert "LOG_LEVEL: Must be one of" in server.error_path.read_text()
    assert server.log() == ""
