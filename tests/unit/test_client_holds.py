"""A hold is released at the end of its block, unless it is confirmed or may be."""

import pytest

from tests.client.stub import (
    API_KEY,
    EVENT,
    Lost,
    Reaction,
    Seen,
    Stub,
    Told,
    problem,
    reservation,
)
from ticketboss.client import Client, OutcomeUnknown, errors

HELD = reservation(status="held", expiresAt="2026-12-01T12:05:00.250Z")
RELEASED = Told(204)
CONFIRMED = Told(200, reservation(version=8))
PAYMENT_FAILED = RuntimeError("The card was declined.")


class Server:
    """Gives a hold; what it answers to the rest, a test says by method (confirm is POST)."""

    def __init__(self, **reactions: Reaction) -> None:
        self.reactions = reactions
        self.asked: list[str] = []
        self.expected_versions: list[str | None] = []

    def __call__(self, seen: Seen) -> Reaction:
        if seen.method == "POST" and not seen.path.endswith("confirm"):
            return Told(201, HELD)
        self.asked.append(seen.method)
        if seen.method == "DELETE":
            self.expected_versions.append(seen.headers["If-Match"])
        return self.reactions[seen.method]


def _client(stub: Stub) -> Client:
    return Client(stub.url, API_KEY, event_id=EVENT, attempts_max=1)


def test_a_hold_that_is_not_confirmed_is_released() -> None:
    server = Server(DELETE=RELEASED)
    with Stub(server) as stub, _client(stub) as client:
        with client.hold(2, hold_seconds=300) as hold:
            assert (hold.reservation_id, hold.reservation.status) == ("r1", "held")
        assert server.asked == ["DELETE"]
    # Whoever confirmed it by other means made a later version of it.
    assert server.expected_versions == ['"7"']


def test_a_hold_that_is_confirmed_stays() -> None:
    server = Server(POST=CONFIRMED)
    with Stub(server) as stub, _client(stub) as client:
        with client.hold(2, hold_seconds=300) as hold:
            assert hold.confirm().status == "confirmed"
        assert hold.reservation.version == 8
    assert server.asked == ["POST"]


def test_a_hold_that_was_released_is_not_released_again() -> None:
    server = Server(DELETE=RELEASED)
    with Stub(server) as stub, _client(stub) as client, client.hold(2, hold_seconds=300) as hold:
        hold.release()
    assert server.asked == ["DELETE"]


def test_releasing_twice_is_releasing_once() -> None:
    server = Server(DELETE=RELEASED)
    with Stub(server) as stub, _client(stub) as client:
        hold = client.hold(2, hold_seconds=300)
        hold.release()
        hold.release()
    assert server.asked == ["DELETE"]


def test_a_hold_that_was_extended_is_released_at_its_new_version() -> None:
    longer = Told(200, {**HELD, "version": 9})
    server = Server(PATCH=longer, DELETE=RELEASED)
    with Stub(server) as stub, _client(stub) as client, client.hold(2, hold_seconds=300) as hold:
        assert hold.extend(600).version == 9
    assert server.expected_versions == ['"9"']


def test_a_hold_that_may_be_confirmed_is_not_released_and_confirming_goes_on_with_its_key() -> None:
    server = Server(POST=Lost())
    with Stub(server) as stub, _client(stub) as client:
        with pytest.raises(OutcomeUnknown), client.hold(2, hold_seconds=300) as hold:
            hold.confirm()
        assert server.asked == ["POST"]
        server.reactions["POST"] = CONFIRMED
        assert hold.confirm().status == "confirmed"
    assert len(set(stub.keys[1:])) == 1


def test_a_hold_whose_confirmation_was_refused_is_released() -> None:
    server = Server(POST=problem(403, "partner_frozen"), DELETE=RELEASED)
    with Stub(server) as stub, _client(stub) as client:
        with pytest.raises(errors.PartnerFrozen), client.hold(2, hold_seconds=300) as hold:
            hold.confirm()
        assert server.asked == ["POST", "DELETE"]


@pytest.mark.parametrize(
    "over", [problem(409, "hold_expired"), problem(404, "already_cancelled")], ids=["late", "gone"]
)
def test_a_hold_that_is_over_already_is_as_good_as_released(over: Reaction) -> None:
    server = Server(DELETE=over)
    with Stub(server) as stub, _client(stub) as client, client.hold(2, hold_seconds=300):
        pass
    assert server.asked == ["DELETE"]


def test_a_release_that_fails_is_told_of() -> None:
    with (
        Stub(Server(DELETE=problem(403, "partner_frozen"))) as stub,
        _client(stub) as client,
        pytest.raises(errors.PartnerFrozen),
        client.hold(2, hold_seconds=300),
    ):
        pass


@pytest.mark.parametrize("failure", [Lost(), problem(403, "partner_frozen")])
def test_a_release_that_fails_does_not_hide_what_went_wrong_inside(failure: Reaction) -> None:
    def pay() -> None:
        raise PAYMENT_FAILED

    with (
        Stub(Server(DELETE=failure)) as stub,
        _client(stub) as client,
        pytest.raises(RuntimeError) as caught,
        client.hold(2, hold_seconds=300),
    ):
        pay()
    assert caught.value is PAYMENT_FAILED
    assert "Hold r1 was not released: " in caught.value.__notes__[-1]


def test_a_release_that_fails_in_a_way_that_nobody_foresaw_hides_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pay() -> None:
        raise PAYMENT_FAILED

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with Stub(Server()) as stub, _client(stub) as client:
        hold = client.hold(2, hold_seconds=300)
        monkeypatch.setattr(client, "cancel", fail)
        with pytest.raises(RuntimeError) as caught, hold:
            pay()
        assert caught.value is PAYMENT_FAILED
        with pytest.raises(ZeroDivisionError), hold:
            pass


def test_a_hold_that_was_confirmed_by_other_means_stays() -> None:
    confirmed = Told(200, reservation(version=8))
    server = Server(DELETE=problem(412, "precondition_failed", currentVersion=8), GET=confirmed)
    with (
        Stub(server) as stub,
        _client(stub) as client,
        client.hold(2, hold_seconds=300) as hold,
        pytest.raises(errors.PreconditionFailed),
    ):
        hold.release()
    assert server.asked == ["DELETE", "DELETE", "GET"]
    assert hold.reservation.status == "confirmed"


def test_a_hold_that_was_changed_by_other_means_is_released_at_the_version_it_has_now() -> None:
    changed = Told(200, {**HELD, "version": 8})
    server = Server(DELETE=problem(412, "precondition_failed", currentVersion=8), GET=changed)

    def react(seen: Seen) -> Reaction:
        reaction = server(seen)
        return RELEASED if seen.headers["If-Match"] == '"8"' else reaction

    with Stub(react) as stub, _client(stub) as client, client.hold(2, hold_seconds=300):
        pass
    assert server.asked == ["DELETE", "GET", "DELETE"]
