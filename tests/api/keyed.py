"""Keys of an application that asks for them, and clients that send them."""

from typing import cast

from flask import Flask

from tests.api.partner import PARTNER_ID, PartnerClient
from ticketboss.engine.administration import Administration, IssuedKey

ISSUER = "operator:cli"


class Keyed:
    """Issues keys at the operators' desk; each client sends a new one."""

    def __init__(self, app: Flask, desk: Administration) -> None:
        self.app = app
        self.desk = desk

    def issue(self, partner_id: str | None = None, is_test: bool = False) -> IssuedKey:
        """A new key: a partner's, or without one an operator's."""
        return self.desk.issue_key(ISSUER, partner_id, is_test)

    def revoke(self, client: PartnerClient) -> None:
        """Revoke the key that a client sends."""
        assert client.key_id is not None
        self.desk.revoke_key(ISSUER, client.key_id)

    def nobody(self) -> PartnerClient:
        """A client without a key."""
        return cast(PartnerClient, self.app.test_client())

    def sending(self, authorization: str) -> PartnerClient:
        """A client that sends this Authorization header."""
        client = self.nobody()
        client.environ_base["HTTP_AUTHORIZATION"] = authorization
        return client

    def holder(self, issued: IssuedKey) -> PartnerClient:
        """A client that sends this key."""
        client = self.sending(f"Bearer {issued.secret}")
        client.key_id = issued.key.key_id
        client.partner_id = issued.key.partner_id or PARTNER_ID
        return client

    def partner(self, partner_id: str = PARTNER_ID, is_test: bool = False) -> PartnerClient:
        """A client with a new key of a partner."""
        return self.holder(self.issue(partner_id, is_test))

    def operator(self, is_test: bool = False) -> PartnerClient:
        """A client with a new key of an operator; it reserves for PARTNER_ID."""
        return self.holder(self.issue(None, is_test))
