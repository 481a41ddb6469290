"""The operator's commands, run as an operator runs them."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.database import backend
from tests.server import Server

FIRST_MIGRATION = {
    "sqlite": "0001_events_and_ledger.sql",
    "postgres": "0001_everything.sql",
}[backend()]


@pytest.fixture
def ticketboss(tmp_path: Path) -> Server:
    """A database of one's own that is not migrated yet; the server never starts."""
    return Server(tmp_path)


@pytest.fixture
def migrated(ticketboss: Server) -> Server:
    assert ticketboss.command("migrate").returncode == 0
    return ticketboss


def _document(done: CompletedProcess[str]) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def _message(done: CompletedProcess[str]) -> str:
    """What a failed command says; never a traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_migrating_creates_the_schema_and_the_default_event_once(ticketboss: Server) -> None:
    first = _document(ticketboss.command("migrate", "--json"))
    assert first["applied"][0] == FIRST_MIGRATION
    assert first["createdEvent"] == "node-meetup-2025"
    again = _document(ticketboss.command("migrate", "--json"))
    assert (again["applied"], again["createdEvent"]) == ([], None)


def test_migrating_tells_people_what_was_done(ticketboss: Server) -> None:
    done = ticketboss.command("migrate")
    assert f"Applied {FIRST_MIGRATION}" in done.stdout
    assert "Created the event node-meetup-2025" in done.stdout
    assert "up to date" in ticketboss.command("migrate").stdout


def test_an_empty_setting_means_no_default_event(tmp_path: Path) -> None:
    ticketboss = Server(tmp_path, TICKETBOSS_DEFAULT_EVENT="")
    assert _document(ticketboss.command("migrate", "--json"))["createdEvent"] is None
    assert _document(ticketboss.command("events", "list", "--json")) == {"events": []}
    assert ticketboss.command("events", "list").stdout == "No events.\n"
    assert ticketboss.command("verify").stdout == "No events.\n"


def test_a_created_event_is_listed_with_what_is_left_of_it(migrated: Server) -> None:
    created = migrated.command(
        *("events", "create", "drop-1", "--name", "Drop ☃", "--seats", "100", "--json"),
        *("--seats-per-reservation-max", "4"),
    )
    assert _document(created) == {"eventId": "drop-1", "name": "Drop ☃", "totalSeats": 100}
    first, second = _document(migrated.command("events", "list", "--json"))["events"]
    assert (first["eventId"], second["eventId"]) == ("drop-1", "node-meetup-2025")
    assert (first["name"], first["totalSeats"], first["availableSeats"]) == ("Drop ☃", 100, 100)
    assert (first["version"], first["seatsPerReservationMax"]) == (0, 4)
    assert (
        "drop-1  on_sale, 100 of 100 seats available" in migrated.command("events", "list").stdout
    )


def test_an_event_that_exists_is_not_created_again(migrated: Server) -> None:
    arguments = ("events", "create", "node-meetup-2025", "--name", "Again", "--seats", "9")
    assert "Event node-meetup-2025: It exists already." in _message(migrated.command(*arguments))
    refused = migrated.command(*arguments, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (1, "event_exists")
    (event,) = _document(migrated.command("events", "list", "--json"))["events"]
    assert (event["name"], event["totalSeats"]) == ("Node.js Meet-up", 500)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["no spaces", "--name", "N", "--seats", "1"], "ID"),
        (["x" * 65, "--name", "N", "--seats", "1"], "ID"),
        (["drop", "--name", " ", "--seats", "1"], "--name"),
        (["drop", "--name", "x" * 201, "--seats", "1"], "--name"),
        (["drop", "--name", "a\tb", "--seats", "1"], "--name"),
        (["drop", "--seats", "1"], "--name"),
        (["drop", "--name", "N"], "--seats"),
        (["drop", "--name", "N", "--seats", "0"], "--seats"),
        (["drop", "--name", "N", "--seats", "many"], "--seats"),
        (["drop", "--name", "N", "--seats", "100000001"], "--seats"),
        (
            ["drop", "--name", "N", "--seats", "1", "--seats-per-reservation-max", "0"],
            "--seats-per-reservation-max",
        ),
        (["--name", "N", "--seats", "1"], "ID"),
    ],
)
def test_bad_input_is_refused_with_the_name_of_what_is_bad(
    ticketboss: Server, arguments: list[str], named: str
) -> None:
    assert named in _message(ticketboss.command("events", "create", *arguments))


@pytest.mark.parametrize(
    "arguments",
    [["events", "list"], ["verify"], ["events", "create", "a", "--name=N", "--seats=1"]],
)
def test_a_database_that_was_not_migrated_is_named_with_the_remedy(
    ticketboss: Server, arguments: list[str]
) -> None:
    assert "python -m ticketboss migrate" in _message(ticketboss.command(*arguments))


def test_bad_settings_stop_every_command_and_are_all_named(tmp_path: Path) -> None:
    ticketboss = Server(tmp_path, PORT="x", LOG_LEVEL="loud", TICKETBOSS_TYPO="1")
    for command in (["migrate"], ["settings"], ["events", "list"], ["verify"]):
        message = _message(ticketboss.command(*command))
        assert all(name in message for name in ("PORT", "LOG_LEVEL", "TICKETBOSS_TYPO"))


def test_the_settings_in_force_are_shown(tmp_path: Path) -> None:
    ticketboss = Server(tmp_path, WEB_CONCURRENCY=3)
    shown = _document(ticketboss.command("settings", "--json"))
    assert (shown["WEB_CONCURRENCY"], shown["PORT"]) == (3, ticketboss.port)
    assert "WEB_CONCURRENCY = 3\n" in ticketboss.command("settings").stdout


def test_a_sound_ledger_verifies_clean(migrated: Server) -> None:
    (result,) = _document(migrated.command("verify", "--json"))["events"]
    assert (result["eventId"], result["entries"]) == ("node-meetup-2025", 1)
    assert result["differences"] == []
    assert "node-meetup-2025  1 entries: clean" in migrated.command("verify").stdout


def test_a_changed_counter_is_listed_and_the_exit_status_is_1(migrated: Server) -> None:
    migrated.database.execute("UPDATE events SET available_seats = available_seats - 1")
    done = migrated.command("verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert "node-meetup-2025  1 entries: 2 differences" in done.stdout
    as_json = migrated.command("verify", "--json")
    assert as_json.returncode == 1
    assert len(json.loads(as_json.stdout)["events"][0]["differences"]) == 2


def test_a_database_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    ticketboss = Server(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/a-file/ticketboss.db")
    assert "a-file" in _message(ticketboss.command("migrate"))
