"""Bulks that partners and operators may ask for, drawn at random, and what resembles them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.unit.wishes import LATER, common, lasts, partners, rarely
from ticketboss.domain.commands import Reserve, ReserveMany

# The machine gives them the bulk's partner and actor, and ids of their own.
items = st.builds(
    Reserve,
    event_id=st.just(LATER),
    reservation_id=st.just(LATER),
    partner_id=st.just(LATER),
    seats=st.sampled_from([1, 2, 3, 1, 4, 2, 7]),
    min_seats=st.sampled_from([None, None, None, 1, 2, 4]),
    hold_seconds=lasts,
    reference=st.sampled_from([None, "PO 1", "PO 2"]),
).filter(lambda item: item.min_seats is None or item.min_seats <= item.seats)
bulks = st.builds(
    ReserveMany,
    **common,
    partner_id=partners,
    items=st.lists(items, min_size=1, max_size=6).map(tuple),
    atomic=st.booleans(),
)
# Whether a bulk is sent twice in the same batch.
twice = rarely

# What may come under the key of an earlier bulk: the same once more, or something else.
VARIANTS: dict[str, Callable[[ReserveMany], ReserveMany]] = {
    "the same": lambda bulk: bulk,
    "atomic or not": lambda bulk: replace(bulk, atomic=not bulk.atomic),
    "in another order": lambda bulk: replace(bulk, items=bulk.items[::-1]),
    "without the last": lambda bulk: replace(bulk, items=bulk.items[:-1] or bulk.items),
    "one seat more": lambda bulk: _with_first(bulk, seats=bulk.items[0].seats + 1),
    "another reference": lambda bulk: _with_first(bulk, reference="PO 3"),
    "another time": lambda bulk: _with_first(bulk, hold_seconds=20),
}
variants = st.just("the same") | st.sampled_from(sorted(VARIANTS))


def _with_first(bulk: ReserveMany, **wishes: Any) -> ReserveMany:
    """The same bulk with something else in its first item."""
    return replace(bulk, items=(replace(bulk.items[0], **wishes), *bulk.items[1:]))
