"""`events ...` on the command line: each command for people and with --json."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.examples import cancel, hold, reserve
from tests.unit.operating import Operator

UNCHANGED: dict[str, Any] = {
    "eventId": "drop",
    "name": "The drop",
    "totalSeats": 10,
    "availableSeats": 10,
    "heldSeats": 0,
    "reservationCount": 0,
    "version": 0,
    "seatsPerReservationMax": 10,
    "seatsPerPartnerMax": None,
    "openHoldsPerPartnerMax": 1_000,
    "holdSecondsTotalMax": 3_600,
    "onSaleFrom": None,
    "onSaleUntil": None,
    "isTest": False,
    "paused": False,
    "cancelled": False,
    "saleState": "on_sale",
}
CREATE = ("events", "create", "drop", "--name", "The drop", "--seats", "10")


@pytest.fixture
def nothing(tmp_path: Path) -> Operator:
    """A migrated database without an event."""
    operator = Operator(tmp_path)
    operator.run("migrate")
    return operator


@pytest.fixture
def operator(nothing: Operator) -> Operator:
    """The same with the event "drop" of ten seats."""
    nothing.run(*CREATE)
    return nothing


def test_a_created_event_has_the_defaults(nothing: Operator) -> None:
    assert nothing.run(*CREATE).stdout == "Created event drop with 10 seats.\n"
    assert nothing.document("events", "show", "drop") == UNCHANGED


def test_what_is_done_at_the_command_line_is_an_operators_doing(operator: Operator) -> None:
    for command in ("pause", "resume"):
        operator.run("events", command, "drop")
    operator.run("events", "update", "drop", "--seats", "20")
    operator.run("events", "cancel", "drop", "--yes")
    assert [entry.actor for entry in operator.ledger("drop")] == ["operator:cli"] * 5


def test_an_event_is_created_with_every_setting(nothing: Operator) -> None:
    created = nothing.document(
        *(*CREATE, "--test", "--seats-per-reservation-max", "4"),
        *("--seats-per-partner-max", "8", "--open-holds-per-partner-max", "0"),
        *("--hold-seconds-total-max", "600", "--on-sale-from", "2026-12-01T12:00:00Z"),
        *("--on-sale-until", "2099-12-01T12:00:00.250+01:00"),
    )
    assert created == {"eventId": "drop", "name": "The drop", "totalSeats": 10}
    shown = nothing.document("events", "show", "drop")
    del shown["saleState"]
    assert shown == {name: UNCHANGED[name] for name in shown} | {
        "isTest": True,
        "seatsPerReservationMax": 4,
        "seatsPerPartnerMax": 8,
        "openHoldsPerPartnerMax": 0,
        "holdSecondsTotalMax": 600,
        "onSaleFrom": "2026-12-01T12:00:00.000Z",
        "onSaleUntil": "2099-12-01T11:00:00.250Z",
    }


def test_an_event_that_exists_is_not_created_again(operator: Operator) -> None:
    assert operator.refusal(*CREATE) == "event_exists"


def test_an_event_is_not_created_with_a_sale_that_ends_before_it_begins(nothing: Operator) -> None:
    window = ("--on-sale-from", "2026-12-02T00:00:00Z", "--on-sale-until", "2026-12-01T00:00:00Z")
    assert nothing.refusal(*CREATE, *window) == "invalid_sale_window"
    assert nothing.document("events", "list") == {"events": []}


def test_events_are_listed_with_what_is_left_of_them(operator: Operator) -> None:
    operator.sell(reserve(3, "r1"), hold(2, "h1"), reserve(1, "r2"), cancel("r2"))
    operator.run("events", "create", "a-first", "--name", "A", "--seats", "1")
    first, second = operator.document("events", "list")["events"]
    assert (first["eventId"], first["availableSeats"]) == ("a-first", 1)
    assert second == operator.document("events", "show", "drop")
    assert operator.run("events", "list").stdout.splitlines() == [
        "a-first  on_sale, 1 of 1 seats available, 0 held, 0 reservations, version 0",
        "drop  on_sale, 5 of 10 seats available, 2 held, 1 reservations, version 4",
    ]


def test_one_event_is_shown_to_people_with_all_its_settings(operator: Operator) -> None:
    operator.run("events", "update", "drop", "--on-sale-from", "2099-01-01T00:00:00+02:00")
    lines = operator.run("events", "show", "drop").stdout.splitlines()
    assert [line.split(" = ")[0] for line in lines] == list(
        operator.document("events", "show", "drop")
    )
    assert {"totalSeats = 10", "saleState = scheduled"} <= set(lines)
    assert "onSaleFrom = 2098-12-31T22:00:00.000Z" in lines


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("--name", "Another ☃", {"name": "Another ☃"}),
        ("--seats", "12", {"totalSeats": 12, "availableSeats": 12}),
        ("--seats-per-reservation-max", "3", {"seatsPerReservationMax": 3}),
        ("--seats-per-partner-max", "7", {"seatsPerPartnerMax": 7}),
        ("--open-holds-per-partner-max", "0", {"openHoldsPerPartnerMax": 0}),
        ("--hold-seconds-total-max", "86400", {"holdSecondsTotalMax": 86_400}),
        (
            "--on-sale-from",
            "2099-01-01T00:00:00Z",
            {"onSaleFrom": "2099-01-01T00:00:00.000Z", "saleState": "scheduled"},
        ),
        (
            "--on-sale-until",
            "2020-01-01T00:00:00.999-05:30",
            {"onSaleUntil": "2020-01-01T05:30:00.999Z", "saleState": "ended"},
        ),
    ],
)
def test_one_setting_is_updated_and_the_event_shown(
    operator: Operator, option: str, value: str, shown: dict[str, Any]
) -> None:
    updated = operator.document("events", "update", "drop", option, value)
    assert updated == UNCHANGED | shown | {"version": 1}
    assert operator.document("events", "show", "drop") == updated


def test_several_settings_change_in_one_version(operator: Operator) -> None:
    done = operator.run("events", "update", "drop", "--seats", "20", "--name", "More")
    assert {"totalSeats = 20", "name = More", "version = 1"} <= set(done.stdout.splitlines())


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [
        ("--seats-per-partner-max", "7", "seatsPerPartnerMax"),
        ("--on-sale-from", "2020-01-01T00:00:00Z", "onSaleFrom"),
        ("--on-sale-until", "2099-01-01T00:00:00Z", "onSaleUntil"),
    ],
)
def test_none_takes_a_setting_away(operator: Operator, option: str, value: str, name: str) -> None:
    assert operator.document("events", "update", "drop", option, value)[name] is not None
    assert operator.document("events", "update", "drop", option, "none")[name] is None


def test_none_when_creating_is_no_limit(nothing: Operator) -> None:
    nothing.run(*CREATE, "--seats-per-partner-max", "none", "--on-sale-from", "none")
    assert nothing.document("events", "show", "drop") == UNCHANGED


def test_what_is_so_already_leaves_no_new_version(operator: Operator) -> None:
    assert operator.document("events", "update", "drop", "--seats", "10") == UNCHANGED
    assert operator.document("events", "resume", "drop") == UNCHANGED


def test_an_event_is_paused_and_resumed(operator: Operator) -> None:
    paused = operator.document("events", "pause", "drop")
    assert (paused["paused"], paused["saleState"], paused["version"]) == (True, "paused", 1)
    resumed = operator.document("events", "resume", "drop")
    assert (resumed["paused"], resumed["saleState"], resumed["version"]) == (False, "on_sale", 2)
    assert "saleState = paused" in operator.run("events", "pause", "drop").stdout
    assert "saleState = on_sale" in operator.run("events", "resume", "drop").stdout


def test_an_event_is_cancelled_for_good(operator: Operator) -> None:
    cancelled = operator.document("events", "cancel", "drop", "--yes")
    assert (cancelled["cancelled"], cancelled["saleState"]) == (True, "cancelled")
    assert operator.document("events", "cancel", "drop", "--yes") == cancelled
    assert operator.refusal("events", "pause", "drop") == "event_cancelled"
    assert operator.refusal("events", "update", "drop", "--name", "Alive") == "event_cancelled"


def test_cancelling_asks_first(operator: Operator) -> None:
    refused = operator.run("events", "cancel", "drop", answer="n\n")
    assert refused.exit_code == 1
    assert "All its reservations will be cancelled" in refused.output
    assert operator.document("events", "show", "drop") == UNCHANGED
    assert operator.run("events", "cancel", "drop", answer="y\n").exit_code == 0
    assert operator.document("events", "show", "drop")["cancelled"] is True


def test_seats_that_are_taken_stay(operator: Operator) -> None:
    operator.sell(reserve(3, "r1"), hold(2, "h1"))
    smaller = ("events", "update", "drop", "--seats", "4")
    assert operator.refusal(*smaller) == "capacity_in_use"
    assert "5 seats are reserved or held" in operator.run(*smaller).stderr
    assert operator.document("events", "update", "drop", "--seats", "5")["availableSeats"] == 0


def test_a_sale_must_end_after_it_begins(operator: Operator) -> None:
    operator.run("events", "update", "drop", "--on-sale-from", "2026-12-01T12:00:00Z")
    for until in ("2026-12-01T12:00:00Z", "2026-12-01T12:59:59.999+01:00"):
        arguments = ("events", "update", "drop", "--on-sale-until", until)
        assert operator.refusal(*arguments) == "invalid_sale_window"
    assert operator.document("events", "show", "drop")["version"] == 1


COMMANDS = [("show",), ("update", "--seats", "1"), ("pause",), ("resume",), ("cancel", "--yes")]


@pytest.mark.parametrize(("command", "options"), [(name, rest) for name, *rest in COMMANDS])
def test_an_event_that_is_not_there_is_named(
    operator: Operator, command: str, options: list[str]
) -> None:
    assert operator.refusal("events", command, "nowhere", *options) == "event_not_found"
    assert "nowhere" in operator.run("events", command, "nowhere", *options).stderr
