"""Partners: known by a key or by being frozen, with what a freeze would concern."""

import dataclasses

import pytest

from tests.contract.backends import check_failure_of, write
from tests.contract.partners import add_key, freeze, hash_of, line
from tests.unit.examples import cancel, confirm, create_event, hold, reserve
from ticketboss.domain.access import Partner, PartnerStanding
from ticketboss.repository.interface import Repository, StorageUnavailable


def _standing(repository: Repository, partner_id: str = "abc-corp") -> PartnerStanding:
    standing = repository.access.partner(partner_id)
    assert standing is not None
    return standing


def test_a_partner_is_not_known_before_it_has_a_key(repository: Repository) -> None:
    write(repository, hold(1))
    assert repository.access.partner("abc-corp") is None
    assert repository.access.partners("", 10) == []


def test_a_partner_becomes_known_by_its_first_key_and_has_its_id_for_a_name(
    repository: Repository, second: Repository
) -> None:
    add_key(repository, "key-1", "abc-corp")
    expected = PartnerStanding(Partner("abc-corp", "abc-corp"), live_keys=1, open_holds=0)
    assert second.access.partner("abc-corp") == expected
    assert second.access.partners("", 10) == [expected]


def test_a_key_may_name_its_partner_and_one_that_does_not_leaves_the_name(
    repository: Repository,
) -> None:
    add_key(repository, "key-1", partner_name="ABC ☃")
    assert _standing(repository).partner.name == "ABC ☃"
    add_key(repository, "key-2")
    assert _standing(repository).partner.name == "ABC ☃"
    add_key(repository, "key-3", partner_name="ABC Ltd")
    assert _standing(repository).partner.name == "ABC Ltd"


def test_a_key_is_added_once(repository: Repository, second: Repository) -> None:
    key = add_key(repository, "key-1", partner_name="ABC Ltd")
    again = second.access.add_key(key, hash_of("another"), "Other Ltd", line(keyId="key-1"))
    assert not again
    assert (second.access.keys("", 10), len(second.access.admin_log(None, 10))) == ([key], 1)
    assert _standing(repository).partner.name == "ABC Ltd"


def test_of_some_partners_those_who_are_frozen_are_told(repository: Repository) -> None:
    for partner_id in ("c", "b", "a"):
        freeze(repository, partner_id)
    freeze(repository, "b", frozen=False)
    assert repository.access.frozen(["a", "b", "unknown"]) == {"a"}
    assert repository.access.frozen([]) == frozenset()


def test_an_operators_key_makes_no_partner(repository: Repository) -> None:
    add_key(repository, "key-1", None)
    assert repository.access.partners("", 10) == []


def test_live_keys_are_counted_for_each_partner(repository: Repository) -> None:
    for number, partner_id in enumerate(("abc-corp", "abc-corp", "m", None)):
        add_key(repository, f"key-{number}", partner_id)
    assert [each.live_keys for each in repository.access.partners("", 10)] == [2, 1]
    repository.access.revoke_key("key-0", line("key_revoked"))
    repository.access.revoke_key("key-2", line("key_revoked"))
    assert [each.live_keys for each in repository.access.partners("", 10)] == [1, 0]


def test_open_holds_are_counted_over_all_events(repository: Repository) -> None:
    add_key(repository, "key-1")
    add_key(repository, "key-2", "m")
    write(repository, create_event(event_id="another"))
    write(repository, hold(1, "h1"), hold(2, "h2"), hold(1, "h3"), reserve(1, "r1"))
    write(repository, hold(1, "h1", event_id="another"))
    write(repository, confirm("h2"), cancel("h3"))
    assert _standing(repository).open_holds == 2
    assert _standing(repository, "m").open_holds == 0


@pytest.mark.parametrize("release_holds", [True, False])
def test_a_freeze_sets_both_flags_and_leaves_name_and_keys(
    repository: Repository, second: Repository, release_holds: bool
) -> None:
    add_key(repository, "key-1", partner_name="ABC Ltd")
    add_key(repository, "key-2", "m")
    freeze(repository, "abc-corp", release_holds=release_holds)
    frozen = Partner("abc-corp", "ABC Ltd", frozen=True, release_holds=release_holds)
    assert _standing(second) == PartnerStanding(frozen, live_keys=1, open_holds=0)
    assert _standing(second, "m").partner == Partner("m", "m")


def test_a_freeze_can_be_changed_and_ended(repository: Repository) -> None:
    add_key(repository, "key-1")
    for frozen, release_holds in ((True, False), (True, True), (True, False), (False, False)):
        freeze(repository, "abc-corp", frozen=frozen, release_holds=release_holds)
        partner = _standing(repository).partner
        assert (partner.frozen, partner.release_holds) == (frozen, release_holds)


def test_freezing_makes_an_unknown_partner_known(repository: Repository) -> None:
    freeze(repository, "new", release_holds=True)
    frozen = Partner("new", "new", frozen=True, release_holds=True)
    assert _standing(repository, "new") == PartnerStanding(frozen, live_keys=0, open_holds=0)


def test_a_later_key_names_a_frozen_partner_and_does_not_thaw_it(repository: Repository) -> None:
    freeze(repository, "new")
    add_key(repository, "key-1", "new", partner_name="New Ltd")
    assert _standing(repository, "new").partner == Partner("new", "New Ltd", frozen=True)


def test_a_frozen_partner_is_frozen_in_the_next_snapshot(
    repository: Repository, second: Repository
) -> None:
    freeze(second, "abc-corp")
    assert repository.snapshot("drop", [reserve()]).state.frozen == {"abc-corp"}
    freeze(second, "abc-corp", frozen=False)
    assert repository.snapshot("drop", [reserve()]).state.frozen == frozenset()


def test_partners_come_in_pages_in_the_order_of_their_ids(repository: Repository) -> None:
    ids = ["b", "B", "a.1", "m", "_"]
    for partner_id in ids:
        freeze(repository, partner_id)
    pages: list[list[str]] = []
    after_partner_id = ""
    while page := repository.access.partners(after_partner_id, 2):
        pages.append([each.partner.partner_id for each in page])
        after_partner_id = pages[-1][-1]
        assert page == [repository.access.partner(id_) for id_ in pages[-1]]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [id_ for page in pages for id_ in page] == sorted(ids)


def test_holds_are_not_released_of_a_partner_that_is_not_frozen(
    repository: Repository, backend: str
) -> None:
    partner = Partner("abc-corp", "abc-corp", frozen=True)
    repository.access.set_frozen(partner, line())
    thawed = dataclasses.replace(partner, frozen=False, release_holds=True)
    with pytest.raises(check_failure_of(backend), match=r"(?i)check"):
        repository.access.set_frozen(thawed, line())
    assert _standing(repository).partner == partner
    assert len(repository.access.admin_log(None, 10)) == 1


def test_partners_of_a_database_that_was_not_migrated_are_unavailable(
    unmigrated: Repository,
) -> None:
    with pytest.raises(StorageUnavailable):
        unmigrated.access.partner("abc-corp")
    with pytest.raises(StorageUnavailable):
        unmigrated.access.partners("", 10)
    with pytest.raises(StorageUnavailable):
        freeze(unmigrated, "abc-corp")
