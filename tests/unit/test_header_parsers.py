"""The parsers of headers on generated texts: a value, or a Problem, and nothing else."""

import ipaddress
import string
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketboss.api.auth import BEARER
from ticketboss.api.gate import SANE_REQUEST_ID, VALID_HOST
from ticketboss.api.peers import Peers, is_local
from ticketboss.api.preconditions import (
    IDEMPOTENCY_KEY_LENGTH_MAX,
    expected_versions,
    idempotency_key,
    not_modified,
)
from ticketboss.api.problems import Problem

# WSGI hands over bytes as Latin-1 (PEP 3333); what gunicorn refuses by itself is tried as well.
anything = st.binary().map(lambda value: value.decode("latin-1"))


def near(*pieces: str) -> st.SearchStrategy[str]:
    """Texts that look like a header of that kind, more or less."""
    return st.lists(st.sampled_from([*pieces, *'",\\ \t;=:.-_[]%/*0']), max_size=24).map("".join)


near_tags = near('W/"1"', '"7"', '"7-on_sale"', '"x"', "W/", "*", "18446744073709551616", '"')
near_addresses = near("10.0.0.1", "::1", "::ffff:10.0.0.1", "[", "]", ":80", "fe80::1%eth0", "unix")
near_hosts = near("localhost", "127.0.0.1", "[::1]", "evil.example", "@", ":3000", "http://", "?#")
near_keys = near("Bearer", "bearer", "tb_live_", "a" * 43, "Basic", "=")
visible = "".join(map(chr, range(0x21, 0x7F)))
versions = st.integers(0, 10**18 - 1)


@pytest.fixture(scope="module")
def app() -> Flask:
    return Flask("parsers")


def parsed(parse: Callable[[dict[str, Any]], Any], environ: dict[str, Any]) -> Any:
    """What the parser gives, or the Problem that it raises; anything else fails the test."""
    try:
        return parse(environ)
    except Problem as problem:
        return problem


@settings(deadline=None, max_examples=300)
@given(anything | near_tags | near_keys)
def test_idempotency_key_is_one_visible_word_or_refused(header: str) -> None:
    key = parsed(idempotency_key, {"HTTP_IDEMPOTENCY_KEY": header})
    if not isinstance(key, Problem):
        assert 1 <= len(key) <= IDEMPOTENCY_KEY_LENGTH_MAX
        assert set(key) <= set(visible)
    else:
        assert key.code == "invalid_header"


@settings(deadline=None)
@given(st.text(visible, min_size=1, max_size=IDEMPOTENCY_KEY_LENGTH_MAX))
def test_every_key_can_be_sent_in_quotes(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert idempotency_key({"HTTP_IDEMPOTENCY_KEY": f'"{quoted}"'}) == key


@settings(deadline=None)
@given(st.text(visible.replace('"', "").replace(",", ""), min_size=1, max_size=255))
def test_bare_keys_are_taken_as_they_are(key: str) -> None:
    assert idempotency_key({"HTTP_IDEMPOTENCY_KEY": key}) == key


@settings(deadline=None)
@given(st.text(visible, min_size=1, max_size=20), st.text(visible, min_size=1, max_size=20))
def test_two_keys_that_were_joined_are_never_one(first: str, second: str) -> None:
    joined = parsed(idempotency_key, {"HTTP_IDEMPOTENCY_KEY": f"{first},{second}"})
    # Within one pair of quotes they are one key, and were sent so.
    assert isinstance(joined, Problem) or (first[0] == '"' and second[-1] == '"')


@settings(deadline=None, max_examples=300)
@given(anything | near_tags)
def test_if_match_is_versions_or_refused(header: str) -> None:
    found = parsed(expected_versions, {"HTTP_IF_MATCH": header})
    if isinstance(found, frozenset):
        assert all(0 <= version < 10**18 and str(version) in header for version in found)
    else:
        assert found is None or isinstance(found, Problem)


@settings(deadline=None)
@given(st.lists(st.tuples(versions, st.sampled_from(["", "-on_sale", "-sold_out"])), min_size=1))
def test_strong_tags_are_their_versions_and_weak_ones_none(tags: list[tuple[int, str]]) -> None:
    strong = ", ".join(f'"{version}{state}"' for version, state in tags)
    weak = ", ".join(f'W/"{version}{state}"' for version, state in tags)
    asked = frozenset(version for version, _ in tags)
    assert expected_versions({"HTTP_IF_MATCH": strong}) == asked
    assert expected_versions({"HTTP_IF_MATCH": weak}) == frozenset()
    assert expected_versions({"HTTP_IF_MATCH": f"{weak},{strong}"}) == asked


@settings(deadline=None, max_examples=300)
@given(header=anything | near_tags)
def test_if_none_match_is_a_304_or_nothing(app: Flask, header: str) -> None:
    with app.test_request_context(environ_base={"HTTP_IF_NONE_MATCH": header}):
        answer = not_modified("7-on_sale")
    assert answer is None or (answer.status_code, answer.data) == (304, b"")
    if "7-on_sale" not in header and "*" not in header:
        assert answer is None


@settings(deadline=None, max_examples=300)
@given(
    trusted=st.sampled_from(["", "10.0.0.0/8", "::/0, 0.0.0.0/0, unix"]),
    address=st.sampled_from(["", "10.0.0.1", "::1", "2001:db8::1", "garbage"]),
    forwarded=anything | near_addresses,
)
def test_client_is_an_address_that_somebody_had(trusted: str, address: str, forwarded: str) -> None:
    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded}
    client = Peers(trusted).client(environ)
    if client != address:
        network = ipaddress.ip_network(client)
        assert network.num_addresses in (1, 2**64)
        assert "%" not in client
    if not trusted:
        assert client in (address, f"{address}/64", "2001:db8::/64", "::/64")


@settings(deadline=None, max_examples=300)
@given(
    host=st.none() | anything | near_hosts,
    target=anything | near_hosts | st.just("/"),
    origin=st.none() | anything | near_hosts,
    other=st.sampled_from(["HTTP_ACCEPT", "HTTP_FORWARDED", "HTTP_X_FORWARDED_BY", "HTTP_VIA"]),
)
def test_local_is_yes_or_no_and_never_where_a_proxy_was(
    host: str | None, target: str, origin: str | None, other: str
) -> None:
    given_ = {"HTTP_HOST": host, "RAW_URI": target, "HTTP_ORIGIN": origin, other: ""}
    answer = is_local({name: value for name, value in given_.items() if value is not None})
    assert answer in (True, False)
    if other != "HTTP_ACCEPT" or (host and "evil" in host):
        assert not answer


@settings(deadline=None, max_examples=300)
@given(anything | near_keys)
def test_bearer_is_one_word_of_its_own_letters(header: str) -> None:
    found = BEARER.fullmatch(header)
    if found is not None:
        assert header.lower().startswith("bearer ")
        assert set(found[1]) <= set(string.ascii_letters + string.digits + "._~+/-=")


@settings(deadline=None, max_examples=300)
@given(anything | near_hosts)
def test_what_is_logged_or_sent_back_has_no_line_of_its_own(text: str) -> None:
    for pattern in (SANE_REQUEST_ID, VALID_HOST):
        if pattern.fullmatch(text):
            assert text.isascii()
            assert text.isprintable()
            assert not set(text) & set(" \t\"'<>\\,;")
