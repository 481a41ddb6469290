"""The wall clock jumps, by seconds or by more than an hour, forth and back."""

import time

from tests.concurrency.watching import wait_until
from tests.faults.nemeses.clock import TOLERANCE_SECONDS, seconds_ahead
from tests.faults.nemeses.scene import Scene

# Further apart than what can be seen of a jump from outside; holds last a second to an hour.
PLACES_SECONDS = (-4_000, -90, -15, 0, 15, 90, 4_000, 4_000)
STAY_SECONDS = (0.1, 0.8)


def jump(scene: Scene) -> None:
    """Let the clock of all servers jump, and see that their answers bear the new time."""
    clock = scene.clock
    if clock is None:
        raise RuntimeError("This server has the clock of its machine.")
    places = [place for place in PLACES_SECONDS if place != clock.seconds]
    clock.set(scene.chance.choice(places))

    def is_seen() -> bool:
        try:
            ahead = seconds_ahead(scene.server.url)
        except OSError:
            # It is being started again; the errors of requests are of this kind, too.
            return False
        return abs(ahead - clock.seconds) < TOLERANCE_SECONDS

    wait_until(is_seen, f"the server's clock did not jump to {clock.seconds:+} s")
    scene.tally["clock jumps"] += 1
    time.sleep(scene.chance.uniform(*STAY_SECONDS))
