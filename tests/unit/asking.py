"""Commands made of wishes: with what only the running sale knows."""

import dataclasses
from collections.abc import Callable
from typing import Any

from tests.unit.model import Model
from tests.unit.wishes import CURRENT, PARTNERS, WITH_KEY
from ticketboss.domain.commands import (
    Command,
    ReservationCommand,
    Reserve,
    ReserveMany,
    partner_actor,
)


def command_of(wish: Command, model: Model, event_id: str, new_id: Callable[[], str]) -> Command:
    """The wish with the event, its ids and the versions; a bulk's items are its partner's."""
    known: dict[str, Any] = {"event_id": event_id}
    current, owner = model.version, PARTNERS[0]
    if isinstance(wish, Reserve):
        owner = wish.partner_id
        known["reservation_id"] = new_id()
    elif isinstance(wish, ReserveMany):
        owner = wish.partner_id
    elif isinstance(wish, ReservationCommand):
        newest, place = list(reversed(model.claims)), wish.reservation_id
        known["reservation_id"] = (
            newest[int(place) % len(newest)] if place.isdigit() and newest else place
        )
        claim = model.claims.get(known["reservation_id"])
        current = claim.version if claim else 0
        owner = wish.partner_id or (claim.partner_id if claim else owner)
    if wish.actor == WITH_KEY:
        known |= {"actor": partner_actor(owner), "partner_id": owner}
    if wish.expected_versions == CURRENT:
        known["expected_versions"] = frozenset({current})
    command = dataclasses.replace(wish, **known)
    return _with_items(command, new_id) if isinstance(command, ReserveMany) else command


def _with_items(bulk: ReserveMany, new_id: Callable[[], str]) -> ReserveMany:
    common = {name: getattr(bulk, name) for name in ("event_id", "actor", "partner_id")}
    items = [dataclasses.replace(item, reservation_id=new_id(), **common) for item in bulk.items]
    return dataclasses.replace(bulk, items=tuple(items))
