"""What every request passes: the right host and token, a bounded body, no foreign origin; and headers on every answer."""

import asyncio
import contextlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
COOKIE = "oped-token"
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a request must keep to.

    Attributes:
        hosts: names under which the service may be asked, without the port; empty: any, where a token guards it.
        token: that every request must show; None: none.
        max_bytes: of a body.
    """

    hosts: frozenset[str]
    token: str | None
    max_bytes: int


LARGE = 1 << 20  # bytes of a body that waits for its turn
MOST_LARGE = 4  # large bodies that are taken at once, since each takes memory of some times its size
WAIT_SECONDS = 20.0  # that a large body waits for its turn
BODY_SECONDS = 60.0  # in which a body must have come


class _TooLargeError(Exception):
    """A body outgrew the limit while it came in."""


class _Body:
    """The body of a request, up to a limit, within a time."""

    def __init__(self, receive: Receive, max_bytes: int) -> None:
        self._receive, self._left = receive, max_bytes
        self._deadline, self._more = time.monotonic() + BODY_SECONDS, True

    @property
    def is_too_large(self) -> bool:
        return self._left < 0

    async def receive(self) -> Message:
        left = max(0.0, self._deadline - time.monotonic()) if self._more else None
        try:
            message = await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            return {"type": "http.disconnect"}
        self._more = self._more and bool(message.get("more_body"))
        self._left -= len(message.get("body", b""))
        if self.is_too_large:
            raise _TooLargeError
        return message


class Guard:
    """ASGI middleware that turns away what does not keep to the rules."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app, self.rules = app, rules
        self._large = asyncio.Semaphore(MOST_LARGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal:
            await _answer(send, *refusal)
            return
        if not _is_large(headers):
            await self._pass(scope, receive, send)
            return
        try:
            await asyncio.wait_for(self._large.acquire(), WAIT_SECONDS)
        except TimeoutError:
            await _answer(send, 503, "too many large articles come in at once; try again later")
            return
        try:
            await self._pass(scope, receive, send)
        finally:
            self._large.release()

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, with a bound on its body."""
        body = _Body(receive, self.rules.max_bytes)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._headers(message, scope)]}
            if not body.is_too_large:
                await send(message)

        # What reads the body may turn the error into an answer of its own; that answer is not sent.
        with contextlib.suppress(_TooLargeError):
            await self.app(scope, body.receive, guarded_send)
        if body.is_too_large:
            await _answer(send, 413, self._too_large())

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        try:
            host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
            own = _same_origin(headers)
        except ValueError:
            return 400, "expected well-formed Host and Origin headers"
        if self.rules.hosts and host not in self.rules.hosts:
            return 421, f"expected one of the hosts {', '.join(sorted(self.rules.hosts))}, found {host!r}"
        reads = scope["method"] in ("GET", "HEAD", "OPTIONS") and not scope["path"].startswith("/api/")
        if not reads and not own:
            return 403, "expected a request from this service's own pages or from no page at all"
        if self.rules.token and not self._knows(scope, headers):
            return 401, "expected the token: Authorization: Bearer TOKEN, or ?token=TOKEN once in a browser"
        length = headers.get("content-length") or "0"
        if not length.isdecimal():
            return 400, "expected a Content-Length in digits"
        if int(length) > self.rules.max_bytes:
            return 413, self._too_large()
        return None

    def _too_large(self) -> str:
        return f"expected at most {self.rules.max_bytes:,} bytes"

    def _knows(self, scope: Scope, headers: dict[str, str]) -> bool:
        # Cut by hand: one odd cookie of another service on this host must not hide ours.
        cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
        shown = [headers.get("authorization", "").removeprefix("Bearer "), cookies.get(COOKIE, ""), *_token_of(scope)]
        return any(hmac.compare_digest(one.encode(), (self.rules.token or "").encode()) for one in shown)

    def _headers(self, message: Message, scope: Scope) -> list[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in message["headers"]}
        extra = [(name, value) for name, value in HEADERS.items() if name not in given]
        if b"content-security-policy" not in given:
            extra.append((b"content-security-policy", POLICY.encode()))
        if self.rules.token and _token_of(scope):
            cookie = f"{COOKIE}={self.rules.token}; HttpOnly; SameSite=Strict; Path=/"
            extra.append((b"set-cookie", cookie.encode()))
        return extra


def _is_large(headers: dict[str, str]) -> bool:
    return "transfer-encoding" in headers or int(headers.get("content-length") or "0") > LARGE


def _same_origin(headers: dict[str, str]) -> bool:
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _token_of(scope: Scope) -> list[str]:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [])


async def _answer(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{reason}\n".encode()})
