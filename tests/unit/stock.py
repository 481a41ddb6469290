"""How the model sees an event, and every reason that holds against a wish, in no order."""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.claims import Claim, Claims
from ticketboss.domain.commands import Cancel, Change, Command, Confirm, Reserve


@dataclass
class Stock:
    """One event, its claims and the frozen partners; `frozen` says whether to release holds."""

    settings: dict[str, Any]
    version: int = 0
    claims: Claims = field(default_factory=Claims)
    frozen: dict[str, bool] = field(default_factory=dict)

    def available(self) -> int:
        total: int = self.settings["total_seats"]
        return total - self.claims.seats("held") - self.claims.seats("confirmed")

    def given(self, command: Reserve) -> int:
        """How many seats an order gets, if it gets any."""
        if command.min_seats is None:
            return command.seats
        possible = min(command.seats, self.available())
        limit = self.settings["seats_per_partner_max"]
        if limit is not None:
            possible = min(possible, limit - self.claims.taken(command.partner_id))
        return max(command.min_seats, possible)

    def reasons_against_new(self, command: Reserve, now: int) -> set[str]:
        seats = self.given(command)
        reasons = self._reasons_against_more(command.partner_id, seats)
        reasons |= self.reasons_against_selling_to(command.partner_id, command, now)
        if command.seats > self.settings["seats_per_reservation_max"]:
            reasons.add("too_many_seats")
        if command.hold_seconds is not None:
            if command.hold_seconds > self.settings["hold_seconds_total_max"]:
                reasons.add("hold_too_long")
            open_holds = self.claims.open_holds(command.partner_id)
            if open_holds >= self.settings["open_holds_per_partner_max"]:
                reasons.add("partner_limit_reached")
        return reasons

    def reasons_against_selling_to(self, partner_id: str, command: Command, now: int) -> set[str]:
        """Why the partner gets nothing, whatever it asks for."""
        return self._reasons_against_partner(command, partner_id) | self._reasons_of_sale(now)

    def reasons_against_touching(
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
            more = command.seats - claim.seats
            reasons |= self._reasons_against_more(claim.partner_id, more)
            reasons |= self._reasons_of_sale(now)
            if command.seats > self.settings["seats_per_reservation_max"]:
                reasons.add("too_many_seats")
        return reasons

    def _reasons_of_sale(self, now: int) -> set[str]:
        opens, closes = self.settings["on_sale_from"], self.settings["on_sale_until"]
        reasons = {
            "event_cancelled": self.settings["cancelled"],
            "sale_paused": self.settings["paused"],
            "sale_not_open": opens is not None and now < opens,
            "sale_closed": closes is not None and now >= closes,
        }
        return {reason for reason, holds in reasons.items() if holds}

    def _reasons_against_more(self, partner_id: str, seats: int) -> set[str]:
        limit = self.settings["seats_per_partner_max"]
        reasons = {
            "partner_limit_reached": limit is not None
            and self.claims.taken(partner_id) + seats > limit,
            "not_enough_seats": seats > self.available(),
        }
        return {reason for reason, holds in reasons.items() if holds}

    def reasons_against_settings(self, wanted: dict[str, Any]) -> set[str]:
        opens, closes = wanted["on_sale_from"], wanted["on_sale_until"]
        reasons = {
            "event_cancelled": self.settings["cancelled"],
            "capacity_in_use": wanted["total_seats"]
            < self.settings["total_seats"] - self.available(),
            "invalid_sale_window": opens is not None and closes is not None and closes <= opens,
        }
        return {reason for reason, holds in reasons.items() if holds}
