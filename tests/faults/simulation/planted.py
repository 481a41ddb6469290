"""Bugs for the engine's source as the simulation loads it: the judge must find each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.planting import Patch

COMMITTER, BATCH, PLAN = "engine/committer.py", "engine/batch.py", "engine/plan.py"
COMMIT = "                self._repository.commit(plan.changes, deadline)\n"


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong, how it gets in, the check that finds it, and a part of what that says.

    Where few seeds show it they are tried from `first_seed` on.
    """

    name: str
    patches: Sequence[Patch]
    caught_by: str
    why: str = ""
    first_seed: int = 0


BUGS = (
    Bug(
        "A leader whose time is up keeps the lead",
        [
            Patch(
                COMMITTER,
                "            if lane.leader is member:\n                self._pass",
                "            is_late = isinstance(member.answer, Overloaded)\n"
                "            if lane.leader is member and not is_late:\n"
                "                self._pass",
            )
        ],
        "lane",
    ),
    Bug(
        "A leader that is killed keeps the lead",
        [
            Patch(
                COMMITTER,
                "        finally:\n            self._leave(lane, member)\n",
                "        except ZeroDivisionError:\n            raise\n"
                "        self._leave(lane, member)\n",
            )
        ],
        "lane",
    ),
    Bug(
        "A batch is forgotten when its leader is killed",
        [Patch(COMMITTER, "            lane.queue.extendleft(reversed(unanswered))\n", "")],
        "answers",
    ),
    Bug(
        "A member that was answered is taken once more",
        [
            Patch(
                COMMITTER,
                "[member for member in batch if member.answer is None]",
                "[member for member in batch\n"
                "                          if member.answer is None or len(batch) > 1]",
            )
        ],
        "lane",
    ),
    Bug(
        "A follower waits for ever",
        [
            Patch(
                COMMITTER,
                "member.wake.wait(max(0.0, member.deadline - time.monotonic()))",
                "member.wake.wait()",
            )
        ],
        "deadline",
    ),
    Bug(
        "The settling of a COMMIT knows no deadline",
        [Patch(BATCH, "        while time.monotonic() < deadline:\n", "        while True:\n")],
        "deadline",
    ),
    Bug(
        "All members are told that the lock was not free",
        [
            Patch(
                COMMITTER,
                "            batch = [leader] if leader in batch else []\n",
                "",
            )
        ],
        "patience",
    ),
    Bug(
        "A member in flight is told that it had no effect",
        [
            Patch(
                COMMITTER,
                'OutcomeUnknown("no answer from the commit in time")',
                'Overloaded("no answer from the commit in time")',
            )
        ],
        "unexplained",
    ),
    Bug(
        "A lost race is a refusal",
        [
            Patch(
                BATCH,
                "                self._remember_contended(event_id)\n",
                "                from ticketboss.domain.refusals import NotEnoughSeats\n"
                "                from ticketboss.engine.answers import CommandRefused\n"
                "                seen = self._repository.snapshot(event_id, [], deadline)\n"
                "                version = seen.state.event.version\n"
                "                return [CommandRefused(NotEnoughSeats(1, 0, 0), version)\n"
                "                        for _ in commands]\n",
            )
        ],
        "refusals",
    ),
    Bug(
        "A COMMIT without an answer is settled by reading",
        [
            Patch(
                BATCH,
                "        try:\n            self._repository.commit(changes, deadline)\n"
                "        except Conflict:\n            return self._landed(changes, deadline)\n"
                "        return True\n",
                "        return self._landed(changes, deadline)\n",
            )
        ],
        "unexplained",
    ),
    Bug(
        "A COMMIT without an answer is told as one without effect",
        [
            Patch(
                BATCH,
                "            except OutcomeUnknown:\n                self._settle",
                "            except OutcomeUnknown:\n"
                '                raise StorageUnavailable("gone")\n'
                "                self._settle",
            )
        ],
        "unexplained",
    ),
    Bug(
        "Another writer's entry is taken for one's own",
        [Patch(BATCH, "found == changes.commit_id", "found is not None")],
        "acknowledged",
    ),
    Bug(
        "It is answered before the commit",
        [
            Patch(
                BATCH,
                COMMIT,
                "                import threading\n"
                "                def late(changes=plan.changes):\n"
                "                    try:\n"
                "                        self._repository.commit(changes, deadline)\n"
                "                    except Exception:\n"
                "                        pass\n"
                '                threading.Thread(late, "late", True).start()\n',
            )
        ],
        "real time",
    ),
    Bug(
        "Who is killed while settling has the batch run again",
        [
            Patch(
                BATCH,
                'OutcomeUnknown("stopped before the outcome was known") from error\n',
                "error\n",
            )
        ],
        "unexplained",
        first_seed=600,
    ),
    Bug(
        "A refusal does not wait until more of what is due has ended",
        [Patch(PLAN, "        must_wait = more_is_due and", "        must_wait = False and")],
        "refusals",
        "holds were overdue",
        first_seed=200,
    ),
    Bug(
        "Who is given the lead is not woken, and waits for ever",
        [
            Patch(
                COMMITTER,
                "member.wake.wait(max(0.0, member.deadline - time.monotonic()))",
                "member.wake.wait()",
            ),
            Patch(COMMITTER, "            lane.leader.wake.set()\n", ""),
        ],
        "hang",
    ),
    Bug(
        "The last entry of a batch is answered and not written",
        [Patch(PLAN, "        entries=entries,\n", "        entries=entries[:-1] or entries,\n")],
        "gapless",
    ),
    Bug(
        "The ledger is told of a seat too many",
        [
            Patch(
                PLAN,
                "            entries.extend(decision)\n",
                "            entries.extend(entry._replace(seats=entry.seats + 1)\n"
                "                           if entry.makes_reservation else entry\n"
                "                           for entry in decision)\n",
            )
        ],
        "sums",
    ),
    Bug(
        "The sums of a partner are not written",
        [Patch(PLAN, "{id_: state.partners[id_] for id_ in partner_ids}", "{}")],
        "verify",
    ),
    Bug(
        "A repetition is told of another request's entry",
        [
            Patch(
                PLAN,
                "Accepted(decision.entry, replayed=True)",
                "Accepted(next(iter(state.keys.values())), replayed=True)",
            )
        ],
        "one effect per key",
    ),
    Bug(
        "Nobody is asked who is frozen",
        [
            Patch(
                PLAN,
                "    state = snapshot.state\n",
                "    state = snapshot.state\n    state.frozen = frozenset()\n",
            )
        ],
        "rules",
        "it does not follow from version",
    ),
    Bug(
        "What was so already is told as the newest change",
        [Patch(PLAN, "decision.version)", "version or 0)")],
        "rules",
        "it was not already so at version",
    ),
)
