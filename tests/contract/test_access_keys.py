"""API keys in the database: kept by their hash alone, found while they live."""

import pytest

from tests.contract.partners import add_key, api_key, hash_of, line
from ticketboss.domain.access import ApiKey
from ticketboss.repository.interface import Repository, StorageUnavailable


@pytest.fixture
def key(repository: Repository) -> ApiKey:
    return add_key(repository, "key-1")


@pytest.mark.parametrize("partner_id", ["abc-corp", None])
@pytest.mark.parametrize("is_test", [True, False])
def test_a_key_is_found_by_its_hash_as_it_was_added(
    repository: Repository, second: Repository, partner_id: str | None, is_test: bool
) -> None:
    key = add_key(repository, "key-1", partner_id, is_test=is_test)
    assert second.access.live_key(hash_of("key-1")) == key
    assert second.access.keys("", 10) == [key]


def test_another_hash_finds_nothing(repository: Repository, key: ApiKey) -> None:
    for unknown in (hash_of("key-2"), hash_of("key-1")[:-1], hash_of("key-1").upper(), "", "%"):
        assert repository.access.live_key(unknown) is None


def test_a_partner_may_have_several_live_keys(repository: Repository, key: ApiKey) -> None:
    other = add_key(repository, "key-2")
    assert repository.access.live_key(hash_of("key-1")) == key
    assert repository.access.live_key(hash_of("key-2")) == other


def test_a_revoked_key_is_told_as_it_was_and_no_longer_found(
    repository: Repository, second: Repository, key: ApiKey
) -> None:
    other = add_key(repository, "key-2")
    revocation = line("key_revoked")
    assert repository.access.revoke_key("key-1", revocation) == key
    assert second.access.live_key(hash_of("key-1")) is None
    assert second.access.live_key(hash_of("key-2")) == other
    revoked, live = second.access.keys("", 10)
    assert (revoked.key_id, revoked.revoked_at) == ("key-1", revocation.at)
    assert live == other


def test_revoking_twice_leaves_the_first_time_and_one_line(
    repository: Repository, key: ApiKey
) -> None:
    first = line("key_revoked")
    repository.access.revoke_key("key-1", first)
    (revoked,) = repository.access.keys("", 10)
    assert repository.access.revoke_key("key-1", line("key_revoked")) == revoked
    assert repository.access.keys("", 10) == [revoked]
    assert revoked.revoked_at == first.at
    actions = [each.action for each in repository.access.admin_log(None, 10)]
    assert actions == ["key_revoked", "key_created"]


def test_an_unknown_key_cannot_be_revoked_and_leaves_no_line(
    repository: Repository, key: ApiKey
) -> None:
    assert repository.access.revoke_key("key-2", line("key_revoked")) is None
    assert repository.access.live_key(hash_of("key-1")) == key
    assert len(repository.access.admin_log(None, 10)) == 1


def test_keys_come_in_pages_in_the_order_of_their_ids(repository: Repository) -> None:
    ids = [f"key-{number}" for number in (3, 1, 5, 2, 4)]
    for key_id in ids:
        add_key(repository, key_id)
    repository.access.revoke_key("key-2", line("key_revoked"))
    pages: list[list[str]] = []
    after_key_id = ""
    while page := [key.key_id for key in repository.access.keys(after_key_id, 2)]:
        pages.append(page)
        after_key_id = page[-1]
    assert pages == [["key-1", "key-2"], ["key-3", "key-4"], ["key-5"]]


def test_there_are_no_keys_at_first(repository: Repository) -> None:
    assert repository.access.keys("", 10) == []
    assert repository.access.live_key(hash_of("key-1")) is None


def test_keys_of_a_database_that_was_not_migrated_are_unavailable(unmigrated: Repository) -> None:
    access = unmigrated.access
    with pytest.raises(StorageUnavailable):
        access.live_key(hash_of("key-1"))
    with pytest.raises(StorageUnavailable):
        access.keys("", 10)
    with pytest.raises(StorageUnavailable):
        access.add_key(api_key("key-1"), hash_of("key-1"), None, line())
    with pytest.raises(StorageUnavailable):
        access.revoke_key("key-1", line())
