"""The checks by hand that stand beside the bench: a drop, and slow clients."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import drop, slow
from benchmarks.drop import Outcome
from tests.server import Server


def test_drop_prints_the_sums_of_the_classic_check() -> None:
    run = CliRunner().invoke(drop.main, [])

    assert run.exit_code == 0, run.output
    for sum_ in ("201 created 50", "409 refused 10", "seats reserved 500", "verify clean"):
        assert sum_ in " ".join(run.output.split())


def test_drop_leaves_seats_that_nobody_asked_for() -> None:
    run = CliRunner().invoke(
        drop.main, ["--clients", "4", "--seats-each", "3", "--seats-total", "20", "--workers", "1"]
    )

    assert run.exit_code == 0, run.output
    assert "seats available 8" in " ".join(run.output.split())


def outcome() -> Outcome:
    """Three clients of 4 seats on 10: two are told yes and one no, as it must be."""
    return Outcome(
        answers=[
            (201, {"reservationId": "a"}),
            (201, {"reservationId": "b"}),
            (409, {"code": "not_enough_seats"}),
        ],
        event={
            "reservedSeats": 8,
            "heldSeats": 0,
            "availableSeats": 2,
            "reservationCount": 2,
            "version": 2,
        },
        differences=[],
        seconds=0.1,
    )


def test_drop_has_no_complaint_about_sums_that_are_right() -> None:
    assert drop.complaints(outcome(), seats_total=10, clients=3, seats_each=4) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (
            {"answers": [(201, {"reservationId": id_}) for id_ in "abc"]},
            "answers 201: 3, not 2",
        ),
        (
            {"answers": [*outcome().answers[:2], (409, {"code": "already_cancelled"})]},
            "answers 409 not_enough_seats: 0, not 1",
        ),
        (
            {"answers": [outcome().answers[0]] * 2 + [outcome().answers[2]]},
            "different reservations: 1, not 2",
        ),
        ({"event": outcome().event | {"availableSeats": -2}}, "seats available: -2, not 2"),
        ({"differences": ["reservation a is missing"]}, "verify: reservation a is missing"),
    ],
)
def test_drop_complains_about_each_wrong_sum(wrong: dict[str, Any], complaint: str) -> None:
    found = drop.complaints(replace(outcome(), **wrong), seats_total=10, clients=3, seats_each=4)

    assert complaint in found


def test_greenlets_answer_while_64_clients_send_half_a_request(tmp_path: Path) -> None:
    with Server(tmp_path, TICKETBOSS_WORKER_CLASS="gevent") as server:
        assert slow.answered(server, slow_clients=64) == slow.PROBES
