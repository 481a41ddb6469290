"""When the feed's own polls fail, and when it cannot even begin."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.feed_rig import FeedRig, lookers
from tests.unit.rig import WAIT_SECONDS_MAX, raising, until
from ticketboss.repository.interface import StorageUnavailable


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[FeedRig]:
    until(lambda: not lookers())
    rig = FeedRig(tmp_path)
    yield rig
    rig.release()


def test_without_storage_everybody_waits_on_and_is_woken_when_it_is_back(
    rig: FeedRig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.repository.failure = StorageUnavailable("the disk is gone")
    waits = [rig.wait_later(0) for _ in range(5)]
    rig.sell()
    rig.after_polls(3)
    assert not any(wait.done() for wait in waits)
    assert "The feed found no storage: the disk is gone" in caplog.messages
    rig.repository.failure = None
    assert all(wait.result(WAIT_SECONDS_MAX) for wait in waits)


def test_without_storage_a_wait_ends_when_its_time_is_over(rig: FeedRig) -> None:
    rig.repository.failure = StorageUnavailable("the disk is gone")
    started = time.monotonic()
    assert rig.wait(0, seconds=0.25)
    assert 0.25 <= time.monotonic() - started < WAIT_SECONDS_MAX


def test_without_storage_a_draining_worker_lets_everybody_go(rig: FeedRig) -> None:
    rig.repository.failure = StorageUnavailable("the disk is gone")
    waits = [rig.wait_later(0) for _ in range(5)]
    rig.after_polls(1)
    rig.draining.set()
    assert all(wait.result(WAIT_SECONDS_MAX) for wait in waits)


def test_a_bug_lets_everybody_go_and_is_logged(
    rig: FeedRig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.repository.failure = TypeError("a bug")
    waits = [rig.wait_later(0) for _ in range(5)]
    assert all(wait.result(WAIT_SECONDS_MAX) for wait in waits)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert {record.getMessage() for record in errors} == {
        "The feed failed; those who wait are answered at once."
    }
    assert all(record.exc_info for record in errors)
    rig.repository.failure = None
    again = rig.wait_later(0)
    rig.sell()
    assert again.result(WAIT_SECONDS_MAX), "the feed works on"


def test_a_feed_that_could_not_start_its_thread_starts_it_for_the_next_one(
    rig: FeedRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        no_thread = raising(RuntimeError("can't start new thread"))
        patched.setattr(threading.Thread, "start", lambda _: no_thread())
        with pytest.raises(RuntimeError, match="can't start new thread"):
            rig.wait(0, seconds=0.1)
    assert rig.waiting() == 0, "who failed does not take a place for ever"
    waiting = rig.wait_later(0)
    rig.sell()
    assert waiting.result(WAIT_SECONDS_MAX)
