"""Connections that break exactly at COMMIT: each key has one effect, and is told of it."""

from pathlib import Path

from tests import postgres
from tests.failover.buyers import Buyers
from tests.failover.checks import complaints
from tests.failover.commits import CommitProxy, Way
from tests.failover.conftest import Measure
from tests.failover.faults import EVENT_IDS, lose_commits, put_on_sale
from tests.server import Server

COMMITS = 24
SEED = 5
# By how much an answer may miss its deadline on a busy machine.
LATE_SECONDS_MAX = 4.0


def _lose_commits(
    folder: Path, measure: Measure, command_seconds: int, *, all_told: bool, name: str | None
) -> Buyers:
    with (
        CommitProxy(postgres.url_for(folder), SEED, all_told=all_told) as proxy,
        Server(
            folder, DATABASE_URL=proxy.url, TICKETBOSS_COMMAND_SECONDS_MAX=command_seconds
        ) as server,
    ):
        put_on_sale(server, *EVENT_IDS)
        buyers = lose_commits(proxy, server, COMMITS, name)
        measure(f"{COMMITS} COMMITs lost, and clients were told {dict(buyers.codes())}")
        assert complaints(server, buyers.acknowledged) == []
    ways = {(fault.way, fault.has_landed) for fault in proxy.faults}
    assert ways >= {(Way.NEVER, False), (Way.AT_ONCE, True), (Way.LATE, True)}
    assert buyers.slowest_seconds < command_seconds + LATE_SECONDS_MAX
    return buyers


def test_lost_commit_is_settled_in_time_and_its_client_sees_nothing_of_it(
    tmp_path: Path, measure: Measure
) -> None:
    # Without keys, which would hide a second effect.
    buyers = _lose_commits(tmp_path, measure, command_seconds=15, all_told=True, name=None)
    assert buyers.interruptions == []


def test_client_that_was_told_of_an_unknown_outcome_finds_out_by_its_key(
    tmp_path: Path, measure: Measure
) -> None:
    buyers = _lose_commits(tmp_path, measure, command_seconds=1, all_told=False, name="key")
    assert buyers.codes()["outcome_unknown"] > 0
    assert set(buyers.codes()) <= {"outcome_unknown", "overloaded"}
