"""A primary that does not reach its standby acknowledges no write, and answers in time."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.failover.checks import complaints
from tests.failover.cluster import Cluster
from tests.failover.conftest import COMMAND_SECONDS, Measure
from tests.failover.faults import partition, promote_behind_a_partition, put_on_sale
from tests.server import Server

PARTITION_SECONDS = 2.5 * COMMAND_SECONDS
# By how much an answer may miss its deadline on a busy machine.
LATE_SECONDS_MAX = 4.0
# Behind the partition: a commit that has waited long is asked for again at once.
GAP_SECONDS_MAX = PARTITION_SECONDS + 12.0


@pytest.mark.parametrize(
    ("fault", "events"),
    [(Cluster.link_cut, 1), (Cluster.receiver_stopped, 1), (Cluster.link_cut, 24)],
    ids=["link-cut", "receiver-stopped", "link-cut-while-many-events-are-sold"],
)
def test_no_write_is_acknowledged_without_the_standby_while_reads_go_on(
    cluster: Cluster,
    server: Server,
    measure: Measure,
    fault: Callable[[Cluster], AbstractContextManager[None]],
    events: int,
) -> None:
    event_ids = [f"{fault.__name__}-{number}-of-{events}" for number in range(events)]
    put_on_sale(server, *event_ids)

    buyers = partition(cluster, server, event_ids, fault, PARTITION_SECONDS)

    measure(f"{buyers.longest_gap_seconds():.2f} s without a successful write")
    assert complaints(server, buyers.acknowledged) == []
    assert buyers.codes()["outcome_unknown"] > 0
    assert set(buyers.codes()) <= {"outcome_unknown", "overloaded"}
    assert buyers.slowest_seconds < COMMAND_SECONDS + LATE_SECONDS_MAX
    assert buyers.longest_gap_seconds() < GAP_SECONDS_MAX


def test_primary_that_lives_on_behind_a_promotion_acknowledges_nothing(
    cluster: Cluster, server: Server, measure: Measure
) -> None:
    event_id = "two-primaries"
    put_on_sale(server, event_id)

    buyers = promote_behind_a_partition(cluster, server, event_id, PARTITION_SECONDS)

    measure(f"{buyers.longest_gap_seconds():.2f} s without a successful write")
    assert complaints(server, buyers.acknowledged) == []
    assert buyers.longest_gap_seconds() < GAP_SECONDS_MAX
