"""Sessions on a real server: all workers know them, a reload keeps and a restart ends them."""

import re
import signal
from pathlib import Path

import requests

from tests.concurrency.watching import wait_until
from tests.console.operator import DropServer

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
REQUESTS = 20
SECRET = "TICKETBOSS_CONSOLE_SECRET"  # noqa: S105 - the name


def signed_in(server: DropServer) -> requests.Session:
    """A browser's cookies after a sign-in."""
    session = requests.Session()
    found = TOKEN.search(session.get(f"{server.url}/console/sign-in", timeout=10).text)
    assert found
    sent = {"token": found[1], "key": server.operator_key}
    answer = session.post(f"{server.url}/console/sign-in", data=sent, timeout=10)
    assert answer.url == f"{server.url}/console/"
    return session


def is_in(server: DropServer, session: requests.Session) -> bool:
    """Whether all of many requests, each on a connection of its own, know the session."""
    asked = [
        session.get(
            f"{server.url}/console/",
            headers={"Connection": "close"},
            timeout=10,
            allow_redirects=False,
        ).status_code
        for _ in range(REQUESTS)
    ]
    assert len({*asked}) == 1, asked
    return asked[0] == 200


def test_all_workers_know_a_session_and_so_do_those_behind_a_reload(server: DropServer) -> None:
    session = signed_in(server)
    before = {*server.worker_pids()}
    assert is_in(server, session)

    server.signal(signal.SIGHUP)
    wait_until(
        lambda: len(now := {*server.worker_pids()}) == 2 and not now & before,
        "the workers were not replaced",
    )
    server.wait_until_ready()

    assert is_in(server, session)


def test_restart_ends_sessions_unless_their_secret_is_a_setting(tmp_path: Path) -> None:
    for folder, settings, survives in (
        ("own", {}, False),
        ("set", {SECRET: "s" * 40}, True),
    ):
        (tmp_path / folder).mkdir()
        with DropServer(tmp_path / folder, **settings) as server:
            server.operator_key = server.operate("keys", "create", "--operator")["key"]
            session = signed_in(server)
            assert is_in(server, session)

            server.stop()
            server.start()
            server.wait_until_ready()

            assert is_in(server, session) == survives


def test_the_secret_is_told_nobody(tmp_path: Path) -> None:
    secret = "told-nobody-" + "s" * 40
    with DropServer(tmp_path, **{SECRET: secret, "LOG_LEVEL": "debug"}) as server:
        server.operator_key = server.operate("keys", "create", "--operator")["key"]
        signed_in(server)
        shown = server.operate("settings")
        whole = server.operate("settings", "--with-passwords")

        assert [each[SECRET] for each in (shown, whole)] == ["***", secret]
        assert secret not in server.log()
        assert server.operator_key not in server.log()
