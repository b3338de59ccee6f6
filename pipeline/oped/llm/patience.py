"""How long to wait before a language model's service is asked again."""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_GROWTH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Waits between tries, in seconds.

    Attributes:
        retries: tries after the first.
        first: longest wait before the second try; each later one may be twice as long.
        longest: of any wait, whatever the service asks for.
    """

    retries: int = 5
    first: float = 1.0
    longest: float = 120.0

    def wait(self, tried: int, asked: float | None) -> float:
        """How long to wait after so many tries.

        Args:
            asked: by the service, with `Retry-After`.

        A wait is drawn between half and all of its length, so that many clients do not come back at once.
        """
        if asked is not None:
            return min(asked + random.uniform(0, self.first / 2), self.longest)
        return random.uniform(0.5, 1.0) * min(self.first * _GROWTH ** min(tried - 1, 64), self.longest)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that a service asks to wait, as a number or until a date; None where it asks for none."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if seconds == seconds else None


class Gate:
    """Lets requests through one after another, up to a number at once, and none while the service asks for patience."""

    def __init__(self, concurrency: int) -> None:
        self._places = threading.BoundedSemaphore(concurrency)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._opens = 0.0

    def __enter__(self) -> None:
        while True:
            self._places.acquire()
            left = self._opens - time.monotonic()
            if left <= 0 or self._closed.is_set():
                return
            self._places.release()
            self.pause(left)

    def __exit__(self, *_: object) -> None:
        self._places.release()

    def hold(self, seconds: float) -> None:
        """Let nothing through for so long."""
        with self._lock:
            self._opens = max(self._opens, time.monotonic() + seconds)

    def pause(self, seconds: float) -> None:
        """Wait, or until the gate is closed."""
        self._closed.wait(seconds)

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """End all waits."""
        self._closed.set()
