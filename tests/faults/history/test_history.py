"""A real server under everything that clients do: what they were told is the truth."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.faults.history.__main__ import main
from tests.faults.history.checker import check
from tests.faults.history.killer import Killer
from tests.faults.history.record import READS, History, read_history, write_history
from tests.faults.history.sale import SETTINGS, make_keys, run_sale
from tests.faults.history.violations import told
from tests.server import Server

SECONDS = 3.0
SECONDS_WITH_KILLS = 6.0
OPERATIONS_MIN = 1_000
KINDS = READS | {
    *("reserve", "hold", "fill", "bulk", "confirm", "cancel", "change", "change_event"),
    *("pause", "resume", "cancel_event"),
}


def _assert_clean(history: History) -> None:
    violations = check(history).violations
    assert not violations, told(violations)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A sale in which nothing breaks, and long enough for many requests on a busy machine."""
    with Server(tmp_path_factory.mktemp("history"), **SETTINGS) as server:
        keys = make_keys(server)
        for seconds in (SECONDS, 3 * SECONDS, 9 * SECONDS):
            history = run_sale(server, keys, f"quiet-{seconds:.0f}", "1", seconds)
            if len(history.operations) >= OPERATIONS_MIN:
                break
    return history


def test_a_sale_keeps_every_promise(quiet: History) -> None:
    _assert_clean(quiet)


def test_the_clients_do_everything(quiet: History) -> None:
    accepted = {each.kind for each in quiet.operations if each.outcome == "ok"}
    assert accepted >= KINDS
    codes = Counter(each.code for each in quiet.operations)
    # Not more than what no sale of this size is without: the clients race as they like.
    assert codes.keys() >= {"not_enough_seats", "bulk_refused", "wrong_scope", "partner_mismatch"}
    assert any(each.replayed for each in quiet.operations)
    assert any(each.if_match for each in quiet.operations)
    assert any(each.kind.startswith("freeze") for each in quiet.operations)
    assert {entry["actor"] for entry in quiet.ending.ledger} >= {"system", "partner:ada"}


def test_a_sale_keeps_every_promise_while_its_workers_are_killed(tmp_path: Path) -> None:
    with Server(tmp_path, **SETTINGS) as server:
        killer = Killer(server, "1")
        history = run_sale(
            server,
            make_keys(server),
            "killed",
            "2",
            SECONDS_WITH_KILLS,
            lambda: killer.kill_for(SECONDS_WITH_KILLS * 0.7),
        )
    assert len(killer.killed) >= 3
    assert any(each.was_cut for each in history.operations), "no kill met a request"
    _assert_clean(history)


def test_a_history_is_checked_again_from_its_file(quiet: History, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write_history(path, quiet)
    first, again = check(quiet), check(read_history(path))
    assert (again.counts, again.versions, again.checks) == (
        first.counts,
        first.versions,
        first.checks,
    )
    done = CliRunner().invoke(main, ["--check", str(path)])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "No violation.")


def test_a_contradiction_is_shown_with_the_requests_that_show_it(
    quiet: History, tmp_path: Path
) -> None:
    path = tmp_path / "history.jsonl"
    write_history(path, quiet)
    changed = read_history(path)
    reads = [each for each in changed.operations if each.kind == "read_event" and each.text]
    last = reads[-1]
    last.text = reads[0].text
    write_history(path, changed)

    done = CliRunner().invoke(main, ["--check", str(path)])

    assert done.exit_code == 1
    assert "The shortest (real time): version" in done.output
    assert f"#{last.number} {last.client} called" in done.output
