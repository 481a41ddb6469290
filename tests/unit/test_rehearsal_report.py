"""What a rehearsal shows: its progress, its table, and its page with charts."""

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.unit.rehearsed import evidence, no, summary, wish, yes
from ticketboss.rehearsal.charts import HEIGHT, WIDTH, Series, bars, lines, ticks
from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.errands import UNKNOWN
from ticketboss.rehearsal.findings import Findings, conclusion, document, rows, table
from ticketboss.rehearsal.page import page, shape
from ticketboss.rehearsal.profile import Profile
from ticketboss.rehearsal.progress import WIDTH_MAX, Progress

LONG = 100_000
# 2026-11-23, noon in UTC.
NOW = 1_795_435_200_000
PLACE = re.compile(r"[ML ](-?[\d.]+) (-?[\d.]+)")


def findings(*broken: str) -> Findings:
    """The drop of tests.unit.rehearsed, as it was found."""
    found = evidence()
    course = Course(wishes=3, told=list(found.told), answered=3, seconds=1.1)
    return Findings(profile=Profile(), course=course, evidence=found, broken=broken)


def test_table_fits_a_terminal_and_says_what_happened() -> None:
    printed = table(findings())

    assert max(map(len, printed)) < 80
    text = " ".join(" ".join(printed).split())
    for part in (
        "requests 3 in 1.10 s",
        "created 2 8 seats",
        "refused 1 not_enough_seats 1",
        "without an answer 0",
        "asked to confirm 1 accepted 1",
        "asked to cancel 1 accepted 1",
        "asked to repeat 1 accepted 1",
        "seats reserved 4 of 10",
        "sold out after -",
        "verify clean",
        "reserve 2 100.0 100.0 100.0 100.0",
        "all of them 6 100.0",
        "from the real sending 6 100.0",
    ):
        assert part in text


def test_holds_that_nobody_means_to_confirm_are_counted() -> None:
    abandoned = replace(wish(1, seats=3, holds=True), confirms=False)
    found = findings()
    told = [yes(abandoned, "hold", "b", 2, 2, 0.4)]
    drop = replace(found, evidence=replace(found.evidence, told=told))

    assert ("holds abandoned", "1", "3 seats") in rows(drop)
    assert "holds abandoned" not in [name for name, *_ in rows(found)]


def test_lateness_counts_into_the_latency_and_is_shown() -> None:
    late = replace(yes(wish(0), "reserve", "a", 1, 0, 0.0), sent_seconds=2.0, ended_seconds=2.5)
    found = findings()
    found.course.told[:] = [late]
    drop = replace(found, evidence=replace(found.evidence, told=[late]))

    assert drop.latencies()["reserve"].max_ms == 2_500.0
    assert drop.latencies()["from the real sending"].max_ms == 500.0
    assert drop.late_ms() == 2_000.0
    assert drop.sold_out_seconds() == 2.5


def test_document_has_the_same_for_programs() -> None:
    found = document(findings("Over-sold."))

    assert (found["requests"], found["created"], found["availableSeats"]) == (3, 2, 6)
    assert found["refused"] == {"not_enough_seats": 1}
    assert found["latencies"]["hold"] == {
        "count": 1, "p50Ms": pytest.approx(100), "p95Ms": pytest.approx(100),
        "p99Ms": pytest.approx(100), "maxMs": pytest.approx(100),
    }  # fmt: skip
    assert found["broken"] == ["Over-sold."]


def test_conclusion_is_one_line_or_one_for_each_broken_promise() -> None:
    assert conclusion(findings()) == ["Every promise was kept."]
    assert conclusion(findings("One.", "Two.")) == ["BROKEN: One.", "BROKEN: Two."]


def test_an_audit_that_was_not_possible_is_said_and_is_no_difference() -> None:
    found = findings()
    drop = replace(found, evidence=replace(found.evidence, differences=None))

    assert "too long for an audit" in drop.verdict()


