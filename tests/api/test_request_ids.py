"""X-Request-Id: the client's if it is sane, else the server's; on every answer."""

import re

import pytest

from tests.api.partner import PartnerClient, problem

MADE_BY_US = re.compile(r"[0-9a-f]{16,}")


@pytest.mark.parametrize(
    "request_id",
    ["a", "a" * 128, "018f0000-0000-7000-8000-000000000000", "trace:1.2_3-4", "0"],
)
def test_sane_id_of_the_client_is_echoed(client: PartnerClient, request_id: str) -> None:
    response = client.get("/", headers={"X-Request-Id": request_id})

    assert response.headers["X-Request-Id"] == request_id


@pytest.mark.parametrize(
    "request_id",
    ["", " ", "x" * 129, "a b", "a,b", "a\tb", "<b>", 'a"b', "é", "{}", "a;b", "\x7f", "a/b"],
)
def test_other_ids_are_replaced(client: PartnerClient, request_id: str) -> None:
    response = client.get("/", headers={"X-Request-Id": request_id})

    assert MADE_BY_US.fullmatch(response.headers["X-Request-Id"])


def test_each_request_gets_an_id_of_its_own(client: PartnerClient) -> None:
    ids = {client.get("/").headers["X-Request-Id"] for _ in range(50)}

    assert len(ids) == 50


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/healthz", 200),
        ("GET", "/nothing", 404),
        ("PUT", "/", 405),
        ("DELETE", "/reservations/unknown", 404),
        ("POST", "/reservations", 400),
    ],
)
def test_every_kind_of_answer_has_it(
    client: PartnerClient, method: str, url: str, status: int
) -> None:
    response = client.open(url, method=method, headers={"X-Request-Id": "trace-me"})

    assert response.status_code == status
    assert response.headers.getlist("X-Request-Id") == ["trace-me"]


def test_unchanged_and_empty_answers_have_it_too(client: PartnerClient) -> None:
    headers = {"X-Request-Id": "trace-me"}
    unchanged = client.get("/", headers={**headers, "If-None-Match": "*"})
    cancelled = client.delete(f"/reservations/{client.reserved_id()}", headers=headers)

    assert (unchanged.status_code, cancelled.status_code) == (304, 204)
    assert unchanged.headers["X-Request-Id"] == "trace-me"
    assert cancelled.headers["X-Request-Id"] == "trace-me"


def test_problem_repeats_it(client: PartnerClient) -> None:
    response = client.get("/nothing", headers={"X-Request-Id": "trace-me"})

    assert problem(response, 404, "not_found")["requestId"] == "trace-me"


def test_problem_never_repeats_an_id_that_is_not_sane(client: PartnerClient) -> None:
    response = client.get("/nothing", headers={"X-Request-Id": "<script>"})

    assert "script" not in response.text
