"""One table from stable error codes to statuses and words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One code: its status, title and usual detail.

    `retryable` says that the same request may be sent again as it is, with the same
    idempotency key, after `Retry-After`.
    """

    status: int
    title: str
    detail: str
    retryable: bool = False
    retry_after_seconds: int | None = None


PROBLEMS: Mapping[str, ProblemType] = {
    "invalid_json": ProblemType(400, "Invalid JSON", "The body is not acceptable JSON."),
    "invalid_request": ProblemType(400, "Invalid request", "See errors for each field."),
    "invalid_header": ProblemType(400, "Invalid header", "A header is not valid."),
    "bad_request": ProblemType(400, "Bad request", "The request could not be understood."),
    "too_many_seats": ProblemType(
        400,
        "Too many seats for one reservation",
        "A reservation of this event has 1 to {seats_per_reservation_max} seats.",
    ),
    "simulation_refused": ProblemType(
        400,
        "Nothing is simulated here",
        "TicketBoss-Simulate is for test keys on test events alone; the request had no effect.",
    ),
    "key_required": ProblemType(
        401, "API key required", "Send your key as Authorization: Bearer tb_live_..."
    ),
    "key_invalid": ProblemType(
        401, "API key not valid", "It is unknown or was revoked; ask the operator for another."
    ),
    "wrong_scope": ProblemType(
        403, "Not for this key", "This request needs an operator's key; yours is a partner's."
    ),
    "test_key": ProblemType(
        403,
        "Test keys are for test events",
        "A test key works on test events alone, and any other key on the others alone.",
    ),
    "partner_mismatch": ProblemType(
        403, "Another partner's id", "partnerId is not the partner of this key; leave it out."
    ),
    "local_only": ProblemType(
        403,
        "Open mode is for this machine alone",
        "Without API keys only requests to localhost that passed no proxy are answered; "
        "set TICKETBOSS_AUTH=keys to serve others.",
    ),
    "not_found": ProblemType(404, "Not found", "There is nothing at this URL."),
    "event_not_found": ProblemType(404, "Event not found", "There is no such event."),
    "reservation_not_found": ProblemType(
        404, "Reservation not found", "This event has no such reservation."
    ),
    "key_not_found": ProblemType(404, "Key not found", "There is no API key of this id."),
    "partner_not_found": ProblemType(404, "Partner not found", "There is no such partner."),
    "already_cancelled": ProblemType(
        404, "Reservation already cancelled", "Its seats were given back before."
    ),
    "method_not_allowed": ProblemType(
        405, "Method not allowed", "See the Allow header for the methods of this URL."
    ),
    "not_enough_seats": ProblemType(
        409,
        "Not enough seats left",
        "{requested_seats} seats were asked for, {available_seats} are available.",
    ),
    "bulk_refused": ProblemType(
        409, "Bulk refused", "Nothing was reserved; outcomes says for each item why not."
    ),
    "partner_limit_reached": ProblemType(
        409,
        "Partner limit reached",
        "This event allows {limit_max} {limit}; {taken} are taken.",
    ),
    "sale_not_open": ProblemType(
        409, "Sale not open yet", "It opens in {opens_in_ms} ms, at {opens_at}.", retryable=True
    ),
    "sale_closed": ProblemType(409, "Sale closed", "The sale of this event has ended."),
    "sale_paused": ProblemType(409, "Sale paused", "The sale of this event is paused."),
    "event_cancelled": ProblemType(409, "Event cancelled", "This event does not take place."),
    "hold_expired": ProblemType(
        409, "Hold expired", "Its time was over; its seats were given back."
    ),
    "hold_too_long": ProblemType(
        409,
        "Hold too long",
        "A hold of this event lasts {hold_seconds_total_max} seconds at most, extensions included.",
    ),
    "not_a_hold": ProblemType(
        409, "Not a hold", "The reservation is confirmed: there is nothing to extend."
    ),
    "reservation_ended": ProblemType(
        409, "Reservation ended", "It was cancelled and cannot be changed any more."
    ),
    "audit_too_large": ProblemType(
        409,
        "Too much to audit over HTTP",
        "The ledger has {entries} entries, an audit takes {entries_max}; "
        "run 'python -m ticketboss verify' on the server.",
    ),
    "version_not_found": ProblemType(
        404, "Version not found", "The event is at version {current_version}."
    ),
    "capacity_in_use": ProblemType(
        409,
        "Capacity in use",
        "{taken_seats} seats are reserved or held; the capacity cannot be {requested_seats}.",
    ),
    "invalid_sale_window": ProblemType(
        400, "Invalid sale window", "onSaleUntil must be later than onSaleFrom."
    ),
    "partner_frozen": ProblemType(
        403, "Partner frozen", "The operator has frozen this partner; ask them why."
    ),
    "event_exists": ProblemType(409, "Event exists already", "Choose another event id."),
    "body_too_slow": ProblemType(
        408,
        "Body too slow",
        "The body did not arrive in time; the request had no effect.",
        retryable=True,
    ),
    "length_required": ProblemType(
        411, "Content-Length required", "Send the body with a Content-Length, not in chunks."
    ),
    "precondition_failed": ProblemType(
        412,
        "Precondition failed",
        "The current version is {current_version}; read again and decide anew.",
    ),
    "body_too_large": ProblemType(413, "Body too large", "The body may have {bytes_max} bytes."),
    "unsupported_media_type": ProblemType(
        415, "Unsupported media type", "Send the body as application/json."
    ),
    "idempotency_key_reused": ProblemType(
        422,
        "Idempotency key reused",
        "This key was used for a different request; a new request needs a new key.",
    ),
    "rate_limited": ProblemType(
        429,
        "Too many requests",
        "This key may not send so many requests; the request had no effect.",
        retryable=True,
    ),
    "too_many_wrong_keys": ProblemType(
        429,
        "Too many wrong keys",
        "From this address came too many wrong keys; the request had no effect.",
        retryable=True,
    ),
    "internal_error": ProblemType(
        500,
        "Internal error",
        "The error was logged. If this was a write, ask again with the same idempotency key.",
        retryable=True,
    ),
    "overloaded": ProblemType(
        503,
        "Overloaded",
        "The request had no effect; there was no time for it.",
        retryable=True,
        retry_after_seconds=1,
    ),
    "outcome_unknown": ProblemType(
        503,
        "Outcome unknown",
        "The request may have had its effect; ask again with the same idempotency key.",
        retryable=True,
        retry_after_seconds=1,
    ),
    "storage_unavailable": ProblemType(
        503,
        "Storage unavailable",
        "The request had no effect; the database cannot be used right now.",
        retryable=True,
        retry_after_seconds=5,
    ),
    "not_ready": ProblemType(
        503, "Not ready", "This server should get no requests now.", True, retry_after_seconds=1
    ),
}
# What gunicorn refuses before the application sees it (gunicorn.conf.py writes the documents).
SERVER_PROBLEMS: Mapping[str, ProblemType] = {
    "forbidden": ProblemType(403, "Forbidden", "The server does not talk to this peer."),
    "uri_too_long": ProblemType(414, "Request-URI Too Long", "Shorten the URL."),
    "expectation_failed": ProblemType(
        417, "Expectation Failed", "The Expect header is not understood; leave it out."
    ),
    "headers_too_large": ProblemType(
        431, "Request Header Fields Too Large", "Send fewer headers, or shorter ones."
    ),
    "not_implemented": ProblemType(
        501, "Not Implemented", "The server does not have this transfer coding; leave it out."
    ),
}
ALL_PROBLEMS: Mapping[str, ProblemType] = {**PROBLEMS, **SERVER_PROBLEMS}
