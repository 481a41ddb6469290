"""Rehearsals on a scratch server: real gunicorn, several workers, and none of it left behind."""

import os
import re
from pathlib import Path

from tests.rehearsal.rehearsing import figures, rehearse

SCRIPT_OR_ELSEWHERE = re.compile(r"<script|\bsrc=|\bhref=|url\(|@import|https?://", re.IGNORECASE)


def test_defaults_are_the_classic_check(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = rehearse("--report", str(report), TMPDIR=str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    printed = " ".join(done.stdout.split())
    for figure in (
        "created 50 500 seats",
        "refused 10 not_enough_seats 10",
        "seats left 0",
        "verify clean",
        "Every promise was kept.",
    ):
        assert figure in printed
    assert max(map(len, done.stdout.splitlines()[:-1])) < 80
    assert "60/60 answered: 50 yes, 10 no; 0 open; 0 left\n" in done.stderr
    assert "Every promise was kept." in report.read_text()
    assert not SCRIPT_OR_ELSEWHERE.search(report.read_text())
    # Neither the server's folder nor a process of it.
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_seats_that_nobody_asked_for_are_left() -> None:
    found = figures(
        *("--requests", "4", "--group-sizes", "3", "--seats", "20", "--workers", "1"),
        *("--worker-class", "gthread"),
    )

    assert (found["created"], found["refused"], found["availableSeats"]) == (4, {}, 8)


def test_workers_that_are_killed_lose_nothing() -> None:
    found = figures(
        *("--requests", "150", "--seats", "300", "--group-sizes", "1:2,2:1,3:1", "--burst", "0.3"),
        *(
            "--hold-share",
            "0.5",
            "--confirm-share",
            "0.8",
            "--think",
            "0.1",
            "--hold-seconds",
            "30",
        ),
        *("--cancel-share", "0.2", "--repeat-share", "0.3", "--partners", "10"),
        *("--kills", "2", "--timeout", "2"),
    )

    assert (found["workersKilled"], found["broken"], found["verify"]) == (2, [], "clean")
    assert found["unknown"] == 0
    assert found["created"] + found["refused"].get("not_enough_seats", 0) == 150
    assert {"reserve", "hold", "confirm", "cancel", "repeat"} <= set(found["latencies"])
    # A killed worker takes its open requests with it.
    assert found["triedAgain"]["outcome_unknown"] > 0


def test_requests_that_the_time_does_not_suffice_for_are_no_success() -> None:
    found = figures(
        *("--requests", "2", "--rate", "1", "--seconds-max", "1.5", "--hold-share", "1"),
        *("--think", "30"),
        status=1,
    )

    assert found["broken"] == ["2 requests were not sent, for the time was up."]


def test_a_scratch_server_that_does_not_start_says_why() -> None:
    done = rehearse("--worker-class", "tornado")

    assert done.returncode == 2
    assert "The scratch server ended:" in done.stderr
    assert "TICKETBOSS_WORKER_CLASS" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_environments_proxy_is_not_asked_for_a_server_of_this_machine() -> None:
    nowhere = "http://127.0.0.1:1"
    done = rehearse("--requests", "1", "--workers", "1", http_proxy=nowhere, all_proxy=nowhere)

    assert done.returncode == 0, done.stderr
    assert "1 requests from one partner" in done.stdout


def test_the_operators_own_settings_do_not_reach_the_scratch_server(tmp_path: Path) -> None:
    data = tmp_path / "real.db"
    found = figures(
        *("--requests", "1", "--workers", "1"),
        DATABASE_URL=f"sqlite:///{data}",
        TICKETBOSS_AUTH="keys",
        HOME=os.environ.get("HOME", ""),
    )

    assert found["created"] == 1
    assert not data.exists()
