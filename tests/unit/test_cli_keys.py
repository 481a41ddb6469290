"""`keys ...` on the command line: each command for people and with --json."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operating import Operator

SECRET = re.compile(r"tb_(live|test)_[A-Za-z0-9_-]{43}")
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
COLUMNS_MAX = 80


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """A migrated database without a key."""
    operator = Operator(tmp_path)
    operator.run("migrate")
    return operator


def _created(operator: Operator, *options: str) -> dict[str, Any]:
    created: dict[str, Any] = operator.document("keys", "create", *options)
    return created


def _listed(operator: Operator) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = operator.document("keys", "list")["keys"]
    return listed


def _log(operator: Operator) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = operator.document("admin-log")["lines"]
    return lines


@pytest.mark.parametrize(
    ("options", "mode", "scope", "partner_id"),
    [
        (["--partner", "abc-corp"], "live", "partner", "abc-corp"),
        (["--partner", "abc-corp", "--test"], "test", "partner", "abc-corp"),
        (["--operator"], "live", "operator", None),
        (["--operator", "--test"], "test", "operator", None),
    ],
)
def test_a_created_key_is_shown_with_its_secret(
    operator: Operator, options: list[str], mode: str, scope: str, partner_id: str | None
) -> None:
    created = _created(operator, *options)
    secret = created.pop("key")
    assert SECRET.fullmatch(secret)
    assert secret.startswith(f"tb_{mode}_")
    assert TIME.fullmatch(created["createdAt"])
    assert created == {
        "keyId": created["keyId"],
        "prefix": secret[:14],
        "scope": scope,
        "partnerId": partner_id,
        "isTest": mode == "test",
        "createdAt": created["createdAt"],
        "revokedAt": None,
    }
    assert _listed(operator) == [created]
    (line,) = _log(operator)
    assert (line["actor"], line["action"]) == ("operator:cli", "key_created")
    assert line["detail"]["keyId"] == created["keyId"]


def test_people_get_the_secret_on_a_line_of_its_own_and_the_id_once(operator: Operator) -> None:
    secret, *rest = operator.lines("keys", "create", "--partner", "abc-corp")
    assert SECRET.fullmatch(secret)
    (listed,) = _listed(operator)
    assert secret.startswith(listed["prefix"])
    told = " ".join(rest)
    assert told.count(listed["keyId"]) == 1
    assert "not shown again" in told
    assert max(map(len, rest)) <= COLUMNS_MAX


def test_a_secret_is_never_shown_again(operator: Operator) -> None:
    secret = _created(operator, "--partner", "abc-corp", "--partner-name", "ABC")["key"]
    for arguments in (("keys", "list"), ("partners", "list"), ("admin-log",)):
        for options in ((), ("--json",)):
            assert secret.removeprefix(secret[:14]) not in operator.run(*arguments, *options).output


def test_a_partner_is_named_with_its_key(operator: Operator) -> None:
    _created(operator, "--partner", "abc-corp", "--partner-name", "ABC ☃")
    _created(operator, "--partner", "abc-corp")
    (partner,) = operator.document("partners", "list")["partners"]
    assert (partner["name"], partner["liveKeys"]) == ("ABC ☃", 2)


def test_keys_are_listed_for_people_in_the_order_of_their_making(operator: Operator) -> None:
    created = [
        _created(operator, *options)
        for options in (["--partner", "abc-corp"], ["--operator", "--test"], ["--operator"])
    ]
    operator.run("keys", "revoke", created[1]["keyId"])
    operator.run("keys", "revoke", created[2]["keyId"])
    ids, prefixes = ([each[name] for each in created] for name in ("keyId", "prefix"))
    lines = operator.lines("keys", "list")
    assert lines == [
        f"{ids[0]}  {prefixes[0]}...  abc-corp",
        f"{ids[1]}  {prefixes[1]}...  operator, test, revoked",
        f"{ids[2]}  {prefixes[2]}...  operator, revoked",
    ]
    assert max(map(len, lines)) <= COLUMNS_MAX


def test_without_keys_there_are_none_to_list(operator: Operator) -> None:
    assert operator.lines("keys", "list") == ["No keys."]
    assert operator.document("keys", "list") == {"keys": []}


def test_more_keys_than_a_page_are_all_listed(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketboss.cli.common.PAGE_ITEMS", 2)
    ids = [_created(operator, "--operator")["keyId"] for _ in range(5)]
    assert sorted(each["keyId"] for each in _listed(operator)) == sorted(ids)


def test_a_key_is_revoked_once(operator: Operator) -> None:
    key_id = _created(operator, "--operator")["keyId"]
    revoked = operator.document("keys", "revoke", key_id)
    assert revoked == {"keyId": key_id, "revoked": True}
    since = _listed(operator)[0]["revokedAt"]
    assert TIME.fullmatch(since)
    assert operator.document("keys", "revoke", key_id) == revoked
    assert operator.lines("keys", "revoke", key_id) == [f"Key {key_id} was revoked before."]
    assert _listed(operator)[0]["revokedAt"] == since
    assert [line["action"] for line in _log(operator)] == ["key_revoked", "key_created"]


def test_people_are_told_that_a_key_is_revoked(operator: Operator) -> None:
    key_id = _created(operator, "--operator")["keyId"]
    assert operator.lines("keys", "revoke", key_id) == [f"Key {key_id} is revoked."]


def test_a_key_that_is_not_there_cannot_be_revoked(operator: Operator) -> None:
    assert operator.refusal("keys", "revoke", "unknown") == "key_not_found"
    said = operator.run("keys", "revoke", "unknown").stderr
    assert "keys list" in said
    assert max(map(len, said.splitlines())) <= COLUMNS_MAX
    assert _log(operator) == []


BAD_INPUT = {
    "neither kind": ([], "--partner ID or --operator"),
    "both kinds": (["--partner", "abc-corp", "--operator"], "--partner ID or --operator"),
    "name without a partner": (["--operator", "--partner-name", "ABC"], "--partner-name"),
    "name alone": (["--partner-name", "ABC"], "--partner ID or --operator"),
    "empty partner": (["--partner", ""], "--partner"),
    "space in the partner": (["--partner", "no spaces"], "--partner"),
    "long partner": (["--partner", "x" * 65], "--partner"),
    "partner with a line end": (["--partner", "abc\n"], "--partner"),
    "partner that is not ASCII": (["--partner", "äbc"], "--partner"),
    "blank name": (["--partner", "abc-corp", "--partner-name", " "], "--partner-name"),
    "long name": (["--partner", "abc-corp", "--partner-name", "x" * 201], "--partner-name"),
    "unprintable name": (["--partner", "abc-corp", "--partner-name", "a\tb"], "--partner-name"),
    "unknown option": (["--operator", "--scope", "reader"], "--scope"),
}


@pytest.mark.parametrize(("options", "named"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_is_refused_with_the_name_of_what_is_bad(
    operator: Operator, options: list[str], named: str
) -> None:
    assert named in operator.usage_error("keys", "create", *options)
    assert _listed(operator) == []


def test_a_partner_and_a_name_may_be_as_long_as_they_may_be(operator: Operator) -> None:
    created = _created(operator, "--partner", "x" * 64, "--partner-name", "y" * 200)
    assert created["partnerId"] == "x" * 64


def test_a_key_to_revoke_must_be_named(operator: Operator) -> None:
    assert "ID" in operator.usage_error("keys", "revoke")


@pytest.mark.parametrize(
    "arguments", [["keys", "create", "--operator"], ["keys", "list"], ["keys", "revoke", "some-id"]]
)
def test_without_a_database_the_remedy_is_named(tmp_path: Path, arguments: list[str]) -> None:
    done = Operator(tmp_path).run(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "python -m ticketboss migrate" in done.stderr
