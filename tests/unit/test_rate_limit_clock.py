"""A clock that goes back does not lock a key out for as long as it went back."""

import time

import pytest

from ticketboss.api.rate_limits import FAILED_KEYS_PER_MINUTE_MAX, RateLimits

HOUR = 3_600.0


@pytest.fixture
def limits() -> RateLimits:
    return RateLimits("2/second", "2/second", "memory://")


def _turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - HOUR)


def test_a_key_waits_no_longer_than_its_window(
    limits: RateLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [limits.wait_seconds("key", is_write=True) for _ in range(2)] == [0, 0]
    _turn_back(monkeypatch)
    assert limits.wait_seconds("key", is_write=True) == 0
    assert [limits.wait_seconds("key", is_write=True) for _ in range(3)] == [0, 0, 1]


def test_an_address_waits_no_longer_than_a_minute(
    limits: RateLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FAILED_KEYS_PER_MINUTE_MAX):
        limits.count_failure("192.0.2.1")
    assert 0 < limits.failures_wait_seconds("192.0.2.1") <= 60
    _turn_back(monkeypatch)
    assert limits.failures_wait_seconds("192.0.2.1") == 0
