"""Waiting for an event's next entry: who is woken, when, and at what cost."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.examples import EVENT_ID
from tests.unit.feed_rig import SECONDS, FeedRig, lookers
from tests.unit.rig import WAIT_SECONDS_MAX, until
from ticketboss.engine import feed
from ticketboss.engine.feed import FEED_PARTNERS_MIN, FEED_WAIT_SECONDS_MAX, POLL_SECONDS

# Much longer than a poll, much shorter than those who wait are ready to.
SOON_SECONDS = WAIT_SECONDS_MAX


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[FeedRig]:
    until(lambda: not lookers())
    rig = FeedRig(tmp_path)
    yield rig
    rig.release()


def test_the_longest_wait_is_longer_than_what_these_tests_call_soon() -> None:
    assert POLL_SECONDS * 20 < SOON_SECONDS < SECONDS == FEED_WAIT_SECONDS_MAX


def test_a_request_is_woken_by_the_next_version(rig: FeedRig) -> None:
    waiting = rig.wait_later(0)
    rig.after_polls(2)
    assert not waiting.done()
    assert rig.sell() == 1
    assert waiting.result(SOON_SECONDS)


def test_what_is_there_already_is_found_by_the_first_poll(rig: FeedRig) -> None:
    rig.sell()
    started = time.monotonic()
    assert rig.wait(0)
    assert time.monotonic() - started < SOON_SECONDS
    assert rig.repository.polls == [{EVENT_ID}]


def test_each_is_woken_by_the_version_that_it_waits_for_and_no_earlier(rig: FeedRig) -> None:
    waits = [rig.wait_later(after) for after in (0, 1, 2)]
    for version in (1, 2, 3):
        rig.after_polls(2)
        assert [wait.done() for wait in waits] == [after < version - 1 for after in (0, 1, 2)]
        assert rig.sell() == version
        assert waits[version - 1].result(SOON_SECONDS)


def test_a_leap_over_several_versions_wakes_all_that_it_passes(rig: FeedRig) -> None:
    waits = [rig.wait_later(after) for after in (0, 1, 2, 7)]
    for _ in range(5):
        rig.sell()
    assert all(wait.result(SOON_SECONDS) for wait in waits[:3])
    rig.after_polls(2)
    assert not waits[3].done()


def test_another_event_wakes_nobody(rig: FeedRig) -> None:
    rig.create("another")
    waiting, other = rig.wait_later(0), rig.wait_later(0, "another")
    rig.sell("another")
    assert other.result(SOON_SECONDS)
    rig.after_polls(2)
    assert not waiting.done()


def test_an_event_that_is_not_there_is_waited_for_until_it_is(rig: FeedRig) -> None:
    waiting = rig.wait_later(0, "later")
    rig.after_polls(2)
    rig.create("later")
    rig.after_polls(2)
    assert not waiting.done()
    rig.sell("later")
    assert waiting.result(SOON_SECONDS)


def test_many_who_wait_share_one_thread_and_one_poll(rig: FeedRig) -> None:
    events = [EVENT_ID, "b", "c"]
    for event_id in events[1:]:
        rig.create(event_id)
    waits = [rig.wait_later(0, event_id) for event_id in events for _ in range(40)]
    polls_before, started = len(rig.repository.polls), time.monotonic()
    rig.after_polls(5)
    seconds, polls = time.monotonic() - started, rig.repository.polls[polls_before:]
    assert all(poll == set(events) for poll in polls)
    assert (len(polls) - 1) * POLL_SECONDS <= seconds
    assert [each.daemon for each in lookers()] == [True]
    for event_id in events:
        rig.sell(event_id)
    assert all(wait.result(SOON_SECONDS) for wait in waits)


def test_nobody_looks_when_nobody_waits(rig: FeedRig) -> None:
    assert lookers() == []
    waiting = rig.wait_later(0)
    assert len(lookers()) == 1
    rig.sell()
    assert waiting.result(SOON_SECONDS)
    until(lambda: not lookers())
    polls = len(rig.repository.polls)
    rig.sell()
    assert len(rig.repository.polls) == polls


def test_looking_begins_anew_for_whoever_comes_later(rig: FeedRig) -> None:
    for version in range(3):
        waiting = rig.wait_later(version)
        rig.sell()
        assert waiting.result(SOON_SECONDS)
        until(lambda: not lookers())


def test_whoever_comes_while_the_thread_is_about_to_end_is_woken_too(
    rig: FeedRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a pause the thread ends at any moment after it has woken the last one.
    monkeypatch.setattr(feed, "POLL_SECONDS", 0)
    for version in range(100):
        waiting = rig.wait_later(version)
        rig.sell()
        assert waiting.result(SOON_SECONDS)


def test_a_wait_ends_when_its_time_is_over(rig: FeedRig) -> None:
    started = time.monotonic()
    assert rig.wait(0, seconds=0.3)
    assert 0.3 <= time.monotonic() - started < SOON_SECONDS
    assert rig.waiting() == 0
    until(lambda: not lookers())


def test_the_time_of_one_is_over_while_the_others_wait_on(rig: FeedRig) -> None:
    others = [rig.wait_later(0) for _ in range(3)]
    assert rig.wait(0, seconds=0.05)
    assert rig.waiting() == 3
    rig.sell()
    assert all(other.result(SOON_SECONDS) for other in others)


def test_more_than_may_wait_are_sent_on_at_once(tmp_path: Path) -> None:
    rig = FeedRig(tmp_path, places=3)
    waits = [rig.wait_later(0) for _ in range(3)]
    assert not rig.wait(0)
    assert not rig.wait(0, "unknown")
    assert rig.waiting() == 3
    rig.sell()
    assert all(wait.result(SOON_SECONDS) for wait in waits)
    assert rig.wait(0), "their places are free again"
    rig.release()


def test_a_partner_takes_no_more_than_its_share_of_the_places(tmp_path: Path) -> None:
    share = 3
    rig = FeedRig(tmp_path, places=share * FEED_PARTNERS_MIN)
    waits = [rig.wait_later(0, partner_id="abc-corp") for _ in range(share)]
    assert not rig.wait(0, partner_id="abc-corp")
    assert not rig.wait(0, "another", partner_id="abc-corp")
    others = [rig.wait_later(0, partner_id=f"p{n}") for n in range(share)]
    operators = [rig.wait_later(0) for _ in range(2 * share)]
    assert not rig.wait(0), "all places are taken"
    rig.sell()
    assert all(wait.result(SOON_SECONDS) for wait in waits + others + operators)
    assert rig.wait(0, partner_id="abc-corp"), "its places are free again"
    rig.release()


def test_a_partner_has_a_place_where_there_are_few(tmp_path: Path) -> None:
    rig = FeedRig(tmp_path, places=2)
    waits = [rig.wait_later(0, partner_id="abc-corp")]
    assert not rig.wait(0, partner_id="abc-corp")
    waits.append(rig.wait_later(0, partner_id="m"))
    assert not rig.wait(0, partner_id="n")
    rig.sell()
    assert all(wait.result(SOON_SECONDS) for wait in waits)
    rig.release()


def test_where_nobody_may_wait_nobody_looks(tmp_path: Path) -> None:
    rig = FeedRig(tmp_path, places=0)
    assert not rig.wait(0)
    assert rig.repository.polls == []
    assert lookers() == []


def test_a_draining_worker_lets_everybody_go(rig: FeedRig) -> None:
    waits = [rig.wait_later(0) for _ in range(50)]
    rig.draining.set()
    assert all(wait.result(SOON_SECONDS) for wait in waits)
    assert rig.wait(0), "and whoever comes later"
    until(lambda: not lookers())


def test_nothing_is_asked_of_the_database_while_draining(rig: FeedRig) -> None:
    rig.draining.set()
    assert rig.wait(0)
    assert rig.repository.polls == []
