"""All commands in any order, over a real database, each answer held against a simple model."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from tests.unit.agreement import check_answer, check_bulk
from tests.unit.asking import command_of
from tests.unit.bulk_wishes import VARIANTS, bulks, twice, variants
from tests.unit.claims import request
from tests.unit.examples import NOW, OPERATOR
from tests.unit.model import Model
from tests.unit.outcomes import OK, REPLAY, UNCHANGED, outcome
from tests.unit.wishes import (
    PARTNERS,
    START,
    changes,
    creations,
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
from ticketboss.engine.answers import Accepted, CommandRefused
from ticketboss.engine.batch import BatchRunner
from ticketboss.engine.committer import Committer
from ticketboss.engine.sweeper import Sweeper
from ticketboss.repository.interface import Repository

HOUR_MS = 3_600_000
# What undoes an operator's changes, so that there is something to sell again.
ON_SALE = {name: wish for name, wish in START.items() if name != "total_seats"} | {"paused": False}


class Sale(RuleBasedStateMachine):
    """One event, sold by two engines on one database whose clock the machine moves."""

    event_numbers = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.event_id = f"e{next(self.event_numbers)}"
        self.minted = 0
        self.keyed: list[Command] = []
        self.bulks_under_keys: list[ReserveMany] = []
        self.made_under_keys: dict[int, LedgerEntry] = {}
        self.engines = [self.reopened(lambda: self.now) for _ in range(2)]
        self.repository = self.engines[0]
        self.administration = Administration(self.repository)
        for standing in self.repository.access.partners("", len(PARTNERS)):
            self.administration.unfreeze(OPERATOR, standing.partner.partner_id)

    def reopened(self, clock: Callable[[], int]) -> Repository:
        """The database once more, with that clock (milliseconds since 1970, UTC)."""
        raise NotImplementedError

    @initialize(creation=creations, first=reserves)
    def create_the_event(self, creation: CreateEvent, first: Command) -> None:
        """It is not there before it is created; `for_test` says which kind the asker wants."""
        creation = replace(creation, event_id=self.event_id, for_test=None)
        committer = Committer(self.repository, 10, 10)
        with pytest.raises(CommandRefused, match="event_not_found") as refused:
            committer.submit(replace(first, event_id=self.event_id))
        assert refused.value.version is None
        settings = START | {"is_test": creation.is_test, "total_seats": creation.total_seats}
        self.model = Model(settings | {"paused": False, "cancelled": False})
        created = committer.submit(creation).entry
        if creation.idempotency_key is not None:
            self.model.keys[OPERATOR, creation.idempotency_key] = (request(creation), 0)
            self.made_under_keys[0] = created

    @rule(creation=creations, engine=engines)
    def create_it_once_more(self, creation: Command, engine: int) -> None:
        self._decide([creation], engine)

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

    @precondition(lambda self: self.model.claims)
    @rule(wish=reserves | endings | changes | event_changes | sweeps | bulks, engine=engines)
    def submit(self, wish: Command, engine: int) -> None:
        """By way of a committer, which also looks up what had made it so."""
        model = self.model
        command = command_of(wish, model, self.event_id, self._new_id)
        self.keyed += [command] if command.idempotency_key else []
        answer: Accepted | None = None
        try:
            answer = Committer(self.engines[engine], 10, 10).submit(command)
            told = REPLAY if answer.replayed else OK if answer.entries else UNCHANGED
        except CommandRefused as refused:
            told = refused.refusal.code
        self._end_due(for_sweep=isinstance(command, Sweep))
        forecast = model.expected(command, self.now)
        assert told in forecast.outcomes, (command, told, forecast)
        if answer is None:
            return
        if told == UNCHANGED:
            claim = model.claims.get(command.existing_reservation_id or "")
            assert answer.entry.version == (claim.version if claim else model.version)
            assert answer.version == model.version
            return
        assert answer.entry.version == forecast.version
        if command.idempotency_key:
            assert answer.entry == self.made_under_keys.setdefault(forecast.version, answer.entry)

    @rule(engine=engines)
    def sweep_all_events(self, engine: int) -> None:
        """As a worker does it by itself; events of earlier runs may be due as well."""
        repository = self.engines[engine]
        swept = Sweeper(repository, Committer(repository, 10, 10)).sweep()
        assert swept >= bool(self.model.due(self.now, for_sweep=True))
        self._end_due(for_sweep=True)

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
        ended = model.end_due(
            self.now, for_sweep=any(isinstance(command, Sweep) for command in commands)
        )
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
        self._learn_versions(ended)

    def _end_due(self, *, for_sweep: bool) -> None:
        self._learn_versions(self.model.end_due(self.now, for_sweep=for_sweep))

    def _learn_versions(self, ended: set[str]) -> None:
        """Nothing says in which order the due ones end: the rows say which versions they have."""
        for row in self.repository.reservations(self.event_id, list(ended)):
            self.model.claims[row.reservation_id].version = row.version

    def _new_id(self) -> str:
        self.minted += 1
        return f"r{self.minted - 1}"
