"""What troubles a run beside the database's own faults; each comes to an end by itself."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.faults.simulation.machine import FOR_EVER
from tests.faults.simulation.wishes import EVENTS, PARTNERS

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

CRASHES_MAX = 3
KILLS = 30
TIMES = 4
JUMPS_MS = (-5_000, -500, 900, 1_500, 1_500, 31_000)


def nemeses_of(world: "World") -> Iterator[tuple[str, Callable[[], None]]]:
    """Those that the dice of this run want, by name."""
    odds = world.dice.odds
    wanted = {_crash: odds.crashes, _kill: odds.kills, _hog: odds.hogs}
    wanted |= {_jump: odds.jumps, _freeze: odds.freezes}
    for nemesis, is_wanted in wanted.items():
        if is_wanted:
            yield nemesis.__name__.strip("_"), _bound(nemesis, world)


def _bound(nemesis: Callable[["World"], None], world: "World") -> Callable[[], None]:
    return lambda: nemesis(world)


def _crash(world: "World") -> None:
    """Lose a process with all in it, and start another one."""
    random, kernel = world.random, world.kernel
    for _ in range(1 + int(random.random() * CRASHES_MAX)):
        kernel.sleep(random.random() ** 3)
        alive = world.alive()
        if alive:
            world.crash(random.choice(alive))
        kernel.sleep(random.random() * 0.2)
        world.start_process()


def _kill(world: "World") -> None:
    """Kill single requests, as gevent does when a worker has no more time."""
    random, kernel = world.random, world.kernel
    for _ in range(KILLS):
        kernel.sleep(random.random() ** 3 * 0.2)
        running = [
            task
            for process in world.alive()
            for task, _ in process.handlers[-20:]
            if not task.has_ended
        ]
        if running:
            kernel.kill(random.choice(running))


def _hog(world: "World") -> None:
    """Somebody else has the write lock, perhaps for longer than anybody may wait."""
    random, kernel, locks = world.random, world.kernel, world.machine.locks
    for _ in range(TIMES):
        kernel.sleep(random.random() * 0.3)
        held = locks.acquire(random.choice(EVENTS), None, FOR_EVER)
        kernel.sleep(world.dice.stuck_seconds(0.5))
        if held is not None:
            locks.release(held)


def _jump(world: "World") -> None:
    """Somebody sets the clock; the monotonic one goes on."""
    for _ in range(TIMES):
        world.kernel.sleep(world.random.random() * 0.5)
        world.machine.clock_jump_ms += world.random.choice(JUMPS_MS)


def _freeze(world: "World") -> None:
    """An operator freezes a partner for a while, and may have its holds end."""
    random, store = world.random, world.machine.store
    for _ in range(TIMES):
        world.kernel.sleep(random.random() * 0.3)
        partner_id = random.choice(PARTNERS)
        store.frozen[partner_id] = random.random() < 0.5
        if store.frozen[partner_id]:
            store.released.add(partner_id)
        world.kernel.note(f"freezes {partner_id}, holds end:", store.frozen[partner_id])
        world.kernel.sleep(random.random() * 0.3)
        del store.frozen[partner_id]
        world.kernel.note(f"unfreezes {partner_id}")
