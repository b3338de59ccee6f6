"""Fetches a page by its address, from the public network alone.

A name is looked up once, every address it has must be public, and the connection goes to one of those very addresses: so no
second lookup can lead elsewhere. Each redirection is checked alike.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import certifi
import urllib3

from oped.errors import InputError

MOST_REDIRECTIONS = 5
SECONDS = 20.0
KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_PORTS = {"http": 80, "https": 443}
_BLOCK = 1 << 16
_SAFE = "/%:@!$&'()*+,;=~-._?"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Of IPv6 only this is given out to networks at large; of it, these are reserved, or lead to an IPv4 address.
_GLOBAL = ipaddress.ip_network("2000::/3")
_RESERVED = [
    ipaddress.ip_network(name)
    for name in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24")
]


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gave.

    Attributes:
        url: the address after all redirections.
        suffix: of the kind of file that it is.
    """

    url: str
    data: bytes
    suffix: str


def is_public(address: Address) -> bool:
    """Whether anyone may reach an address: not this machine, no private network, nothing reserved."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL:
        return False
    reserved = any(address.version == network.version and address in network for network in _RESERVED)
    return address.is_global and not address.is_multicast and not reserved


def fetch(url: str, *, max_bytes: int, allowed: Callable[[Address], bool] = is_public) -> Page:
    """Get a page.

    Args:
        max_bytes: of the page, unpacked.
        allowed: which addresses may be asked.

    Raises:
        InputError: no such address, one that may not be asked, too many redirections, too large or slow an answer, or
            one that is no article.
    """
    deadline = time.monotonic() + SECONDS
    for _ in range(MOST_REDIRECTIONS + 1):
        target = _checked(url, allowed)
        try:
            with _open(target, deadline) as answer:
                place = answer.get_redirect_location()
                page = None if place else _page(url, answer, max_bytes)
                url = urljoin(url, str(place)) if place else url
            if page:
                return page
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            late = time.monotonic() > deadline
            reason = f"none within {SECONDS:.0f} seconds" if late else " ".join(str(error).split())[:200]
            raise InputError(f"{url}: expected a page, found {reason or type(error).__name__}") from None
    raise InputError(f"{url}: expected a page after at most {MOST_REDIRECTIONS} redirections")


@dataclass(frozen=True, slots=True)
class _Target:
    """What to ask, and where: `host` in the form in which names travel, `address` one of its network addresses."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def _checked(url: str, allowed: Callable[[Address], bool]) -> _Target:
    """An address taken apart and looked up."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = name if ":" in name else name.encode("idna").decode("ascii")
    except ValueError as error:
        raise InputError(f"{url}: malformed address: {error}") from None
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc:
        raise InputError(f"{url}: expected an address that begins with http:// or https://, without a user's name")
    port = port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    except (OSError, ValueError):
        raise InputError(f"{url}: there is no host {host!r}") from None
    if not all(map(allowed, addresses)):
        raise InputError(f"{url}: {host!r} is no public address, and only such are fetched")
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return _Target(parts.scheme, host, port, path, str(addresses[0]))


@contextmanager
def _open(target: _Target, deadline: float) -> Iterator[urllib3.BaseHTTPResponse]:
    """Ask the host at one of its addresses; at the deadline the connection is cut, whatever it is at."""
    left = max(0.1, deadline - time.monotonic())
    options: dict[str, Any] = {"timeout": urllib3.Timeout(connect=left, read=left), "maxsize": 1}
    if target.scheme == "https":
        options |= {"server_hostname": target.host, "assert_hostname": target.host, "ca_certs": certifi.where()}
    kind = urllib3.HTTPSConnectionPool if target.scheme == "https" else urllib3.HTTPConnectionPool
    shown = f"[{target.host}]" if ":" in target.host else target.host
    own = target.port == _PORTS[target.scheme]
    headers = {"Host": shown if own else f"{shown}:{target.port}", "User-Agent": "oped", "Accept-Encoding": "gzip"}
    with kind(target.address, target.port, **options) as pool:
        connection: Any = pool._get_conn()  # the pool's only one: its socket is kept, so that a clock can cut it
        connection.connect()
        line: socket.socket = connection.sock
        pool._put_conn(connection)
        clock = threading.Timer(max(0.1, deadline - time.monotonic()), lambda: _cut(line))
        clock.daemon = True
        clock.start()
        try:
            with pool.urlopen(
                "GET", target.path, headers=headers, redirect=False, retries=False, preload_content=False
            ) as answer:
                yield answer
            if time.monotonic() > deadline:
                raise TimeoutError  # a page that was cut may look like a whole one
        finally:
            clock.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _page(url: str, answer: urllib3.BaseHTTPResponse, max_bytes: int) -> Page:
    if answer.status != HTTPStatus.OK:
        raise InputError(f"{url}: expected a page, found status {answer.status}")
    kind = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise InputError(f"{url}: expected HTML, PDF, Markdown or plain text, found {kind!r}")
    if "," in answer.headers.get("Content-Encoding", ""):
        raise InputError(f"{url}: expected a page that is packed once at most")
    data = bytearray()
    for block in answer.stream(_BLOCK, decode_content=True):
        data += block
        if len(data) > max_bytes:
            raise InputError(f"{url}: expected at most {max_bytes:,} bytes")
    return Page(url, bytes(data), KINDS[kind])
