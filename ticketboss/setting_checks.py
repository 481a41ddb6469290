"""What makes a setting's value acceptable; each check raises ValidationError with the reason."""

import ipaddress
import re
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from environs import ValidationError, validate

from ticketboss.domain.events import EVENT_ID_PATTERN, EVENT_NAME_LENGTH_MAX, is_event_name
from ticketboss.repository import open_repository

WORKER_CLASSES = ("gevent", "gthread", "sync")
ZERO_MULTIPLE = re.compile(r"(?:/|\bper)\s*0+(?!\d)", re.IGNORECASE)
SECRET_LENGTH_MIN = 32
RATE_LIMIT_STORAGES = ("memory", "redis", "rediss")


def host(name: str) -> None:
    """An address or name that can be listened on."""
    try:
        socket.getaddrinfo(name, None, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ValidationError("Must be the address or the name of this machine.") from None


def worker_class(name: str) -> None:
    """A kind of worker that is installed."""
    validate.OneOf(WORKER_CLASSES)(name)
    if name == "gevent" and not find_spec("gevent"):
        raise ValidationError("gevent is not installed; install requirements.txt.")


def event_id_or_empty(event_id: str) -> None:
    """An event id, or nothing for no event."""
    if event_id and not re.fullmatch(EVENT_ID_PATTERN, event_id):
        raise ValidationError("Must be an event id of letters, digits and ._:-, or empty for none.")


def event_name(name: str) -> None:
    """What people could call an event."""
    if not is_event_name(name):
        raise ValidationError(f"Must be 1 to {EVENT_NAME_LENGTH_MAX} printable characters.")


def database_url(url: str) -> None:
    """A database that we have a repository for."""
    try:
        open_repository(url)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def networks(text: str) -> None:
    """Addresses, networks or `unix` with commas between them, or nothing."""
    for part in (part.strip() for part in text.split(",") if part.strip() not in ("", "unix")):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            raise ValidationError(
                f"{part!r} is no address or network; write 10.0.0.7,192.168.1.0/24 or unix."
            ) from None
        if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
            raise ValidationError(f"{part!r} is an IPv4 address within IPv6; write it as IPv4.")


def rate_limits(text: str) -> None:
    """One or more limits in the notation of the `limits` library, or nothing for none."""
    # Here, because operator commands need not wait for it as long as the default stands.
    from limits import parse_many

    try:
        # It would take "per 0 seconds" for "per 1 second".
        wrong = bool(text) and (
            ZERO_MULTIPLE.search(text) is not None
            or not all(limit.amount for limit in parse_many(text))
        )
    except ValueError:
        wrong = True
    if wrong:
        raise ValidationError("Must look like 500/second or 500/second;9000/minute, or be empty.")


def rate_limit_storage(url: str) -> None:
    """Where the counts of requests are: in each worker, or in one Redis for all of them."""
    try:
        parts = urlsplit(url)
        has_place = parts.scheme == "memory" or _is_redis_url(url, parts)
    except ValueError:
        has_place = False
    if not has_place or parts.scheme not in RATE_LIMIT_STORAGES:
        # Not repeated here: a Redis URL may have a password.
        raise ValidationError("Must be memory:// or a URL like redis://HOST:6379/0.")


def secret_or_empty(secret: str) -> None:
    """What nobody can guess, or nothing."""
    if secret and len(secret) < SECRET_LENGTH_MIN:
        # Not repeated here: whoever knows it is an operator.
        raise ValidationError(f"Must have {SECRET_LENGTH_MIN} characters or more, or be empty.")


def folder(path: str) -> None:
    """A folder that is there, or nothing."""
    if path and not Path(path).is_dir():
        raise ValidationError("Must be a folder that exists, or empty.")


def _is_redis_url(url: str, parts: SplitResult) -> bool:
    """Whether a connection could be made from it, options in its query included."""
    # Here, because operator commands need not wait for it as long as the default stands.
    from redis import ConnectionPool

    # Looking at the port finds out whether it is one.
    if not parts.hostname or parts.port == 0 or not re.fullmatch(r"(?:/\d*)?", parts.path):
        return False
    try:
        pool = ConnectionPool.from_url(url)
        pool.connection_class(**pool.connection_kwargs)
    except (TypeError, ValueError):
        return False
    return True
