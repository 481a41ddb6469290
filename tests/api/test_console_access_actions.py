"""What operators do with partners and keys on the pages."""

import re

import pytest
from flask import Flask

from tests.api.browsing import ONCE, Browser, browser
from tests.api.keyed import Keyed
from tests.api.partner import PartnerClient
from ticketboss.services import Services


@pytest.fixture
def page(app: Flask) -> Browser:
    return browser(app)


def test_partner_is_frozen_and_let_go_on(page: Browser, client: PartnerClient) -> None:
    client.hold(2)
    freeze = "/console/partners/abc-corp/freeze"

    assert page.fill(freeze).status_code == 400
    assert page.fill(freeze, None, holds="keep").location == "/console/partners?done=frozen"
    assert client.reserve().get_json()["code"] == "partner_frozen"
    assert "Frozen, holds kept" in page.get("/console/partners").text

    done = page.fill("/console/partners/abc-corp/unfreeze")
    assert done.location == "/console/partners?done=unfrozen"
    assert client.reserve().status_code == 201
    assert page.fill("/console/partners/nobody/unfreeze").status_code == 404
    assert page.get("/console/partners/no%20spaces/freeze").status_code == 404


def test_key_is_issued_shown_once_works_and_is_revoked(keyed: Keyed, services: Services) -> None:
    page = browser(keyed.app)
    page.sign_in(keyed.issue().secret)
    fields = {"scope": "partner", "partnerId": "new-corp", "partnerName": "New Corp"}

    issued = page.confirm("/console/new-key", **fields)

    secret = re.search(r'id="secret">(tb_live_[\w-]{43})<', issued.text)
    assert secret
    assert issued.headers["Cache-Control"] == "no-store"
    assert keyed.sending(f"Bearer {secret[1]}").get("/").status_code == 200
    listed = page.get("/console/keys").text
    assert secret[1] not in listed
    (key,) = [each for each in services.repository.access.keys("", 10) if each.partner_id]
    assert page.fill(f"/console/keys/{key.key_id}/revoke").location == "/console/keys?done=revoked"
    assert [line.action for line in services.repository.access.admin_log(None, 2)] == [
        "key_revoked",
        "key_created",
    ]
    assert page.fill("/console/keys/none/revoke").status_code == 404


def test_key_that_is_asked_for_twice_by_one_form_is_issued_once(
    page: Browser, services: Services
) -> None:
    fields = {"scope": "partner", "partnerId": "new-corp"}
    asked = page.fill("/console/new-key", None, **fields).text
    once = ONCE.search(asked)
    assert once
    sent = {"token": page.token(asked), "once": once[1], "confirmed": "yes", **fields}
    assert page.post("/console/new-key", data=sent).status_code == 200

    again = page.post("/console/new-key", data=sent)

    assert again.location == "/console/keys?done=issued"
    assert "issued before" in page.get(again.location).text
    assert len(services.repository.access.keys("", 10)) == 1
    sent["once"] = "an-id-of-one's-own"
    assert page.post("/console/new-key", data=sent).status_code == 400
    assert 'value="new-corp"' in page.fill("/console/new-key", None, **fields, back="yes").text


def test_key_of_a_partner_needs_the_partner(page: Browser, services: Services) -> None:
    answer = page.fill("/console/new-key", None, scope="partner")

    assert answer.status_code == 400
    assert "Say whose key it is." in answer.text
    assert services.repository.access.keys("", 10) == []


def test_operators_are_offered_what_their_key_can_do(keyed: Keyed) -> None:
    for is_test in (False, True):
        page = browser(keyed.app)
        page.sign_in(keyed.issue(is_test=is_test).secret)
        form, events = page.get("/console/new-event").text, page.get("/console/").text
        assert 'name="isTest"' not in form
        assert ('href="/console/keys"' in events) is not is_test
        assert (page.get("/console/keys").status_code == 200) is not is_test


def test_in_open_mode_both_kinds_of_events_are_offered(page: Browser) -> None:
    assert 'name="isTest"' in page.get("/console/new-event").text
    assert 'href="/console/keys"' in page.get("/console/").text
