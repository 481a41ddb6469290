"""An example of every body and every answer, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from ticketboss.api import answers, operator_answers, schemas

EVENT_ID = "node-meetup-2025"
PARTNER_ID = "abc-corp"
RESERVATION_ID = "01a203c6-397e-7150-9865-2d69bb2f0e7a"
HOLD_ID = "01a203c6-3a11-7d04-8c11-90a1f2a6c7d5"
KEY_ID = "01a203c6-1f0e-7c52-b1a7-4f64dd0f3a90"
CREATED_AT = "2026-11-22T15:00:52.222Z"

EVENT: dict[str, Any] = {
    "eventId": EVENT_ID,
    "name": "Node.js Meet-up",
    "totalSeats": 500,
    "availableSeats": 495,
    "heldSeats": 0,
    "reservedSeats": 5,
    "reservationCount": 2,
    "saleState": "on_sale",
    "version": 2,
    "seatsPerReservationMax": 10,
    "seatsPerPartnerMax": None,
    "openHoldsPerPartnerMax": 1_000,
    "holdSecondsTotalMax": 3_600,
    "onSaleFrom": None,
    "onSaleUntil": None,
    "paused": False,
    "isTest": False,
}
CLAIM: dict[str, Any] = {
    "reservationId": RESERVATION_ID,
    "eventId": EVENT_ID,
    "partnerId": PARTNER_ID,
    "reference": "4711",
    "seats": 2,
    "status": "confirmed",
    "createdAt": CREATED_AT,
    "version": 2,
    "availableSeats": 495,
}
RESERVATION: dict[str, Any] = {
    "reservationId": RESERVATION_ID,
    "eventId": EVENT_ID,
    "partnerId": PARTNER_ID,
    "reference": "4711",
    "seats": 2,
    "status": "confirmed",
    "createdAt": CREATED_AT,
    "version": 2,
    "createdVersion": 2,
}
HOLD: dict[str, Any] = RESERVATION | {
    "reservationId": HOLD_ID,
    "reference": None,
    "status": "held",
    "expiresAt": "2026-11-22T15:10:52.222Z",
    "version": 3,
    "createdVersion": 3,
}
REFUSED_ITEM: dict[str, Any] = {
    "code": "not_enough_seats",
    "error": "Not enough seats left",
    "detail": "4 seats were asked for, 3 are available.",
    "retryable": False,
    "requestedSeats": 4,
    "availableSeats": 3,
    "heldSeats": 0,
    "nextHoldExpiresAt": None,
}
ENTRY: dict[str, Any] = {
    "version": 2,
    "kind": "reserved",
    "at": CREATED_AT,
    "seats": 2,
    "seatsBefore": None,
    "totalSeats": 500,
    "availableSeats": 495,
    "heldSeats": 0,
    "reservationCount": 2,
    "reservationId": RESERVATION_ID,
    "partnerId": PARTNER_ID,
    "reference": "4711",
    "expiresAt": None,
}
KEY: dict[str, Any] = {
    "keyId": KEY_ID,
    "prefix": "tb_live_9hK2mQ",
    "scope": "partner",
    "partnerId": PARTNER_ID,
    "isTest": False,
    "createdAt": CREATED_AT,
    "revokedAt": None,
}
PARTNER: dict[str, Any] = {
    "partnerId": PARTNER_ID,
    "name": "ABC Corporation",
    "frozen": False,
    "holds": None,
    "liveKeys": 1,
    "openHolds": 0,
}
LOG_LINE: dict[str, Any] = {
    "logId": "01a203c6-1f0f-7a31-9c1e-53c6c20ab8d4",
    "at": CREATED_AT,
    "actor": "operator:cli",
    "action": "key_created",
    "detail": {"keyId": KEY_ID, "scope": "partner", "partnerId": PARTNER_ID, "isTest": False},
}

EXAMPLES: Mapping[type[Schema], dict[str, Any]] = {
    schemas.ReserveBody: {"partnerId": PARTNER_ID, "seats": 2, "reference": "4711"},
    schemas.BulkItem: {"seats": 4, "minSeats": 1, "holdSeconds": 600},
    schemas.BulkBody: {
        "partnerId": PARTNER_ID,
        "atomic": False,
        "items": [{"seats": 2, "reference": "4711"}, {"seats": 4, "minSeats": 1}],
    },
    schemas.BelievedReservation: {
        "reservationId": RESERVATION_ID,
        "seats": 2,
        "status": "confirmed",
    },
    schemas.ReconcileBody: {
        "partnerId": PARTNER_ID,
        "reservations": [{"reservationId": RESERVATION_ID, "seats": 2, "status": "confirmed"}],
        "after": 0,
    },
    schemas.ChangeBody: {"seats": 1},
    schemas.EventBody: {"eventId": "small-room", "name": "Small room", "totalSeats": 40},
    schemas.EventChangeBody: {"totalSeats": 600, "onSaleUntil": "2027-01-31T22:00:00Z"},
    schemas.KeyBody: {"scope": "partner", "partnerId": PARTNER_ID, "isTest": False},
    schemas.FreezeBody: {"holds": "keep"},
    answers.EventAnswer: EVENT,
    answers.ReservationAnswer: RESERVATION,
    answers.ClaimAnswer: CLAIM,
    answers.RefusedItem: REFUSED_ITEM,
    answers.Outcome: CLAIM,
    answers.BulkAnswer: {
        "outcomes": [CLAIM, REFUSED_ITEM],
        "accepted": 1,
        "refused": 1,
        "version": 2,
        "availableSeats": 495,
    },
    answers.ReservationPageAnswer: {"reservations": [RESERVATION, HOLD], "next": "3"},
    answers.ReconcileAnswer: {
        "unknownHere": [],
        "unknownThere": [HOLD],
        "different": [RESERVATION],
        "next": None,
    },
    answers.EntryAnswer: ENTRY,
    answers.LedgerAnswer: {"entries": [ENTRY], "next": 2},
    answers.AuditAnswer: {"eventId": EVENT_ID, "version": 2, "entries": 3, "differences": []},
    answers.EventPageAnswer: {"events": [EVENT], "next": None},
    answers.PausedAnswer: {"paused": [EVENT_ID], "werePaused": [], "notPaused": []},
    operator_answers.KeyAnswer: KEY,
    operator_answers.NewKeyAnswer: KEY | {"key": "tb_live_..."},
    operator_answers.KeyPageAnswer: {"keys": [KEY], "next": None},
    operator_answers.PartnerAnswer: PARTNER,
    operator_answers.PartnerPageAnswer: {"partners": [PARTNER], "next": None},
    operator_answers.LogLineAnswer: LOG_LINE,
    operator_answers.LogPageAnswer: {"lines": [LOG_LINE], "next": None},
    answers.StatusAnswer: {"status": "ready"},
    answers.DocumentAnswer: {
        "openapi": "3.1.0",
        "info": {"title": "TicketBoss"},
        "paths": {},
        "components": {},
    },
}
# Of what is not JSON, by operation.
TEXT_EXAMPLES: Mapping[str, str] = {
    "exportReservations": "reservationId,partnerId,reference,seats,status,createdAt,expiresAt,"
    f"version,createdVersion\r\n{RESERVATION_ID},{PARTNER_ID},4711,2,confirmed,{CREATED_AT},,2,2\r\n",
    "readMetrics": 'ticketboss_available_seats{event="node-meetup-2025"} 495.0\n',
    "readDocs": "A page of HTML.",
    "readDocsFile": "A file.",
    "readProblemType": "A page of HTML.",
}
# Of parameters, by their names in the document, with the operation in front where that matters.
PARAMETER_EXAMPLES: Mapping[str, Any] = {
    "eventId": EVENT_ID,
    "reservationId": RESERVATION_ID,
    "partnerId": PARTNER_ID,
    "keyId": KEY_ID,
    "code": "not_enough_seats",
    "asset": "swagger-ui.css",
    "limit": 50,
    "cursor": 3,
    "listEvents.cursor": EVENT_ID,
    "listKeys.cursor": KEY_ID,
    "listPartners.cursor": PARTNER_ID,
    "readAdminLog.cursor": LOG_LINE["logId"],
    "status": "confirmed",
    "reference": "4711",
    "after": 2,
    "wait": 25,
    "at": 2,
    "Idempotency-Key": "order-4711",
    "If-Match": '"2"',
    "TicketBoss-Simulate": "slow=2000",
    "If-None-Match": '"2-on_sale"',
}
