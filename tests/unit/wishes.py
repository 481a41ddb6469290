"""What partners and operators may ask for, drawn at random so that wishes meet often."""

from typing import Any

from hypothesis import strategies as st

from tests.unit.examples import NOW, OPERATOR
from ticketboss.domain.commands import (
    Cancel,
    Change,
    ChangeEvent,
    Confirm,
    CreateEvent,
    Reserve,
    Sweep,
)

# The machine replaces them: by the version that is current, by the event's and claims' ids.
CURRENT, STALE = frozenset({-1}), frozenset({-2})
LATER = "set by the machine"
# A partner with a key of its own, which sees its own reservations only.
WITH_KEY = "partner:set by the machine"
PARTNERS = ("abc-corp", "m", "xyz-corp")
# Settings that are soon in the way.
START: dict[str, Any] = {
    "name": "Drop",
    "total_seats": 20,
    "seats_per_reservation_max": 6,
    "seats_per_partner_max": 9,
    "open_holds_per_partner_max": 3,
    "hold_seconds_total_max": 120,
    "on_sale_from": None,
    "on_sale_until": None,
}

partners = st.sampled_from(PARTNERS)
rarely = st.sampled_from([*[False] * 7, True])
lasts = st.sampled_from([60, 30, None, 1, 120, None, 121])
window = st.none() | st.integers(-5, 5).map(lambda steps: NOW + steps * 30_000)


def _seldom(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return rarely.flatmap(lambda given: values if given else st.none())


common: dict[str, st.SearchStrategy[Any]] = {
    "event_id": st.just(LATER),
    "idempotency_key": st.sampled_from([None, None, None, "k1", "k2"]),
    "actor": st.sampled_from([None, WITH_KEY, None, WITH_KEY, None, OPERATOR]),
    "for_test": _seldom(st.booleans()),
    "expected_versions": _seldom(st.sampled_from([CURRENT, STALE])),
}
existing = common | {
    # Its place among the claims, the newest first, or none of them.
    "reservation_id": st.sampled_from([*"0123456789", "unknown"]),
    "partner_id": _seldom(partners),
}
reserves = st.builds(
    Reserve,
    **common,
    reservation_id=st.just(LATER),
    partner_id=partners,
    seats=st.sampled_from([3, 1, 2, 4, 6, 3, 7]),
    min_seats=_seldom(st.integers(1, 3)),
    hold_seconds=lasts,
    reference=st.sampled_from([None, "PO 1", None, "PO 2"]),
)
changes = st.builds(
    Change, **existing, seats=st.none() | st.sampled_from([1, 2, 4, 6, 7]), hold_seconds=lasts
)
new_settings = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Drop", "The drop"]),
        "total_seats": st.integers(1, 30),
        "seats_per_reservation_max": st.sampled_from([6, 3, 8]),
        "seats_per_partner_max": st.none() | st.integers(1, 12),
        "open_holds_per_partner_max": st.integers(0, 3),
        "hold_seconds_total_max": st.sampled_from([60, 120, 600]),
        "on_sale_from": window,
        "on_sale_until": window,
        "paused": st.booleans(),
    },
).filter(bool)
event_changes = st.builds(
    ChangeEvent, **common | {"actor": st.just(OPERATOR)}, settings=new_settings
)
# The event once more, or the first time: with the same key or none, and not always alike.
creations = st.builds(
    CreateEvent,
    event_id=st.just(LATER),
    actor=st.just(OPERATOR),
    for_test=_seldom(st.booleans()),
    idempotency_key=st.sampled_from(["create", None, "create"]),
    is_test=st.booleans(),
    **{name: st.just(value) for name, value in START.items()}
    | {"total_seats": st.sampled_from([20, 20, 21])},
)
sweeps = st.builds(Sweep, event_id=st.just(LATER))
endings = st.builds(Confirm, **existing) | st.builds(Cancel, **existing)
engines = st.integers(0, 1)
