"""Who comes when in a rehearsal, what for, and how long they waited."""

from collections import Counter
from statistics import mean
from typing import Any

import pytest

from ticketboss.rehearsal.arrivals import Wish, wishes
from ticketboss.rehearsal.latency import latency, percentile
from ticketboss.rehearsal.profile import DECAY_MEANS_MAX, BadProfile, Profile, parse_group_sizes


def planned(**shape: Any) -> list[Wish]:
    """The wishes of 10,000 requests of this shape."""
    return wishes(Profile(**{"wishes": 10_000, "seconds_max": 3_600.0, **shape}))


def test_defaults_are_sixty_partners_who_want_ten_seats_each_at_the_same_moment() -> None:
    found = wishes(Profile())

    assert {wish.due_seconds for wish in found} == {0.0}
    assert sorted(wish.partner for wish in found) == list(range(60))
    assert {wish.seats for wish in found} == {10}
    assert not any(wish.holds or wish.cancels or wish.repeats for wish in found)


def test_a_burst_decays_from_its_first_moment_on() -> None:
    moments = [wish.due_seconds for wish in planned(burst_seconds=2.0)]

    assert moments == sorted(moments)
    assert mean(moments) == pytest.approx(2.0, rel=0.05)
    # Of an exponential decay this part comes within its mean, and this much later than two.
    assert sum(moment < 2.0 for moment in moments) == pytest.approx(6_321, rel=0.05)
    assert sum(moment > 4.0 for moment in moments) == pytest.approx(1_353, rel=0.1)
    assert moments[-1] <= 2.0 * DECAY_MEANS_MAX


def test_a_rate_is_kept_from_the_first_to_the_last() -> None:
    moments = [wish.due_seconds for wish in planned(rate=50.0)]

    assert moments[:3] == [0.0, 0.02, 0.04]
    assert moments[-1] == pytest.approx(9_999 / 50)


def test_group_sizes_and_shares_are_as_asked_for() -> None:
    found = planned(
        group_sizes={1: 1, 4: 3},
        hold_share=0.3,
        confirm_share=0.6,
        cancel_share=0.1,
        repeat_share=0.2,
        think_seconds=3.0,
    )

    assert Counter(wish.seats for wish in found)[4] == pytest.approx(7_500, rel=0.05)
    assert sum(wish.holds for wish in found) == pytest.approx(3_000, rel=0.05)
    assert sum(wish.confirms for wish in found) == pytest.approx(6_000, rel=0.05)
    assert sum(wish.cancels for wish in found) == pytest.approx(1_000, rel=0.1)
    assert sum(wish.repeats for wish in found) == pytest.approx(2_000, rel=0.1)
    assert mean(wish.think_seconds for wish in found) == pytest.approx(3.0, rel=0.05)


def test_the_same_seed_gives_the_same_drop_and_another_one_another() -> None:
    assert planned(burst_seconds=1.0) == planned(burst_seconds=1.0)
    assert planned(burst_seconds=1.0) != planned(burst_seconds=1.0, seed=2)


@pytest.mark.parametrize(
    "shape",
    [
        {"rate": 1.0, "burst_seconds": 1.0},
        {"rate": 1.0, "wishes": 302},
        {"burst_seconds": 300.0 / DECAY_MEANS_MAX},
    ],
)
def test_a_drop_that_cannot_be_over_in_time_is_no_profile(shape: dict[str, Any]) -> None:
    with pytest.raises(BadProfile):
        Profile(**shape)


def test_group_sizes_are_read() -> None:
    assert parse_group_sizes("10") == {10: 1}
    assert parse_group_sizes("1:5, 2:30,4") == {1: 5, 2: 30, 4: 1}


@pytest.mark.parametrize("text", ["", "0", "1:0", "-1", "1,1", "1:2:3", "a", "1;2", "1.5", "١"])
def test_what_is_no_group_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be like"):
        parse_group_sizes(text)


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 1), (50, 50), (95, 95), (99, 99), (99.5, 100), (100, 100)]
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    percent: float, expected: float
) -> None:
    assert percentile(range(1, 101), percent) == expected


@pytest.mark.parametrize("percent", [1.0, 50.0, 100.0])
def test_of_one_value_every_percentile_is_that(percent: float) -> None:
    assert percentile([7.0], percent) == 7.0


def test_latency_needs_no_order_and_nothing_has_none() -> None:
    found = latency([3.0, 1.0, 2.0, 4.0])

    assert found is not None
    assert (found.count, found.p50_ms, found.p95_ms, found.p99_ms, found.max_ms) == (4, 2, 4, 4, 4)
    assert latency([]) is None
