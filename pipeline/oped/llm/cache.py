"""The store of answers: each is on disk the moment it arrives, so that nothing is paid for twice.

A file per answer, named by the hash of the request, written whole or not at all: it survives a kill at any moment, many
processes may use one store at once, also on a network's disk, and an answer is dropped by deleting its file. The articles
that were sent are not in it; what the answers quote of them is.
"""

import contextlib
import json
import os
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from oped.errors import StoreError
from oped.llm.meter import Meter, close_model
from oped.llm.model import LanguageModel, Reply, Request

_FORMAT = {"format": "oped/answer", "version": 1}


def default_folder() -> Path:
    """Where answers are kept: in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "oped" / "llm"


class AnswerStore:
    """Answers in a folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def path(self, key: str) -> Path:
        """Where the answer to a request lies."""
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Reply | None:
        """The answer to a request; None where there is none, or none that is whole."""
        try:
            data = json.loads(self.path(key).read_bytes())
            return _reply(data) if data["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, reply: Reply) -> None:
        """Keep an answer.

        Raises:
            StoreError: it can't be written, so that what was paid for would be lost.
        """
        path = self.path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_whole(
                path, json.dumps(_record(key, reply), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            )
        except OSError as error:
            raise StoreError(
                f"{path}: the answer can't be stored: {error.strerror}; mend that, or name another cache"
            ) from None


def _record(key: str, reply: Reply) -> dict[str, Any]:
    record = {
        **_FORMAT,
        "key": key,
        "text": reply.text.encode("utf-8", "replace").decode(),  # half a character of UTF-16 can't be written
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "truncated": reply.truncated,
    }
    return record if reply.logprobs is None else {**record, "logprobs": reply.logprobs}


def _reply(record: dict[str, Any]) -> Reply:
    logprobs = record.get("logprobs")
    return Reply(
        text=str(record["text"]),
        prompt_tokens=int(record["prompt_tokens"]),
        completion_tokens=int(record["completion_tokens"]),
        truncated=bool(record["truncated"]),
        logprobs=None if logprobs is None else tuple((str(token), float(value)) for token, value in logprobs),
        cached=True,
    )


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after the power failed."""
    handle, partial = tempfile.mkstemp(prefix=".", suffix=".partial", dir=path.parent)
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(partial).unlink()
        raise


class CachedModel:
    """A language model whose answers are kept; the same request, asked by several threads at once, is sent once.

    Args:
        identity: what answers are kept under beside the request; default: the model's name.
        meter: counts the answers that were stored.
    """

    def __init__(
        self, model: LanguageModel, store: AnswerStore, *, identity: str | None = None, meter: Meter | None = None
    ) -> None:
        self._model, self.store, self._meter = model, store, meter
        self._identity = model.name if identity is None else identity
        self._on_their_way: dict[str, Future[Reply]] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def window(self) -> int | None:
        return self._model.window

    def has(self, request: Request) -> bool:
        """Whether the answer to a request is stored."""
        return self.store.get(request.key(self._identity)) is not None

    def complete(self, request: Request) -> Reply:
        """Answer a request, from the store where the answer is in it."""
        key = request.key(self._identity)
        with self._lock:
            future = self._on_their_way.get(key)
            is_first = future is None
            if future is None:
                future = self._on_their_way[key] = Future()
        if not is_first:
            return future.result()
        try:
            reply = self._stored(key) or self._bought(key, request)
            future.set_result(reply)
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._on_their_way[key]
        return reply

    def _stored(self, key: str) -> Reply | None:
        reply = self.store.get(key)
        if reply is not None and self._meter is not None:
            self._meter.count_cached()
        return reply

    def _bought(self, key: str, request: Request) -> Reply:
        reply = self._model.complete(request)
        self.store.put(key, reply)
        return reply

    def close(self) -> None:
        """End what the model is at, where it can be ended."""
        close_model(self._model)
