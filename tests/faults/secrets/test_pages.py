"""Keys that are typed into the console, and what the log says of them when the storage fails."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.faults.secrets.canary_server import CanaryServer
from tests.faults.secrets.search import Heard
from ticketboss.engine.keys import new_key

TOKEN = re.compile(r'name="token" value="([^"]+)"')
SECONDS_MAX = 30
EVENT = "node-meetup-2025"
PAGES = (
    *("/console/", "/console/live", "/console/keys", "/console/partners", "/console/new-key"),
    *(f"/console/events/{EVENT}", f"/console/events/{EVENT}/live", "/console/nonsense"),
)


def signed_in(server: CanaryServer, heard: Heard, key: str) -> requests.Session:
    """Type a key into the form."""
    session = requests.Session()
    session.trust_env = False
    form = session.get(f"{server.url}/console/sign-in", timeout=SECONDS_MAX)
    token = TOKEN.search(form.text)
    assert token
    sent = {"token": token[1], "key": key, "next": f"/console/?event={key}"}
    answer = session.post(
        f"{server.url}/console/sign-in", data=sent, timeout=SECONDS_MAX, allow_redirects=False
    )
    heard.hear_answer("the answer to the sign-in", answer)
    return session


@contextmanager
def no_storage(server: CanaryServer) -> Iterator[None]:
    """The database's file is somewhere else for a while."""
    path = server.folder / "ticketboss.db"
    elsewhere = path.rename(server.folder / "elsewhere.db")
    yield
    elsewhere.rename(path)


@pytest.mark.sqlite_only("its file is moved away")
def test_keys_are_told_nowhere_by_pages_and_failures(tmp_path: Path) -> None:
    with CanaryServer(tmp_path) as server:
        keys = {
            "the operator's key": server.issue(None),
            "the partner's key": server.issue("canary-company"),
            "the unknown key": new_key(is_test=False).secret,
        }
        heard = Heard(
            {**keys, "the password": server.password, "the secret": server.console_secret}
        )
        sessions = [signed_in(server, heard, key) for key in keys.values()]
        misplaced = keys["the operator's key"]
        asked = (
            *PAGES,
            *(f"/console/events/{misplaced}", f"/console/?cursor={misplaced}"),
            f"/console/events/{EVENT}/reservations?find={misplaced}",
        )
        for url in asked:
            answer = sessions[0].get(server.url + url, timeout=SECONDS_MAX)
            assert answer.status_code in (200, 400, 404), url
            heard.hear_answer(url, answer)

        with no_storage(server):
            failed = [
                requests.post(
                    f"{server.url}/reservations",
                    json={"seats": 1, "partnerId": "canary-company"},
                    headers={"Authorization": f"Bearer {key}"},
                    timeout=SECONDS_MAX,
                )
                for key in keys.values()
            ]
        assert {each.status_code for each in failed} == {503}
        for each in failed:
            heard.hear_answer("an answer without storage", each)
        for command in (("settings",), ("settings", "--json")):
            heard.hear_command(server, *command)
        heard.hear_log(server)

        assert heard.leaks == set()
        assert "storage_unavailable" in server.log()
