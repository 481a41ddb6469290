"""All commands in any order, over a real database, compared with a simple model after each step."""

import itertools
import time
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.database import new_database, repository_at
from tests.unit.agreement import check_answer, check_bulk
from tests.unit.asking import command_of
from tests.unit.bulk_wishes import VARIANTS, bulks, twice, variants
from tests.unit.examples import NOW, OPERATOR
from tests.unit.history import check_history
from tests.unit.model import Model
from tests.unit.outcomes import outcome
from tests.unit.storage import RealRepository, place_of
from tests.unit.wishes import (
    PARTNERS,
    START,
    changes,
    endings,
    engines,
    event_changes,
    reserves,
    sweeps,
)
from ticketboss.domain.commands import (
    ChangeEvent,
    Command,
    CreateEvent,
    ReserveMany,
    Sweep,
)
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.engine.administration import Administration
from ticketboss.engine.answers import Accepted
from ticketboss.engine.batch import BatchRunner
from ticketboss.engine.committer import Committer

HOUR_MS = 3_600_000
# What undoes an operator's changes, so that there is something to sell again.
ON_SALE = {name: wish for name, wish in START.items() if name != "total_seats"} | {"paused": False}


class Sale(RuleBasedStateMachine):
    """One event, sold by two engines on one database whose clock the machine moves."""

    place: str
    event_numbers = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.event_id = f"e{next(self.event_numbers)}"
        self.minted = 0
        self.keyed: list[Command] = []
        self.bulks_under_keys: list[ReserveMany] = []
        self.made_under_keys: dict[int, LedgerEntry] = {}
        self.engines = [RealRepository(self.place, clock=lambda: self.now) for _ in range(2)]
        self.repository = self.engines[0]
        self.administration = Administration(self.repository)
        for standing in self.repository.access.partners("", len(PARTNERS)):
            self.administration.unfreeze(OPERATOR, standing.partner.partner_id)

    @initialize(is_test=st.booleans())
    def create_the_event(self, is_test: bool) -> None:
        start = START | {"is_test": is_test}
        Committer(self.repository, 10, 10).submit(CreateEvent(event_id=self.event_id, **start))
        self.model = Model(start | {"paused": False, "cancelled": False})

    @rule(milliseconds=st.sampled_from([1, 999, 1_000, 29_000, 60_000, HOUR_MS, -HOUR_MS]))
    def move_the_clock(self, milliseconds: int) -> None:
        self.now += milliseconds

    @precondition(lambda self: self.model.claims.next_expiry() is not None)
    @rule(early=st.sampled_from([0, 1]))
    def let_the_next_hold_run_out(self, early: int) -> None:
        self.now = (self.model.claims.next_expiry() or 0) - early

    @precondition(lambda self: len(self.model.frozen) < 2)
    @rule(partner_id=st.sampled_from(PARTNERS), release_holds=st.booleans())
    def freeze(self, partner_id: str, release_holds: bool) -> None:
        self.model.frozen[partner_id] = release_holds
        self.administration.freeze(OPERATOR, partner_id, "release" if release_holds else "keep")

    @precondition(lambda self: self.model.frozen)
    @rule(place=st.integers(0, len(PARTNERS) - 1))
    def unfreeze(self, place: int) -> None:
        partner_id = sorted(self.model.frozen)[place % len(self.model.frozen)]
        del self.model.frozen[partner_id]
        self.administration.unfreeze(OPERATOR, partner_id)

    @rule(commands=st.lists(reserves, min_size=1, max_size=4), engine=engines)
    def reserve(self, commands: list[Command], engine: int) -> None:
        self._decide(commands, engine)

    @rule(bulk=bulks, again=twice, engine=engines)
    def reserve_many(self, bulk: ReserveMany, again: bool, engine: int) -> None:
        self._decide([bulk] * (2 if again else 1), engine)

    @precondition(lambda self: self.bulks_under_keys)
    @rule(variant=variants, engine=engines)
    def reserve_many_under_a_key_that_stands(self, variant: str, engine: int) -> None:
        self._decide([VARIANTS[variant](self.bulks_under_keys[-1])], engine)

    @precondition(lambda self: self.model.claims)
    @rule(command=changes, engine=engines)
    def change(self, command: Command, engine: int) -> None:
        self._decide([command], engine)

    @precondition(lambda self: self.model.claims)
    @rule(command=endings, engine=engines)
    def end(self, command: Command, engine: int) -> None:
        self._decide([command], engine)

    @precondition(lambda self: self.model.claims)
    @rule(
        commands=st.lists(endings | reserves | changes | bulks, min_size=2, max_size=5),
        engine=engines,
    )
    def ask_together(self, commands: list[Command], engine: int) -> None:
        self._decide(commands, engine)

    @rule(
        first=event_changes | sweeps, others=st.lists(reserves | bulks, max_size=2), engine=engines
    )
    def operate(self, first: Command, others: list[Command], engine: int) -> None:
        self._decide([first, *others], engine)

    @precondition(lambda self: ON_SALE.items() - self.model.settings.items())
    @rule(engine=engines)
    def put_it_on_sale_again(self, engine: int) -> None:
        command = ChangeEvent(event_id="", actor=OPERATOR, settings=ON_SALE)
        self._decide([command], engine)

    @precondition(lambda self: len(self.model.claims) > 6)
    @rule()
    def cancel_the_event(self) -> None:
        wish = {"cancelled": True}
        self._decide([ChangeEvent(event_id="", actor=OPERATOR, settings=wish)], engine=1)

    @precondition(lambda self: self.keyed)
    @rule(ago=st.integers(1, 4), engine=engines)
    def repeat_with_the_same_key(self, ago: int, engine: int) -> None:
        self._decide([self.keyed[-min(ago, len(self.keyed))]], engine)

    def _decide(self, wishes: list[Command], engine: int) -> None:
        """Have an engine decide a batch, and hold each answer against the model."""
        model, event_id = self.model, self.event_id
        commands = [command_of(wish, model, event_id, self._new_id) for wish in wishes]
        self.keyed += [command for command in commands if command.idempotency_key]
        runner = BatchRunner(self.engines[engine])
        answers = runner.run(event_id, commands, time.monotonic() + 10)
        for_sweep = any(isinstance(command, Sweep) for command in commands)
        ended = model.end_due(self.now, for_sweep=for_sweep)
        for command, answer in zip(commands, answers, strict=True):
            # Here never so many claims are due that a command would have to come again.
            assert answer is not None
            forecast = model.expected(command, self.now)
            assert outcome(answer) in forecast.outcomes, (command, answer, forecast)
            check_answer(model, forecast, command, answer)
            if isinstance(command, ReserveMany) and forecast.items:
                check_bulk(self.repository, model, forecast, command, answer)
                if isinstance(answer, Accepted) and command.idempotency_key:
                    self.bulks_under_keys.append(command)
            if isinstance(answer, Accepted) and command.idempotency_key:
                # Whatever came between, it is told as it was told at first.
                first = self.made_under_keys.setdefault(forecast.version, answer.entry)
                assert answer.entry == first
        # Nothing says in which order the due ones end: their versions are learnt from the rows.
        for row in self.repository.reservations(event_id, list(ended)):
            model.claims[row.reservation_id].version = row.version

    def _new_id(self) -> str:
        self.minted += 1
        return f"r{self.minted - 1}"

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


def test_any_sequence_of_commands_does_what_the_model_says(tmp_path: Path) -> None:
    database = new_database(tmp_path)
    repository_at(database.url).migrate()
    Sale.place = place_of(database.url)
    search = settings(
        deadline=None,
        max_examples=settings().max_examples * 3 // 4,
        stateful_step_count=30,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Sale, settings=search)
