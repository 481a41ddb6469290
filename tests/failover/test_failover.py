"""A primary ends under load and its standby takes over: nothing acknowledged is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.failover.checks import complaints
from tests.failover.cluster import Cluster
from tests.failover.conftest import Measure
from tests.failover.faults import fail_over, freeze, kill, put_on_sale
from tests.server import Server

EVENT_ID = "drop"
# Without a successful write. A dead primary refuses connections at once: all that is waited for is
# the promotion and the pool, which asks again every one or two seconds.
KILLED_SECONDS_MAX = 12.0
# A frozen one lets a command wait until its deadline, and each new connection for 2 s.
COMMAND_SECONDS = 2
FROZEN_SECONDS_MAX = KILLED_SECONDS_MAX + COMMAND_SECONDS + 2


@pytest.mark.parametrize(
    ("end", "worker_class", "seconds_max"),
    [
        (kill, "gevent", KILLED_SECONDS_MAX),
        (kill, "sync", KILLED_SECONDS_MAX),
        (freeze, "gthread", FROZEN_SECONDS_MAX),
    ],
    ids=["killed-gevent", "killed-sync", "frozen-gthread"],
)
def test_primary_that_ends_takes_nothing_with_it_that_was_acknowledged(
    cluster: Cluster,
    tmp_path: Path,
    measure: Measure,
    end: Callable[[Cluster], None],
    worker_class: str,
    seconds_max: float,
) -> None:
    url = cluster.new_database(f"{end.__name__}_{worker_class}")
    with Server(
        tmp_path,
        DATABASE_URL=url,
        TICKETBOSS_WORKER_CLASS=worker_class,
        TICKETBOSS_COMMAND_SECONDS_MAX=COMMAND_SECONDS,
    ) as server:
        put_on_sale(server, EVENT_ID)

        buyers = fail_over(cluster, server, EVENT_ID, end)

        measure(f"{buyers.longest_gap_seconds():.2f} s without a successful write")
        assert complaints(server, buyers.acknowledged) == []
    assert buyers.interruptions, "the end of the primary met no request"
    assert buyers.longest_gap_seconds() < seconds_max
