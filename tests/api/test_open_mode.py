"""Open mode, without keys: for this machine alone, as far as a request can show that."""

from typing import cast

import pytest

from tests.api.conftest import OpenApp
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from ticketboss.services import Services

LOCAL_HOSTS = [
    "localhost",
    "LOCALHOST",
    "LocalHost:3000",
    "localhost:1",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.8.9.10:3000",
    "[::1]",
    "[::1]:3000",
    "[0:0:0:0:0:0:0:1]:3000",
    "[::ffff:127.0.0.1]",
]
FOREIGN_HOSTS = [
    "ticketboss.test",
    "localhost.",
    "localhost.:3000",
    "localhost.evil.test",
    "evil.localhost",
    "localhost.localdomain",
    "127.0.0.1.",
    "127.0.0.1.evil.test",
    "127.0.0.1.:3000",
    "128.0.0.1",
    "0.0.0.0",
    "10.0.0.1:3000",
    "169.254.169.254",
    "[::]",
    "[::2]:3000",
    "[::ffff:10.0.0.1]",
    "[fe80::1]",
    # Some resolvers take these for 127.0.0.1.
    "127.1",
    "2130706433",
    "0x7f000001",
    "0127.0.0.1",
]
PROXY_HEADERS = [
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "localhost"),
    ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Prefix", "/"),
    ("x-forwarded-server", "proxy"),
    ("X-Forwarded-For", ""),
    ("Forwarded", "for=127.0.0.1"),
    ("Forwarded", ""),
    ("Via", "1.1 proxy"),
    ("VIA", "1.1 proxy"),
    ("X-Real-IP", "127.0.0.1"),
]
LOCAL_ORIGINS = [
    "http://localhost",
    "http://LOCALHOST:3000",
    "https://127.0.0.1:8443",
    "http://[::1]:3000",
]
FOREIGN_ORIGINS = [
    "null",
    "",
    "https://evil.test",
    "http://localhost.evil.test",
    "http://localhost@evil.test",
    "http://localhost:3000@evil.test",
    "http://evil.test/localhost",
    "http://evil.test#localhost",
    "http://localhost, http://evil.test",
    "http://localhost.",
    "file://",
    "localhost",
    "http://[::1",
    "http://[localhost]",
    "http://[::1]evil.test",
    "http://é",
]


def assert_refused_everywhere(client: PartnerClient, headers: dict[str, str]) -> None:
    """Assert that these headers make a request one that is not local, and that it does nothing."""
    json = {"eventId": "new", "name": "New", "totalSeats": 5}
    for response in (
        client.get("/", headers=headers),
        client.get("/events/unknown", headers=headers),
        client.post("/reservations", json={"partnerId": "abc-corp", "seats": 1}, headers=headers),
        client.post("/reservations", data=b"{", headers=headers),
        client.delete("/reservations/unknown", headers=headers),
        client.post("/events", json=json, headers=headers),
        client.post("/keys", json={"scope": "operator"}, headers=headers),
        client.get("/admin-log", headers=headers),
    ):
        document = problem(response, 403, "local_only")
        assert "TICKETBOSS_AUTH=keys" in document["detail"]
        assert "WWW-Authenticate" not in response.headers
    assert client.event()["version"] == 0
    assert client.get("/keys").get_json()["keys"] == []


@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_host_on_loopback_is_answered(client: PartnerClient, host: str) -> None:
    response = client.post(
        "/reservations", json={"partnerId": "abc-corp", "seats": 1}, headers={"Host": host}
    )

    assert response.status_code == 201, response.text


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_any_other_host_is_refused(client: PartnerClient, host: str) -> None:
    assert_refused_everywhere(client, {"Host": host})


@pytest.mark.parametrize(
    "host", ["::1", "localhost:", "localhost:x", "local host", "localhost:123456", "[::1", "", "é"]
)
def test_host_that_is_none_is_refused_as_such(client: PartnerClient, host: str) -> None:
    response = client.get("/", environ_overrides={"HTTP_HOST": host})

    problem(response, 400, "invalid_header")


@pytest.mark.parametrize(("name", "value"), PROXY_HEADERS)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:3000"])
def test_sign_of_a_proxy_is_refused(
    client: PartnerClient, host: str, name: str, value: str
) -> None:
    assert_refused_everywhere(client, {"Host": host, name: value})


@pytest.mark.parametrize("origin", LOCAL_ORIGINS)
def test_page_of_this_machine_is_answered(client: PartnerClient, origin: str) -> None:
    assert client.get("/", headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_page_of_another_machine_is_refused(client: PartnerClient, origin: str) -> None:
    assert_refused_everywhere(client, {"Origin": origin})


def test_health_is_told_to_anybody(client: PartnerClient) -> None:
    headers = {"Host": "ticketboss.test", "X-Forwarded-For": "203.0.113.7", "Via": "1.1 proxy"}

    for url in ("/healthz", "/readyz"):
        assert client.get(url, headers=headers).status_code == 200
    problem(client.get("/nothing", headers=headers), 404, "not_found")


def test_key_is_neither_needed_nor_looked_at(client: PartnerClient, services: Services) -> None:
    secret = services.administration.issue_key("operator:cli", "rival", True).secret

    for sent in ("", "rubbish", "Basic YTpi", "Bearer guess", f"Bearer {secret}"):
        response = client.post(
            "/reservations",
            json={"partnerId": "abc-corp", "seats": 1},
            headers={"Authorization": sent},
        )
        assert response.status_code == 201
        assert response.get_json()["partnerId"] == "abc-corp"


def test_wrong_keys_are_not_counted(client: PartnerClient) -> None:
    for _ in range(40):
        assert client.get("/", headers={"Authorization": "Bearer guess"}).status_code == 200


def test_anybody_operates_in_open_mode(client: PartnerClient, services: Services) -> None:
    event = {"eventId": "rehearsal", "name": "New", "totalSeats": 5, "isTest": True}
    for url in ("/events/rehearsal/pause", "/events/rehearsal/resume", "/events/pause"):
        if url.endswith("rehearsal/pause"):
            assert client.post("/events", json=event).status_code == 201
        assert client.post(url).status_code == 200
    key_id = client.post("/keys", json={"scope": "operator"}).get_json()["keyId"]
    client.delete(f"/keys/{key_id}")
    client.post("/partners/rival/freeze", json={"holds": "keep"})
    client.post("/partners/rival/unfreeze")

    entries = services.repository.ledger("rehearsal", after_version=-1, limit=10)
    assert [entry.actor for entry in entries] == 4 * ["operator:open"]
    lines = client.get("/admin-log").get_json()["lines"]
    assert [line["actor"] for line in lines] == 4 * ["operator:open"]


def test_partner_of_the_body_is_believed(client: PartnerClient, services: Services) -> None:
    client.cancel(client.reserved_id(partner_id="rival"))

    entries = services.repository.ledger("node-meetup-2025", after_version=0, limit=10)
    assert [entry.actor for entry in entries] == 2 * ["partner:rival"]


@pytest.mark.parametrize("auth", ["auto", "keys"])
def test_nothing_is_open_unless_it_was_said(
    open_app: OpenApp, services: Services, auth: str
) -> None:
    app = open_app(auth=auth)

    problem(cast(PartnerClient, app.test_client()).get("/"), 401, "key_required")
    behind_proxy = Keyed(app, services.administration).partner()
    headers = {"Host": "ticketboss.test", "X-Forwarded-For": "203.0.113.7", "Via": "1.1 proxy"}
    assert behind_proxy.get("/", headers=headers).status_code == 200
