"""API keys over HTTP: how they look, where their secret is, and how they end."""

import base64
import hashlib
import logging
import re
from typing import Any

import pytest

from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient, problem
from tests.database import Database

OF_PARTNER = {"scope": "partner", "partnerId": "abc-corp"}


@pytest.fixture
def operator(keyed: Keyed) -> PartnerClient:
    return keyed.operator()


def made_key(operator: PartnerClient, **members: Any) -> dict[str, Any]:
    """What an operator is told of a new key; `members` are the body."""
    response = operator.post("/keys", json=members or OF_PARTNER)
    assert response.status_code == 201, response.text
    assert response.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = response.get_json()
    return document


def listed_keys(operator: PartnerClient) -> dict[str, dict[str, Any]]:
    """All keys by their ids."""
    return {key["keyId"]: key for key in operator.get("/keys").get_json()["keys"]}


@pytest.mark.parametrize(("is_test", "mode"), [(False, "live"), (True, "test")])
def test_key_is_its_mode_and_32_random_bytes(
    operator: PartnerClient, is_test: bool, mode: str
) -> None:
    made = [made_key(operator, **OF_PARTNER, isTest=is_test)["key"] for _ in range(20)]

    for key in made:
        assert re.fullmatch(rf"tb_{mode}_[A-Za-z0-9_-]{{43}}", key)
        assert len(base64.urlsafe_b64decode(f"{key[8:]}=")) == 32
    assert len({key[8:] for key in made}) == 20


@pytest.mark.parametrize("is_test", [False, True])
@pytest.mark.parametrize(("scope", "partner_id"), [("partner", "abc-corp"), ("operator", None)])
def test_new_key_is_told_with_all_that_is_kept_of_it(
    operator: PartnerClient, scope: str, partner_id: str | None, is_test: bool
) -> None:
    named = {"partnerId": partner_id} if partner_id else {}

    made = made_key(operator, scope=scope, isTest=is_test, **named)

    key = made.pop("key")
    assert made == {
        "keyId": made["keyId"],
        "prefix": key[:14],
        "scope": scope,
        "partnerId": partner_id,
        "isTest": is_test,
        "createdAt": made["createdAt"],
        "revokedAt": None,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["createdAt"])
    assert listed_keys(operator)[made["keyId"]] == made


def test_new_key_works_at_once(keyed: Keyed, operator: PartnerClient) -> None:
    partner = keyed.sending(f"Bearer {made_key(operator)['key']}")

    assert partner.reserve().status_code == 201


def test_database_has_only_the_hash_of_a_key(
    keyed: Keyed, operator: PartnerClient, database: Database
) -> None:
    key = made_key(operator)["key"]
    keyed.sending(f"Bearer {key}").reserve(key="order-1")

    content = database.stored()

    assert key[:14].encode() in content
    assert hashlib.sha256(key.encode()).hexdigest().encode() in content
    assert key[14:].encode() not in content


def test_key_is_shown_once(keyed: Keyed, operator: PartnerClient) -> None:
    made = made_key(operator)
    secret = made["key"][14:]
    partner = keyed.sending(f"Bearer {made['key']}")
    answers = [operator.get(url) for url in ("/keys", "/partners", "/admin-log", "/events", "/")]
    answers += [partner.get("/keys"), partner.reserve(seats=0), partner.get("/nothing")]
    answers += [operator.delete(f"/keys/{made['keyId']}"), operator.get("/keys")]
    answers += [operator.get("/admin-log"), keyed.sending(f"Bearer {made['key']}x").get("/")]

    for answer in answers:
        assert secret not in answer.text
        assert secret not in str(answer.headers)


def test_key_is_never_logged_but_its_id_is(
    keyed: Keyed, operator: PartnerClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        made = made_key(operator)
        partner = keyed.sending(f"Bearer {made['key']}")
        partner.reserve()
        partner.get("/events")
        keyed.sending(f"Basic {made['key']}").reserve()

    records = [vars(record) for record in caplog.records]
    lines = [(r["path"], r["status"], r["keyId"]) for r in records if r["msg"] == "request"]
    assert lines == [
        ("/keys", 201, operator.key_id),
        ("/reservations", 201, made["keyId"]),
        ("/events", 403, made["keyId"]),
        ("/reservations", 401, None),
    ]
    assert made["key"][14:] not in str(records)


def test_key_that_is_revoked_is_listed_with_its_time(operator: PartnerClient) -> None:
    made = made_key(operator)

    response = operator.delete(f"/keys/{made['keyId']}")

    assert response.status_code == 204
    listed = listed_keys(operator)[made["keyId"]]
    assert listed["revokedAt"] >= listed["createdAt"] == made["createdAt"]


def test_revoking_once_more_changes_nothing(operator: PartnerClient) -> None:
    key_id = made_key(operator)["keyId"]
    operator.delete(f"/keys/{key_id}")
    keys, log = operator.get("/keys").data, operator.get("/admin-log").data

    assert operator.delete(f"/keys/{key_id}").status_code == 204

    assert (operator.get("/keys").data, operator.get("/admin-log").data) == (keys, log)


@pytest.mark.parametrize("key_id", ["unknown", "%00", "tb_live_", "a" * 3000, "%F0%9F%98%80"])
def test_unknown_key_cannot_be_revoked(operator: PartnerClient, key_id: str) -> None:
    before = operator.get("/admin-log").data

    problem(operator.delete(f"/keys/{key_id}"), 404, "key_not_found")

    assert operator.get("/admin-log").data == before


def test_secret_does_not_pass_for_the_id_of_its_key(operator: PartnerClient) -> None:
    made = made_key(operator)

    for name in ("key", "prefix"):
        problem(operator.delete(f"/keys/{made[name]}"), 404, "key_not_found")


def test_operator_may_revoke_the_key_in_use(operator: PartnerClient) -> None:
    assert operator.delete(f"/keys/{operator.key_id}").status_code == 204


def test_partner_gets_its_name_with_a_key_and_keeps_it(operator: PartnerClient) -> None:
    names = []
    for named in ({}, {"partnerName": "Abc Corporation"}, {}, {"partnerName": "Abc SE 🎫"}):
        made_key(operator, **OF_PARTNER, **named)
        (partner,) = operator.get("/partners").get_json()["partners"]
        names.append((partner["name"], partner["liveKeys"]))

    assert names == [
        ("abc-corp", 1),
        ("Abc Corporation", 2),
        ("Abc Corporation", 3),
        ("Abc SE 🎫", 4),
    ]
