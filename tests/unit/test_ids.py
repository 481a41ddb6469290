"""Reservation ids are version 7 UUIDs (RFC 9562)."""

import os
import time
import uuid

import pytest

from ticketboss.engine.ids import new_id

MANY = 2_000


def test_an_id_is_a_uuid_of_version_7_in_its_canonical_form() -> None:
    for _ in range(MANY):
        reservation_id = new_id()
        parsed = uuid.UUID(reservation_id)
        assert str(parsed) == reservation_id
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


def test_an_id_begins_with_the_milliseconds_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    unix_ms = uuid.UUID(new_id()).int >> 80
    assert before <= unix_ms <= time.time_ns() // 1_000_000


def test_ids_of_later_milliseconds_sort_behind_earlier_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    for unix_ms in (0, 1, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1):
        monkeypatch.setattr(time, "time_ns", lambda ms=unix_ms: ms * 1_000_000)
        made.append(new_id())
    assert made == sorted(made)


def test_ids_made_one_after_the_other_sort_in_that_order(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for nanoseconds in (*range(0, 1_000_000, 250), 999_999):
        monkeypatch.setattr(time, "time_ns", lambda ns=nanoseconds: 1_700_000_000_000_000_000 + ns)
        made.append(new_id())
    assert made == sorted(made)


def test_ids_of_the_same_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert len({new_id() for _ in range(MANY)}) == MANY


def test_each_of_62_random_bits_has_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)

    def made_with(random_number: int) -> int:
        monkeypatch.setattr(os, "urandom", lambda length: random_number.to_bytes(length, "big"))
        return uuid.UUID(new_id()).int

    fixed = made_with(0)
    places = [made_with(1 << bit) ^ fixed for bit in range(64)]
    used = [place for place in places if place]
    assert all(place.bit_count() == 1 for place in used)
    assert len(set(used)) == len(used) == 62
    assert sum(used) == 2**62 - 1
