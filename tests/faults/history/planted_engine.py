"""Bugs in the engine and in the statements: how decisions get to the disk, and back."""

from tests.faults.history import plays
from tests.faults.history.planted import Bug
from tests.planting import Patch

PLAN, BATCH = "engine/plan.py", "engine/batch.py"
STATEMENTS, REPOSITORY = "repository/sql/statements.py", "repository/sql/repository.py"
SQLITE = "repository/sqlite/repository.py"
WRITING, DIALECT = "repository/sql/writing.py", "repository/sql/dialect.py"
COMMIT = "                self._repository.commit(plan.changes, deadline)\n"

# What makes races likely: nobody locks the event after a first one was lost.
NO_LOCK = Patch(BATCH, "if event_id in self._contended", "if False")
NO_COMPARISON = Patch(
    STATEMENTS,
    "WHERE event_id = :event_id AND version = :version_read",
    "WHERE event_id = :event_id",
)

ENGINE_BUGS = (
    Bug(
        "The version is not compared in the write",
        [NO_COMPARISON, NO_LOCK],
        "answers",
        plays.all_reserve_at_once,
    ),
    Bug(
        "The version is not compared, and the newest writer wins",
        [
            NO_COMPARISON,
            NO_LOCK,
            Patch(STATEMENTS, "INSERT INTO ledger", "INSERT OR REPLACE INTO ledger"),
            Patch(STATEMENTS, "INSERT INTO reservations", "INSERT OR REPLACE INTO reservations"),
        ],
        "acknowledged",
        plays.all_reserve_at_once,
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
        plays.all_reserve_at_once,
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
        plays.all_reserve_at_once,
    ),
    Bug(
        "It is answered before the commit",
        [
            Patch(
                BATCH,
                COMMIT,
                "                import threading\n"
                "                late = 0 if plan.changes.version_read is None else 1\n"
                "                commit = threading.Timer(\n"
                "                    late, self._repository.commit, (plan.changes, deadline))\n"
                "                commit.start()\n"
                "                late or commit.join()\n",
            )
        ],
        "real time",
        plays.reserves_and_reads,
    ),
    Bug(
        "A cancellation is written in two transactions",
        [
            Patch(
                SQLITE,
                "        event_id = changes.event.event_id\n"
                "        self._together.write("
                "event_id, lambda connection: write(connection, changes), deadline)\n",
                "        import dataclasses, time\n"
                "        from ticketboss.repository.sql.writing import _write_reservations\n"
                "        late = [c for c in changes.reservations\n"
                "                if c.reservation.status == 'cancelled']\n"
                "        rest = [c for c in changes.reservations if c not in late]\n"
                "        with self._connections.writing(deadline) as connection:\n"
                "            write(connection, dataclasses.replace(changes, reservations=rest))\n"
                "        if late:\n"
                "            time.sleep(0.02)\n"
                "            with self._connections.writing(deadline) as connection:\n"
                "                _write_reservations(connection, changes.event.event_id, late)\n",
            ),
            NO_LOCK,
        ],
        "sums",
        plays.all_cancel_the_same,
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
        plays.a_hold_runs_out,
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
        plays.keeps_a_hold_while_frozen,
    ),
    Bug(
        "An event is read from a cache",
        [
            Patch(
                REPOSITORY,
                "        found = self._pool.fetch("
                'statements.SELECT_EVENT, {"event_id": event_id})\n'
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
        plays.reserves_and_reads,
    ),
    Bug(
        "All partners share their keys",
        [
            Patch(DIALECT, "actor = wanted_first AND idempotency_key", "idempotency_key"),
            Patch(
                "domain/decide.py",
                'earlier = state.keys.get((actor or "", command.idempotency_key))',
                "earlier = {key: each for (_, key), each in state.keys.items()}.get(\n"
                "        command.idempotency_key)",
            ),
        ],
        "refusals",
        plays.two_partners_choose_the_same_key,
    ),
    Bug(
        "A repetition is told of a new id",
        [
            Patch(
                PLAN,
                "        return Accepted(decision.entry, replayed=True)\n",
                "        from ticketboss.engine.ids import new_id\n"
                "        again = decision.entry._replace(reservation_id=new_id())\n"
                "        return Accepted(again, replayed=True)\n",
            )
        ],
        "one effect per key",
        plays.asks_again,
    ),
    Bug(
        "The row of a reservation is not written",
        [
            Patch(
                WRITING,
                "if change.version_read is not None\n",
                "if change.version_read is not None\n"
                '        and change.reservation.status != "cancelled"\n',
            )
        ],
        "verify",
        plays.cancels,
    ),
    Bug(
        "The sums of a partner are not written",
        [Patch(WRITING, "    if totals:\n", "    if not totals:\n")],
        "verify",
        plays.takes_all,
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
        plays.lists,
    ),
    Bug(
        "A commit that was done is answered as without effect",
        [
            Patch(
                BATCH,
                COMMIT,
                COMMIT + "                if plan.changes.version_read: raise LockTimeout\n",
            )
        ],
        "acknowledged",
        plays.takes_all,
    ),
    Bug(
        "A batch of more than three entries is answered and not written",
        [
            Patch(
                BATCH,
                COMMIT,
                "                if len(plan.changes.entries) > 3:\n"
                "                    return plan\n" + COMMIT,
            )
        ],
        "acknowledged",
        plays.reserves_more_than_three,
    ),
)
