"""Keys as one process knows them: looked up seldom, and believed for half a second at most."""

import hashlib
import time

import pytest

from ticketboss.domain.access import ApiKey
from ticketboss.domain.api_keys import API_KEY, SHOWN_LENGTH
from ticketboss.engine import keys as keys_module
from ticketboss.engine.keys import (
    KEY_CACHE_SECONDS_MAX,
    KeyRing,
    NewKey,
    new_key,
)
from ticketboss.repository.interface import StorageUnavailable
from ticketboss.repository.sql.access import SqlAccess

SECRET = "tb_live_" + "a" * 43
OTHER = "tb_test_" + "b" * 43
REVOKED_WITHIN_SECONDS_MAX = 1.0


class Access(SqlAccess):
    """Keys in a dictionary by their secret; nothing else of it is used."""

    def __init__(self) -> None:
        self.by_hash: dict[str, ApiKey] = {}
        self.looked_up: list[str] = []
        self.error: Exception | None = None

    def add(self, secret: str, key_id: str = "key-1") -> ApiKey:
        key = ApiKey(key_id, secret[:SHOWN_LENGTH], "abc-corp", is_test=False, created_at=0)
        self.by_hash[_hash(secret)] = key
        return key

    def live_key(self, key_hash: str) -> ApiKey | None:
        self.looked_up.append(key_hash)
        if self.error is not None:
            raise self.error
        return self.by_hash.get(key_hash)


class Clock:
    """The monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.fixture
def access() -> Access:
    access = Access()
    access.add(SECRET)
    return access


@pytest.fixture
def ring(access: Access) -> KeyRing:
    return KeyRing(access)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def _made(count: int) -> list[NewKey]:
    return [new_key(is_test=bool(number % 2)) for number in range(count)]


def test_a_new_key_is_a_mode_and_32_random_bytes() -> None:
    for mode, key in (("live", new_key(is_test=False)), ("test", new_key(is_test=True))):
        assert API_KEY.fullmatch(key.secret)
        assert key.secret.startswith(f"tb_{mode}_")
        assert key.key_hash == _hash(key.secret)
        # Enough to tell keys apart, and 37 of the 43 characters stay unknown.
        assert key.prefix == key.secret[:14]


def test_no_two_keys_are_alike() -> None:
    made = _made(1_000)
    assert len({key.secret for key in made}) == len({key.key_hash for key in made}) == 1_000


def test_a_live_key_is_found_by_its_secret_whose_hash_alone_is_asked_for(
    ring: KeyRing, access: Access
) -> None:
    assert ring.find(SECRET) == access.by_hash[_hash(SECRET)]
    assert access.looked_up == [_hash(SECRET)]
    assert ring.find(OTHER) is None


def test_a_key_is_looked_up_once_while_it_is_fresh(
    ring: KeyRing, access: Access, clock: Clock
) -> None:
    for _ in range(3):
        assert ring.find(SECRET) is not None
    clock.seconds += KEY_CACHE_SECONDS_MAX * 0.99
    assert ring.find(SECRET) is not None
    assert len(access.looked_up) == 1
    clock.seconds += KEY_CACHE_SECONDS_MAX * 0.01
    assert ring.find(SECRET) is not None
    assert len(access.looked_up) == 2


def test_another_key_does_not_make_it_forgotten(
    ring: KeyRing, access: Access, clock: Clock
) -> None:
    access.add(OTHER, "key-2")
    for secret in (SECRET, OTHER, SECRET):
        assert ring.find(secret) is not None
    assert access.looked_up == [_hash(SECRET), _hash(OTHER)]


def test_a_revoked_key_is_refused_once_it_is_no_longer_fresh(
    ring: KeyRing, access: Access, clock: Clock
) -> None:
    assert ring.find(SECRET) is not None
    access.by_hash.clear()
    clock.seconds += KEY_CACHE_SECONDS_MAX
    assert ring.find(SECRET) is None
    assert KEY_CACHE_SECONDS_MAX < REVOKED_WITHIN_SECONDS_MAX


def test_using_a_key_does_not_keep_it_fresh(ring: KeyRing, access: Access, clock: Clock) -> None:
    assert ring.find(SECRET) is not None
    access.by_hash.clear()
    for _ in range(4):
        clock.seconds += KEY_CACHE_SECONDS_MAX / 4
        last = ring.find(SECRET)
    assert last is None


def test_a_slow_look_up_counts_from_its_beginning(
    ring: KeyRing, access: Access, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_key = access.live_key

    def slow(key_hash: str) -> ApiKey | None:
        found = live_key(key_hash)
        # Revoked while the answer was on its way.
        access.by_hash.clear()
        clock.seconds += KEY_CACHE_SECONDS_MAX
        return found

    monkeypatch.setattr(access, "live_key", slow)
    assert ring.find(SECRET) is not None
    assert ring.find(SECRET) is None


def test_a_refusal_is_not_remembered(ring: KeyRing, access: Access) -> None:
    assert ring.find(OTHER) is None
    added = access.add(OTHER, "key-2")
    assert ring.find(OTHER) == added


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "tb_live_",
        SECRET[:-1],
        SECRET + "a",
        SECRET + "\n",
        " " + SECRET,
        SECRET.upper(),
        SECRET.replace("live", "demo"),
        SECRET.replace("_", "-"),
        SECRET[:-1] + "=",
        SECRET[:-1] + "/",
        SECRET[:-1] + "ä",
        SECRET[:-1] + "١",
    ],
)
def test_what_cannot_be_a_key_is_never_looked_up(
    ring: KeyRing, access: Access, malformed: str
) -> None:
    access.add(malformed)
    assert ring.find(malformed) is None
    assert access.looked_up == []


def test_a_key_that_cannot_be_looked_up_is_not_admitted(
    ring: KeyRing, access: Access, clock: Clock
) -> None:
    assert ring.find(SECRET) is not None
    access.error = StorageUnavailable("away")
    # What is fresh is still good.
    assert ring.find(SECRET) is not None
    clock.seconds += KEY_CACHE_SECONDS_MAX
    for secret in (SECRET, OTHER):
        with pytest.raises(StorageUnavailable):
            ring.find(secret)
    access.error = None
    assert ring.find(SECRET) is not None


def test_a_process_remembers_a_bounded_number_of_keys(
    ring: KeyRing, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "KEYS_CACHED_MAX", 5)
    secrets = [made.secret for made in _made(23)]
    for number, secret in enumerate(secrets):
        access.add(secret, f"key-{number}")
        found = ring.find(secret)
        assert found is not None
        assert found.key_id == f"key-{number}"
        assert len(ring._found) <= 5
    assert ring.find(secrets[-1]) is not None
    assert len(access.looked_up) == 23


def test_a_process_remembers_no_key_that_was_refused(
    ring: KeyRing, access: Access, clock: Clock
) -> None:
    ring.find(SECRET)
    access.by_hash.clear()
    clock.seconds += KEY_CACHE_SECONDS_MAX
    for secret in (SECRET, OTHER, "malformed"):
        assert ring.find(secret) is None
    assert ring._found == {}
