"""Keys, partners and the admin log as JSON documents, over HTTP and on the command line alike."""

from typing import Any

from ticketboss.domain.access import AdminLogEntry, ApiKey, PartnerStanding
from ticketboss.formats import moment


def key_document(key: ApiKey) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "keyId": key.key_id,
        "prefix": key.prefix,
        "scope": key.scope,
        "partnerId": key.partner_id,
        "isTest": key.is_test,
        "createdAt": moment(key.created_at),
        "revokedAt": moment(key.revoked_at),
    }


def partner_document(standing: PartnerStanding) -> dict[str, Any]:
    """A partner with what a freeze concerns."""
    partner = standing.partner
    return {
        "partnerId": partner.partner_id,
        "name": partner.name,
        "frozen": partner.frozen,
        "holds": partner.holds,
        "liveKeys": standing.live_keys,
        "openHolds": standing.open_holds,
    }


def log_document(line: AdminLogEntry) -> dict[str, Any]:
    """One line of the admin log."""
    return {
        "logId": line.log_id,
        "at": moment(line.at),
        "actor": line.actor,
        "action": line.action,
        "detail": line.detail,
    }
