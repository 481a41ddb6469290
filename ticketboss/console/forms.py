"""Forms: what their fields are, and what of them goes to the API's schemas."""

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import request

from ticketboss.api.bodies import body_of
from ticketboss.api.context import caller, operator
from ticketboss.api.problems import Problem
from ticketboss.console.pages import admission
from ticketboss.console.words import day_and_time, number
from ticketboss.formats import moment, parse_rfc3339

MEDIA_TYPE = "application/x-www-form-urlencoded"
FORM_FIELDS_MAX = 50
WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
ONCE = re.compile(r"[A-Za-z0-9_-]{16}")
# As browsers send the date and time of an input.
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; `name` is that of the member in the API's schema.

    `kind` is text, number, moment, flag or choice. Left empty, it is null where `may_be_null`,
    and else not given.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    is_required: bool = False
    may_be_null: bool = False
    options: tuple[tuple[str, str], ...] = ()

    def member(self, text: str) -> Any:
        """What the schema is given for what was typed; the schema says if that is wrong."""
        if self.kind == "flag":
            return text == "yes"
        if text == "" and self.may_be_null:
            return None
        if self.kind == "number" and WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if self.kind == "moment" and (found := LOCAL_TIME.fullmatch(text)):
            return f"{text}{'' if found[1] else ':00'}Z"
        return text

    def meaning(self, text: str) -> Any:
        """What was typed, so that two ways to write one time are the same."""
        member = self.member(text)
        if self.kind == "moment" and isinstance(member, str):
            with suppress(ValueError):
                return parse_rfc3339(member)
        return member

    def shown(self, text: str) -> str:
        """What was typed, as people read it."""
        meaning = self.meaning(text)
        if self.kind == "moment" and isinstance(meaning, int):
            return day_and_time(meaning)
        if self.kind == "number" and isinstance(meaning, int):
            return number(meaning)
        return dict(self.options).get(text, text) or "-"

    def text(self, value: Any) -> str:
        """What stands in the field for a value of ours."""
        if value is None:
            return ""
        if self.kind == "flag":
            return "yes" if value else ""
        if self.kind == "moment":
            return (moment(value) or "").removesuffix("Z")
        return str(value)


def sent_form() -> dict[str, str]:
    """The fields of the form that was sent. Raises Problem unless it is one of ours."""
    try:
        fields = dict(
            parse_qsl(
                body_of(MEDIA_TYPE).decode(),
                keep_blank_values=True,
                strict_parsing=True,
                errors="strict",
                max_num_fields=FORM_FIELDS_MAX,
            )
        )
    except ValueError:
        raise Problem("bad_request", "The form could not be read.") from None
    nonce = admission().nonce(request.environ)
    token = fields.pop("token", "")
    if nonce is None or not admission().sessions.is_form_token(nonce, token):
        raise Problem(
            "bad_request",
            "The form is not of your session, or that has ended: nothing was done. "
            "Load the page again and repeat it.",
        )
    return fields


def document_of(fields: Sequence[Field], sent: Mapping[str, str]) -> dict[str, Any]:
    """All fields that were filled in, as the API would be sent them."""
    return {
        field.name: field.member(sent.get(field.name, ""))
        for field in fields
        if sent.get(field.name, "") != "" or (field.is_required and field.kind != "flag")
    }


def changes_of(fields: Sequence[Field], sent: Mapping[str, str]) -> dict[str, Any]:
    """The fields that are not as they were when the form was made, as the API would be sent them.

    What others have changed since in the rest stays as they have it.
    """
    return {field.name: field.member(sent.get(field.name, "")) for field in _edited(fields, sent)}


def facts_of(fields: Sequence[Field], sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was filled in, for people to confirm."""
    return [
        (field.label, field.shown(sent[field.name])) for field in fields if sent.get(field.name)
    ]


def changed_facts_of(fields: Sequence[Field], sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was edited, as it was and as it would be."""
    return [
        (field.label, " → ".join(field.shown(sent.get(name, "")) for name in _names(field)))
        for field in _edited(fields, sent)
    ]


def _names(field: Field) -> tuple[str, str]:
    """Where a form has what the field was, and what it is."""
    return f"was_{field.name}", field.name


def _edited(fields: Sequence[Field], sent: Mapping[str, str]) -> list[Field]:
    return [
        field
        for field in fields
        if len({field.meaning(sent.get(name, "")) for name in _names(field)}) > 1
    ]


def new_once() -> str:
    """What tells one intent from the next: a form that is sent twice has one effect."""
    return secrets.token_urlsafe(12)


def asked_by(sent: Mapping[str, str]) -> dict[str, Any]:
    """What every command takes from its form: who asks, and that it is asked once."""
    once = sent.get("once", "")
    if not ONCE.fullmatch(once):
        raise Problem("bad_request", "The form could not be read.")
    return {
        "actor": operator(),
        "for_test": caller().for_test,
        "idempotency_key": f"console-{once}",
    }


def errors_of(problem: Problem) -> dict[str, str]:
    """What is wrong with each field."""
    found: dict[str, str] = {}
    for name, message in problem.errors or ():
        found[name] = f"{found[name]} {message}" if name in found else message
    return found
