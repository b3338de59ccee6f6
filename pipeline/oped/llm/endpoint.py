"""A language model behind an endpoint: any OpenAI-compatible service, asked over plain HTTP.

What fails in passing (a busy service, a torn connection, an answer that does not come) is asked again, later and later.
A redirection is never followed: articles and key go to the address that was given, and to no other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from oped.errors import EndpointError
from oped.llm.address import KEY, Key, check_address, key_from
from oped.llm.chat import MAX_BYTES, body_of, error_code, error_in, error_status, one_line, parse_json, reply_of
from oped.llm.dialect import Dialect
from oped.llm.meter import estimate_prompt
from oped.llm.model import Reply, Request
from oped.llm.patience import Gate, Patience, asked_wait
from oped.llm.transport import Answer, Torn, Transport

_PASSING = frozenset({408, 409, 425, 429, *range(500, 600)}) - {501, 505}
_REFUSED = (400, 422)
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")
_MARGIN = 1.3  # tokens are estimated before they are sent


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """How an endpoint is asked.

    Attributes:
        timeout: seconds that a whole answer may take.
        concurrency: requests that may be on their way at once.
        window: tokens of prompt and answer together; None: unknown.
        logprobs: asks for the probabilities of the answer's tokens.
        insecure: lets articles and key travel unencrypted to another machine.
        max_bytes: of an answer.
    """

    timeout: float = 600.0
    concurrency: int = 8
    patience: Patience = field(default_factory=Patience)
    window: int | None = None
    logprobs: bool = False
    insecure: bool = False
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why a try gave no reply.

    Attributes:
        passing: the next try may.
        asked: seconds that the service asks to wait.
        refused: the service does not take the request as it is put.
    """

    reason: str
    passing: bool = False
    asked: float | None = None
    refused: bool = False


class EndpointModel:
    """A language model that an OpenAI-compatible service runs.

    Args:
        name: of the model, as the service knows it.
        endpoint: base of the service, such as http://127.0.0.1:8000/v1.
        key: default: what stands in OPED_LLM_API_KEY.

    Raises:
        ConfigError: the endpoint is no address, or would be asked unencrypted.
    """

    def __init__(
        self, name: str, endpoint: str, *, options: EndpointOptions | None = None, key: Key | None = None
    ) -> None:
        self._name = name
        self.options = options or EndpointOptions()
        self.address = check_address(endpoint, insecure=self.options.insecure)
        self._key = key_from() if key is None else key
        self._dialect = Dialect()
        self._gate = Gate(self.options.concurrency)
        self._transport = Transport(
            self.address,
            connections=self.options.concurrency,
            timeout=self.options.timeout,
            max_bytes=self.options.max_bytes,
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self.options.window

    @property
    def left_out(self) -> tuple[str, ...]:
        """Parameters that the service refused to know, so that they are sent no more."""
        return tuple(sorted(self._dialect.left_out))

    def close(self) -> None:
        """End all waits; what is asked from now on has no answer."""
        self._gate.close()
        self._transport.close()

    def complete(self, request: Request) -> Reply:
        """Answer one request; may be called from several threads at once.

        Raises:
            EndpointError: there is no answer, after all tries.
        """
        patience, tried = self.options.patience, 0
        while not self._gate.is_closed:
            result = self._adapted(request)
            if isinstance(result, Reply):
                return result
            tried += 1
            if not result.passing or tried > patience.retries:
                raise EndpointError(f"{self.address.origin}: {result.reason}" + (f" ({tried} tries)" * (tried > 1)))
            wait = patience.wait(tried, result.asked)
            if result.asked is not None:
                self._gate.hold(wait)
            self._gate.pause(wait)
        raise EndpointError(f"{self.address.origin}: no more is asked, the work was ended")

    def _adapted(self, request: Request) -> Reply | _Fault:
        """Try, and again without what the service refuses to know."""
        whole = body_of(self._fitting(request), self._name, logprobs=self.options.logprobs)
        dialect: Dialect | None = self._dialect
        first: _Fault | None = None
        while dialect is not None:
            body = dialect.put(whole)
            result = self._try(body)
            if isinstance(result, Reply):
                self._dialect = dialect
                return result
            if not result.refused:
                return result
            first = first or result
            dialect = dialect.after(body, result.reason)
        assert first is not None
        return first

    def _fitting(self, request: Request) -> Request:
        """The request with no more room for the answer than the window leaves; many services refuse more."""
        if self.window is None:
            return request
        room = max(1, self.window - round(estimate_prompt(request) * _MARGIN))
        sampling = replace(request.sampling, max_tokens=min(request.sampling.max_tokens, room))
        return replace(request, sampling=sampling)

    def _try(self, body: Mapping[str, Any]) -> Reply | _Fault:
        data = json.dumps(body, ensure_ascii=True).encode()
        with self._gate:
            answer = self._transport.post(data, self._key.header())
        if isinstance(answer, Torn):
            return _Fault(answer.reason, passing=answer.passing)
        answer = replace(answer, data=self._key.hide(answer.data))
        return _reply(answer) if answer.status == HTTPStatus.OK else _fault(answer)


def _reply(answer: Answer) -> Reply | _Fault:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return _Fault(f"expected an answer of type application/json, found {one_line(kind) or 'none'}; is it a …/v1?")
    try:
        body = parse_json(answer.data)
    except ValueError:
        return _Fault("expected an answer in JSON, found something else or a part of it", passing=True)
    if (status := error_status(body)) is not None:
        return _Fault(error_in(body), passing=status in _PASSING)
    try:
        return reply_of(body)
    except EndpointError as error:
        return _Fault(str(error))


def _fault(answer: Answer) -> _Fault:
    status = answer.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _Fault(f"the service wants a key, or another one: it stands in {KEY} (status {status})")
    if 300 <= status < 400:
        return _Fault(f"expected an answer, found a redirection to {_place(answer)}; if that is meant, name it")
    try:
        body = parse_json(answer.data)
    except ValueError:
        body = None
    reason = f"expected an answer, found status {status}" + (f": {said}" if (said := error_in(body)) else "")
    if status == HTTPStatus.NOT_FOUND:
        return _Fault(f"{reason}; is the model's name right, and the endpoint a …/v1?")
    if "context" in said.lower():
        reason += "; set window to what the model holds, or lower max_tokens"
    passing = status in _PASSING and error_code(body) not in _NO_CREDIT
    return _Fault(reason, passing=passing, asked=asked_wait(answer.headers), refused=status in _REFUSED)


def _place(answer: Answer) -> str:
    try:
        parts = urlsplit(answer.headers.get("Location", ""))
    except ValueError:
        return "nowhere"
    return one_line(f"{parts.scheme}://{parts.netloc}" if parts.netloc else parts.path) or "nowhere"
