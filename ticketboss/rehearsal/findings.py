"""A rehearsal's figures, as a document for programs and as a table for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ticketboss.formats import camel_keys
from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.errands import ACTIONS, UNKNOWN, Told
from ticketboss.rehearsal.evidence import Evidence
from ticketboss.rehearsal.latency import Latency, latency
from ticketboss.rehearsal.profile import Profile

LABEL_WIDTH, NUMBER_WIDTH = 26, 9
ALL, SENDING = "all of them", "from the real sending"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """A rehearsal that is over; `broken` are the promises that were not kept."""

    profile: Profile
    course: Course
    evidence: Evidence
    broken: Sequence[str]

    @property
    def first(self) -> list[Told]:
        """The answers to the wishes themselves, without what followed them."""
        return [told for told in self.course.told if told.errand.action in ("reserve", "hold")]

    @property
    def created(self) -> int:
        """How many wishes were granted."""
        return sum(told.is_accepted for told in self.first)

    def refusals(self) -> Counter[str]:
        """How often each code was the last word on a wish."""
        return Counter(
            told.code for told in self.first if not told.is_accepted and told.code != UNKNOWN
        )

    def sold_out_seconds(self) -> float | None:
        """When the first partner was told that nothing is left behind its reservation."""
        moments = [
            told.ended_seconds
            for told, reservation in self.evidence.accepted("reserve", "hold")
            if reservation.available_seats == 0
        ]
        return min(moments, default=None)

    def latencies(self) -> dict[str, Latency]:
        """By what was asked and all together, from the intended sending; and from the real one."""
        told = self.course.told
        found: dict[str, Latency | None] = {
            action: latency([each.took_ms for each in told if each.errand.action == action])
            for action in ACTIONS
        }
        found[ALL] = latency([each.took_ms for each in told])
        found[SENDING] = latency([each.took_ms_from_sending for each in told])
        return {name: each for name, each in found.items() if each is not None}

    def late_ms(self) -> float:
        """How much later than intended a request was sent, at the worst."""
        return max(
            (told.took_ms - told.took_ms_from_sending for told in self.course.told), default=0.0
        )

    def verdict(self) -> str:
        """What the server's own replay says."""
        if self.evidence.differences is None:
            return "not asked: the ledger is too long for an audit over HTTP; run verify"
        count = len(self.evidence.differences)
        return f"{count} differences" if count else "clean"


def document(findings: Findings) -> dict[str, Any]:
    """All figures, for programs."""
    after, course = findings.evidence.after, findings.course
    return {
        "eventId": after.event_id,
        "requests": course.wishes,
        "created": findings.created,
        "refused": dict(findings.refusals()),
        "unknown": sum(told.code == UNKNOWN for told in course.told),
        "triedAgain": dict(_failed_tries(course)),
        "workersKilled": len(course.kills),
        "totalSeats": after.total_seats,
        "reservedSeats": after.reserved_seats,
        "heldSeats": after.held_seats,
        "availableSeats": after.available_seats,
        "seconds": round(course.seconds, 3),
        "soldOutSeconds": findings.sold_out_seconds(),
        "lateMs": round(findings.late_ms(), 1),
        "latencies": {
            name: camel_keys(asdict(each)) for name, each in findings.latencies().items()
        },
        "verify": findings.verdict(),
        "broken": list(findings.broken),
    }


def rows(findings: Findings) -> Iterator[tuple[str, str, str]]:
    """The counts: what, how many, and more about it."""
    course, after = findings.course, findings.evidence.after
    seats = sum(reservation.seats for _, reservation in _granted(findings))
    refused, again = findings.refusals(), _failed_tries(course)
    unknown = Counter(told.errand.action for told in course.told if told.code == UNKNOWN)
    sold_out = findings.sold_out_seconds()
    yield "requests", str(course.wishes), f"in {course.seconds:.2f} s"
    yield "created", str(findings.created), f"{seats} seats"
    yield "refused", str(refused.total()), _listed(refused)
    yield "without an answer", str(unknown.total()), _listed(unknown)
    if abandoned := _abandoned(findings):
        yield "holds abandoned", str(len(abandoned)), f"{sum(abandoned)} seats"
    for action in ("confirm", "cancel", "repeat"):
        codes = Counter(told.code for told in course.told if told.errand.action == action)
        if codes:
            yield f"asked to {action}", str(codes.total()), _listed(codes)
    yield "tries that were repeated", str(again.total()), _listed(again)
    if findings.profile.kills:
        yield "workers killed", str(len(course.kills)), f"of {findings.profile.kills}"
    yield "seats reserved", str(after.reserved_seats), f"of {after.total_seats}"
    yield "seats held", str(after.held_seats), ""
    yield "seats left", str(after.available_seats), ""
    yield "sold out after", "-" if sold_out is None else f"{sold_out:.2f} s", ""
    yield "sent late, at the worst", f"{findings.late_ms():.0f} ms", ""
    yield "verify", "", findings.verdict()


def table(findings: Findings) -> list[str]:
    """The figures as lines of no more than 80 characters, but for long lists of codes."""
    lines = [
        f"  {name:<{LABEL_WIDTH}}{count:>{NUMBER_WIDTH}}  {more}".rstrip()
        for name, count, more in rows(findings)
    ]
    heads = ("requests", "p50", "p95", "p99", "max")
    lines.append(f"  {'milliseconds, waited for':<{LABEL_WIDTH}}" + _cells(heads))
    for name, each in findings.latencies().items():
        figures = (each.p50_ms, each.p95_ms, each.p99_ms, each.max_ms)
        cells = _cells([str(each.count), *(f"{figure:.1f}" for figure in figures)])
        lines.append(f"  {name:<{LABEL_WIDTH}}{cells}")
    return lines


def conclusion(findings: Findings) -> list[str]:
    """What it all means, in a line, or in one for each broken promise."""
    if findings.broken:
        return [f"BROKEN: {line}" for line in findings.broken]
    return ["Every promise was kept."]


def _granted(findings: Findings) -> list[Any]:
    return findings.evidence.accepted("reserve", "hold")


def _abandoned(findings: Findings) -> list[int]:
    """The seats of each hold that was never meant to be confirmed."""
    held = findings.evidence.accepted("hold")
    return [shown.seats for told, shown in held if not told.errand.wish.confirms]


def _failed_tries(course: Course) -> Counter[str]:
    return Counter(code for told in course.told for code in told.failed_tries)


def _listed(counts: Counter[Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _cells(texts: Sequence[str]) -> str:
    return "".join(f"{text:>{NUMBER_WIDTH}}" for text in texts)
