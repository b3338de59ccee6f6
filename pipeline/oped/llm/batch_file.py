"""Files of requests and of replies, in the form of the OpenAI batch API: for services that answer whole files at half the
price, and for whoever can't reach a service from here.

A request is known by the hash of all that was asked, `custom_id`: article, prompt, round and which of several answers it is.
So replies are found in any order, in several files, whoever gave them.
"""

import hashlib
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from oped.errors import EndpointError, FormatError, UnansweredError
from oped.llm.chat import MAX_BYTES, body_of, error_in, one_line, parse_json, reply_of
from oped.llm.model import LanguageModel, Reply, Request

URL = "/v1/chat/completions"
_MOST_LISTED = 1000


class RequestsFile:
    """A JSONL file of requests, each once; it is there whole when it is closed without an error.

    Args:
        logprobs: asks for the probabilities of the answers' tokens.

    Raises:
        FormatError: the file can't be written.
    """

    def __init__(self, path: str | Path, *, logprobs: bool = False) -> None:
        self.path, self._logprobs = Path(path), logprobs
        self._partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        self._written: set[bytes] = set()
        self._lock = threading.Lock()
        try:
            self._stream: IO[str] = open(self._partial, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
        except OSError as error:
            raise FormatError(f"expected a file that can be written: {error.strerror}", path=path) from None

    def __enter__(self) -> "RequestsFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        self._stream.close()
        if kind is None:
            self._partial.replace(self.path)
        else:
            self._partial.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._written)

    def write(self, request: Request, model: str) -> str:
        """Add a request that is not in the file yet.

        Returns:
            Its `custom_id`.
        """
        custom_id = request.key(model)
        body = body_of(request, model, logprobs=self._logprobs)
        line = json.dumps({"custom_id": custom_id, "method": "POST", "url": URL, "body": body}, ensure_ascii=True)
        try:
            with self._lock:
                if (short := bytes.fromhex(custom_id)) not in self._written:
                    self._stream.write(line + "\n")
                    self._written.add(short)
        except OSError as error:
            raise FormatError(f"expected room for the requests: {error.strerror}", path=self.path) from None
        return custom_id


class RecordingModel:
    """A language model that writes down what it is asked, and answers nothing.

    Args:
        name: of the model that shall answer.
        window: tokens that it holds.
    """

    def __init__(self, name: str, file: RequestsFile, *, window: int | None = None) -> None:
        self._name, self.file, self._window = name, file, window

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self._window

    def complete(self, request: Request) -> Reply:
        """Write a request down.

        Raises:
            UnansweredError: always.
        """
        custom_id = self.file.write(request, self._name)
        raise UnansweredError(f"{custom_id}: the request is written down and has no reply yet")


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    """Where the reply to a request stands; of several, the least is taken, in whatever order they come.

    Attributes:
        is_broken: it is an error.
        is_cut: its text is not whole.
        digest: of the line's content, so that the choice does not depend on order.
        reason: of an error.
    """

    is_broken: bool
    is_cut: bool
    digest: bytes
    file: int
    start: int
    length: int
    reason: str = ""


