"""Posts to a service over a pool of connections: bounded in time and bytes, without redirections."""

import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import parse_url

from oped.llm.address import Address

_CONNECT = 20.0
_BLOCK = 1 << 16
_REASON = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True, slots=True)
class Torn:
    """Why nothing whole came back.

    Attributes:
        passing: whether another try may do better.
    """

    reason: str
    passing: bool = True


class Transport:
    """Posts to one address; may be used by several threads at once.

    Args:
        connections: that are kept open.
        timeout: seconds from the first byte sent to the last one received.
        max_bytes: of an answer, unpacked.
    """

    def __init__(self, address: Address, *, connections: int, timeout: float, max_bytes: int) -> None:
        self._address, self._timeout, self._max_bytes = address, timeout, max_bytes
        self._pools = _pools(address, connections)

    def post(self, data: bytes, headers: Mapping[str, str]) -> Answer | Torn:
        """Send bytes and take what comes back. Raises nothing, so that no traceback holds the headers."""
        began = time.monotonic()
        try:
            return self._post(data, headers, began + self._timeout)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if time.monotonic() - began >= self._timeout:
                return self._late()
            return _torn(error)

    def _post(self, data: bytes, headers: Mapping[str, str], deadline: float) -> Answer | Torn:
        answer = self._pools.urlopen(
            "POST",
            self._address.url,
            body=data,
            headers={**_HEADERS, **headers},
            timeout=urllib3.Timeout(connect=min(_CONNECT, self._timeout), read=self._timeout),
            redirect=False,
            retries=False,
            preload_content=False,
        )
        received = bytearray()
        with _clock(deadline - time.monotonic(), answer.shutdown):
            while block := answer.read1(_BLOCK, decode_content=True):
                received += block
                if len(received) > self._max_bytes:
                    answer.close()
                    return Torn(f"expected at most {self._max_bytes:,} bytes of answer, found more", passing=False)
        if time.monotonic() >= deadline:
            return self._late()  # an answer that was cut may look like a whole one
        return Answer(answer.status, answer.headers, bytes(received))

    def _late(self) -> Torn:
        return Torn(f"expected an answer within {self._timeout:g} seconds, found none; raise timeout")

    def close(self) -> None:
        """Close the connections that no request uses."""
        self._pools.clear()


_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"oped/{version('oped')}",
}


class _Timed:
    """A connection whose wait for the head of an answer has an end, however slowly its bytes come in."""

    sock: Any
    timeout: Any

    def getresponse(self) -> Any:
        with _clock(float(self.timeout), lambda: self.sock.shutdown(socket.SHUT_RDWR)):
            return super().getresponse()  # type: ignore[misc]


class _TimedHTTPConnection(_Timed, HTTPConnection):
    pass


class _TimedHTTPSConnection(_Timed, HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


def _pools(address: Address, connections: int) -> urllib3.PoolManager:
    options: dict[str, Any] = {"num_pools": 2, "maxsize": connections}
    if address.scheme == "https":
        options["ssl_context"] = _trusted()
    proxy = None if address.is_loopback else _proxy(address)
    if proxy:
        login = parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
        pools: urllib3.PoolManager = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    else:
        pools = urllib3.PoolManager(**options)
    pools.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return pools


def _proxy(address: Address) -> str | None:
    """The proxy that the environment names for an address."""
    return None if urllib.request.proxy_bypass(address.host) else urllib.request.getproxies().get(address.scheme)


def _trusted() -> ssl.SSLContext:
    """Whom to believe: the authorities of this machine, where a firm's own may be, and the usual ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@contextmanager
def _clock(seconds: float, cut: Callable[[], object]) -> Iterator[None]:
    """Cut a connection when time is up."""

    def strike() -> None:
        with suppress(Exception):  # it is closed already
            cut()

    clock = threading.Timer(max(0.0, seconds), strike)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _torn(error: Exception) -> Torn:
    """Why a try failed, in words that name no objects of libraries."""
    faults = urllib3.exceptions
    if isinstance(error, faults.NameResolutionError):
        return Torn("expected a host, found none of that name")
    if isinstance(error, faults.ProxyError):
        return Torn("expected a connection through the proxy that the environment names, found none")
    if isinstance(error, faults.SSLError):
        return Torn(f"expected a certificate that can be trusted: {_words(error)}", passing=False)
    if isinstance(error, faults.ConnectTimeoutError | faults.NewConnectionError):
        return Torn("expected a connection, found none; is the service running?")
    return Torn(f"the connection broke: {_words(error)}")


def _words(error: Exception) -> str:
    return " ".join(str(error.args[-1] if error.args else error).split())[:_REASON] or type(error).__name__
