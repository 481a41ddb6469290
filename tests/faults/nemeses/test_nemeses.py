"""Whatever happens to its processes, its clock and its database, a sale keeps every promise."""

import os
from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path

import pytest

from tests.faults.history.checker import check
from tests.faults.history.record import SLACK_MS, History, write_history
from tests.faults.history.violations import told
from tests.faults.nemeses.clock import Clock
from tests.faults.nemeses.kills import kill_a_worker
from tests.faults.nemeses.needs import needs_faketime
from tests.faults.nemeses.ordeal import Ordeal, server_in
from tests.faults.nemeses.restarts import reload
from tests.faults.nemeses.schedule import (
    AT_THE_PORT,
    GUESTS,
    JUMPS,
    KILLS,
    SIGNALS,
    STOPS,
    for_ever,
    once_each,
)
from ticketboss.formats import parse_rfc3339

SEED = os.environ.get("NEMESES_SEED", "1")
# A sale goes on as long as the nemeses need, but no more than so long.
SALE_SECONDS_MAX = 30.0
SALES_MAX = 20
# Together 50; some more come from the other tests.
KILLS_MIN = 35
KILLS_WHILE_IT_JUMPS_MIN = 15
JUMPS_MIN = 4
LONG_HOLD_MS = 60_000


def _sold(ordeal: Ordeal, folder: Path, is_enough: Callable[[], bool] = lambda: False) -> History:
    """One more sale, in which nothing may be wrong; else its history stays in the folder."""
    history = ordeal.sell(SALE_SECONDS_MAX, is_enough)
    violations = [*check(history).violations, *ordeal.found]
    if violations:
        write_history(folder / f"history-{history.seed}.jsonl", history)
    assert not violations, told(violations)
    return history


def test_kills_of_workers_and_masters_break_no_promise(tmp_path: Path) -> None:
    line = chain(once_each(KILLS, SEED), for_ever(KILLS, SEED))
    with server_in(tmp_path) as (server, keys):
        ordeal = Ordeal(server, keys, f"kills-{SEED}", [line])
        histories: list[History] = []
        while ordeal.kills < KILLS_MIN:
            assert len(histories) < SALES_MAX, f"only {ordeal.kills} kills in {SALES_MAX} sales"
            histories.append(_sold(ordeal, tmp_path, lambda: ordeal.kills >= KILLS_MIN))
    assert ordeal.tally["masters killed"] >= 2
    cut = sum(each.was_cut for history in histories for each in history.operations)
    assert cut >= KILLS_MIN, "the kills met no requests"


@pytest.mark.sqlite_only("writers of SQLite's file are stopped, and it is copied")
def test_signals_stops_second_servers_and_backups_break_no_promise(tmp_path: Path) -> None:
    acts = {**SIGNALS, **STOPS, **AT_THE_PORT}
    # A storm reloads as well.
    del acts[reload]
    lines = [once_each(acts, SEED), chain(once_each(GUESTS, SEED), once_each(GUESTS, SEED))]
    done = {
        *("workers terminated", "reloads", "storms", "restarts", "stops", "stops in a write"),
        *("servers at the same port", "second servers", "backups"),
    }
    with server_in(tmp_path) as (server, keys):
        ordeal = Ordeal(server, keys, f"signals-{SEED}", lines)
        for _ in range(SALES_MAX):
            _sold(ordeal, tmp_path)
            if ordeal.tally.keys() >= done:
                break
    assert ordeal.tally.keys() >= done


@needs_faketime
@pytest.mark.sqlite_only("with PostgreSQL it is the database's clock that counts")
def test_jumps_of_the_clock_end_holds_early_or_late_and_never_twice(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    with server_in(tmp_path, clock) as (server, keys):
        kills = repeat(kill_a_worker, KILLS_WHILE_IT_JUMPS_MIN)
        lines = [for_ever(JUMPS, SEED), kills]
        ordeal = Ordeal(server, keys, f"jumps-{SEED}", lines, clock)
        histories: list[History] = []

        def is_enough() -> bool:
            return (
                # In each sale.
                ordeal.tally["clock jumps"] >= JUMPS_MIN * (len(histories) + 1)
                and ordeal.kills >= KILLS_WHILE_IT_JUMPS_MIN
            )

        while not any(map(_early_ends, histories)) or ordeal.kills < KILLS_WHILE_IT_JUMPS_MIN:
            assert len(histories) < SALES_MAX, f"no hold ended before its time: {ordeal.tally}"
            histories.append(_sold(ordeal, tmp_path, is_enough))
    assert ordeal.tally["clock jumps"] >= JUMPS_MIN
    # Whoever takes the server's clock for that of the clients sees that it was not.
    histories[-1].slack_ms = SLACK_MS
    assert check(histories[-1]).violations


def _early_ends(history: History) -> set[str]:
    """Holds that expired, although they were to last longer than the sale."""
    long = {
        entry["reservationId"]
        for entry in history.ending.ledger
        if entry["kind"] == "held"
        and parse_rfc3339(entry["expiresAt"]) - parse_rfc3339(entry["at"]) >= LONG_HOLD_MS
    }
    ended = {
        entry["reservationId"] for entry in history.ending.ledger if entry["kind"] == "expired"
    }
    return long & ended