class Replies:
    """The replies in files; the texts stay there, only where each stands is kept in memory.

    Args:
        paths: JSONL files, as batch services give them: replies and errors, in any order.

    Attributes:
        broken: lines that are no replies, with file, line and reason; the first thousand of them.
        counts: of `replies`, `errors`, `duplicates`, `broken` lines.

    Raises:
        FormatError: a file can't be read.
    """

    def __init__(self, paths: Iterable[str | Path]) -> None:
        self.paths = [Path(path) for path in paths]
        self.broken: list[str] = []
        self.counts: Counter[str] = Counter()
        self._entries: dict[bytes | str, _Entry] = {}
        self._asked: set[bytes | str] = set()
        for file, path in enumerate(self.paths):
            try:
                with open(path, "rb") as stream:
                    self._index(file, path, stream)
            except OSError as error:
                raise FormatError(f"expected a file of replies: {error.strerror}", path=path) from None
        self.counts["errors"] = sum(entry.is_broken for entry in self._entries.values())
        self.counts["replies"] = len(self._entries) - self.counts["errors"]

    def _index(self, file: int, path: Path, stream: IO[bytes]) -> None:
        for number, start, line in _lines(stream):
            try:
                key, entry = _entry(line, file, start)
            except ValueError as error:
                self.counts["broken"] += 1
                if len(self.broken) < _MOST_LISTED:
                    self.broken.append(f"{path}, line {number}: {error}")
                continue
            known = self._entries.get(key)
            self.counts["duplicates"] += known is not None
            if known is None or entry < known:
                self._entries[key] = entry

    def __len__(self) -> int:
        """Requests that have a reply, errors left out."""
        return self.counts["replies"]

    def __contains__(self, custom_id: object) -> bool:
        entry = self._entries.get(_short(custom_id)) if isinstance(custom_id, str) else None
        return entry is not None and not entry.is_broken

    def get(self, custom_id: str) -> Reply:
        """The reply to a request.

        Raises:
            UnansweredError: there is none, or an error.
        """
        short = _short(custom_id)
        self._asked.add(short)
        entry = self._entries.get(short)
        if entry is None:
            raise UnansweredError(f"{custom_id}: no reply")
        if entry.is_broken:
            raise UnansweredError(f"{custom_id}: expected a reply, found an error: {entry.reason}")
        try:
            with open(self.paths[entry.file], "rb") as stream:
                stream.seek(entry.start)
                line = stream.read(entry.length)
            if _digest(line) != entry.digest:
                raise OSError(0, "it was changed while it was read")
            return _body_reply(parse_json(line))
        except OSError as error:
            raise FormatError(f"expected a file of replies: {error.strerror}", path=self.paths[entry.file]) from None

    def reasons(self) -> Iterator[tuple[str, str]]:
        """Ids of the requests that were answered with an error, in their order, with what was wrong."""
        for key in sorted(self._entries, key=_long):
            if self._entries[key].is_broken:
                yield _long(key), self._entries[key].reason

    @property
    def answers_nothing(self) -> bool:
        """Whether something was asked for so far, and none of the replies is to it."""
        return bool(self._asked and self._entries) and self._asked.isdisjoint(self._entries)

    def unknown(self) -> list[str]:
        """Ids of replies that nothing asked for so far: other articles, another prompt, other parameters."""
        return sorted(map(_long, self._entries.keys() - self._asked))


class RepliesModel:
    """A language model whose replies stand in files.

    Args:
        name: of the model, as in the requests.
        otherwise: is asked what has no reply, such as a `RecordingModel`; None: nothing is.
    """

    def __init__(
        self, name: str, replies: Replies, *, window: int | None = None, otherwise: LanguageModel | None = None
    ) -> None:
        self._name, self.replies, self._window, self._otherwise = name, replies, window, otherwise

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self._window

    def complete(self, request: Request) -> Reply:
        """The reply to a request.

        Raises:
            UnansweredError: there is none, or an error.
        """
        try:
            return self.replies.get(request.key(self._name))
        except UnansweredError:
            if self._otherwise is None:
                raise
        return self._otherwise.complete(request)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Lines that are not empty, with their number and where they start; of one that is too long, its beginning."""
    number = start = 0
    while line := stream.readline(MAX_BYTES):
        number += 1
        length, end = len(line), line
        while len(end) == MAX_BYTES and not end.endswith(b"\n"):
            end = stream.readline(MAX_BYTES)
            length += len(end)
        if line.strip():
            yield number, start, line
        start += length


def _entry(line: bytes, file: int, start: int) -> tuple[bytes | str, _Entry]:
    """A line of a file of replies.

    Raises:
        ValueError: it is none.
    """
    try:
        data = parse_json(line)
    except ValueError:
        raise ValueError("expected JSON, found something else or a part of it") from None
    custom_id = data.get("custom_id") if isinstance(data, dict) else None
    if not isinstance(custom_id, str) or not custom_id:
        raise ValueError("expected a reply with a custom_id")
    try:
        reply = _body_reply(data)
    except EndpointError as error:
        return _short(custom_id), _Entry(True, False, _digest(line), file, start, len(line), str(error))
    return _short(custom_id), _Entry(False, reply.truncated, _digest(line), file, start, len(line))


def _body_reply(data: dict[str, Any]) -> Reply:
    """The reply in a line; EndpointError where the line tells of an error."""
    response = data.get("response")
    if not isinstance(response, dict):
        raise EndpointError(error_in(data) or "expected a response")
    status, body = response.get("status_code", 200), response.get("body")
    if status != 200:
        raise EndpointError(f"status {one_line(str(status))}" + (f": {said}" if (said := error_in(body)) else ""))
    return reply_of(body)


def _digest(line: bytes) -> bytes:
    return hashlib.sha256(line.strip()).digest()[:16]


def _short(custom_id: str) -> bytes | str:
    """An id as it is kept in memory: shorter where it is a hash."""
    return bytes.fromhex(custom_id) if re.fullmatch("[0-9a-f]{64}", custom_id) else custom_id


def _long(key: bytes | str) -> str:
    return key.hex() if isinstance(key, bytes) else key
