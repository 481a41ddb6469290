"""What operators decide about keys and partners, and the lines that it leaves."""

import hashlib
import uuid
from pathlib import Path

import pytest

from tests.database import Database, new_database, repository_at
from tests.unit.examples import EVENT_ID, NOW, OPERATOR, create_event, hold, reserve
from ticketboss.domain.access import AdminLogEntry, Caller, Partner, PartnerStanding
from ticketboss.engine.administration import (
    Administration,
    KeyIssued,
    UnknownKey,
    UnknownPartner,
)
from ticketboss.engine.committer import Committer
from ticketboss.engine.keys import KeyRing
from ticketboss.repository.interface import Repository


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return new_database(tmp_path)


@pytest.fixture
def repository(database: Database) -> Repository:
    repository = repository_at(database.url, clock=lambda: NOW)
    database.migrate(repository)
    return repository


@pytest.fixture
def administration(repository: Repository) -> Administration:
    return Administration(repository)


def _log(repository: Repository) -> list[AdminLogEntry]:
    return repository.access.admin_log(None, 100)


def _line(repository: Repository, action: str) -> AdminLogEntry:
    """The one line about such a decision."""
    (line,) = [line for line in _log(repository) if line.action == action]
    return line


@pytest.mark.parametrize("is_test", [True, False])
@pytest.mark.parametrize(("partner_id", "scope"), [("abc-corp", "partner"), (None, "operator")])
def test_an_issued_key_opens_what_it_is_for(
    repository: Repository,
    administration: Administration,
    partner_id: str | None,
    scope: str,
    is_test: bool,
) -> None:
    issued = administration.issue_key(OPERATOR, partner_id, is_test)
    key = KeyRing(repository.access).find(issued.secret)
    assert key == issued.key
    assert (key.partner_id, key.scope, key.is_test) == (partner_id, scope, is_test)
    assert (key.created_at, key.revoked_at) == (NOW, None)
    assert issued.secret.startswith(key.prefix)
    assert uuid.UUID(key.key_id).version == 7


def test_callers_are_named_by_their_partner_or_by_the_operators_key(
    administration: Administration,
) -> None:
    first, second = (administration.issue_key(OPERATOR, "abc-corp", False).key for _ in range(2))
    assert Caller.with_key(first) == Caller("partner:abc-corp", "abc-corp", False, first.key_id)
    # Rotating a key must not lose the idempotency keys that were used with the old one.
    assert Caller.with_key(second).actor == Caller.with_key(first).actor
    operator = administration.issue_key(OPERATOR, None, True).key
    assert Caller.with_key(operator) == Caller(
        f"operator:{operator.key_id}", None, True, operator.key_id
    )


def test_issuing_a_key_leaves_a_line_that_has_nothing_of_its_secret(
    repository: Repository, administration: Administration
) -> None:
    issued = administration.issue_key(OPERATOR, "abc-corp", True, "ABC Ltd")
    (line,) = _log(repository)
    assert (line.at, line.actor, line.action) == (NOW, OPERATOR, "key_created")
    assert line.detail == {
        "keyId": issued.key.key_id,
        "scope": "partner",
        "partnerId": "abc-corp",
        "partnerName": "ABC Ltd",
        "isTest": True,
    }
    kept = repr(_log(repository)) + repr(repository.access.keys("", 10))
    hashed = hashlib.sha256(issued.secret.encode()).hexdigest()
    assert issued.secret not in kept
    assert hashed not in kept


def test_the_line_of_a_key_without_a_partners_name_has_none(
    repository: Repository, administration: Administration
) -> None:
    administration.issue_key(OPERATOR, "abc-corp", False)
    assert "partnerName" not in _line(repository, "key_created").detail


def test_the_secret_is_nowhere_in_the_database(
    database: Database, administration: Administration
) -> None:
    issued = administration.issue_key(OPERATOR, "abc-corp", False)
    stored = database.stored()
    assert issued.key.prefix.encode() in stored
    assert issued.secret.removeprefix(issued.key.prefix).encode() not in stored


def test_a_partner_is_named_with_its_key(
    repository: Repository, administration: Administration
) -> None:
    administration.issue_key(OPERATOR, "abc-corp", False, "ABC Ltd")
    standing = repository.access.partner("abc-corp")
    assert standing == PartnerStanding(Partner("abc-corp", "ABC Ltd"), 1, 0)


