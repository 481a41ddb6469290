"""The edges of every setting of an event, at its making and at a change."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Clock
from tests.api.keyed import Keyed
from tests.api.operating import CONCERT, patch_event, post_event
from tests.api.partner import PartnerClient, invalid_fields

SEATS_MAX = 100_000_000
NO_INTEGERS: list[Any] = ["5", "", 2.5, 2.0, True, False, [5], {}, -1, -(10**30), 10**30]

ACCEPTED: list[tuple[str, list[Any]]] = [
    ("name", ["x", "x" * 200, "🎫" * 200, " x "]),
    ("totalSeats", [1, SEATS_MAX]),
    ("seatsPerReservationMax", [1, SEATS_MAX]),
    ("seatsPerPartnerMax", [None, 1, SEATS_MAX]),
    ("openHoldsPerPartnerMax", [0, 1, SEATS_MAX]),
    ("holdSecondsTotalMax", [1, 86_400]),
]
REFUSED: list[tuple[str, list[Any]]] = [
    ("name", [None, "", " ", "x" * 201, "a\nb", "a\x00b", "a\u202eb", 5, ["x"]]),
    ("totalSeats", [None, 0, SEATS_MAX + 1, *NO_INTEGERS]),
    ("seatsPerReservationMax", [None, 0, SEATS_MAX + 1, *NO_INTEGERS]),
    ("seatsPerPartnerMax", [0, SEATS_MAX + 1, *NO_INTEGERS]),
    ("openHoldsPerPartnerMax", [None, SEATS_MAX + 1, *NO_INTEGERS]),
    ("holdSecondsTotalMax", [None, 0, 86_401, *NO_INTEGERS]),
]
TIMES = {
    "2027-01-15T08:00:00Z": "2027-01-15T08:00:00.000Z",
    "2027-01-15t08:00:00z": "2027-01-15T08:00:00.000Z",
    "2027-01-15T09:00:00+01:00": "2027-01-15T08:00:00.000Z",
    "2027-01-14T22:30:00-09:30": "2027-01-15T08:00:00.000Z",
    "2027-01-15T08:00:00-00:00": "2027-01-15T08:00:00.000Z",
    "2027-01-15T08:00:00.5Z": "2027-01-15T08:00:00.500Z",
    "2027-01-15T08:00:00.0009Z": "2027-01-15T08:00:00.000Z",
    "2027-01-15T08:00:00.123456789Z": "2027-01-15T08:00:00.123Z",
    "2028-02-29T23:59:59.999Z": "2028-02-29T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z": "1969-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000Z",
}
NO_TIMES: list[Any] = [
    "",
    "2027-01-15",
    "2027-01-15T08:00:00",
    "2027-01-15T08:00Z",
    "2027-01-15T08Z",
    "2027-01-15 08:00:00Z",
    "20270115T080000Z",
    "2027-W02-5T08:00:00Z",
    "2027-02-29T08:00:00Z",
    "2027-13-01T08:00:00Z",
    "2027-01-15T24:00:00Z",
    "2027-01-15T08:60:00Z",
    "2027-01-15T08:00:60Z",
    "2027-01-15T08:00:00+0100",
    "2027-01-15T08:00:00+24:00",
    "2027-01-15T08:00:00.Z",
    "2027-01-15T08:00:00,5Z",
    " 2027-01-15T08:00:00Z",
    "2027-01-15T08:00:00Z\n",
    "٢٠٢٧-01-15T08:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "tomorrow",
    1_800_000_000_000,
    1.5,
    True,
    ["2027-01-15T08:00:00Z"],
]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def operator(keyed: Keyed, keyed_clock: Clock) -> PartnerClient:
    return keyed.operator()


def made_with(operator: PartnerClient, name: str, value: Any) -> TestResponse:
    """The answer to an event that is made with one setting."""
    return post_event(operator, **{name: value})


def changed_to(operator: PartnerClient, name: str, value: Any) -> TestResponse:
    """The answer to a change of one setting."""
    post_event(operator)
    return patch_event(operator, **{name: value})


def _cases(table: list[tuple[str, list[Any]]]) -> list[Any]:
    return [pytest.param(name, value) for name, values in table for value in values]


@pytest.mark.parametrize("asking", [made_with, changed_to])
@pytest.mark.parametrize(("name", "value"), _cases(ACCEPTED))
def test_setting_at_its_edge_is_taken(
    operator: PartnerClient, asking: Any, name: str, value: Any
) -> None:
    response = asking(operator, name, value)

    assert response.status_code in (200, 201), response.text
    assert response.get_json()[name] == value
    assert operator.event(CONCERT)[name] == value


@pytest.mark.parametrize("asking", [made_with, changed_to])
@pytest.mark.parametrize(("name", "value"), _cases(REFUSED))
def test_setting_beyond_its_edge_is_refused(
    operator: PartnerClient, asking: Any, name: str, value: Any
) -> None:
    assert invalid_fields(asking(operator, name, value)) == [name]


@pytest.mark.parametrize("asking", [made_with, changed_to])
@pytest.mark.parametrize("name", ["onSaleFrom", "onSaleUntil"])
@pytest.mark.parametrize("time", TIMES)
def test_time_is_taken_with_any_offset_and_told_in_utc(
    operator: PartnerClient, asking: Any, name: str, time: str
) -> None:
    response = asking(operator, name, time)

    assert response.status_code in (200, 201), response.text
    assert response.get_json()[name] == TIMES[time]
    assert RFC3339.fullmatch(operator.event(CONCERT)[name])


@pytest.mark.parametrize("asking", [made_with, changed_to])
@pytest.mark.parametrize("name", ["onSaleFrom", "onSaleUntil"])
@pytest.mark.parametrize("time", NO_TIMES)
def test_what_is_no_time_with_its_offset_is_refused(
    operator: PartnerClient, asking: Any, name: str, time: Any
) -> None:
    assert invalid_fields(asking(operator, name, time)) == [name]


def test_all_wrong_settings_are_told_at_once(operator: PartnerClient) -> None:
    response = post_event(operator, totalSeats=0, seatsPerPartnerMax=0, onSaleFrom="now", x=1)

    wrong = ["onSaleFrom", "seatsPerPartnerMax", "totalSeats", "x"]
    assert invalid_fields(response) == wrong


@pytest.mark.parametrize("name", ["eventId", "isTest", "paused", "cancelled", "version"])
def test_what_cannot_be_changed_is_unknown_to_a_change(operator: PartnerClient, name: str) -> None:
    assert invalid_fields(changed_to(operator, name, True)) == [name]


def test_change_without_a_setting_is_none(operator: PartnerClient) -> None:
    post_event(operator)

    assert invalid_fields(patch_event(operator)) == ["name"]
