"""Rehearsals on a server that runs: with keys, on test events alone, and with bugs in it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.planting import Patch, copy_of_the_code
from tests.rehearsal.rehearsing import figures, rehearse
from tests.server import Server

GROWTH, LEDGER = "domain/rules/growth.py", "domain/ledger.py"
SOLD_OUT = "    if seats <= event.available_seats:\n"
BUGS = {
    "Over-sold": [
        Patch(GROWTH, SOLD_OUT, "    if seats:\n"),
        Patch(
            LEDGER,
            "available_seats=event.available_seats + available * seats_moved",
            "available_seats=max(0, event.available_seats + available * seats_moved)",
        ),
    ],
    "seats were refused at version": [
        Patch(GROWTH, SOLD_OUT, "    if seats <= event.available_seats - 50:\n"),
    ],
    "Lost: reservation": [
        Patch(
            "engine/plan.py",
            "        if isinstance(decision, tuple):\n            for",
            "        if isinstance(decision, tuple) and not answers:\n            for",
        ),
    ],
    "500 internal_error": [
        Patch("domain/decide.py", "    if earlier is None:\n", "    if command:\n"),
    ],
}
# Where seats must be left for what is asked twice, however late it comes.
SEATS = {"500 internal_error": "1000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for keys, though it is bound to loopback."""
    with Server(tmp_path_factory.mktemp("running"), TICKETBOSS_AUTH="keys") as server:
        yield server


def key_file(server: Server, name: str, *options: str) -> str:
    """A file with a new key in it."""
    path = server.folder / name
    key = server.operate("keys", "create", *options)["key"]
    path.write_text(f"# a key of a test\n{key}\n")
    return str(path)


@pytest.fixture(scope="module")
def operator_key(server: Server) -> str:
    return key_file(server, "operator.key", "--operator", "--test")


def test_an_operators_test_key_rehearses_on_an_event_of_its_own(
    server: Server, operator_key: str
) -> None:
    found = figures(
        *("--requests", "30", "--seats", "100", "--hold-share", "0.5", "--think", "0.1"),
        REHEARSAL_URL=server.url,
        REHEARSAL_OPERATOR_KEY_FILE=operator_key,
    )

    assert (found["created"], found["verify"], found["broken"]) == (10, "clean", [])
    event = server.operate("events", "show", found["eventId"])
    assert (event["isTest"], event["availableSeats"]) == (True, 0)


def test_partners_reserve_with_their_own_keys(server: Server, operator_key: str) -> None:
    server.operate("events", "create", "trial", "--name", "Trial", "--seats", "50", "--test")
    keys = Path(server.folder / "partners.keys")
    made = [
        server.operate("keys", "create", "--partner", partner, "--test")["key"]
        for partner in ("abc-corp", "xyz-corp")
    ]
    keys.write_text("\n".join(made))
    found = figures(
        *("--url", server.url, "--event", "trial", "--requests", "20", "--group-sizes", "5"),
        *("--operator-key-file", operator_key, "--partner-keys-file", str(keys)),
    )

    assert (found["created"], found["refused"]) == (10, {"not_enough_seats": 10})
    partners = server.operate("partners", "list")["partners"]
    assert {partner["partnerId"] for partner in partners} >= {"abc-corp", "xyz-corp"}


def test_a_key_is_never_printed(server: Server, operator_key: str) -> None:
    [key] = Path(operator_key).read_text().split("\n")[1:2]
    done = rehearse("--url", server.url, "--requests", "2", "--operator-key-file", operator_key)

    assert done.returncode == 0, done.stderr
    assert key not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "key_required"),
        (("--url", "http://tickets.example.com"), "--allow-remote"),
        (("--url", "http://127.0.0.1.example.com"), "--allow-remote"),
        (("--url", "nowhere"), "base_url must begin with"),
        (("--kills", "1"), "Only workers of a scratch server are killed"),
        (("--stay",), "Only a scratch server stays"),
        (("--event", "node-meetup-2025"), "--allow-live-event"),
        (("--event", "no-such-event"), "event_not_found"),
    ],
)
def test_what_must_not_be_rehearsed_with_is_refused(
    server: Server, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    live = key_file(server, "live.key", "--operator")
    keys = ("--operator-key-file", live) if arguments else ()
    done = rehearse("--url", server.url, *keys, *arguments)

    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_live_key_makes_no_event_to_rehearse_with(server: Server) -> None:
    live = key_file(server, "live.key", "--operator")
    done = rehearse("--url", server.url, "--operator-key-file", live, "--json")

    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert told["code"] == "test_key"
    assert "'keys create --operator --test'" in told["error"]


@pytest.mark.parametrize("line", BUGS)
def test_a_server_that_breaks_a_promise_is_found_out(tmp_path: Path, line: str) -> None:
    server = Server(tmp_path)
    server.project = copy_of_the_code(tmp_path / "code", BUGS[line])
    with server:
        found = figures(
            *("--url", server.url, "--repeat-share", "0.5", "--seconds-max", "60"),
            *("--seats", SEATS.get(line, "500")),
            status=1,
        )

    assert any(line in broken for broken in found["broken"]), found["broken"]
