"""The few sums that the console reads are those of `/metrics`."""

from pathlib import Path

import pytest

from tests.exposition import Exposition
from tests.unit.metrics_process import worker
from ticketboss.metrics import Metrics


def _count(metrics: Metrics) -> None:
    metrics.batch(commands=7, queued=0)
    metrics.committed(0.25, [])
    metrics.committed(0.75, [])
    metrics.conflict()


def test_sums_of_a_process() -> None:
    metrics = Metrics(None)
    _count(metrics)

    totals = metrics.totals()

    assert (totals.commits, totals.commit_seconds) == (2, 1.0)
    assert (totals.batches, totals.batch_commands, totals.conflicts) == (1, 7, 1)


def test_sums_of_all_workers_are_those_of_the_exposition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metrics = Metrics(str(tmp_path))
    with worker(tmp_path) as other:
        other.count(3)
        _count(metrics)
        text = Exposition(metrics.exposition([]).decode())
        totals = metrics.totals()

    assert totals.commits == text.value("commit_seconds_count") == 5
    assert totals.commit_seconds == pytest.approx(text.value("commit_seconds_sum"))
    assert totals.batches == text.value("batch_commands_count")
    assert totals.batch_commands == text.value("batch_commands_sum")
    assert totals.conflicts == text.value("conflicts_total") == 1
