"""Several real processes on one event: sums that must come out."""

from pathlib import Path

from tests.contract.backends import write
from tests.contract.process import finish, let_go, sold, started
from tests.unit.examples import EVENT_ID, cancel, reserve
from ticketboss.domain.reservations import PartnerTotals
from ticketboss.engine.verifier import Verifier
from ticketboss.repository.interface import Repository

SEATS_EACH = 60


def _ids(name: str) -> list[str]:
    return [f"{name}{number}" for number in range(SEATS_EACH)]


def test_two_processes_that_write_at_once_never_lose_an_update(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    with (
        started(backend, tmp_path, "sell", *_ids("a")) as one,
        started(backend, tmp_path, "sell", *_ids("b")) as other,
    ):
        let_go(one)
        let_go(other)
        finish(one)
        finish(other)
    ledger = repository.ledger(EVENT_ID, 0, 1000)
    assert [entry.version for entry in ledger] == list(range(1, 2 * SEATS_EACH + 1))
    assert {entry.reservation_id for entry in ledger} == {*_ids("a"), *_ids("b")}
    assert sold(repository) == 2 * SEATS_EACH
    totals = repository.totals(EVENT_ID)
    assert totals is not None
    assert totals[1] == {"abc-corp": PartnerTotals(2 * SEATS_EACH, 0)}
    verification = Verifier(repository, EVENT_ID).verify()
    assert verification is not None
    assert verification.differences == []


def _version_of_one_moment(repository: Repository) -> int:
    totals = repository.totals(EVENT_ID)
    assert totals is not None
    event, partners = totals
    assert partners == {"abc-corp": PartnerTotals(event.reserved_seats, 0)}
    state = repository.snapshot(EVENT_ID, [cancel("first", key="k")]).state
    assert state.event is not None
    assert state.partners == {"abc-corp": PartnerTotals(state.event.reserved_seats, 0)}
    return event.version


def test_what_is_read_while_others_write_is_always_of_one_moment(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    write(repository, reserve(1, "first", key="k"))
    with started(backend, tmp_path, "sell", *_ids("a")) as seller:
        # Once before it begins: in a rollback journal a busy writer may keep us out for long.
        seen = {_version_of_one_moment(repository)}
        let_go(seller)
        while seller.poll() is None:
            seen.add(_version_of_one_moment(repository))
        assert seller.returncode == 0
    assert len(seen) > 1, "nothing was written between the reads"
    assert sold(repository) == SEATS_EACH + 1


def test_verifying_while_others_write_finds_no_difference(
    repository: Repository, backend: str, tmp_path: Path
) -> None:
    with started(backend, tmp_path, "sell", *_ids("a")) as seller:
        let_go(seller)
        while seller.poll() is None:
            verification = Verifier(repository, EVENT_ID).verify()
            assert verification is not None
            assert verification.differences == []
        assert seller.returncode == 0
    assert sold(repository) == SEATS_EACH
