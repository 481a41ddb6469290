"""Names and times as JSON has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketboss.formats import camel_case, camel_keys, moment, parse_rfc3339, rfc3339

NOON_MS = 1_796_126_400_000
MINUTE, HOUR = 60_000, 3_600_000
FIRST_MS = parse_rfc3339("0001-01-01T00:00:00Z")
LAST_MS = parse_rfc3339("9999-12-31T23:59:59.999Z")

TIMES = {
    "1970-01-01T00:00:00Z": 0,
    "2026-12-01T12:00:00Z": NOON_MS,
    "2026-12-01t12:00:00z": NOON_MS,
    "2026-12-01T12:00:00+00:00": NOON_MS,
    # RFC 3339 section 4.3: the time is known in UTC, the local offset is not.
    "2026-12-01T12:00:00-00:00": NOON_MS,
    "2026-12-01T13:00:00+01:00": NOON_MS,
    "2026-12-01T06:30:00-05:30": NOON_MS,
    "2026-12-02T11:59:00+23:59": NOON_MS,
    "2026-11-30T12:01:00-23:59": NOON_MS,
    "2026-12-01T12:00:00.5Z": NOON_MS + 500,
    "2026-12-01T12:00:00.050Z": NOON_MS + 50,
    "2026-12-01T12:00:00.001+00:00": NOON_MS + 1,
    # Finer than we keep: never rounded up to a moment that has not come.
    "2026-12-01T12:00:00.0019999Z": NOON_MS + 1,
    "2026-12-01T12:00:00.99999999999999999999Z": NOON_MS + 999,
    "1969-12-31T23:59:59.999Z": -1,
    "1969-12-31T23:59:59.9999Z": -1,
    "2024-02-29T00:00:00Z": 1_709_164_800_000,
    "2000-02-29T00:00:00Z": 951_782_400_000,
}
MALFORMED = [
    "",
    "2026-12-01",
    "2026-12-01T12:00:00",
    "2026-12-01 12:00:00Z",
    "2026-12-01T12:00Z",
    "2026-12-01T12Z",
    "2026-12-01T12:00:00.Z",
    "2026-12-01T12:00:00,5Z",
    "2026-12-01T12:00:00+0100",
    "2026-12-01T12:00:00+01",
    "2026-12-01T12:00:00+01:00:00",
    "2026-12-01T12:00:00 Z",
    "2026-12-01T12:00:00UTC",
    "2026-12-01T12:00:00Z ",
    " 2026-12-01T12:00:00Z",
    "2026-12-01T12:00:00Z\n",
    "26-12-01T12:00:00Z",
    "+2026-12-01T12:00:00Z",
    "-2026-12-01T12:00:00Z",
    "12026-12-01T12:00:00Z",
    "2026-W49-2T12:00:00Z",
    "2026-335T12:00:00Z",
    "20261201T120000Z",
    "٢٠٢٦-12-01T12:00:00Z",
    "2026-12-01T12:00:00.٥Z",
    "1796126400",
    "now",
]
IMPOSSIBLE = [
    "2026-13-01T12:00:00Z",
    "2026-00-01T12:00:00Z",
    "2026-12-00T12:00:00Z",
    "2026-12-32T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "1900-02-29T12:00:00Z",
    "0000-01-01T12:00:00Z",
    "2026-12-01T24:00:00Z",
    "2026-12-01T12:60:00Z",
    "2026-12-01T12:00:61Z",
    # A leap second has no place in milliseconds since 1970.
    "2016-12-31T23:59:60Z",
    "2026-12-01T12:00:00+24:00",
    "2026-12-01T12:00:00+01:60",
    "2026-12-01T12:00:00-99:99",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
]


@pytest.mark.parametrize(("text", "milliseconds"), TIMES.items())
def test_a_time_is_read_as_the_moment_that_it_names(text: str, milliseconds: int) -> None:
    assert parse_rfc3339(text) == milliseconds


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_not_written_as_rfc_3339_has_it_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        parse_rfc3339(text)


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time that exists|must look like"):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (NOON_MS + 7, "2026-12-01T12:00:00.007Z"),
        (LAST_MS, "9999-12-31T23:59:59.999Z"),
        (FIRST_MS, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_its_milliseconds(milliseconds: int, text: str) -> None:
    assert rfc3339(milliseconds) == text
    assert moment(milliseconds) == text


def test_no_time_is_written_as_none() -> None:
    assert moment(None) is None


@given(st.integers(FIRST_MS, LAST_MS))
def test_every_time_that_is_written_can_be_read_again(milliseconds: int) -> None:
    assert parse_rfc3339(rfc3339(milliseconds)) == milliseconds


@given(
    st.integers(FIRST_MS + 24 * HOUR, LAST_MS - 24 * HOUR),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_an_offset_moves_the_clock_and_not_the_moment(milliseconds: int, minutes: int) -> None:
    local = rfc3339(milliseconds + minutes * MINUTE).removesuffix("Z")
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert parse_rfc3339(local + offset) == milliseconds


@given(st.text(alphabet="0123456789-+:.TtZz \u0665", max_size=30))
def test_whatever_is_sent_is_a_time_or_an_error_that_says_so(text: str) -> None:
    read = _read(text)
    if isinstance(read, str):
        assert read.startswith(("must look like", "is not a time"))
    else:
        assert FIRST_MS <= read <= LAST_MS


def _read(text: str) -> int | str:
    """The milliseconds, or what is wrong."""
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "camel"),
    [
        ("seats", "seats"),
        ("total_seats", "totalSeats"),
        ("on_sale_from", "onSaleFrom"),
        ("opens_in_ms", "opensInMs"),
        ("", ""),
    ],
)
def test_names_are_written_in_camel_case(name: str, camel: str) -> None:
    assert camel_case(name) == camel


def test_only_the_documents_own_keys_are_rewritten() -> None:
    assert camel_keys({"event_id": {"inner_name": 1}, "a": []}) == {
        "eventId": {"inner_name": 1},
        "a": [],
    }
