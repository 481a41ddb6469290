"""Sales under nemeses, one after the other on one server, each checked when it is over."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.faults.history.record import SLACK_MS, History
from tests.faults.history.sale import SETTINGS as OF_HISTORIES
from tests.faults.history.sale import Keys, make_keys, run_sale
from tests.faults.history.violations import Violation
from tests.faults.nemeses.clock import Clock, remove_traces
from tests.faults.nemeses.guests import wrong_copies
from tests.faults.nemeses.scene import Act, Scene
from tests.faults.nemeses.stops import COMMAND_SECONDS_MAX
from tests.server import Server

WORKERS = 3
# A short deadline, so that it is over while a worker is stopped.
SETTINGS = OF_HISTORIES | {
    "TICKETBOSS_COMMAND_SECONDS_MAX": COMMAND_SECONDS_MAX,
    "WEB_CONCURRENCY": WORKERS,
}
PAUSE_SECONDS = (0.05, 0.5)


class Ordeal:
    """One server and its nemeses; each of `lines` acts on its own, beside the others.

    `tally` counts what they did so far; `found` is what they saw besides the last history.
    """

    def __init__(
        self,
        server: Server,
        keys: Keys,
        seed: str,
        lines: Sequence[Iterator[Act]],
        clock: Clock | None = None,
    ) -> None:
        self._server = server
        self._keys = keys
        self._seed = seed
        self._lines = lines
        self._clock = clock
        self._sales = 0
        self._scenes: list[Scene] = []
        self._done: Counter[str] = Counter()
        self.found: list[Violation] = []

    @property
    def tally(self) -> Counter[str]:
        """How often each thing was done, also in the sale that goes on."""
        return sum((scene.tally for scene in self._scenes), self._done.copy())

    @property
    def kills(self) -> int:
        """How many processes were killed so far."""
        tally = self.tally
        return tally["workers killed"] + tally["masters killed"]

    def sell(self, seconds: float, is_enough: Callable[[], bool] = lambda: False) -> History:
        """Sell one more event to many clients while the nemeses act.

        They begin nothing more after so long, or once it is enough, or when their lines end.
        """
        self._sales += 1
        self._done = self.tally
        name = f"{self._seed}-{self._sales}"
        self._scenes = [
            Scene(
                server=self._server,
                keys=self._keys,
                event_id=f"sale-{name}",
                name=f"nemesis-{number}",
                chance=random.Random(f"{name}-{number}"),
                clock=self._clock,
            )
            for number in range(len(self._lines))
        ]
        until = time.monotonic() + seconds
        history = run_sale(
            self._server,
            self._keys,
            f"sale-{name}",
            name,
            0.0,
            lambda: self._let_loose(lambda: time.monotonic() >= until or is_enough()),
        )
        if self._clock is not None:
            history.slack_ms = SLACK_MS + self._clock.farthest_seconds * 1_000
        self.found = [
            each for scene in self._scenes for each in (*scene.found, *wrong_copies(scene))
        ]
        return history

    def _let_loose(self, is_over: Callable[[], bool]) -> None:
        try:
            with ThreadPoolExecutor() as threads:
                acting = [
                    threads.submit(_act, scene, line, is_over)
                    for scene, line in zip(self._scenes, self._lines, strict=True)
                ]
            for each in acting:
                each.result()
        finally:
            if self._clock is not None:
                self._clock.set(0)
        self._server.wait_until_ready()


def _act(scene: Scene, line: Iterator[Act], is_over: Callable[[], bool]) -> None:
    while not is_over() and (act := next(line, None)):
        act(scene)
        time.sleep(scene.chance.uniform(*PAUSE_SECONDS))


@contextmanager
def server_in(folder: Path, clock: Clock | None = None) -> Iterator[tuple[Server, Keys]]:
    """A server for an ordeal, and who may ask it."""
    settings = SETTINGS | (clock.settings if clock else {})
    try:
        with Server(folder, **settings) as server:
            yield server, make_keys(server)
    finally:
        if clock is not None:
            remove_traces()
