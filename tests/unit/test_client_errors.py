"""The client's exceptions mirror the codes, and tell no secret."""

import pickle
import traceback
from datetime import UTC, datetime
from inspect import get_annotations

import pytest

from tests.client.stub import API_KEY, EVENT, Lost, Reaction, Stub, in_turn, problem
from ticketboss.api.problem_documents import OPTIONAL_FACTS, facts_of
from ticketboss.api.problem_types import ALL_PROBLEMS, PROBLEMS, SERVER_PROBLEMS
from ticketboss.client import Client, OutcomeUnknown, TicketBossError, errors
from ticketboss.client.errors import BY_CODE

SALE_NOT_OPEN = problem(
    409,
    "sale_not_open",
    retryable=True,
    opensAt="2026-12-01T12:00:00.250Z",
    opensInMs=1_500,
    headers={"TicketBoss-Version": "7"},
)


def _error(reaction: Reaction) -> TicketBossError:
    with (
        Stub(in_turn(reaction)) as stub,
        Client(stub.url, API_KEY, event_id=EVENT, attempts_max=1) as client,
        pytest.raises(TicketBossError) as caught,
    ):
        client.reserve(2, idempotency_key="k1")
    return caught.value


def test_every_code_has_its_exception() -> None:
    assert set(BY_CODE) == {*PROBLEMS, *SERVER_PROBLEMS}


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_a_code_gives_the_exception_that_is_named_after_it(code: str) -> None:
    kind = ALL_PROBLEMS[code]
    error = _error(problem(kind.status, code, kind.retryable))
    assert type(error).__name__ == "".join(word.capitalize() for word in code.split("_"))
    assert (error.code, error.status) == (code, kind.status)
    assert error.retryable is kind.retryable


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_an_exception_has_the_facts_of_its_code(code: str) -> None:
    # A bulk's outcomes are exceptions themselves; the other is not always there.
    told = set(facts_of(code)) - {"outcomes"} - OPTIONAL_FACTS
    assert set(get_annotations(BY_CODE[code])) - {"errors"} == told


def test_an_error_has_all_that_the_answer_says() -> None:
    error = _error(SALE_NOT_OPEN)
    assert isinstance(error, errors.SaleNotOpen)
    assert error.opens_in_ms == 1_500
    assert error.opens_at == datetime(2026, 12, 1, 12, 0, 0, 250_000, UTC)
    assert error.facts == {"opensAt": "2026-12-01T12:00:00.250Z", "opensInMs": 1_500}
    assert (error.detail, error.request_id) == ("About sale_not_open.", "r-1")
    assert (error.retryable, error.idempotency_key, error.version) == (True, "k1", 7)
    assert str(error) == "sale_not_open: About sale_not_open."


def test_a_moment_that_is_not_known_is_none() -> None:
    error = _error(problem(409, "not_enough_seats", availableSeats=1, nextHoldExpiresAt=None))
    assert isinstance(error, errors.NotEnoughSeats)
    assert (error.available_seats, error.next_hold_expires_at) == (1, None)


def test_a_code_that_is_not_known_gives_the_base_class() -> None:
    error = _error(problem(409, "moon_is_full", phase="full"))
    assert type(error) is TicketBossError
    assert (error.code, error.status, error.facts) == ("moon_is_full", 409, {"phase": "full"})


def test_a_failure_of_the_server_leaves_the_outcome_unknown() -> None:
    error = _error(problem(500, "internal_error", retryable=True))
    assert isinstance(error, OutcomeUnknown)
    assert isinstance(error, errors.InternalError)
    assert error.idempotency_key == "k1"


def _reachable(start: BaseException) -> list[object]:
    """The error, what it came from, and all that they carry."""
    found: list[object] = []
    error: BaseException | None = start
    while error is not None:
        found += [error, *vars(error).values()]
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize("reaction", [Lost(), problem(401, "key_invalid"), SALE_NOT_OPEN])
def test_no_error_carries_the_api_key(reaction: Reaction) -> None:
    error = _error(reaction)
    assert API_KEY not in "".join(traceback.format_exception(error))
    assert not any(API_KEY in f"{each!r} {each}" for each in _reachable(error))
    # The errors of requests know their request with all its headers.
    assert [type(each) for each in _reachable(error) if isinstance(each, BaseException)] == [
        type(error)
    ]


def test_the_client_shows_no_api_key() -> None:
    client = Client("http://tickets.example", API_KEY, event_id=EVENT)
    assert repr(client) == "Client('http://tickets.example', event_id='gala')"
    assert API_KEY not in repr(vars(client))


@pytest.mark.parametrize("reaction", [Lost(), SALE_NOT_OPEN, problem(409, "moon_is_full")])
def test_an_error_can_go_to_another_process(reaction: Reaction) -> None:
    error = _error(reaction)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on the line itself
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)
