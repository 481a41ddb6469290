"""A canary key in every right and wrong place, and a canary password in the settings."""

import secrets
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.api.walking import Route, routes
from tests.api.wire import Wire
from tests.concurrency.watching import reload_workers, wait_until
from tests.faults.secrets.canary import Asking, askings, malformed
from tests.faults.secrets.canary_server import CanaryServer
from tests.faults.secrets.search import COMMANDS, STRETCH_LENGTH, Heard
from tests.planting import Patch, copy_of_the_code
from tests.ports import free_port
from tests.server import Server
from ticketboss.api.context import EXTENSION
from ticketboss.app import create_app
from ticketboss.domain.api_keys import SHOWN_LENGTH
from ticketboss.engine.keys import new_key

PARTNER_ID = "canary-company"
ANSWER_SECONDS_MAX = 30
AT_ONCE = 4
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nX-Y"
PREMATURE = "Ignored premature client disconnection"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryServer]:
    with CanaryServer(tmp_path_factory.mktemp("secrets")) as running:
        yield running
        assert running.differences() == []


@pytest.fixture(scope="module")
def every_route(served: CanaryServer) -> Iterator[list[Route]]:
    """The routes of the application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TICKETBOSS_ENV_FILE", "")
        patch.setenv("DATABASE_URL", served.plain_url)
        app = create_app()
    yield list(routes(app))
    app.extensions[EXTENSION].repository.close()


def ask(server: Server, session: requests.Session, asking: Asking) -> requests.Response:
    """One request, its URL as it is."""
    request = requests.Request(asking.method, server.url, headers=asking.headers, data=asking.body)
    prepared = session.prepare_request(request)
    prepared.url = server.url + asking.url
    return session.send(prepared, allow_redirects=False, timeout=ANSWER_SECONDS_MAX)


def ask_with(server: Server, heard: Heard, name: str, asked: list[tuple[Route, Asking]]) -> None:
    """Send these, and hear the answers."""
    with requests.Session() as session, ThreadPoolExecutor(AT_ONCE) as threads:
        session.trust_env = False
        answers = threads.map(lambda each: ask(server, session, each[1]), asked)
        for (route, asking), answer in zip(asked, answers, strict=True):
            assert answer.status_code != 500, (asking, answer.text)
            heard.hear_answer(f"the answer to {route.name} with {name}", answer)


def places(every_route: list[Route], canary: str) -> list[tuple[Route, Asking]]:
    """All places in all routes; a HEAD is answered as the GET is, but for its body."""
    found = []
    for route in every_route:
        each = list(askings(route, canary))
        found += [(route, asking) for asking in (each[:1] if route.method == "HEAD" else each)]
    return found


def send_what_no_server_takes(server: Server, heard: Heard, canary: str) -> None:
    """Malformed heads, and half of one."""
    for lines in malformed(canary):
        with Wire(server.port) as wire, suppress(ConnectionError):
            answer = wire.ask(*lines)
            heard.hear(f"the answer to {lines[0][:20]!r}", str(answer))
    before = server.log().count(PREMATURE)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(HALF_A_HEAD % canary.encode())
    wait_until(lambda: server.log().count(PREMATURE) > before, "nobody noticed the half head")


def test_keys_and_passwords_are_told_nowhere(
    served: CanaryServer, every_route: list[Route]
) -> None:
    partner, operator, reader = (served.issue(each) for each in (PARTNER_ID, None, None))
    unknown = new_key(is_test=False).secret
    heard = Heard(
        {
            "the partner's key": partner,
            "the operator's key": operator,
            "the unknown key": unknown,
            "the password": served.password,
        }
    )

    ask_with(served, heard, "the partner's key", places(every_route, partner))
    send_what_no_server_takes(served, heard, partner)
    ask_with(
        served,
        heard,
        "the unknown key",
        [(route, next(askings(route, unknown))) for route in every_route],
    )
    ask_with(
        served,
        heard,
        "the operator's key",
        [each for each in places(every_route, operator) if "operator" in each[0].need],
    )
    reload_workers(served)
    heard.hear_reads(served, reader)
    for command in COMMANDS:
        heard.hear_command(served, *command)
    heard.hear_log(served)
    heard.hear_files(served.folder.glob("ticketboss.db*"))

    assert heard.leaks == set()
    assert heard.count > 2_000
    # What would have told it was there: the settings, the half of a head, the Redis that is not.
    for told in ("Current configuration", PREMATURE, "Redis does not answer", "PLACE"):
        assert (told in served.log()) == (told != "PLACE")


def test_a_database_that_is_not_there_is_told_of_without_its_password(tmp_path: Path) -> None:
    password = secrets.token_urlsafe(24)
    url = f"postgresql://name:{password}@127.0.0.1:{free_port()}/t?sslpassword={password}"
    server = Server(tmp_path, DATABASE_URL=url, LOG_LEVEL="debug")
    server.start()
    assert server.wait_for_exit() == 1
    assert "connection failed" in server.log()
    heard = Heard({"the password": password})
    heard.hear("the log", server.log())
    assert heard.leaks == set()


LEAKS = {
    "the log": Patch(
        "api/gate.py",
        '"path": without_api_keys(path)',
        '"path": path[:50] if has_api_key(path) else path',
    ),
    "the answer to POST /reservations with the partner's key": Patch(
        "api/bodies.py", "(without_api_keys(path), str", "(path, str"
    ),
    "settings --json": Patch("cli/__init__.py", "not with_passwords:", "with_passwords:"),
}


@pytest.mark.parametrize("change", [str, str.upper, str.lower, str.swapcase])
def test_a_short_stretch_of_a_secret_is_found_whatever_its_case(
    change: Callable[[str], str],
) -> None:
    key, password = new_key(is_test=False).secret, secrets.token_urlsafe(24)
    for secret, start in ((key, SHOWN_LENGTH), (password, 0)):
        for at in range(start, len(secret) - STRETCH_LENGTH + 1):
            heard = Heard({"the secret": secret})
            heard.hear("a text", change(f"<{secret[at : at + STRETCH_LENGTH]}>").encode())
            assert heard.leaks == {"the secret in a text"}
    heard = Heard({"the key": key})
    # What may be shown is no leak, with so few of the rest that chance could have brought them.
    heard.hear("a text", change(key[: SHOWN_LENGTH + STRETCH_LENGTH - 1]))
    assert heard.leaks == set()


def test_leaks_that_are_planted_are_found(tmp_path: Path, every_route: list[Route]) -> None:
    (tmp_path / "files").mkdir()
    server = CanaryServer(tmp_path / "files")
    server.project = copy_of_the_code(tmp_path / "code", LEAKS.values())
    # The copy's own way to the whole settings is gone with its patch, and so is this one.
    server.environment["TICKETBOSS_CONSOLE_SECRET"] = ""
    with server:
        partner = server.issue(PARTNER_ID)
        heard = Heard({"the partner's key": partner, "the password": server.password})
        told = ("POST /reservations", "POST /reservations/<reservation_id>/confirm")
        asked = places([route for route in every_route if route.name in told], partner)
        ask_with(server, heard, "the partner's key", asked)
        heard.hear_command(server, "settings", "--json")
        heard.hear_log(server)
    assert {leak.partition(" in ")[2] for leak in heard.leaks} == set(LEAKS)
