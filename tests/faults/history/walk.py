"""From version to version: each entry must follow from its request, each answer from its state."""

from collections import defaultdict
from collections.abc import Sequence

from tests.faults.history.answers import (
    in_words,
    sale_states,
    wrong_with_event,
    wrong_with_refusal,
    wrong_with_success,
)
from tests.faults.history.ledger import claim_document, differences, facts_of
from tests.faults.history.makers import Makers, is_write
from tests.faults.history.moments import Freezes, Window, turns_of
from tests.faults.history.order import Bounds
from tests.faults.history.record import History, Operation
from tests.faults.history.requests import command_of
from tests.faults.history.state import State
from tests.faults.history.violations import Violation
from ticketboss.domain.commands import SYSTEM_ACTOR, ChangeEvent, Command
from ticketboss.domain.decisions import Decision, Unchanged
from ticketboss.domain.ledger import LedgerEntry
from ticketboss.domain.refusals import Refusal
from ticketboss.repository.interface import DUE_MAX


class Walk:
    """One pass over the ledger; what it finds is in `violations`.

    `made_by` says which operation made each version, also those behind the first one of a bulk.
    """

    def __init__(self, history: History, entries: Sequence[LedgerEntry], bounds: Bounds) -> None:
        self._event_id = history.event_id
        self._slack_ms = history.slack_ms
        self._documents = history.ending.ledger
        self._entries = entries
        self._makers = Makers(history, bounds)
        self._told: defaultdict[int, list[Operation]] = defaultdict(list)
        self.state = State(Freezes(history))
        self.made_by: dict[int, Operation] = {}
        self.violations: list[Violation] = []
        self.answers = 0
        self._overdue_is_told = False
        for operation in history.operations:
            if operation.kind in ("read_event", "read_event_at") and operation.status == 200:
                self._told[operation.document["version"]].append(operation)
            elif is_write(operation) and operation.version is not None and not operation.replayed:
                self._told[operation.version].append(operation)

    def walk(self) -> None:
        """Go from the first version to the last."""
        self.state.apply(self._entries[0], None, None)
        self._hear_answers(0)
        version = 1
        while version < len(self._entries):
            version += self._explain(version)
            self._hear_answers(version - 1)
        for late in sorted(set(self._told) - set(range(len(self._entries)))):
            for operation in self._told[late]:
                why = f"version {late} was told, the ledger ends at {len(self._entries) - 1}"
                self._report("acknowledged", why, operation)

    def _explain(self, version: int) -> int:
        """Find who made the entry of a version; gives how many entries were made with it."""
        entry = self._entries[version]
        if entry.actor == SYSTEM_ACTOR:
            self._explain_by_itself(entry)
            return 1
        wrong = ""
        for operation in self._makers.candidates(entry):
            command = command_of(operation, self._event_id, [entry.reservation_id or ""])
            made, why = self._made(operation, command, version)
            if command is not None and made:
                self._take(operation, command, made)
                return len(made)
            wrong = wrong or why
        self._leave_unexplained(entry, wrong)
        return 1

    def _explain_by_itself(self, entry: LedgerEntry) -> None:
        due, wrong = self.state.why_not_due(entry)
        if due is not None and not wrong:
            wrong = differences(facts_of(due), facts_of(entry))
        if wrong:
            self._report("rules", wrong, *self._last_on(entry), version=entry.version)
        self.state.apply(entry, None, None)

    def _made(
        self, operation: Operation, command: Command | None, version: int
    ) -> tuple[list[LedgerEntry], str]:
        """The entries that an operation makes on this state, if the ledger has them."""
        entry = self._entries[version]
        if command is None or not Window.of(operation, self._slack_ms).has(entry.at):
            return [], "it was written before the call or behind the answer"
        wrong = "it would be another change"
        for decision in self.state.decisions(operation, command, [entry.at]):
            if not isinstance(decision, tuple):
                wrong = f"the rules say {in_words(decision)}"
                continue
            found = self._entries[version : version + len(decision)]
            # Ids are minted by the server, in the order of what it accepts.
            expected = [
                each._replace(reservation_id=there.reservation_id)
                for each, there in zip(decision, found, strict=False)
            ]
            pairs = zip(expected, found, strict=True)
            wrongs = [differences(facts_of(each), facts_of(there)) for each, there in pairs]
            wrong = "; ".join(filter(None, wrongs))
            if not wrong and len(found) == len(decision):
                return expected, ""
        return [], wrong or "the ledger has less than all of it"

    def _take(self, maker: Operation, command: Command, entries: Sequence[LedgerEntry]) -> None:
        """Take over what an operation has made, and hold its answer against it."""
        self._makers.take(maker)
        before = self.state.reservation(entries[0].reservation_id)
        self._nothing_was_overdue(maker, entries[0])
        for place, entry in enumerate(entries):
            if place:
                self._hear_inside_of_bulk(maker, entry.version - 1)
            self.made_by[entry.version] = maker
            self.state.apply(entry, maker, None if place else command.request_hash())
        if maker not in self._told[entries[-1].version]:
            return
        self._told[entries[-1].version].remove(maker)
        self.answers += 1
        wrong = wrong_with_success(maker, entries, before, self.state.event)
        if wrong:
            why = f"the answer is not that of its entry: {wrong}"
            self._report("answers", why, maker, version=entries[0].version)

    def _nothing_was_overdue(self, maker: Operation, entry: LedgerEntry) -> None:
        expiry = self.state.next_expiry()
        if expiry is None or expiry > entry.at or self._overdue_is_told:
            return
        overdue = self.state.overdue(entry.at, DUE_MAX)
        # They end by pages, and who finds seats need not wait for the next one.
        if len(overdue) < DUE_MAX:
            why = f"a hold was overdue by {entry.at - expiry} ms and had not been ended"
            self._overdue_is_told = True
            makers = [self.made_by.get(overdue[0].version), maker]
            self._report("expiry", why, *filter(None, makers), version=entry.version)

    def _leave_unexplained(self, entry: LedgerEntry, wrong: str) -> None:
        told = self._makers.told_of(entry.version) or [
            each for each in [self._makers.repeated_of(entry.version)] if each
        ]
        if told:
            # It is told of once, here.
            self._told[entry.version] = [e for e in self._told[entry.version] if e not in told]
            why = f"it was accepted as version {entry.version}, but {wrong}"
            self._report("rules", why, *self._last_on(entry), told[0], version=entry.version)
        else:
            why = f"entry {entry.version} is there and nobody who was not refused has asked for it"
            spent = self._makers.spent_on(entry)
            if spent:
                why = f"entry {entry.version} is there, and who asked for that has made another one"
            self._report("acknowledged", why, *spent, version=entry.version)
        self.state.apply(entry, told[0] if told else None, None)

    def _hear_answers(self, version: int) -> None:
        for operation in self._told[version]:
            self.answers += 1
            if operation.is_read:
                self._hear_of_event(operation, version)
            else:
                self._hear_decision(operation)

    def _hear_of_event(self, operation: Operation, version: int) -> None:
        event = self.state.event
        window = Window.of(operation, self._slack_ms)
        states = sale_states(event, window)
        if operation.kind == "read_event_at":
            states = {event.sale_state(self._entries[version].at)}
        wrong = wrong_with_event(operation.document, event, states)
        if wrong:
            self._report("reads", f"not the event of version {version}: {wrong}", operation)

    def _hear_decision(self, operation: Operation) -> None:
        """An answer that changed nothing must follow from this state, at a moment of its time."""
        command = command_of(operation, self._event_id, [])
        if command is None:
            return
        window = Window.of(operation, self._slack_ms)
        moments = window.moments(turns_of(self.state.domain, command))
        if operation.code == "sale_not_open":
            opens_at = self.state.event.on_sale_from or 0
            moments = [opens_at - operation.document["opensInMs"]]
            if not window.has(moments[0]):
                self._report("refusals", "it opens in another time than that", operation)
        wrongs = []
        for decision in self.state.decisions(operation, command, moments):
            wrong = self._wrong_with(operation, command, decision, window)
            if not wrong:
                return
            wrongs.append(wrong)
        version = operation.version or 0
        check = "refusals" if operation.outcome == "refused" else "rules"
        why = f"on the state of version {version} {wrongs[0]}"
        self._report(
            check, why, *filter(None, [self.made_by.get(version)]), operation, version=version
        )

    def _wrong_with(
        self, operation: Operation, command: Command, decision: Decision, window: Window
    ) -> str:
        """Why this is no answer to that decision; empty if it is."""
        if isinstance(decision, Refusal) and operation.outcome == "refused":
            expiry = self.state.next_expiry()
            if decision.may_pass and expiry is not None and expiry <= window.first:
                return "a hold that was overdue had not been ended"
            return wrong_with_refusal(operation, decision, expiry)
        if isinstance(decision, Unchanged) and operation.outcome == "ok":
            if isinstance(command, ChangeEvent):
                # The event was read a moment later: that is looked at with the reads.
                return ""
            entry = self._entries[decision.version]
            # The newest entry is this one, so the reservation is as it left it.
            document = claim_document(entry, self.state.lives[entry.reservation_id or ""][0])
            return differences(document, operation.document)
        return f"the rules say {in_words(decision)}"

    def _hear_inside_of_bulk(self, maker: Operation, version: int) -> None:
        """Its entries are one commit: only who asks for the past sees the event between them."""
        for operation in self._told[version]:
            if operation.kind == "read_event_at":
                self._hear_of_event(operation, version)
            else:
                why = f"version {version} is in the middle of a bulk, and was told"
                self._report("rules", why, maker, operation)

    def _last_on(self, entry: LedgerEntry) -> list[Operation]:
        """Who made the reservation of an entry what it was before."""
        reservation = self.state.reservation(entry.reservation_id)
        maker = self.made_by.get(reservation.version) if reservation else None
        return [maker] if maker else []

    def _report(
        self, check: str, why: str, *operations: Operation, version: int | None = None
    ) -> None:
        entries = () if version is None else (self._documents[version],)
        self.violations.append(Violation(check, why, operations, entries))
