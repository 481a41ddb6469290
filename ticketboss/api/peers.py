"""Where a request comes from, as far as that can be believed."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

# Whatever a proxy may add; one on the same machine would make everybody look local.
FORWARDING_HEADERS = re.compile(r"HTTP_(?:X_FORWARDED.*|FORWARDED|VIA|X_REAL_IP)")
PORT = re.compile(r":\d{1,5}\Z")
IPV6_NETWORK_BITS = 64
UNIX = "unix"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Peers:
    """Tells the address of a request's client from the addresses of proxies in between."""

    def __init__(self, trusted_proxies: str) -> None:
        """`trusted_proxies` are addresses, networks or `unix`, with commas between them.

        `unix` is for whoever connects through a Unix socket, and so has no address.
        """
        parts = {part.strip() for part in trusted_proxies.split(",")} - {""}
        self._trusts_unix = UNIX in parts
        self._trusted: list[Network] = [ipaddress.ip_network(part) for part in parts - {UNIX}]

    def client(self, environ: Mapping[str, Any]) -> str:
        """The client's address; of an IPv6 address its network, which one client has whole.

        X-Forwarded-For counts only as far as trusted proxies have written it: from its end back
        to the first address that is not one of theirs.
        """
        hops = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        address = str(environ.get("REMOTE_ADDR", ""))
        while hops and self._trusts(address):
            hop = hops.pop().strip()
            # Some proxies write the port as well.
            hop = PORT.sub("", hop).strip("[]") if "." in hop or hop.startswith("[") else hop
            if _address(hop) is None:
                break
            address = hop
        found = _address(address)
        if isinstance(found, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((found, IPV6_NETWORK_BITS), strict=False))
        return str(found or address)

    def _trusts(self, address: str) -> bool:
        if not address:
            return self._trusts_unix
        found = _address(address)
        return found is not None and any(found in network for network in self._trusted)


def is_local(environ: Mapping[str, Any]) -> bool:
    """Whether a request names a loopback host and shows no sign of a proxy or a foreign page."""
    if any(FORWARDING_HEADERS.fullmatch(name) for name in environ):
        return False
    # A browser tells from which page a request comes; other pages must not use its reach.
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and not _is_loopback(_authority(origin)):
        return False
    # A whole URL in the request line names the host before the Host header does (RFC 9112
    # section 3.2.2).
    target = environ.get("RAW_URI", "/")
    if not target.startswith("/") and not _is_loopback(_authority(target)):
        return False
    host = environ.get("HTTP_HOST")
    # HTTP/1.0 knows no Host; where a later version misses it, that was refused before.
    return host is None or _is_loopback(host)


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    name = PORT.sub("", host)
    if name.lower() == "localhost":
        return True
    address = _address(name.removeprefix("[").removesuffix("]"))
    return address is not None and address.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
