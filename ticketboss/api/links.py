"""Which operations an answer leads to, as the OpenAPI document's links."""

from typing import Any

from werkzeug.routing import Rule

from ticketboss.api.operations import Operation

_RESERVATION = {"reservationId": "$response.body#/reservationId"}
_EVENT = {"eventId": "$response.body#/eventId"}
_OWN_OPERATIONS = (
    *("readReservation", "confirmReservation", "changeReservation", "cancelReservation"),
)
# By operation: the operations that take these parameters from its answer.
_LINKS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "reserve": (_OWN_OPERATIONS, _RESERVATION | _EVENT),
    "confirmReservation": (_OWN_OPERATIONS, _RESERVATION | _EVENT),
    "changeReservation": (_OWN_OPERATIONS, _RESERVATION | _EVENT),
    "createEvent": (
        (
            *("readEvent", "changeEvent", "pauseEvent", "resumeEvent", "cancelEvent", "reserve"),
            *("reserveMany", "listReservations", "followLedger", "auditEvent"),
        ),
        _EVENT,
    ),
    "createKey": (("revokeKey",), {"keyId": "$response.body#/keyId"}),
}


def links_of(stated: Operation, rule: Rule) -> dict[str, Any]:
    """The links of an operation's successful answer; short URLs lead to short URLs."""
    names, parameters = _LINKS.get(stated.name, ((), {}))
    if rule.defaults:
        names = tuple(f"{name}OfDefaultEvent" for name in names)
        parameters = {name: value for name, value in parameters.items() if name != "eventId"}
    return {name: {"operationId": name, "parameters": parameters} for name in names}
