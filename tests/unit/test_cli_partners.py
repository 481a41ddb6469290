"""`partners ...` and `admin-log` on the command line: for people and with --json."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.examples import hold, reserve
from tests.unit.operating import Operator
from ticketboss.domain.commands import Command
from ticketboss.domain.refusals import PartnerFrozen
from ticketboss.engine.answers import CommandRefused

COLUMNS_MAX = 80
ABC: dict[str, Any] = {
    "partnerId": "abc-corp",
    "name": "ABC",
    "frozen": False,
    "holds": None,
    "liveKeys": 1,
    "openHolds": 0,
}


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """The event "drop" of ten seats, and the partner abc-corp with one key."""
    operator = Operator(tmp_path)
    operator.run("migrate")
    operator.run("events", "create", "drop", "--name", "The drop", "--seats", "10")
    operator.run("keys", "create", "--partner", "abc-corp", "--partner-name", "ABC")
    return operator


def _log(operator: Operator, *options: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = operator.document("admin-log", *options)["lines"]
    return lines


def _actions(operator: Operator) -> list[str]:
    return [line["action"] for line in _log(operator)]


def test_partners_are_listed_with_what_a_freeze_concerns(operator: Operator) -> None:
    operator.sell(hold(2, "h1"), hold(1, "h2"), reserve(1, "r1"))
    operator.run("partners", "freeze", "a-first", "--holds", "release")
    first, second = operator.document("partners", "list")["partners"]
    assert first == ABC | {
        "partnerId": "a-first",
        "name": "a-first",
        "frozen": True,
        "holds": "release",
        "liveKeys": 0,
    }
    assert second == ABC | {"openHolds": 2}
    lines = operator.lines("partners", "list")
    assert lines == [
        "a-first  frozen, holds are released, 0 live keys, 0 open holds",
        "abc-corp  not frozen, 1 live keys, 2 open holds",
    ]
    assert max(map(len, lines)) <= COLUMNS_MAX


def test_without_partners_there_are_none_to_list(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    operator.run("migrate")
    assert operator.lines("partners", "list") == ["No partners."]
    assert operator.document("partners", "list") == {"partners": []}
    assert operator.lines("admin-log") == ["No lines."]
    assert operator.document("admin-log") == {"lines": []}


def test_more_partners_than_a_page_are_all_listed(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketboss.cli.common.PAGE_ITEMS", 2)
    for number in range(4):
        operator.run("partners", "freeze", f"p{number}", "--holds", "keep")
    listed = operator.document("partners", "list")["partners"]
    assert [each["partnerId"] for each in listed] == ["abc-corp", "p0", "p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("holds", "told"), [("keep", "holds stay"), ("release", "holds are released")]
)
def test_a_partner_is_frozen(operator: Operator, holds: str, told: str) -> None:
    operator.sell(hold(1, "h1"))
    freeze = ("partners", "freeze", "abc-corp", "--holds", holds)
    frozen = ABC | {"frozen": True, "holds": holds, "openHolds": 1}
    assert operator.document(*freeze) == frozen
    assert operator.document("partners", "list") == {"partners": [frozen]}
    assert operator.lines(*freeze) == [f"abc-corp  frozen, {told}, 1 live keys, 1 open holds"]
    with pytest.raises(CommandRefused) as raised:
        operator.sell(reserve(1, "r1"))
    assert raised.value.refusal == PartnerFrozen()
    line = _log(operator)[-2]
    assert (line["actor"], line["action"]) == ("operator:cli", "partner_frozen")
    assert line["detail"] == {"partnerId": "abc-corp", "holds": holds}


def test_a_frozen_partner_goes_on_after_it(operator: Operator) -> None:
    operator.run("partners", "freeze", "abc-corp", "--holds", "release")
    assert operator.document("partners", "unfreeze", "abc-corp") == ABC
    told = operator.lines("partners", "unfreeze", "abc-corp")
    assert told == ["abc-corp  not frozen, 1 live keys, 0 open holds"]
    commands: list[Command] = [reserve(1, "r1"), hold(1, "h1")]
    operator.sell(*commands)
    assert operator.document("partners", "list")["partners"][0]["openHolds"] == 1
    assert "partner_unfrozen" in _actions(operator)


def test_a_freeze_can_be_changed_in_the_same_way(operator: Operator) -> None:
    for holds in ("release", "keep", "release"):
        frozen = operator.document("partners", "freeze", "abc-corp", "--holds", holds)
        assert frozen["holds"] == holds
    assert _actions(operator).count("partner_frozen") == 3


def test_a_partner_that_is_not_there_cannot_be_unfrozen(operator: Operator) -> None:
    assert operator.refusal("partners", "unfreeze", "unknown") == "partner_not_found"
    said = operator.run("partners", "unfreeze", "unknown").stderr
    assert "partners list" in said
    assert max(map(len, said.splitlines())) <= COLUMNS_MAX
    assert _actions(operator) == ["key_created"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["partners", "freeze", "abc-corp"], "--holds"),
        (["partners", "freeze", "abc-corp", "--holds", "drop"], "--holds"),
        (["partners", "freeze", "--holds", "keep"], "ID"),
        (["partners", "freeze", "no spaces", "--holds", "keep"], "ID"),
        (["partners", "freeze", "x" * 65, "--holds", "keep"], "ID"),
        (["partners", "freeze", "", "--holds", "keep"], "ID"),
        (["partners", "unfreeze", "a/b"], "ID"),
        (["partners", "unfreeze"], "ID"),
        (["admin-log", "--limit", "0"], "--limit"),
        (["admin-log", "--limit", "1001"], "--limit"),
        (["admin-log", "--limit", "all"], "--limit"),
    ],
)
def test_bad_input_is_refused_with_the_name_of_what_is_bad(
    operator: Operator, arguments: list[str], named: str
) -> None:
    assert named in operator.usage_error(*arguments)
    assert _actions(operator) == ["key_created"]


def test_the_admin_log_tells_who_did_what_when_and_to_whom(operator: Operator) -> None:
    operator.run("partners", "freeze", "abc-corp", "--holds", "keep")
    (line,) = _log(operator, "--limit", "1")
    assert sorted(line) == ["action", "actor", "at", "detail", "logId"]
    (told,) = operator.lines("admin-log", "--limit", "1")
    at, actor, action, detail = told.split("  ")
    assert at == line["at"]
    assert (actor, action) == ("operator:cli", "partner_frozen")
    assert detail == "partnerId=abc-corp holds=keep"


def test_what_does_not_apply_is_not_told_to_people(operator: Operator) -> None:
    created = operator.document("keys", "create", "--operator")
    told = next(line for line in operator.lines("admin-log") if "scope=operator" in line)
    assert told.endswith(f"keyId={created['keyId']} scope=operator isTest=False")


def test_the_admin_log_is_as_long_as_it_is_asked_for_and_no_longer_than_50(
    operator: Operator,
) -> None:
    for number in range(60):
        operator.run("partners", "freeze", f"p{number}", "--holds", "keep")
    assert len(_log(operator)) == 50
    assert len(operator.lines("admin-log", "--limit", "7")) == 7
    assert len(_log(operator, "--limit", "1000")) == 61


@pytest.mark.parametrize(
    "arguments",
    [
        ["partners", "list"],
        ["partners", "freeze", "abc-corp", "--holds", "keep"],
        ["partners", "unfreeze", "abc-corp"],
        ["admin-log"],
    ],
)
def test_without_a_database_the_remedy_is_named(tmp_path: Path, arguments: list[str]) -> None:
    done = Operator(tmp_path).run(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "python -m ticketboss migrate" in done.stderr
