"""The shapes of answers that only operators get, for the OpenAPI document."""

from marshmallow import fields

from ticketboss.api.answers import Answer, flag, list_of, moment, number, one_of, text
from ticketboss.domain.access import Scope


class KeyAnswer(Answer):
    """An API key without its secret."""

    key_id = text()
    prefix = text()
    scope = one_of(Scope)
    partner_id = text(allow_none=True)
    is_test = flag()
    created_at = moment()
    revoked_at = moment(allow_none=True)


class NewKeyAnswer(KeyAnswer):
    """A new API key with its secret, which is shown this once."""

    key = text()


class KeyPageAnswer(Answer):
    """One page of keys; `next` is the cursor of the next one."""

    keys = list_of(KeyAnswer)
    next = text(allow_none=True)


class PartnerAnswer(Answer):
    """A partner with what a freeze concerns."""

    partner_id = text()
    name = text()
    frozen = flag()
    holds = text(allow_none=True)
    live_keys = number()
    open_holds = number()


class PartnerPageAnswer(Answer):
    """One page of partners; `next` is the cursor of the next one."""

    partners = list_of(PartnerAnswer)
    next = text(allow_none=True)


class LogLineAnswer(Answer):
    """One line of the admin log."""

    log_id = text()
    at = moment()
    actor = text()
    action = text()
    detail = fields.Dict(required=True)


class LogPageAnswer(Answer):
    """One page of the admin log; `next` is the cursor of the next one."""

    lines = list_of(LogLineAnswer)
    next = text(allow_none=True)
