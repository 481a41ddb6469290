"""Starting: where it listens, who migrates, and what stops it."""

import json
import socket
from pathlib import Path

import pytest

from tests.concurrency.clients import crowd, statuses, summary_of
from tests.concurrency.watching import listening_unix_sockets, reload_workers
from tests.database import database_at, database_url
from tests.ports import free_port
from tests.server import PROJECT, Server

START_SECONDS_MAX = 20.0


def test_bind_on_the_command_line_wins_over_the_settings(tmp_path: Path) -> None:
    server = Server(tmp_path)
    port_of_settings = server.port
    server.port = free_port()
    server.url = f"http://127.0.0.1:{server.port}"
    server.start("--bind", f"127.0.0.1:{server.port}")
    try:
        server.wait_until_ready()
        assert summary_of(server)["availableSeats"] == 500
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", port_of_settings))
    finally:
        server.destroy()


def test_heads_are_read_by_the_parser_in_python_whatever_is_installed(tmp_path: Path) -> None:
    (tmp_path / "gunicorn_h1c.py").write_text("print('gunicorn_h1c was taken', flush=True)")
    with Server(tmp_path, PYTHONPATH=str(tmp_path)) as server:
        assert summary_of(server)["availableSeats"] == 500
        assert "gunicorn_h1c was taken" not in server.log()


def test_lines_of_requests_go_to_the_file_that_gunicorn_is_given(tmp_path: Path) -> None:
    server = Server(tmp_path)
    file = tmp_path / "lines.log"
    server.start("--error-logfile", str(file))
    try:
        server.wait_until_ready()
        assert server.stop() == 0
    finally:
        server.destroy()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert "/readyz" in [line.get("path") for line in lines if line["message"] == "request"]


def test_servers_started_at_the_same_moment_share_one_new_database(tmp_path: Path) -> None:
    url = database_url(tmp_path / "shared")
    servers = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        servers.append(Server(folder, DATABASE_URL=url))
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait_until_ready()
        for server in servers:
            answers = crowd(server, 10, lambda client, _: client.reserve(2))
            assert statuses(answers) == {201: 10}

        summaries = [summary_of(server) for server in servers]
        assert [summary["availableSeats"] for summary in summaries] == [420] * 4
        assert [summary["version"] for summary in summaries] == [40] * 4
        assert servers[0].differences() == []
    finally:
        for server in servers:
            server.destroy()


def test_wrong_settings_are_named_together_and_stop_the_start(tmp_path: Path) -> None:
    server = Server(
        tmp_path,
        DATABASE_URL="mysql://localhost/ticketboss",
        PORT="many",
        WEB_CONCURRENCY=0,
        LOG_LEVEL="loud",
        TICKETBOSS_WORKER_CLASS="eventlet",
        TICKETBOSS_WORKER_CLAS="gevent",
        TICKETBOSS_AUTH="maybe",
        TICKETBOSS_TRUSTED_PROXIES="10.0.0.7,proxy",
        TICKETBOSS_RATE_LIMIT_WRITES="many/second",
        TICKETBOSS_RATE_LIMIT_READS="0/second",
        TICKETBOSS_RATE_LIMIT_STORAGE="http://:pass-word@localhost",
    )
    server.start()
    try:
        assert server.wait_for_exit(START_SECONDS_MAX) != 0
    finally:
        server.destroy()
    named = [line.split(":")[0] for line in server.log().splitlines() if line.startswith("  ")]
    assert named == [
        "  DATABASE_URL",
        "  LOG_LEVEL",
        "  PORT",
        "  TICKETBOSS_AUTH",
        "  TICKETBOSS_RATE_LIMIT_READS",
        "  TICKETBOSS_RATE_LIMIT_STORAGE",
        "  TICKETBOSS_RATE_LIMIT_WRITES",
        "  TICKETBOSS_TRUSTED_PROXIES",
        "  TICKETBOSS_WORKER_CLAS",
        "  TICKETBOSS_WORKER_CLASS",
        "  WEB_CONCURRENCY",
    ]
    assert "Traceback" not in server.log()
    assert "pass-word" not in server.log()
    assert not database_at(database_url(tmp_path)).is_made()


def test_database_of_a_newer_schema_stops_the_start_and_stays_as_it_is(tmp_path: Path) -> None:
    server = Server(tmp_path)
    assert server.command("migrate").returncode == 0
    migrations = "SELECT * FROM schema_migrations ORDER BY number"
    server.database.execute("INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', 0)")
    before = server.database.rows(migrations)
    server.start()
    try:
        assert server.wait_for_exit(START_SECONDS_MAX) != 0
    finally:
        server.destroy()
    assert server.database.rows(migrations) == before
    assert "start the newer TicketBoss" in server.log()
    assert "Traceback" not in server.log()
    assert "Booting worker" not in server.log()


def test_master_never_imports_the_application_nor_opens_a_control_socket(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    home = tmp_path / "home"
    home.mkdir()
    config = tmp_path / "reporting.conf.py"
    # The project's own configuration, with a hook added that runs in the master when it ends.
    config.write_text(
        f"exec({(PROJECT / 'gunicorn.conf.py').read_text()!r})\n"
        "def on_exit(server):\n"
        f"    Path({str(report)!r}).write_text(json.dumps(sorted(sys.modules)))\n"
    )
    server = Server(tmp_path, HOME=str(home))
    server.start("--config", str(config))
    try:
        server.wait_until_ready()
        # A reload is done by the main loop, so all of the start is behind it.
        reload_workers(server)
        assert listening_unix_sockets(server.master_pid) == []
        assert list(home.iterdir()) == []
        assert server.stop() == 0
    finally:
        server.destroy()
    modules = json.loads(report.read_text())
    assert "gunicorn.arbiter" in modules
    assert [name for name in modules if name.split(".")[0] in ("ticketboss", "flask", "wsgi")] == []
