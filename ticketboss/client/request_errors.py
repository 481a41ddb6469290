"""Refusals of a request as such, whatever it is about; `errors` has them all."""

from ticketboss.client.problems import TicketBossError


class KeyRequired(TicketBossError):
    """The server wants an API key."""


class KeyInvalid(TicketBossError):
    """The API key is unknown or was revoked."""


class WrongScope(TicketBossError):
    """The request needs an operator's key."""


class TestKey(TicketBossError):
    """A test key on an event that is for real, or the other way round."""


class LocalOnly(TicketBossError):
    """The server asks for no keys and so answers its own machine alone."""


class Forbidden(TicketBossError):
    """The server does not talk to this peer."""


class SimulationRefused(TicketBossError):
    """`TicketBoss-Simulate` is for test keys on test events alone; nothing was done."""


class RateLimited(TicketBossError):
    """The key sends too many requests; this one had no effect."""


class TooManyWrongKeys(TicketBossError):
    """From this address came too many wrong keys; the request had no effect."""


class InvalidRequest(TicketBossError):
    """A field is not valid; `errors` has pairs of `field` and `message`."""

    errors: list[dict[str, str]]


class InvalidJson(TicketBossError):
    """The body was not acceptable as JSON."""


class InvalidHeader(TicketBossError):
    """A header was not valid."""


class BadRequest(TicketBossError):
    """The request could not be understood."""


class NotFound(TicketBossError):
    """There is nothing at this URL."""


class MethodNotAllowed(TicketBossError):
    """The URL does not have this method."""


class BodyTooSlow(TicketBossError):
    """The body did not arrive in time; the request had no effect."""


class LengthRequired(TicketBossError):
    """The body came without its length."""


class BodyTooLarge(TicketBossError):
    """The body was larger than the server takes."""

    bytes_max: int


class UriTooLong(TicketBossError):
    """The URL was longer than the server takes."""


class HeadersTooLarge(TicketBossError):
    """There were too many headers, or one was too long."""


class UnsupportedMediaType(TicketBossError):
    """The body was not declared as JSON."""


class ExpectationFailed(TicketBossError):
    """The Expect header was not understood."""


class NotImplemented(TicketBossError):  # noqa: A001 - named after its code
    """The server does not have this transfer coding."""


class Overloaded(TicketBossError):
    """There was no time for the request; it had no effect."""


class StorageUnavailable(TicketBossError):
    """The server's database cannot be used; the request had no effect."""


class NotReady(TicketBossError):
    """This server should get no requests now."""
