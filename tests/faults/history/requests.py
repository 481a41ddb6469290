"""Recorded requests as the commands that they ask for, and paths of an event."""

from collections.abc import Sequence
from typing import Any

from tests.faults.history.record import Document, Operation
from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Command,
    Confirm,
    Reserve,
    ReserveMany,
)
from ticketboss.formats import parse_rfc3339, snake_case

RESERVES = frozenset({"reserve", "hold", "fill"})
# Commands on the event that have no body, as the settings that they ask for.
SETTINGS: dict[str, Document] = {
    "pause": {"paused": True},
    "resume": {"paused": False},
    "cancel_event": {"cancelled": True},
}
MOMENTS = frozenset({"onSaleFrom", "onSaleUntil"})


def command_of(operation: Operation, event_id: str, made_ids: Sequence[str]) -> Command | None:
    """The command of a write; `made_ids` are the reservations that it made, if any.

    None for what changes no event.
    """
    asked: dict[str, Any] = {
        "event_id": event_id,
        "actor": operation.actor,
        "idempotency_key": operation.key,
        "expected_versions": _versions(operation.if_match),
    }
    body = operation.body or {}
    kind = operation.kind
    if kind in RESERVES:
        partner_id = body.get("partnerId") or operation.partner_id or ""
        return _reserve(body, made_ids[0] if made_ids else "new", partner_id, asked)
    if kind == "bulk":
        return _bulk(operation, body, made_ids, asked)
    if kind in SETTINGS:
        return ChangeEvent(settings=SETTINGS[kind], **asked)
    if kind == "change_event":
        return ChangeEvent(settings=settings_of(body), **asked)
    of = {"reservation_id": operation.reservation_id, "partner_id": operation.partner_id, **asked}
    match kind:
        case "confirm":
            return Confirm(**of)
        case "cancel":
            return Cancel(**of)
        case "change":
            return Change(seats=body.get("seats"), hold_seconds=body.get("holdSeconds"), **of)
        case _:
            return None


def settings_of(body: Document) -> Document:
    """An event's settings as the domain names them."""
    return {
        snake_case(name[0].upper() + name[1:]): (
            parse_rfc3339(value) if name in MOMENTS and value is not None else value
        )
        for name, value in body.items()
    }


def _reserve(body: Document, id_: str, partner_id: str, asked: dict[str, Any]) -> Reserve:
    return Reserve(
        reservation_id=id_,
        partner_id=partner_id,
        seats=body["seats"],
        min_seats=body.get("minSeats"),
        hold_seconds=body.get("holdSeconds"),
        reference=body.get("reference"),
        **asked,
    )


def _bulk(
    operation: Operation, body: Document, made_ids: Sequence[str], asked: dict[str, Any]
) -> ReserveMany:
    """Which items are accepted is decided anew, so ids are given out in that order later."""
    partner_id = body.get("partnerId") or operation.partner_id or ""
    of_items = {"event_id": asked["event_id"], "actor": asked["actor"]}
    items = tuple(
        _reserve(item, f"new-{place}", partner_id, of_items)
        for place, item in enumerate(body["items"])
    )
    return ReserveMany(partner_id=partner_id, items=items, atomic=body["atomic"], **asked)


def _versions(if_match: str | None) -> frozenset[int] | None:
    return None if if_match is None else frozenset({int(if_match.strip('"').split("-")[0])})
