"""Bugs below and above the rules: in the engine, the statements, and what is answered."""

from collections.abc import Callable

from tests.faults.history.planted import Bug, Patch
from tests.faults.history.planted_rules import (
    asks_again,
    grows,
    holds,
    meddles,
    takes_all,
)
from tests.faults.history.record import Operation
from tests.faults.history.stage import Stage

PLAN, BATCH = "engine/plan.py", "engine/batch.py"
STATEMENTS, REPOSITORY = "repository/sql/statements.py", "repository/sql/repository.py"
WRITING, DIALECT = "repository/sql/writing.py", "repository/sql/dialect.py"
RENDERING = "api/rendering.py"
COMMIT = "                self._repository.commit(plan.changes, deadline)\n"


def a_hold_runs_out(stage: Stage) -> None:
    stage.reserve(2)
    stage.reserve(3, holdSeconds=1)
    stage.wait_for_version(3)


def keeps_a_hold_while_frozen(stage: Stage) -> None:
    stage.reserve(1, holdSeconds=60)
    stage.freeze("keep")
    stage.wait_for_version(2)
    stage.unfreeze()


def reserves_and_reads(stage: Stage) -> None:
    stage.read("read_event", stage.event)
    stage.reserve(1)
    stage.read("read_event", stage.event)


def lists(stage: Stage) -> None:
    stage.reserve(1)
    stage.read("list", f"{stage.event}/reservations?cursor=0&limit=10")


def follows(stage: Stage) -> None:
    stage.reserve(1)
    stage.read("read_ledger", f"{stage.event}/ledger?after=0&limit=10", by="bob")


def cancels(stage: Stage) -> None:
    stage.cancel(stage.reserve(1))


def two_partners_choose_the_same_key(stage: Stage) -> None:
    for partner in ("ada", "bob"):
        stage.reserve(1, by=partner, key="order-1")


def reserves_many(stage: Stage) -> None:
    stage.bulk([12, 1, 2])


def all_reserve_at_once(stage: Stage) -> None:
    stage.settings(totalSeats=10_000)
    path = f"{stage.event}/reservations"

    def act(ask: Callable[..., Operation]) -> None:
        for _ in range(25):
            ask("reserve", "POST", path, {"seats": 1})

    stage.crowd(act)


def all_cancel_the_same(stage: Stage) -> None:
    made = [stage.reserve(1) for _ in range(12)]

    def act(ask: Callable[..., Operation]) -> None:
        for each in made:
            ask("cancel", "DELETE", stage.of(each))

    stage.crowd(act)