def test_a_revoked_key_opens_nothing_and_the_other_one_still_does(
    repository: Repository, administration: Administration
) -> None:
    old, new = (administration.issue_key(OPERATOR, "abc-corp", False) for _ in range(2))
    assert administration.revoke_key("operator:key-2", old.key.key_id) == old.key
    assert KeyRing(repository.access).find(old.secret) is None
    assert KeyRing(repository.access).find(new.secret) == new.key
    line = _line(repository, "key_revoked")
    assert (line.at, line.actor) == (NOW, "operator:key-2")
    assert line.detail == {"keyId": old.key.key_id}


def test_revoking_once_more_changes_nothing_and_says_since_when(
    repository: Repository, administration: Administration
) -> None:
    key_id = administration.issue_key(OPERATOR, None, False).key.key_id
    administration.revoke_key(OPERATOR, key_id)
    assert administration.revoke_key(OPERATOR, key_id).revoked_at == NOW
    assert len(_log(repository)) == 2


def test_a_key_of_a_given_id_is_issued_once(
    repository: Repository, administration: Administration
) -> None:
    issued = administration.issue_key(OPERATOR, "abc-corp", False, key_id="key-1")
    assert issued.key.key_id == "key-1"
    with pytest.raises(KeyIssued):
        administration.issue_key(OPERATOR, "abc-corp", False, key_id="key-1")
    assert KeyRing(repository.access).find(issued.secret) == issued.key
    assert len(_log(repository)) == 1


def test_an_unknown_key_cannot_be_revoked(
    repository: Repository, administration: Administration
) -> None:
    with pytest.raises(UnknownKey):
        administration.revoke_key(OPERATOR, "unknown")
    assert _log(repository) == []


@pytest.mark.parametrize("holds", ["keep", "release"])
def test_a_freeze_says_what_becomes_of_the_holds_and_how_many_there_are(
    repository: Repository, administration: Administration, holds: str
) -> None:
    committer = Committer(repository, 5.0, 10)
    for command in (create_event(10), hold(2, "h1"), hold(1, "h2"), reserve(1, "r1")):
        committer.submit(command)
    administration.issue_key(OPERATOR, "abc-corp", False, "ABC Ltd")
    standing = administration.freeze(OPERATOR, "abc-corp", holds)  # type: ignore[arg-type]
    assert (standing.partner.frozen, standing.partner.holds) == (True, holds)
    assert (standing.partner.name, standing.live_keys, standing.open_holds) == ("ABC Ltd", 1, 2)
    line = _line(repository, "partner_frozen")
    assert (line.at, line.actor) == (NOW, OPERATOR)
    assert line.detail == {"partnerId": "abc-corp", "holds": holds}
    assert repository.snapshot(EVENT_ID, [reserve()]).state.frozen == {"abc-corp"}
    assert repository.events_due(NOW, 10) == ([EVENT_ID] if holds == "release" else [])


def test_a_partner_that_nobody_knew_can_be_frozen(administration: Administration) -> None:
    standing = administration.freeze(OPERATOR, "new", "keep")
    assert standing == PartnerStanding(Partner("new", "new", frozen=True), 0, 0)


def test_a_partner_goes_on_after_its_freeze(
    repository: Repository, administration: Administration
) -> None:
    administration.freeze(OPERATOR, "abc-corp", "release")
    standing = administration.unfreeze("operator:key-2", "abc-corp")
    assert standing == PartnerStanding(Partner("abc-corp", "abc-corp"), 0, 0)
    assert standing.partner.holds is None
    line = _line(repository, "partner_unfrozen")
    assert (line.at, line.actor) == (NOW, "operator:key-2")
    assert line.detail == {"partnerId": "abc-corp"}


def test_an_unknown_partner_cannot_be_unfrozen(
    repository: Repository, administration: Administration
) -> None:
    with pytest.raises(UnknownPartner):
        administration.unfreeze(OPERATOR, "unknown")
    assert repository.access.partner("unknown") is None
    assert _log(repository) == []


def test_decisions_are_told_the_latest_first_however_quickly_they_follow(
    repository: Repository, administration: Administration
) -> None:
    partner_ids = [f"p{number:02d}" for number in range(50)]
    for partner_id in partner_ids:
        administration.freeze(OPERATOR, partner_id, "keep")
    assert [line.detail["partnerId"] for line in _log(repository)] == partner_ids[::-1]
