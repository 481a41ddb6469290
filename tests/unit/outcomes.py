"""The answers of the engine in the words of the model."""

from tests.unit.model import OK, REPLAY, UNCHANGED
from ticketboss.engine.answers import Accepted, AlreadySo, Answer, CommandRefused


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
