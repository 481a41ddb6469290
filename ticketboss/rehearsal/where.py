"""Where a rehearsal takes place: on a scratch server of its own, or on one that runs."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Protocol

from ticketboss.client.arguments import checked_url, is_loopback
from ticketboss.client.problems import TicketBossError
from ticketboss.rehearsal.drop import Course
from ticketboss.rehearsal.findings import Findings
from ticketboss.rehearsal.profile import BadProfile, Profile
from ticketboss.rehearsal.rehearse import rehearse
from ticketboss.rehearsal.scratch import ScratchFailed, ScratchServer
from ticketboss.rehearsal.target import READY_SECONDS_MAX, Target

HINTS = {
    "test_key": " A rehearsal is on a test event, unless another is named and allowed: it wants a "
    "test key of an operator ('keys create --operator --test'), and test keys of partners."
}


class Audience(Protocol):
    """Whoever wants to hear how a rehearsal goes."""

    def stays(self, console_url: str) -> None:
        """Before the drop, where the server stays behind it: the page of its event."""

    def look(self, course: Course) -> None:
        """While it runs, again and again."""

    def ends(self, findings: Findings) -> None:
        """When it is over, and the server still there."""


class CannotRehearse(Exception):
    """There is nothing to judge; the text says why, and `code` as programs want it."""

    def __init__(self, reason: str, code: str = "cannot_rehearse") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where to rehearse; without a URL on a scratch server with so many workers.

    `stays`: that one serves on behind the drop, until Ctrl-C.
    """

    url: str | None
    event_id: str | None
    operator_key: str | None
    partner_keys: Sequence[str]
    allow_remote: bool
    allow_live_event: bool
    seats_total: int
    workers: int
    worker_class: str | None
    stays: bool


def rehearse_where(wanted: Wanted, profile: Profile, audience: Audience) -> Findings:
    """Rehearse where it is wanted. Raises CannotRehearse if that does not come to an end."""
    try:
        if wanted.url is None:
            return _on_a_scratch_server(wanted, profile, audience)
        return _on_a_running_server(wanted.url, wanted, profile, audience)
    except TicketBossError as error:
        hint = HINTS.get(error.code or "", "")
        raise CannotRehearse(f"{error}{hint}", error.code) from error
    except (BadProfile, ScratchFailed) as error:
        raise CannotRehearse(str(error)) from error


def _on_a_scratch_server(wanted: Wanted, profile: Profile, audience: Audience) -> Findings:
    if wanted.event_id or wanted.operator_key or wanted.partner_keys:
        raise BadProfile("Events and keys are those of a running server: name it with --url.")
    run = _new_run()
    with (
        TemporaryDirectory(prefix="ticketboss-rehearsal-") as folder,
        ScratchServer(Path(folder), wanted.workers, wanted.worker_class) as server,
        closing(Target(server.url, run, run)) as target,
    ):
        _wait_until_ready(server, target)
        target.create_event(wanted.seats_total, profile)
        if wanted.stays:
            # All of the event: it is as old as the drop.
            audience.stays(f"{server.url}/console/events/{run}?minutes=0")
        findings = rehearse(
            target, profile, verify=server.verify, look=audience.look, killable=server
        )
        audience.ends(findings)
        if wanted.stays:
            server.stay()
    return findings


def _on_a_running_server(
    url: str, wanted: Wanted, profile: Profile, audience: Audience
) -> Findings:
    if profile.kills:
        raise BadProfile("Only workers of a scratch server are killed, not those of --url.")
    if wanted.stays:
        raise BadProfile("Only a scratch server stays; the one of --url goes on by itself.")
    run = _new_run()
    with closing(_running_target(url, wanted, run)) as target:
        if wanted.event_id is None:
            target.create_event(wanted.seats_total, profile)
        else:
            _check_event(target, wanted, profile)
        findings = rehearse(target, profile, verify=target.audit, look=audience.look)
    audience.ends(findings)
    return findings


def _running_target(url: str, wanted: Wanted, run: str) -> Target:
    try:
        is_here = is_loopback(checked_url(url))
        target = Target(url, wanted.event_id or run, run, wanted.operator_key, wanted.partner_keys)
    except ValueError as error:
        raise BadProfile(str(error)) from None
    if not (is_here or wanted.allow_remote):
        raise BadProfile(
            "The server is not on this machine; --allow-remote rehearses there all the same."
        )
    return target


def _check_event(target: Target, wanted: Wanted, profile: Profile) -> None:
    event = target.event()
    if not (event.is_test or wanted.allow_live_event):
        raise BadProfile(
            f"{event.event_id} is for real, and its seats would be sold: name a test event, or say "
            "--allow-live-event."
        )
    if max(profile.group_sizes) > event.seats_per_reservation_max:
        raise BadProfile(
            f"{event.event_id} allows {event.seats_per_reservation_max} seats in one reservation."
        )
    if profile.hold_share and profile.hold_seconds > event.hold_seconds_total_max:
        raise BadProfile(
            f"{event.event_id} allows a hold to last {event.hold_seconds_total_max} seconds."
        )


def _wait_until_ready(server: ScratchServer, target: Target) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while True:
        server.check()
        try:
            target.wait_until_ready()
        except TicketBossError as error:
            if time.monotonic() > deadline:
                raise ScratchFailed(f"The scratch server is not ready: {error}") from None
        else:
            return


def _new_run() -> str:
    return f"rehearsal-{token_hex(4)}"
