"""The same sale, with all that can be read of it held against the model after each step."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.unit.history import check_history
from tests.unit.sale import Sale
from tests.unit.wishes import PARTNERS, engines
from ticketboss.domain.ledger import EVENT_KINDS, LedgerEntry
from ticketboss.repository.interface import ReservationFilter

EVENTS_MAX = 1_000_000
filters = st.builds(
    ReservationFilter,
    partner_id=st.none() | st.sampled_from(PARTNERS),
    reference=st.sampled_from([None, None, "PO 1", "PO 2"]),
    status=st.sampled_from([None, None, "held", "confirmed", "cancelled", "expired"]),
)
# How far back from the newest version.
agos = st.integers(0, 12)
limits = st.integers(1, 5)


class ReadSale(Sale):
    """Adds the reads: rows, lists, the ledger, the event as it was, and what is due."""

    def __init__(self) -> None:
        super().__init__()
        # What was once read of each version: it never changes.
        self.read: dict[int, LedgerEntry] = {}
        # The sums and settings at the versions behind each step.
        self.past: dict[int, tuple[int, int, dict[str, Any]]] = {}

    @rule(wanted=filters, ago=agos, limit=limits, engine=engines)
    def list_reservations(
        self, wanted: ReservationFilter, ago: int, limit: int, engine: int
    ) -> None:
        after = max(-1, self.model.version - ago)
        page = self.engines[engine].reservations_page(self.event_id, wanted, after, limit)
        demanded = {name: getattr(wanted, name) for name in wanted.__slots__}
        found = [
            (claim.created_version, id_)
            for id_, claim in self.model.claims.items()
            if claim.created_version > after
            and all(value in (None, getattr(claim, name)) for name, value in demanded.items())
        ]
        assert [row.reservation_id for row in page.reservations] == [
            id_ for _, id_ in found[:limit]
        ]
        assert page.next_after == (found[limit - 1][0] if len(found) > limit else None)

    @rule(ago=agos, limit=limits, engine=engines)
    def follow_the_ledger(self, ago: int, limit: int, engine: int) -> None:
        newest = self.model.version
        after = max(-1, newest - ago)
        entries = self.engines[engine].ledger(self.event_id, after, limit)
        versions = list(range(after + 1, min(after + limit, newest) + 1))
        assert [entry.version for entry in entries] == versions
        for entry in entries:
            assert entry == self.read.setdefault(entry.version, entry)
            if entry.version in self.past:
                sums = (entry.available_seats, entry.held_seats)
                assert sums == self.past[entry.version][:2]

    @rule(ago=st.integers(-1, 12), engine=engines)
    def read_the_event_as_it_was(self, ago: int, engine: int) -> None:
        version = self.model.version - ago
        found = self.engines[engine].event_at(self.event_id, version)
        if not 0 <= version <= self.model.version:
            assert found is None
            return
        assert found is not None
        entry, settings = found
        assert entry.version == version
        assert settings.kind in EVENT_KINDS
        assert settings.version <= version
        if version in self.past:
            *sums, known = self.past[version]
            assert [entry.available_seats, entry.held_seats] == sums
            shown = settings.detail | {"total_seats": settings.total_seats}
            assert {name: shown[name] for name in known} == known

    @rule(is_test=st.none() | st.booleans(), engine=engines)
    def list_events(self, is_test: bool | None, engine: int) -> None:
        repository = self.engines[engine]
        ids = [event.event_id for event in repository.events("", EVENTS_MAX, is_test)]
        assert ids == sorted(ids)
        assert (self.event_id in ids) == (is_test in (None, self.model.settings["is_test"]))
        known = repository.versions([self.event_id, "nowhere"])
        assert known == {self.event_id: self.model.version}

    @invariant()
    def the_past_is_kept(self) -> None:
        model = self.model
        now = (model.available(), model.claims.seats("held"), dict(model.settings))
        self.past.setdefault(model.version, now)

    @invariant()
    def the_rows_are_the_models(self) -> None:
        model, totals = self.model, self.repository.totals(self.event_id)
        assert totals is not None
        event, by_partner = totals
        assert (event.version, event.available_seats) == (model.version, model.available())
        assert (event.held_seats, event.reserved_seats) == (
            model.claims.seats("held"),
            model.claims.seats("confirmed"),
        )
        confirmed = [claim for claim in model.claims.values() if claim.status == "confirmed"]
        assert event.reservation_count == len(confirmed)
        assert {name: getattr(event, name) for name in model.settings} == model.settings
        assert set(by_partner) == {claim.partner_id for claim in model.claims.values()}
        for partner_id, row in by_partner.items():
            assert row.seats_taken == model.claims.taken(partner_id)
            assert row.open_holds == model.claims.open_holds(partner_id)

    @invariant()
    def the_reservations_are_the_models(self) -> None:
        rows = self.repository.reservations(self.event_id, [f"r{n}" for n in range(self.minted)])
        assert len(rows) == len(self.model.claims)
        for row in rows:
            claim = self.model.claims[row.reservation_id]
            facts = {name: getattr(row, name) for name in vars(claim)}
            assert facts == vars(claim), row.reservation_id

    @invariant()
    def a_sweep_is_due_when_the_model_says_so(self) -> None:
        due = self.event_id in self.repository.events_due(self.now, 1_000_000)
        assert due == bool(self.model.due(self.now, for_sweep=True))

    def teardown(self) -> None:
        live = {id_ for id_, claim in self.model.claims.items() if claim.is_live}
        check_history(self.repository, self.event_id, self.model.version, live)
        for engine in self.engines:
            engine.close()
