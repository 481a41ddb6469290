"""What may become of a command: as the model foresees it, and as the engine answers."""

from dataclasses import dataclass, field

from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused

OK, UNCHANGED, REPLAY = "ok", "unchanged", "replay"


@dataclass(frozen=True)
class ItemForecast:
    """What must become of one item of a bulk: the reasons against it, none if it is accepted.

    The sums are those after its turn, of the event and of its partner.
    """

    reasons: set[str]
    available_seats: int
    held_seats: int
    seats_taken: int
    open_holds: int


@dataclass(frozen=True)
class Forecast:
    """The outcomes that are right for a command, and for a bulk those of its items.

    `version` is that of its first entry, if it has or had any.
    """

    outcomes: set[str]
    version: int = 0
    items: list[ItemForecast] = field(default_factory=list)


def outcome(answer: Answer) -> str:
    """What became of a command; an answer that no command may have is raised."""
    match answer:
        case Accepted():
            return REPLAY if answer.replayed else OK
        case AlreadySo():
            return UNCHANGED
        case CommandRefused():
            return answer.refusal.code
        case _:
            raise answer