ENGINE_BUGS = (
    Bug(
        "The version is not compared in the write",
        [
            Patch(
                STATEMENTS,
                "WHERE event_id = :event_id AND version = :version_read",
                "WHERE event_id = :event_id",
            ),
            Patch(STATEMENTS, "INSERT INTO ledger", "INSERT OR REPLACE INTO ledger"),
            Patch(BATCH, "if event_id in self._contended", "if False"),
        ],
        "acknowledged",
        all_reserve_at_once,
    ),
    Bug(
        "A lost race is answered as a refusal",
        [
            Patch(
                BATCH,
                "                self._remember_contended(event_id)\n",
                "                from ticketboss.domain.refusals import NotEnoughSeats\n"
                "                from ticketboss.engine.answers import CommandRefused\n"
                "                now = self._repository.event(event_id).version\n"
                "                return [CommandRefused(NotEnoughSeats(1, 0, 0), now)\n"
                "                        for _ in commands]\n",
            )
        ],
        "refusals",
        all_reserve_at_once,
    ),
    Bug(
        "A member of a batch is answered and not written",
        [
            Patch(
                PLAN,
                "        if isinstance(decision, tuple):\n            for",
                "        if isinstance(decision, tuple) and not answers:\n            for",
            )
        ],
        "acknowledged",
        all_reserve_at_once,
    ),
    Bug(
        "It is answered before the commit",
        [
            Patch(
                BATCH,
                COMMIT,
                "                import threading\n"
                "                threading.Timer(\n"
                "                    0.2, self._repository.commit, (plan.changes, deadline)\n"
                "                ).start()\n",
            )
        ],
        "real time",
        reserves_and_reads,
    ),
    Bug(
        "A cancellation is written in two transactions",
        [
            Patch(
                REPOSITORY,
                "        with self._pool.writing(deadline) as connection:\n"
                "            write(connection, changes)\n",
                "        import dataclasses, time\n"
                "        from ticketboss.repository.sql.writing import _write_reservations\n"
                "        late = [c for c in changes.reservations\n"
                "                if c.reservation.status == 'cancelled']\n"
                "        rest = [c for c in changes.reservations if c not in late]\n"
                "        with self._pool.writing(deadline) as connection:\n"
                "            write(connection, dataclasses.replace(changes, reservations=rest))\n"
                "        if late:\n"
                "            time.sleep(0.02)\n"
                "            with self._pool.writing(deadline) as connection:\n"
                "                _write_reservations(connection, changes.event.event_id, late)\n",
            ),
            Patch(BATCH, "if event_id in self._contended", "if False"),
        ],
        "sums",
        all_cancel_the_same,
    ),
    Bug(
        "A hold expires twice",
        [
            Patch(PLAN, "in state.due:", "in [*state.due, *state.due]:"),
            Patch(
                "domain/decide.py",
                "reservation is None or not reservation.is_live:",
                "reservation is None:",
            ),
        ],
        "sums",
        a_hold_runs_out,
    ),
    Bug(
        "A freeze that keeps holds releases them",
        [
            Patch(
                DIALECT,
                "partner_seats.partner_id AND release_holds = 1\n",
                "partner_seats.partner_id AND frozen = 1\n",
            ),
            Patch(DIALECT, "WHERE release_holds = 1 AND", "WHERE frozen = 1 AND"),
        ],
        "rules",
        keeps_a_hold_while_frozen,
    ),
    Bug(
        "An event is read from a cache",
        [
            Patch(
                REPOSITORY,
                '        found = self._pool.fetch(statements.SELECT_EVENT, {"event_id": event_id})\n'
                "        return rows.event(found[0]) if found else None\n",
                "        import time\n"
                "        cache = self.__dict__.setdefault('cache', {})\n"
                "        if cache.get(event_id, (0,))[0] < time.time() - 5:\n"
                "            found = self._pool.fetch(\n"
                "                statements.SELECT_EVENT, {'event_id': event_id})\n"
                "            cache[event_id] = (\n"
                "                time.time(), rows.event(found[0]) if found else None)\n"
                "        return cache[event_id][1]\n",
            )
        ],
        "real time",
        reserves_and_reads,
    ),
    Bug(
        "All partners share their keys",
        [
            Patch(DIALECT, "actor = wanted_actor AND idempotency_key", "idempotency_key"),
            Patch(
                "domain/decide.py",
                'earlier = state.keys.get((actor or "", command.idempotency_key))',
                "earlier = {key: each for (_, key), each in state.keys.items()}.get(\n"
                "        command.idempotency_key)",
            ),
        ],
        "refusals",
        two_partners_choose_the_same_key,
    ),
    Bug(
        "A repetition is told of a new id",
        [
            Patch(
                PLAN,
                "        return Accepted(decision.entry, replayed=True)\n",
                "        from dataclasses import replace\n"
                "        from ticketboss.engine.ids import new_id\n"
                "        again = replace(decision.entry, reservation_id=new_id())\n"
                "        return Accepted(again, replayed=True)\n",
            )
        ],
        "one effect per key",
        asks_again,
    ),
    Bug(
        "The row of a reservation is not written",
        [
            Patch(
                WRITING,
                'if row["version_read"] is not None\n',
                'if row["version_read"] is not None and row["status"] != "cancelled"\n',
            )
        ],
        "verify",
        cancels,
    ),
    Bug(
        "The sums of a partner are not written",
        [Patch(WRITING, "    if totals:\n", "    if not totals:\n")],
        "verify",
        takes_all,
    ),
    Bug(
        "A list leaves out its first reservation",
        [
            Patch(
                "repository/sql/reading.py",
                '"after_version": after_version,',
                '"after_version": after_version + 1,',
            )
        ],
        "reads",
        lists,
    ),
    Bug(
        "A commit that was done is answered as without effect",
        [Patch(BATCH, COMMIT, COMMIT + "                raise LockTimeout\n")],
        "acknowledged",
        takes_all,
    ),
    Bug(
        "A bulk's outcomes come in another order",
        [
            Patch(
                "api/bulk.py",
                "for outcome in outcomes\n        ],",
                "for outcome in sorted(outcomes, key=bool)\n        ],",
            )
        ],
        "answers",
        reserves_many,
    ),
    Bug(
        "The ledger shows a partner the ids of others",
        [
            Patch(
                RENDERING,
                "    if partner_id is None or entry.partner_id == partner_id:\n",
                "    if True:\n",
            )
        ],
        "reads",
        follows,
    ),
    Bug(
        "An event shows held seats as available",
        [
            Patch(
                RENDERING,
                '"availableSeats": event.available_seats,\n        "heldSeats"',
                '"availableSeats": event.available_seats + event.held_seats,\n        "heldSeats"',
            )
        ],
        "ending",
        holds,
    ),
    Bug(
        "A partner reads another one's reservation",
        [
            Patch(
                "api/reservations.py",
                "reservation is None or caller().partner_id not in (None, reservation.partner_id)",
                "reservation is None",
            )
        ],
        "reads",
        meddles,
    ),
    Bug(
        "A change is answered with the seats of before",
        [
            Patch(
                RENDERING,
                '"seats": entry.seats,\n        "status"',
                '"seats": entry.detail.get("seats_before", entry.seats),\n        "status"',
            )
        ],
        "answers",
        grows,
    ),
    Bug(
        "Every worker sells on its own for a while",
        [
            Patch(
                BATCH,
                COMMIT,
                "                if len(plan.changes.entries) > 3:\n"
                "                    return plan\n" + COMMIT,
            )
        ],
        "acknowledged",
    ),
)
