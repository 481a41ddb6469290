"""Which nemeses act, how often, and in which order: by a seed, so that it can be had again."""

import random
from collections.abc import Iterator, Mapping

from tests.faults.nemeses.guests import back_up, serve_beside, wait_at_the_port
from tests.faults.nemeses.jumps import jump
from tests.faults.nemeses.kills import (
    kill_a_worker,
    kill_all_workers,
    kill_everything,
    kill_the_master,
)
from tests.faults.nemeses.restarts import (
    reload,
    restart,
    restart_in_a_loop,
    storm,
    terminate_a_worker,
)
from tests.faults.nemeses.scene import Act
from tests.faults.nemeses.stops import stop_anywhere, stop_in_a_write

# How likely each is to be the next one.
KILLS: Mapping[Act, int] = {
    kill_a_worker: 30,
    kill_all_workers: 12,
    kill_everything: 3,
    kill_the_master: 2,
}
SIGNALS: Mapping[Act, int] = {
    terminate_a_worker: 2,
    reload: 1,
    storm: 1,
    restart: 1,
    restart_in_a_loop: 1,
}
STOPS: Mapping[Act, int] = {stop_anywhere: 3, stop_in_a_write: 3}
AT_THE_PORT: Mapping[Act, int] = {wait_at_the_port: 1}
GUESTS: Mapping[Act, int] = {back_up: 3, serve_beside: 1}
JUMPS: Mapping[Act, int] = {jump: 8}

# One line acts on the processes of the server, another one beside it.
OF_PROCESSES = {**KILLS, **SIGNALS, **STOPS, **AT_THE_PORT}


def for_ever(weights: Mapping[Act, int], seed: str) -> Iterator[Act]:
    """One after the other by chance."""
    chance = random.Random(seed)
    acts = list(weights)
    while True:
        yield chance.choices(acts, list(weights.values()))[0]


def once_each(acts: Mapping[Act, int], seed: str) -> Iterator[Act]:
    """All of them, in any order."""
    return iter(random.Random(seed).sample(list(acts), len(acts)))
