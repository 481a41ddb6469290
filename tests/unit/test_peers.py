"""Whose address a request has, and whether it is local, at the edges."""

import pytest

from ticketboss.api.peers import Peers, is_local


@pytest.mark.parametrize(
    ("trusted", "address", "forwarded", "client"),
    [
        ("unix", "", "203.0.113.7", "203.0.113.7"),
        ("", "", "203.0.113.7", ""),
        ("10.0.0.1, unix", "10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("10.0.0.1", "::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.1", "unknown", "10.0.0.1"),
    ],
)
def test_the_client_is_who_the_trusted_proxy_says(
    trusted: str, address: str, forwarded: str, client: str
) -> None:
    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded}
    assert Peers(trusted).client(environ) == client


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/events", True),
        ("//elsewhere.example/events", True),
        ("http://localhost:3000/events", True),
        ("http://elsewhere.example/events", False),
        ("http://[/events", False),
    ],
)
def test_a_whole_url_in_the_request_line_names_the_host(target: str, expected: bool) -> None:
    assert is_local({"RAW_URI": target, "HTTP_HOST": "localhost"}) is expected
