"""What clients ask for, drawn from the run's random so that wishes meet often."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Command,
    Confirm,
    CreateEvent,
    Reserve,
    ReserveMany,
    Sweep,
    partner_actor,
)

PARTNERS = ("ada", "bob", "cyd")
OPERATOR = "operator:key-1"
EVENTS = ("a", "b")
NEWEST = 12

Common = dict[str, Any]


def create(event_id: str, random: Random) -> CreateEvent:
    """An event whose limits are soon in the way."""
    return CreateEvent(
        event_id=event_id,
        actor=OPERATOR,
        idempotency_key=f"create {event_id}",
        name="E",
        total_seats=random.choice([6, 12, 24]),
        seats_per_reservation_max=6,
        seats_per_partner_max=random.choice([None, 10]),
        open_holds_per_partner_max=random.choice([2, 100]),
    )


class Wishes:
    """Draws commands; `made` gives the ids of an event's reservations, the newest last."""

    def __init__(self, random: Random, made: Callable[[str], list[str]]) -> None:
        self._random = random
        self._made = made
        self._ids = count()
        self._keys = count()
        # Commands under keys, for those who use a key a second time.
        self._keyed: list[Command] = []
        self._kinds: dict[Callable[[Common, str], Command], int] = {
            self._reserve: 30,
            self._hold: 26,
            self._fill: 8,
            self._bulk: 8,
            self._confirm: 12,
            self._cancel: 16,
            self._change: 10,
            self._change_event: 5,
            self._sweep: 2,
        }

    def next(self) -> Command:
        """Somebody's next wish."""
        random = self._random
        if self._keyed and random.random() < 0.08:
            return self._once_more(random.choice(self._keyed[-5:]))
        event_id = EVENTS[0] if random.random() < 0.75 else EVENTS[1]
        partner_id = random.choice(PARTNERS)
        by_operator = random.random() < 0.1
        common: Common = {
            "event_id": event_id,
            "actor": OPERATOR if by_operator else random.choice([None, partner_actor(partner_id)]),
            "idempotency_key": f"k{next(self._keys)}" if random.random() < 0.6 else None,
        }
        if random.random() < 0.08:
            common["expected_versions"] = frozenset({random.randrange(20)})
        (kind,) = random.choices(list(self._kinds), list(self._kinds.values()))
        command = kind(common, partner_id)
        if command.idempotency_key is not None:
            self._keyed.append(command)
        return command

    def again(self, command: Command) -> Command:
        """The same request once more, with new ids as the server mints them."""
        if isinstance(command, Reserve):
            return replace(command, reservation_id=self._new_id())
        if isinstance(command, ReserveMany):
            items = tuple(replace(item, reservation_id=self._new_id()) for item in command.items)
            return replace(command, items=items)
        return command

    def _once_more(self, command: Command) -> Command:
        """Under a key that stands for something already: that, or something else."""
        again = self.again(command)
        if isinstance(again, Reserve) and self._random.random() < 0.5:
            return replace(again, seats=again.seats + 1, min_seats=None)
        return again

    def _new_id(self) -> str:
        return f"r{next(self._ids)}"

    def _new(self, common: Common, partner_id: str) -> Common:
        return common | {"reservation_id": self._new_id(), "partner_id": partner_id}

    def _reserve(self, common: Common, partner_id: str) -> Command:
        seats = self._random.choice([1, 1, 2, 3, 5])
        return Reserve(**self._new(common, partner_id), seats=seats)

    def _hold(self, common: Common, partner_id: str) -> Command:
        seats = self._random.choice([1, 2, 3])
        lasts = self._random.choice([1, 1, 1, 30])
        return Reserve(**self._new(common, partner_id), seats=seats, hold_seconds=lasts)

    def _fill(self, common: Common, partner_id: str) -> Command:
        return Reserve(**self._new(common, partner_id), seats=6, min_seats=1)

    def _bulk(self, common: Common, partner_id: str) -> Command:
        of_items = {name: common[name] for name in ("event_id", "actor")}
        items = tuple(
            Reserve(**self._new(of_items, partner_id), seats=self._random.choice([1, 2, 4]))
            for _ in range(self._random.choice([1, 2, 4]))
        )
        atomic = self._random.random() < 0.5
        return ReserveMany(**common, partner_id=partner_id, items=items, atomic=atomic)

    def _existing(self, common: Common) -> Common:
        ids = self._made(common["event_id"])[-NEWEST:] or ["nobody's"]
        # A partner with a key sees its own reservations only.
        is_own = common["actor"] not in (None, OPERATOR)
        owner = {"partner_id": common["actor"].removeprefix("partner:")} if is_own else {}
        return common | {"reservation_id": self._random.choice(ids), **owner}

    def _confirm(self, common: Common, partner_id: str) -> Command:
        return Confirm(**self._existing(common))

    def _cancel(self, common: Common, partner_id: str) -> Command:
        return Cancel(**self._existing(common))

    def _change(self, common: Common, partner_id: str) -> Command:
        seats, lasts = self._random.choice([(1, None), (2, None), (5, None), (None, 5), (3, 2)])
        return Change(**self._existing(common), seats=seats, hold_seconds=lasts)

    def _change_event(self, common: Common, partner_id: str) -> Command:
        random = self._random
        changes: list[dict[str, Any]] = [
            {"total_seats": random.choice([4, 8, 12, 30])},
            {"paused": True},
            {"paused": False},
            {"paused": False},
            {"seats_per_partner_max": random.choice([None, 4, 10])},
            {"cancelled": random.random() < 0.3},
        ]
        return ChangeEvent(**common | {"actor": OPERATOR}, settings=random.choice(changes))

    def _sweep(self, common: Common, partner_id: str) -> Command:
        return Sweep(event_id=common["event_id"])
