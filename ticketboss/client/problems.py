"""What all failures of a call have in common."""

from inspect import get_annotations
from typing import Any

from ticketboss.client.names import camel_case, code_of, in_python

STANDARD_MEMBERS = frozenset(
    {"type", "title", "status", "detail", "code", "retryable", "requestId", "error"}
)


class TicketBossError(Exception):
    """The server said no, or nothing at all. A code without a class of its own gives this class.

    `code` never changes its meaning, `detail` is for people. `status` is None where there was no
    answer. `retryable`: the same call may succeed later as it is. `facts` are the further members
    of the answer, by their names in JSON; a class that knows some of them has them as attributes.
    `retry_after_seconds` is what the server asked for, `request_id` what it logged. `version` is
    the event's at which a write was refused, None where the answer does not tell.

    `idempotency_key` is the one that a write was sent with, None for a read. `unanswered_tries`
    counts earlier tries of the same call without an answer: such a try may still be under way,
    and could succeed after this refusal where seats come back in between.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retryable: bool = False,
        retry_after_seconds: float | None = None,
        facts: dict[str, Any] | None = None,
        version: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or code_of(type(self).__name__)
        self.status = status
        self.request_id = request_id
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds
        self.facts = facts or {}
        self.version = version
        self.idempotency_key: str | None = None
        self.unanswered_tries = 0
        for name in get_annotations(type(self)):
            if camel_case(name) in self.facts:
                setattr(self, name, in_python(name, self.facts[camel_case(name)]))

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class OutcomeUnknown(TicketBossError):
    """No answer, or none that settles it: a write may have had its effect, or have it yet.

    Make the same call again with this error's `idempotency_key` to find out; it cannot have its
    effect twice. For a read it only says that there was no answer.
    """
