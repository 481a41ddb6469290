"""`events pause-all` on the command line, and `settings` for people and for programs."""

from pathlib import Path

import pytest

from tests.unit.operating import Operator
from ticketboss.domain.commands import Command
from ticketboss.engine.answers import Accepted, Overloaded
from ticketboss.engine.committer import Committer


@pytest.fixture
def nothing(tmp_path: Path) -> Operator:
    """A migrated database without an event."""
    operator = Operator(tmp_path)
    operator.run("migrate")
    return operator


@pytest.fixture
def operator(nothing: Operator) -> Operator:
    """Four events: two on sale, one of them to try things out, one paused and one cancelled."""
    for event_id in ("cancelled", "live", "paused"):
        nothing.run("events", "create", event_id, "--name", "N", "--seats", "1")
    nothing.run("events", "create", "test", "--name", "N", "--seats", "1", "--test")
    nothing.run("events", "pause", "paused")
    nothing.run("events", "cancel", "cancelled", "--yes")
    return nothing


def _sale_states(operator: Operator) -> dict[str, str]:
    listed = operator.document("events", "list")["events"]
    return {event["eventId"]: event["saleState"] for event in listed}


def test_all_events_are_paused_in_one_call(operator: Operator) -> None:
    done = operator.document("events", "pause-all")
    assert done == {"paused": ["live", "test"], "werePaused": ["paused"], "notPaused": []}
    assert _sale_states(operator) == {
        "cancelled": "cancelled",
        "live": "paused",
        "paused": "paused",
        "test": "paused",
    }
    assert operator.ledger("live")[-1].actor == "operator:cli"


def test_people_are_told_of_each_event(operator: Operator) -> None:
    assert operator.lines("events", "pause-all") == [
        "Paused live",
        "Paused test",
        "paused was paused before.",
    ]
    again = operator.lines("events", "pause-all")
    assert again == [f"{event_id} was paused before." for event_id in ("live", "paused", "test")]


def test_without_events_there_are_none_to_pause(nothing: Operator) -> None:
    assert nothing.lines("events", "pause-all") == ["Nothing to pause."]
    empty: dict[str, list[str]] = {"paused": [], "werePaused": [], "notPaused": []}
    assert nothing.document("events", "pause-all") == empty


def test_cancelled_events_need_no_pause(nothing: Operator) -> None:
    nothing.run("events", "create", "cancelled", "--name", "N", "--seats", "1")
    nothing.run("events", "cancel", "cancelled", "--yes")
    assert nothing.lines("events", "pause-all") == ["Nothing to pause."]


def test_an_event_that_could_not_be_paused_is_shouted_and_the_exit_status_is_1(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = Committer.submit

    def busy(committer: Committer, command: Command) -> Accepted:
        if command.event_id == "live":
            raise Overloaded("no turn came in time")
        return submit(committer, command)

    monkeypatch.setattr(Committer, "submit", busy)
    done = operator.run("events", "pause-all")
    assert (done.exit_code, done.stderr) == (1, "")
    assert "NOT paused: live; say it again." in done.stdout.splitlines()
    as_json = operator.run("events", "pause-all", "--json")
    assert as_json.exit_code == 1
    assert '"notPaused": ["live"]' in as_json.stdout
    monkeypatch.undo()
    assert operator.document("events", "pause-all")["paused"] == ["live"]


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_without_a_database_nothing_is_said_to_be_paused(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = Operator(tmp_path).run("events", "pause-all", *arguments)
    assert done.exit_code == 1
    assert "python -m ticketboss migrate" in done.output


URLS = {
    "redis://localhost:6379/0": "redis://localhost:6379/0",
    "redis://:pa55word@localhost:6379/0": "redis://:***@localhost:6379/0",
    "rediss://name:pa55word@cache.example": "rediss://name:***@cache.example",
}


@pytest.mark.parametrize(("url", "shown"), URLS.items())
def test_people_see_the_settings_without_a_password(tmp_path: Path, url: str, shown: str) -> None:
    operator = Operator(tmp_path, TICKETBOSS_RATE_LIMIT_STORAGE=url)
    assert f"TICKETBOSS_RATE_LIMIT_STORAGE = {shown}" in operator.lines("settings")
    assert operator.document("settings")["TICKETBOSS_RATE_LIMIT_STORAGE"] == shown
    # The server reads them here and needs them whole.
    whole = operator.document("settings", "--with-passwords")
    assert whole["TICKETBOSS_RATE_LIMIT_STORAGE"] == url


@pytest.mark.parametrize("password", ["pa55:word", "pa55@word", ":pa55word", "pa55word:"])
def test_no_part_of_an_odd_password_is_seen_either(tmp_path: Path, password: str) -> None:
    url = f"redis://name:{password}@cache.example:6379/0"
    told = "\n".join(Operator(tmp_path, TICKETBOSS_RATE_LIMIT_STORAGE=url).lines("settings"))
    assert "@cache.example:6379/0" in told
    assert "pa55" not in told
    assert "word@" not in told


def test_settings_that_hold_no_password_are_shown_whole(tmp_path: Path) -> None:
    operator = Operator(tmp_path, HOST="::1", TICKETBOSS_TRUSTED_PROXIES="fd00::/8,10.0.0.7")
    lines = operator.lines("settings")
    assert {"HOST = ::1", "TICKETBOSS_TRUSTED_PROXIES = fd00::/8,10.0.0.7"} <= set(lines)
    assert "TICKETBOSS_RATE_LIMIT_WRITES = 500/second" in lines
