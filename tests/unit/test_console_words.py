"""Numbers and times as people read them."""

import pytest

from ticketboss.console import words
from ticketboss.console.forms import Field, changed_facts_of, changes_of
from ticketboss.console.sessions import Sessions, is_behind_tls


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (-1, "0 s"),
        (999, "0 s"),
        (61_000, "1 min 1 s"),
        (3_600_000, "1 h 0 min"),
        (90_061_000, "1 d 1 h"),
    ],
)
def test_durations_have_their_two_largest_units(milliseconds: int, expected: str) -> None:
    assert words.duration(milliseconds) == expected


def test_what_cannot_be_divided_is_a_dash() -> None:
    assert words.percent(1, 0) == words.mean(1, 0) == words.milliseconds(1, 0) == "-"
    assert words.day_and_time(None) == "-"


def test_numbers_and_times_are_written_for_people() -> None:
    assert words.number(1_234_567) == "1,234,567"
    assert words.percent(1, 3) == "33.3 %"
    assert words.mean(10, 4) == "2.5"
    assert words.milliseconds(0.0123, 2) == "6.15 ms"
    assert words.day_and_time(1_800_000_000_123) == "2027-01-15 08:00:00 UTC"
    assert words.clock_time(1_800_000_000_123) == "08:00:00.123"


@pytest.mark.parametrize(
    ("kind", "text", "member"),
    [
        ("text", "a", "a"),
        ("number", "12", 12),
        ("number", "-1", "-1"),
        ("number", "\u0661\u0662", "\u0661\u0662"),
        ("number", "1" * 19, "1" * 19),
        ("moment", "2027-01-15T08:00", "2027-01-15T08:00:00Z"),
        ("moment", "2027-01-15T08:00:01.5", "2027-01-15T08:00:01.5Z"),
        ("moment", "tomorrow", "tomorrow"),
        ("flag", "yes", True),
        ("flag", "", False),
    ],
)
def test_fields_give_the_schema_what_it_takes_and_leave_the_rest_to_it(
    kind: str, text: str, member: object
) -> None:
    assert Field("any", "Any", kind).member(text) == member


def test_one_time_that_is_written_in_two_ways_is_no_change() -> None:
    fields = [Field("until", "Until", "moment", may_be_null=True)]
    was = {"was_until": fields[0].text(1_800_000_000_000)}

    for text in ("2027-01-15T08:00", "2027-01-15T08:00:00", "2027-01-15T08:00:00.000"):
        assert changes_of(fields, {**was, "until": text}) == {}
    assert changes_of(fields, {**was, "until": ""}) == {"until": None}
    later = {**was, "until": "2027-01-15T08:01"}
    assert changes_of(fields, later) == {"until": "2027-01-15T08:01:00Z"}
    assert changed_facts_of(fields, later) == [
        ("Until", "2027-01-15 08:00:00 UTC → 2027-01-15 08:01:00 UTC")
    ]
    assert changed_facts_of(fields, {**was, "until": "soon"})[0][1].endswith("→ soon")


def test_fields_show_our_values() -> None:
    assert Field("any", "Any", "moment").text(1_800_000_000_000) == "2027-01-15T08:00:00.000"
    assert Field("any", "Any").text(None) == ""
    assert Field("any", "Any", "number").text(5) == "5"


def test_tls_is_seen_wherever_it_ends() -> None:
    assert is_behind_tls({"wsgi.url_scheme": "https"})
    assert is_behind_tls({"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"})
    assert is_behind_tls({"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "HTTPS, http"})
    assert not is_behind_tls({"wsgi.url_scheme": "http", "HTTP_FORWARDED": "proto=http"})


def test_processes_without_a_common_secret_know_nothing_of_each_other() -> None:
    one, other = Sessions(""), Sessions("")
    sealed = one.sealed(one.start("0" * 64))

    assert one.opened(sealed) is not None
    assert other.opened(sealed) is None
