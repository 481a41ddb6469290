"""The settings of keys, proxies and rate limits: what they accept, refuse and say."""

import os
from pathlib import Path
from unittest import mock

import pytest

from ticketboss.config import BadSettings, Settings, load_settings

GOOD = {
    "TICKETBOSS_AUTH": ["auto", "keys", "open"],
    "TICKETBOSS_TRUSTED_PROXIES": [
        "",
        "10.0.0.7",
        "10.0.0.7, 192.168.1.0/24",
        "10.0.0.7,",
        "::1,fd00::/8",
        "0.0.0.0/0",
        "unix",
        "10.0.0.7, unix",
    ],
    "TICKETBOSS_RATE_LIMIT_WRITES": [
        "",
        "1/second",
        "500/second;9000/minute",
        "5 per 2 seconds",
        "500 per 10 minutes",
        "100/hour",
    ],
    "TICKETBOSS_RATE_LIMIT_STORAGE": [
        "memory://",
        "redis://localhost",
        "redis://localhost:6379/0",
        "redis://[::1]:6379/0",
        "redis://:secret@cache.example:6379/1",
        "rediss://name:secret@cache.example",
    ],
}
BAD = {
    "TICKETBOSS_AUTH": ["", "none", "KEYS", "true", "key"],
    "TICKETBOSS_TRUSTED_PROXIES": [
        "proxy.example",
        "10.0.0.7/8",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.7;10.0.0.8",
        "10.0.0.7 10.0.0.8",
        "[::1]",
        "10.0.0.7:8080",
        "*",
        "::ffff:10.0.0.7",
    ],
    "TICKETBOSS_RATE_LIMIT_WRITES": [
        "500",
        "500/",
        "/second",
        "500/fortnight",
        "many/second",
        "0/second",
        "5/0 second",
        "5 per 0 seconds",
        "500/second;0/minute",
        "500/second;",
        "-1/second",
        "1.5/second",
        "none",
        " ",
    ],
    "TICKETBOSS_RATE_LIMIT_STORAGE": [
        "",
        "memory",
        "localhost:6379",
        "redis://",
        "redis:///0",
        "redis:localhost",
        "redis://:secret@",
        "redis://[::1",
        "redis://localhost:port",
        "redis://localhost:65536",
        "redis://localhost/one",
        "redis://localhost?socket_timeout=soon",
        "redis://localhost/0?protocl=3",
        "memcached://localhost",
        "http://localhost",
    ],
}
# Both limits are checked alike.
for accepted_or_refused in (GOOD, BAD):
    accepted_or_refused["TICKETBOSS_RATE_LIMIT_READS"] = accepted_or_refused[
        "TICKETBOSS_RATE_LIMIT_WRITES"
    ]
WRONG_URLS_WITH_PASSWORDS = [
    "redis//:pa55word@localhost",
    "redi://:pa55word@localhost",
    "memcached://name:pa55word@localhost",
    "redis://:pa55word@",
    "redis://:pa55word@[::1",
    "redis://:pa55word@localhost:port",
    # A character that would become one with a meaning of its own.
    "redis://name:pa55word\u2100@localhost",
]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _load(**environment: str) -> Settings:
    with mock.patch.dict(os.environ, environment, clear=True):
        return load_settings()


def _each(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name in values for value in values[name]]


@pytest.mark.parametrize(("name", "value"), _each(GOOD))
def test_a_good_value_is_in_force_as_it_was_written(name: str, value: str) -> None:
    field = name.removeprefix("TICKETBOSS_").lower()
    assert getattr(_load(**{name: value}), field) == value


@pytest.mark.parametrize(("name", "value"), _each(BAD))
def test_a_bad_value_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as raised:
        _load(**{name: value})
    assert list(raised.value.problems) == [name]


def test_without_any_setting_the_documented_defaults_are_in_force() -> None:
    settings = _load()
    assert (settings.auth, settings.trusted_proxies) == ("auto", "")
    assert (settings.rate_limit_writes, settings.rate_limit_reads) == ("500/second", "1000/second")
    assert settings.rate_limit_storage == "memory://"


def test_what_is_wrong_is_told_together() -> None:
    bad = {name: values[-1] for name, values in BAD.items()}
    with pytest.raises(BadSettings) as raised:
        _load(**bad)
    assert set(raised.value.problems) == set(bad)


@pytest.mark.parametrize("url", WRONG_URLS_WITH_PASSWORDS)
def test_a_password_is_never_part_of_the_message(url: str) -> None:
    with pytest.raises(BadSettings) as raised:
        _load(TICKETBOSS_RATE_LIMIT_STORAGE=url)
    assert "redis://HOST:6379/0" in str(raised.value)
    assert "pa55word" not in str(raised.value)


def test_a_network_that_is_wrong_is_named_among_the_others() -> None:
    with pytest.raises(BadSettings, match=r"'10\.0\.0\.7/8' is no address or network"):
        _load(TICKETBOSS_TRUSTED_PROXIES="192.168.1.0/24, 10.0.0.7/8, ::1")
