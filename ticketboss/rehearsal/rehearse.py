"""A rehearsal from its beginning to its end: look, drop, look again, judge."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ticketboss.rehearsal.arrivals import wishes
from ticketboss.rehearsal.crew import Crew
from ticketboss.rehearsal.drop import Course, run_drop
from ticketboss.rehearsal.evidence import Evidence
from ticketboss.rehearsal.findings import Findings
from ticketboss.rehearsal.judge import broken_promises
from ticketboss.rehearsal.profile import Profile
from ticketboss.rehearsal.target import Target


class Killable(Protocol):
    """Whatever has workers that a rehearsal may kill."""

    def kill_a_worker(self) -> bool:
        """Kill one; says whether there was one to kill."""


def rehearse(
    target: Target,
    profile: Profile,
    *,
    verify: Callable[[], Sequence[str] | None],
    look: Callable[[Course], None],
    killable: Killable | None = None,
) -> Findings:
    """Rehearse with an event that is there; `verify` is the server's own proof, asked at the end.

    Raises TicketBossError where the server cannot be asked what came of it.
    """
    before = target.event()
    target.check_partner_keys()
    course = _drop(target, profile, look, killable)
    # The counters first: what happens later (holds that expire) is not looked at.
    after = target.event()
    evidence = Evidence(
        run=target.run,
        before=before,
        after=after,
        entries=target.ledger(before.version, after.version),
        told=course.told,
        differences=verify(),
        unsent=course.unsent,
    )
    return Findings(
        profile=profile, course=course, evidence=evidence, broken=broken_promises(evidence)
    )


def _drop(
    target: Target, profile: Profile, look: Callable[[Course], None], killable: Killable | None
) -> Course:
    crew = Crew(target.partners(profile), profile.connections)

    def look_and_kill(course: Course) -> None:
        look(course)
        if killable is not None and _is_kill_due(course, profile) and killable.kill_a_worker():
            course.kills.append(course.seconds)

    try:
        return run_drop(crew, wishes(profile), profile.seconds_max, look_and_kill)
    finally:
        # While the threads still have them: a server that stops waits for connections.
        target.close()
        crew.dismiss()


def _is_kill_due(course: Course, profile: Profile) -> bool:
    """Spread over the answers, not over the time: so that each of them hits the drop."""
    killed = len(course.kills)
    if killed >= profile.kills or course.is_over:
        return False
    return course.answered * (profile.kills + 1) >= (killed + 1) * course.wishes
