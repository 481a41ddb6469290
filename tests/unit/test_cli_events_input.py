"""What `events ...` on the command line does not accept: named, before anything happens."""

from pathlib import Path

import pytest

from tests.unit.operating import Operator

NEW = ["--name", "N", "--seats", "1"]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """A database that is not even there: bad input must not need it."""
    return Operator(tmp_path)


LIMITS = {
    "--seats": ["0", "-1", "100000001", "many", "1.5", "none", ""],
    "--seats-per-reservation-max": ["0", "100000001", "none"],
    "--seats-per-partner-max": ["0", "-1", "100000001", "None", "nil", ""],
    "--open-holds-per-partner-max": ["-1", "100000001", "none"],
    "--hold-seconds-total-max": ["0", "86401", "none"],
}
TIMES = [
    "2026-12-01T12:00:00",
    "2026-12-01",
    "2026-13-01T12:00:00Z",
    "2026-02-30T12:00:00Z",
    "2026-12-01T25:00:00Z",
    "2026-12-01T12:00:00+25:00",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "tomorrow",
    "1764590400",
    "None",
    "",
]
NAMES = ["", " ", "x" * 201, "a\tb", "a\nb", "a\x00b", "a\u200bb"]


@pytest.mark.parametrize("command", ["create", "update"])
@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option in LIMITS for value in LIMITS[option]]
)
def test_a_number_out_of_its_range_is_refused(
    operator: Operator, command: str, option: str, value: str
) -> None:
    given = NEW if command == "create" else []
    assert option in operator.usage_error("events", command, "drop", *given, option, value)
    assert not operator.database.is_made()


@pytest.mark.parametrize("command", ["create", "update"])
@pytest.mark.parametrize("option", ["--on-sale-from", "--on-sale-until"])
@pytest.mark.parametrize("value", TIMES)
def test_a_time_that_is_none_is_refused(
    operator: Operator, command: str, option: str, value: str
) -> None:
    given = NEW if command == "create" else []
    assert option in operator.usage_error("events", command, "drop", *given, option, value)


def test_a_time_without_its_offset_is_told_what_is_missing(operator: Operator) -> None:
    said = operator.usage_error("events", "update", "drop", "--on-sale-from", "2026-12-01T12:00:00")
    assert "offset" in said


@pytest.mark.parametrize("command", ["create", "update"])
@pytest.mark.parametrize("value", NAMES)
def test_a_name_that_cannot_be_printed_is_refused(
    operator: Operator, command: str, value: str
) -> None:
    seats = ["--seats", "1"] if command == "create" else []
    said = operator.usage_error("events", command, "drop", *seats, "--name", value)
    assert "--name" in said


@pytest.mark.parametrize("command", ["create", "show", "update", "pause", "resume", "cancel"])
@pytest.mark.parametrize("event_id", ["no spaces", "x" * 65, "", "ä", "a/b", "a\n"])
def test_an_id_that_no_event_can_have_is_refused(
    operator: Operator, command: str, event_id: str
) -> None:
    assert "ID" in operator.usage_error("events", command, event_id)


@pytest.mark.parametrize("command", ["create", "show", "update", "pause", "resume", "cancel"])
def test_an_event_must_be_named(operator: Operator, command: str) -> None:
    assert "ID" in operator.usage_error("events", command)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], "--name and --seats"),
        (["--seats", "1"], "--name"),
        (["--name", "N"], "--seats"),
    ],
)
def test_a_new_event_needs_a_name_and_seats(
    operator: Operator, given: list[str], missing: str
) -> None:
    assert missing in operator.usage_error("events", "create", "drop", *given)


def test_an_update_needs_something_to_change(operator: Operator) -> None:
    assert "at least one setting" in operator.usage_error("events", "update", "drop")


def test_an_event_does_not_become_a_test_event_later(operator: Operator) -> None:
    assert "--test" in operator.usage_error("events", "update", "drop", "--test")


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", "drop"],
        ["create", "drop", *NEW],
        ["update", "drop", "--seats", "1"],
        ["pause", "drop"],
        ["resume", "drop"],
        ["cancel", "drop", "--yes"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_without_a_database_the_remedy_is_named(operator: Operator, arguments: list[str]) -> None:
    done = operator.run("events", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "python -m ticketboss migrate" in done.stderr