def test_page_is_complete_in_itself_and_escapes_what_it_shows() -> None:
    found = findings("<script>alert(1)</script>")
    named = replace(summary(4, 6, 0, 1), name="<b>Gala</b> & more")
    text = page(replace(found, evidence=replace(found.evidence, after=named)), NOW)

    assert "&lt;b&gt;Gala&lt;/b&gt; &amp; more" in text
    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r"<script|<b>|\bsrc=|\bhref=|url\(|@import|https?://", text)
    assert "default-src 'none'" in text
    assert "Over at 2026-11-23T12:00:00.000Z, seed 1." in text
    assert text.count("<svg") == 3
    for drawn in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(drawn)  # noqa: S314 - our own


def test_page_of_a_drop_in_which_nothing_happened_has_no_charts() -> None:
    found = findings()
    quiet = replace(found.evidence, told=[], entries=[])
    drop = replace(found, course=Course(wishes=0), evidence=quiet)

    assert "<svg" not in page(drop, NOW)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (Profile(), "60 requests from 60 partners, all at once, 10 seats each."),
        (Profile(rate=2.5), "2.5 a second"),
        (Profile(burst_seconds=2.0), "a burst that decays with a mean of 2 s"),
        (Profile(hold_share=0.5, confirm_share=0.7), "50% hold first, and 70% of these confirm"),
        (Profile(cancel_share=0.1), "10% of what is confirmed is cancelled"),
        (Profile(repeat_share=0.2), "20% of the successes are asked for twice"),
        (Profile(kills=2), "2 workers are killed"),
    ],
)
def test_shape_of_a_drop_is_said_in_words(profile: Profile, words: str) -> None:
    assert words in shape(profile)


@pytest.mark.parametrize(
    ("largest", "expected"),
    [(0, [0, 1]), (1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (50, [0, 10, 20, 30, 40, 50]),
     (51, [0, 20, 40, 60]), (0.003, [0, 0.001, 0.002, 0.003])],
)  # fmt: skip
def test_ticks_are_round_and_reach_the_largest_value(largest: float, expected: list[float]) -> None:
    assert ticks(largest) == pytest.approx(expected)


@pytest.mark.parametrize("steps", [True, False])
def test_lines_stay_within_their_chart_however_many_points_they_have(steps: bool) -> None:
    points = [(float(number), float(number % 977)) for number in range(LONG)]
    drawn = lines("Title", "x", [Series("y", "blue", points)], steps=steps)

    places = [(float(x), float(y)) for x, y in PLACE.findall(drawn.split('class="line')[1])]
    assert 900 < len(places) < 2_100
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert places[0][0] == 64
    assert len(drawn) < LONG


def test_bars_stand_on_top_of_each_other() -> None:
    drawn = bars("Title", "x", [Series("a", "yes", [(0, 3)]), Series("b", "no", [(0, 1)])], 1)

    tops = dict(re.findall(r'<rect class="bar (\w+)".* y="([\d.]+)"', drawn))
    assert float(tops["no"]) < float(tops["yes"])


def course(answered: int, *, is_over: bool = False) -> Course:
    """A drop so far on: ten have a reservation, one was refused, one has no answer."""
    told = [yes(wish(number), "reserve", "a", number, 90 - number, 0.0) for number in range(10)]
    told += [no(wish(10), "reserve", "not_enough_seats", 3, 0.0)]
    told += [no(wish(11), "reserve", UNKNOWN, None, 0.0)]
    return Course(wishes=LONG, told=told, answered=answered, under_way=0 if is_over else 5)


def test_progress_on_a_terminal_renews_one_line() -> None:
    stream = io.StringIO()
    progress = Progress(stream, renews=True)
    for _ in range(3):
        progress.look(course(12))
    progress.look(course(12, is_over=True))

    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.startswith("\r")
    assert all(len(line) <= WIDTH_MAX for line in re.split(r"[\r\n]", text))
    assert "   0.0 s  12/100000 answered: 10 yes, 1 no, 1 unknown; 0 open; 81 left" in text


def test_progress_elsewhere_is_plain_lines() -> None:
    stream = io.StringIO()
    progress = Progress(stream, renews=False)
    progress.look(course(12))
    progress.look(course(12, is_over=True))

    assert (
        stream.getvalue()
        == "   0.0 s  12/100000 answered: 10 yes, 1 no, 1 unknown; 0 open; 81 left\n"
    )
