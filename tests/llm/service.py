"""A language model's service on loopback, over real HTTP, that plays every fault and counts what it is asked."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Body = dict[str, Any]
KEY = "sk-test-0123456789abcdef-secret"


def completion(text: str, *, finish: str = "stop", usage: object = None, logprobs: object = None) -> Body:
    """A chat completion, as services give it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    if logprobs is not None:
        choice["logprobs"] = logprobs
    counted = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return {"object": "chat.completion", "choices": [choice], "usage": counted if usage is None else usage}


def echo(body: Body) -> str:
    """An answer that depends on all that was asked."""
    asked = " | ".join(message["content"] for message in body["messages"])
    return f"{body['model']} read: {asked} ({body.get('seed', 0)})"


@dataclass(frozen=True)
class Play:
    """What the service does with a request.

    Attributes:
        data: of the answer; None: a chat completion of `answer`.
        claims: length that the head of the answer claims; None: the true one.
        waits: seconds before the head is sent.
        drips: seconds between the bytes of the answer.
        breaks: whether the connection is closed without an answer.
    """

    status: int = 200
    data: bytes | None = None
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: int | None = None
    waits: float = 0.0
    drips: float = 0.0
    breaks: bool = False


def saying(status: int, message: str, **more: Any) -> Play:
    """An error as services tell it."""
    error = {"error": {"message": message, **more.pop("error", {})}}
    return Play(status, json.dumps(error).encode(), **more)


class Service:
    """A service that answers each request by `answer`, except those that `plays` has something else for, in their order.

    Attributes:
        requests: bodies of all requests, in the order in which they came.
        headers: of the same.
        answered: how often each body was answered well, by its JSON.
    """

    def __init__(self, *plays: Play, answer: Callable[[Body], str] = echo) -> None:
        self.plays, self.answer = list(plays), answer
        self.refuse: Callable[[Body], Play | None] = lambda body: None
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.answered: dict[str, int] = {}
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> "Service":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, body: Body, headers: dict[str, str]) -> Play:
        """Note a request and tell what is done with it."""
        with self.lock:
            self.requests.append(body)
            self.headers.append(headers)
            play = self.plays.pop(0) if self.plays else None
        play = play or self.refuse(body) or Play()
        if play.data is not None or play.breaks:
            return play
        data = json.dumps(completion(self.answer(body))).encode()
        return Play(play.status, data, play.kind, play.headers, play.claims, play.waits, play.drips)

    def enter(self, change: int) -> None:
        with self.lock:
            self._at_once += change
            self.most_at_once = max(self.most_at_once, self._at_once)

    def note_answered(self, body: Body) -> None:
        with self.lock:
            name = json.dumps(body, sort_keys=True)
            self.answered[name] = self.answered.get(name, 0) + 1


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            service.connections += 1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                self._send(saying(404, "no such path"))
                return
            service.enter(1)
            try:
                play = service.take(body, dict(self.headers))
                self._send(play)
            except OSError:
                self.close_connection = True
                return
            finally:
                service.enter(-1)
            if play.status == 200 and play.claims is None:
                service.note_answered(body)

        def _send(self, play: Play) -> None:
            service.ended.wait(play.waits) if play.waits else None
            if play.breaks:
                self.close_connection = True
                return
            data = play.data or b""
            self.send_response(play.status)
            if play.kind:
                self.send_header("Content-Type", play.kind)
            self.send_header("Content-Length", str(len(data) if play.claims is None else play.claims))
            for name, value in play.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if play.claims is not None:
                self.close_connection = True
            if not play.drips:
                self.wfile.write(data)
                return
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(play.drips)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
