"""The sale as one would write it without a database, a ledger or an engine.

It shares no code with the package but the commands themselves. Sums are taken over the claims each
time they are needed, and a refusal may name any of the reasons that hold.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.unit.claims import Claim, Claims, request
from tests.unit.outcomes import OK, REPLAY, UNCHANGED, Forecast, ItemForecast
from tests.unit.stock import Stock
from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Command,
    Confirm,
    CreateEvent,
    Reserve,
    ReserveMany,
)


@dataclass
class Model(Stock):
    """The event with what was done under idempotency keys, moved on by each command."""

    keys: dict[tuple[str, str], tuple[Any, int]] = field(default_factory=dict)

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

    def expected(self, command: Command, now: int) -> Forecast:
        """What is right for a command, which is carried out if it is accepted."""
        if command.for_test not in (None, self.settings["is_test"]):
            return Forecast({"test_key"})
        claim = self._claim(command)
        if claim is None and isinstance(command, Confirm | Cancel | Change):
            return Forecast({"reservation_not_found"})
        if isinstance(command, CreateEvent) and command.for_test not in (None, command.is_test):
            return Forecast({"test_key"})
        name = self._key(command, claim)
        if name in self.keys:
            asked, version = self.keys[name]
            same = asked == request(command)
            return Forecast({REPLAY if same else "idempotency_key_reused"}, version)
        demanded = command.expected_versions
        if demanded is not None and (claim or self).version not in demanded:
            return Forecast({"precondition_failed"})
        forecast = self._decided(command, claim, now)
        if forecast.outcomes == {OK}:
            self._carry_out(command, claim, now)
            if name is not None:
                self.keys[name] = (request(command), forecast.version)
        return forecast

    def _decided(self, command: Command, claim: Claim | None, now: int) -> Forecast:
        first = self.version + 1
        if not isinstance(command, ReserveMany):
            return Forecast(self._outcomes(command, claim, now), first)
        reasons = self.reasons_against_selling_to(command.partner_id, command, now)
        if reasons:
            return Forecast(reasons)
        trial = replace(self, claims=Claims(self.claims))
        items = trial._make_each(command, now)
        refused = sum(bool(item.reasons) for item in items)
        is_refused = refused == len(items) or (command.atomic and refused > 0)
        return Forecast({"bulk_refused" if is_refused else OK}, first, items)

    def _outcomes(self, command: Command, claim: Claim | None, now: int) -> set[str]:
        match command:
            case CreateEvent():
                reasons = {"event_exists"}
            case Reserve():
                reasons = self.reasons_against_new(command, now)
            case ChangeEvent():
                is_so = all(self.settings[name] == to for name, to in command.settings.items())
                if is_so and (self.settings["cancelled"] or not command.idempotency_key):
                    return {UNCHANGED}
                reasons = self.reasons_against_settings(self.settings | dict(command.settings))
            case Confirm() | Cancel() | Change() if claim:
                reasons = self.reasons_against_touching(command, claim, now)
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

    def _carry_out(self, command: Command, claim: Claim | None, now: int) -> None:
        match command:
            case Reserve():
                self._make(command, now)
            case ReserveMany():
                self._make_each(command, now)
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

    def _make(self, command: Reserve, now: int) -> None:
        lasts, seats = command.hold_seconds, self.given(command)
        self.version += 1
        self.claims[command.reservation_id] = Claim(
            command.partner_id,
            seats,
            "confirmed" if lasts is None else "held",
            now,
            self.version,
            None if lasts is None else now + lasts * 1000,
            command.reference,
            self.version,
        )

    def _make_each(self, command: ReserveMany, now: int) -> list[ItemForecast]:
        """Make the claims that nothing speaks against once those before them are made."""
        partner_id, forecasts = command.partner_id, []
        for item in command.items:
            reasons = self.reasons_against_new(item, now)
            if not reasons:
                self._make(item, now)
            left = self.available(), self.claims.seats("held")
            mine = self.claims.taken(partner_id), self.claims.open_holds(partner_id)
            forecasts.append(ItemForecast(reasons, *left, *mine))
        return forecasts

    def _move(self, claim: Claim, **changes: Any) -> None:
        self.version += 1
        for name, value in {**changes, "version": self.version}.items():
            setattr(claim, name, value)

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
        partner = command.partner_id if isinstance(command, Reserve | ReserveMany) else ""
        partner = claim.partner_id if claim else partner
        return command.actor or f"partner:{partner}", command.idempotency_key


def _prolongs(command: Command) -> bool:
    """Whether it asks for more than to give seats back: a confirmation or more time."""
    is_extension = isinstance(command, Change) and command.hold_seconds is not None
    return is_extension or isinstance(command, Confirm)
