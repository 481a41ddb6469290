"""Who comes when, and what for: all of it decided before the drop, from one seed."""

from dataclasses import dataclass
from random import Random

from ticketboss.rehearsal.profile import DECAY_MEANS_MAX, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One partner's wish for seats; `due_seconds` are after T-0, `partner` is its number.

    `confirms` and `cancels` say what becomes of it where it succeeds, and `repeats` whether the
    same is asked for once more then. Between two steps lie `think_seconds`.
    """

    number: int
    due_seconds: float
    partner: int
    seats: int
    holds: bool
    confirms: bool
    cancels: bool
    repeats: bool
    think_seconds: float


def wishes(profile: Profile) -> list[Wish]:
    """All wishes of a drop in the order in which they come; the same ones for the same profile."""
    chance = Random(profile.seed)  # noqa: S311 - no secret  # nosec B311
    sizes, weights = zip(*sorted(profile.group_sizes.items()), strict=True)
    return [
        Wish(
            number=number,
            due_seconds=due_seconds,
            partner=number % profile.partners,
            seats=chance.choices(sizes, weights)[0],
            holds=chance.random() < profile.hold_share,
            confirms=chance.random() < profile.confirm_share,
            cancels=chance.random() < profile.cancel_share,
            repeats=chance.random() < profile.repeat_share,
            think_seconds=_decaying(chance, profile.think_seconds),
        )
        for number, due_seconds in enumerate(_moments(profile, chance))
    ]


def _moments(profile: Profile, chance: Random) -> list[float]:
    if profile.rate is not None:
        return [number / profile.rate for number in range(profile.wishes)]
    return sorted(_decaying(chance, profile.burst_seconds) for _ in range(profile.wishes))


def _decaying(chance: Random, mean_seconds: float) -> float:
    """A time of that mean, short ones being the likeliest, and none without a bound."""
    if not mean_seconds:
        return 0.0
    return min(chance.expovariate(1 / mean_seconds), mean_seconds * DECAY_MEANS_MAX)
