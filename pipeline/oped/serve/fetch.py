"""Fetches a page by its address, from the public network alone.

A name is looked up once, every address it has must be public, and the connection goes to one of those very addresses: so no
second lookup can lead elsewhere. Each redirection is checked alike.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

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
_IPV4_IN_IPV6 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner:
            return is_public(inner)
        if address.teredo or address in _IPV4_IN_IPV6:
            return False
    return address.is_global and not address.is_multicast


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
        target, address = _checked(url, allowed)
        try:
            with _open(target, address) as answer:
                if answer.get_redirect_location():
                    url = urljoin(url, str(answer.get_redirect_location()))
                    continue
                return _page(url, answer, max_bytes, deadline)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise InputError(f"{url}: expected a page, found {_reason(error)}") from None
    raise InputError(f"{url}: expected a page after at most {MOST_REDIRECTIONS} redirections")


def _checked(url: str, allowed: Callable[[Address], bool]) -> tuple[SplitResult, str]:
    """An address taken apart, and the network address to ask."""
    try:
        target = urlsplit(url)
        host, port = target.hostname, target.port
    except ValueError as error:
        raise InputError(f"{url}: malformed address: {error}") from None
    if target.scheme not in _PORTS or not host or target.username:
        raise InputError(f"{url}: expected an address that begins with http:// or https://, without a user's name")
    try:
        found = socket.getaddrinfo(host, port or _PORTS[target.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InputError(f"{url}: there is no host {host!r}") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not all(allowed(ipaddress.ip_address(address)) for address in addresses):
        raise InputError(f"{url}: {host!r} is no public address, and only such are fetched")
    return target, addresses[0]


def _open(target: SplitResult, address: str) -> urllib3.BaseHTTPResponse:
    """Ask the host at one of its addresses."""
    host, timeout = str(target.hostname), urllib3.Timeout(connect=SECONDS / 2, read=SECONDS / 2)
    pool = (
        urllib3.HTTPSConnectionPool(
            address,
            target.port or _PORTS["https"],
            timeout=timeout,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where(),
        )
        if target.scheme == "https"
        else urllib3.HTTPConnectionPool(address, target.port or _PORTS["http"], timeout=timeout)
    )
    headers = {"Host": target.netloc, "User-Agent": "oped", "Accept-Encoding": "gzip, deflate"}
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    return pool.urlopen("GET", path, headers=headers, redirect=False, retries=False, preload_content=False)


def _page(url: str, answer: urllib3.BaseHTTPResponse, max_bytes: int, deadline: float) -> Page:
    if answer.status != HTTPStatus.OK:
        raise InputError(f"{url}: expected a page, found status {answer.status}")
    kind = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise InputError(f"{url}: expected HTML, PDF, Markdown or plain text, found {kind!r}")
    data = bytearray()
    for block in answer.stream(_BLOCK, decode_content=True):
        data += block
        if len(data) > max_bytes:
            raise InputError(f"{url}: expected at most {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise InputError(f"{url}: expected an answer within {SECONDS:.0f} seconds")
    return Page(url, bytes(data), KINDS[kind])


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
