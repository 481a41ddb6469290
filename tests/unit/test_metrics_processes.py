"""Sums over the workers of a server, whichever of them is asked and whoever has died."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.exposition import Exposition
from tests.unit.metrics_process import Worker, worker
from tests.unit.rig import until

RESTARTS = 20
KILLS = 3


def _counts(scrape: Exposition) -> tuple[float, float, float, float]:
    """The three kinds of things that a worker counts at a time, and the sum of its seconds."""
    return (
        scrape.value("requests_total", route="/events", status="200"),
        scrape.value("commands_total", command="reserve", outcome="already_cancelled"),
        scrape.value("commit_seconds_count"),
        round(scrape.value("commit_seconds_sum") / 0.003, 3),
    )


def _all(times: int) -> tuple[float, float, float, float]:
    return (times, times, times, times)


def test_whoever_is_asked_tells_the_sum_over_all(tmp_path: Path) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        first.count(3)
        second.count(4)
        first.queue(5)
        second.queue(6)
        for asked in (first, second):
            scrape = asked.scrape()
            assert _counts(scrape) == _all(7)
            assert scrape.value("queue_length") == 11
            assert scrape.value("commit_seconds_bucket", le="0.005") == 7
            assert scrape.value("commit_seconds_bucket", le="0.002") == 0


def test_no_label_tells_the_workers_apart(tmp_path: Path) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        first.count(1)
        second.count(1)
        labels = {label for sample in first.scrape().samples for label in sample.labels}
        assert labels == {"route", "status", "command", "outcome", "le"}


@pytest.mark.parametrize("end", [Worker.kill, Worker.stop])
def test_what_a_worker_counted_stays_in_the_sums_when_it_ends(
    tmp_path: Path, end: Callable[[Worker], None]
) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        first.count(3)
        second.count(4)
        end(second)
        assert _counts(first.scrape()) == _all(7)
        first.count(1)
        assert _counts(first.scrape()) == _all(8)


def test_a_worker_that_takes_the_place_of_a_killed_one_goes_on_with_its_counts(
    tmp_path: Path,
) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        first.count(3)
        second.count(4)
        second.queue(9)
        files = _files(tmp_path)
        second.kill()
        with worker(tmp_path) as third:
            third.count(5)
            assert _files(tmp_path) == files, "the slot of the dead one"
            assert _counts(first.scrape()) == _counts(third.scrape()) == _all(12)
            assert first.scrape().value("queue_length") == 0, "nothing waits in a new worker"


def test_the_place_of_the_living_is_not_taken(tmp_path: Path) -> None:
    with worker(tmp_path) as first:
        first.count(2)
        with worker(tmp_path) as second:
            second.count(2)
            with worker(tmp_path) as third:
                third.count(2)
                first.count(2)
                assert _counts(second.scrape()) == _all(8)


def test_a_worker_killed_in_the_middle_of_counting_loses_and_breaks_nothing(
    tmp_path: Path,
) -> None:
    with worker(tmp_path) as first:
        first.count(1)
        for _ in range(KILLS):
            enough = _counts(first.scrape())[0] + 50
            with worker(tmp_path) as second:
                second.count_for_ever()
                until(lambda: _counts(first.scrape())[0] > enough)  # noqa: B023 - called at once
                second.kill()
            counts = _counts(first.scrape())
            assert counts[0] > enough
            # Each kill may have come between two of the counts of one round.
            assert max(counts) - min(counts) <= KILLS
            assert _counts(first.scrape()) == counts, "nobody counts any more"


def test_the_number_of_files_is_that_of_workers_that_lived_at_the_same_time(
    tmp_path: Path,
) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        first.count(1)
        second.count(1)
        second.queue(1)
        files = _files(tmp_path)
        second.kill()
        for restart in range(RESTARTS):
            with worker(tmp_path) as another:
                another.count(1)
                another.queue(1)
                assert _files(tmp_path) == files, f"after {restart} restarts"
                another.kill()
        assert _counts(first.scrape())[:2] == (2 + RESTARTS, 2 + RESTARTS)


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
