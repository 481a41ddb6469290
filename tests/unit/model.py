"""The sale as one would write it without a database, a ledger or an engine.

It shares no code with the package but the commands themselves. Sums are taken over the claims each
time they are needed, and a refusal may name any of the reasons that hold.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.claims import Claim, request
from ticketboss.domain.commands import Cancel, Change, ChangeEvent, Command, Confirm, Reserve

OK, UNCHANGED, REPLAY = "ok", "unchanged", "replay"


@dataclass
class Model:
    """One event, its claims and the frozen partners; `frozen` says whether to release holds."""

    settings: dict[str, Any]
    version: int = 0
    claims: dict[str, Claim] = field(default_factory=dict)
    frozen: dict[str, bool] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[Any, int]] = field(default_factory=dict)

    def seats(self, status: str) -> int:
        return sum(claim.seats for claim in self.claims.values() if claim.status == status)

    def available(self) -> int:
        total: int = self.settings["total_seats"]
        return total - self.seats("held") - self.seats("confirmed")

    def taken(self, partner_id: str) -> int:
        mine = [claim for claim in self.claims.values() if claim.partner_id == partner_id]
        return sum(claim.seats for claim in mine if claim.is_live)

    def open_holds(self, partner_id: str) -> int:
        mine = [claim for claim in self.claims.values() if claim.partner_id == partner_id]
        return sum(claim.status == "held" for claim in mine)

    def next_expiry(self) -> int | None:
        return min((c.expires_at for c in self.claims.values() if c.expires_at), default=None)

    def due(self, now: int, *, for_sweep: bool) -> dict[str, str]:
        """The claims that the system ends at this moment, with the status that they get."""
        ends = {}
        for id_, claim in self.claims.items():
            releasing = claim.status == "held" and self.frozen.get(claim.partner_id, False)
            if claim.status == "held" and claim.expires_at is not None and claim.expires_at <= now:
                ends[id_] = "expired"
            elif for_sweep and claim.is_live and (self.settings["cancelled"] or releasing):
                ends[id_] = "cancelled"
        return ends

    def end_due(self, now: int, *, for_sweep: bool) -> set[str]:
        ends = self.due(now, for_sweep=for_sweep)
        for id_, status in ends.items():
            self._move(self.claims[id_], status=status, expires_at=None)
        return set(ends)

    def expected(self, command: Command, now: int) -> set[str]:
        """The outcomes that are right for a command, which is carried out if it is accepted."""
        if command.for_test not in (None, self.settings["is_test"]):
            return {"test_key"}
        claim = self._claim(command)
        if claim is None and isinstance(command, Confirm | Cancel | Change):
            return {"reservation_not_found"}
        name = self._key(command, claim)
        if name in self.keys:
            same = self.keys[name][0] == request(command)
            return {REPLAY if same else "idempotency_key_reused"}
        demanded = command.expected_versions
        if demanded is not None and (claim or self).version not in demanded:
            return {"precondition_failed"}
        outcomes = self._outcomes(command, claim, now)
        if outcomes == {OK}:
            self._carry_out(command, claim, now)
            if name is not None:
                self.keys[name] = (request(command), self.version)
        return outcomes

    def _outcomes(self, command: Command, claim: Claim | None, now: int) -> set[str]:
        match command:
            case Reserve():
                reasons = self._reasons_against_new(command, now)
            case ChangeEvent():
                is_so = all(self.settings[name] == to for name, to in command.settings.items())
                if is_so and (self.settings["cancelled"] or not command.idempotency_key):
                    return {UNCHANGED}
                reasons = self._reasons_against_settings(self.settings | dict(command.settings))
            case Confirm() | Cancel() | Change() if claim:
                reasons = self._reasons_against_touching(command, claim, now)
                if not reasons and self._is_so(command, claim, now):
                    return {UNCHANGED}
                if self.settings["cancelled"] and _prolongs(command):
                    reasons.add("event_cancelled")
            case _:
                return {UNCHANGED}
        return reasons or {OK}

    def _is_so(self, command: Command, claim: Claim, now: int) -> bool:
        if isinstance(command, Confirm):
            return claim.status == "confirmed"
        if not isinstance(command, Change) or command.idempotency_key:
            return False
        seats = claim.seats if command.seats is None else command.seats
        lasts = command.hold_seconds
        return seats == claim.seats and (lasts is None or claim.expires_at == now + lasts * 1000)

    def _reasons_against_new(self, command: Reserve, now: int) -> set[str]:
        seats = self._given(command)
        reasons = self._reasons_against_more(command.partner_id, seats, now)
        if command.seats > self.settings["seats_per_reservation_max"]:
            reasons.add("too_many_seats")
        if command.hold_seconds is not None:
            if command.hold_seconds > self.settings["hold_seconds_total_max"]:
                reasons.add("hold_too_long")
            if self.open_holds(command.partner_id) >= self.settings["open_holds_per_partner_max"]:
                reasons.add("partner_limit_reached")
        return reasons | self._reasons_against_partner(command, command.partner_id)

    def _reasons_against_touching(
        self, command: Confirm | Cancel | Change, claim: Claim, now: int
    ) -> set[str]:
        reasons = self._reasons_against_partner(command, claim.partner_id)
        if claim.status == "expired":
            reasons.add("hold_expired")
        elif claim.status == "cancelled":
            is_cancel = isinstance(command, Cancel)
            reasons.add("already_cancelled" if is_cancel else "reservation_ended")
        elif isinstance(command, Change):
            reasons |= self._reasons_against_change(command, claim, now)
        return reasons

    def _reasons_against_partner(self, command: Command, partner_id: str) -> set[str]:
        is_operator = command.actor not in (None, f"partner:{partner_id}")
        is_stopped = partner_id in self.frozen and not is_operator
        return {"partner_frozen"} if is_stopped else set()

    def _reasons_against_change(self, command: Change, claim: Claim, now: int) -> set[str]:
        reasons = set()
        if command.hold_seconds is not None:
            until = now + command.hold_seconds * 1000
            if claim.status != "held":
                reasons.add("not_a_hold")
            elif until > claim.created_at + self.settings["hold_seconds_total_max"] * 1000:
                reasons.add("hold_too_long")
        if command.seats is not None and command.seats > claim.seats:
            reasons |= self._reasons_against_more(
                claim.partner_id, command.seats - claim.seats, now
            )
            if command.seats > self.settings["seats_per_reservation_max"]:
                reasons.add("too_many_seats")
        return reasons

    def _reasons_against_more(self, partner_id: str, seats: int, now: int) -> set[str]:
        opens, closes = self.settings["on_sale_from"], self.settings["on_sale_until"]
        limit = self.settings["seats_per_partner_max"]
        reasons = {
            "event_cancelled": self.settings["cancelled"],
            "sale_paused": self.settings["paused"],
            "sale_not_open": opens is not None and now < opens,
            "sale_closed": closes is not None and now >= closes,
            "partner_limit_reached": limit is not None and self.taken(partner_id) + seats > limit,
            "not_enough_seats": seats > self.available(),
        }
        return {reason for reason, holds in reasons.items() if holds}

    def _reasons_against_settings(self, wanted: dict[str, Any]) -> set[str]:
        opens, closes = wanted["on_sale_from"], wanted["on_sale_until"]
        reasons = {
            "event_cancelled": self.settings["cancelled"],
            "capacity_in_use": wanted["total_seats"] < self.seats("held") + self.seats("confirmed"),
            "invalid_sale_window": opens is not None and closes is not None and closes <= opens,
        }
        return {reason for reason, holds in reasons.items() if holds}

    def _carry_out(self, command: Command, claim: Claim | None, now: int) -> None:
        match command:
            case Reserve():
                lasts = command.hold_seconds
                self.version += 1
                self.claims[command.reservation_id] = Claim(
                    command.partner_id,
                    self._given(command),
                    "confirmed" if lasts is None else "held",
                    now,
                    self.version,
                    None if lasts is None else now + lasts * 1000,
                )
            case ChangeEvent():
                self.settings |= command.settings
                self.version += 1
            case Confirm() if claim:
                self._move(claim, status="confirmed", expires_at=None)
            case Cancel() if claim:
                self._move(claim, status="cancelled", expires_at=None)
            case Change() if claim:
                lasts = command.hold_seconds
                self._move(
                    claim,
                    seats=claim.seats if command.seats is None else command.seats,
                    expires_at=claim.expires_at if lasts is None else now + lasts * 1000,
                )

    def _move(self, claim: Claim, **changes: Any) -> None:
        self.version += 1
        for name, value in {**changes, "version": self.version}.items():
            setattr(claim, name, value)

    def _given(self, command: Reserve) -> int:
        """How many seats an order gets, if it gets any."""
        least = command.seats if command.min_seats is None else command.min_seats
        return max(least, min(command.seats, self.available()))

    def _claim(self, command: Command) -> Claim | None:
        """The claim that a command is about and may see."""
        if not isinstance(command, Confirm | Cancel | Change):
            return None
        claim = self.claims.get(command.reservation_id)
        owner = command.partner_id
        return claim if claim and owner in (None, claim.partner_id) else None

    def _key(self, command: Command, claim: Claim | None) -> tuple[str, str] | None:
        """The name under which a repetition of this command would be found."""
        if command.idempotency_key is None:
            return None
        partner = command.partner_id if isinstance(command, Reserve) else ""
        partner = claim.partner_id if claim else partner
        return command.actor or f"partner:{partner}", command.idempotency_key


def _prolongs(command: Command) -> bool:
    """Whether it asks for more than to give seats back: a confirmation or more time."""
    is_extension = isinstance(command, Change) and command.hold_seconds is not None
    return is_extension or isinstance(command, Confirm)
