"""API keys in the wrong place are found, wherever they stand in a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunicorn_refusals import API_KEY as API_KEY_OF_GUNICORN
from ticketboss.domain.api_keys import API_KEY, has_api_key, without_api_keys
from ticketboss.domain.events import EVENT_ID_PATTERN, is_event_name
from ticketboss.domain.reservations import PARTNER_ID_PATTERN
from ticketboss.engine.keys import new_key

KEYS = [new_key(is_test).secret for is_test in (False, True)]


@pytest.mark.parametrize("key", KEYS)
@given(before=st.text(), behind=st.text())
def test_a_key_is_found_and_hidden_wherever_it_stands(key: str, before: str, behind: str) -> None:
    text = before + key + behind
    hidden = without_api_keys(text)
    assert has_api_key(text)
    assert key[14:] not in hidden
    assert f"{key[:14]}***" in hidden
    assert not has_api_key(hidden)


@given(st.text(st.sampled_from("tb_liveesX-")))
def test_what_is_no_key_stays_as_it_is(text: str) -> None:
    if not has_api_key(text):
        assert without_api_keys(text) == text


def test_several_keys_are_all_hidden() -> None:
    assert without_api_keys(" ".join(KEYS)) == " ".join(f"{key[:14]}***" for key in KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_no_id_and_no_name_is_a_key(key: str) -> None:
    for pattern in (PARTNER_ID_PATTERN, EVENT_ID_PATTERN):
        for text in (key, f"a.{key}", f"{key}:a"):
            assert not re.fullmatch(pattern, text)
        # The half of one is not secret, and may be what a partner is called.
        assert re.fullmatch(pattern, key[:20])
    assert not is_event_name(f"Concert {key}")


def test_gunicorns_refusals_know_the_same_keys() -> None:
    assert API_KEY_OF_GUNICORN.pattern == API_KEY.pattern
