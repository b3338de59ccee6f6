"""Comparisons of maps of the library, one at a time."""

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from oped.errors import OpedError
from oped.neural.matcher.runtime import Matcher
from oped.neural.stances.runtime import StanceDetector
from oped.records import ArgumentMap

LEAST_MAPS, MOST_MAPS = 2, 60
SECONDS = 300.0


class BusyError(OpedError):
    """Another comparison is under way, or this one takes too long."""


class Comparer:
    """Compares maps with the matcher and the stance detector that `open_judges` opens, with the first comparison.

    Args:
        model: folder of the model.
    """

    def __init__(self, model: Path) -> None:
        self._model, self._lock = model, threading.Lock()
        self._judge: Matcher | None = None
        self._detector: StanceDetector | None = None

    def __call__(self, maps: Iterable[ArgumentMap], *, by: str) -> dict[str, Any]:
        """The comparison of some maps, which may be of different models.

        Raises:
            BusyError: another one is under way, or this one takes too long.
            ConfigError: two maps are of one article.
            MissingExtraError: the extra `compare` is not installed.
            ModelError: a part of the model is torn.
        """
        from oped.compare.comparison import compare
        from oped.compare.opening import open_judges

        if not self._lock.acquire(blocking=False):
            raise BusyError("another comparison is under way; try again when it is done")
        try:
            if self._judge is None:
                self._judge, self._detector = open_judges(self._model)
            end = time.monotonic() + SECONDS
            return compare(
                maps,
                self._judge,
                detector=self._detector,
                by=by,
                mixed=True,
                report=lambda done, total: _check(end),
            )
        finally:
            self._lock.release()


def _check(end: float) -> None:
    if time.monotonic() > end:
        raise BusyError(
            f"the comparison takes more than {SECONDS:.0f} seconds; choose fewer articles, or use oped compare"
        )
