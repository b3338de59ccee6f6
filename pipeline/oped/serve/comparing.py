"""Comparisons of maps of the library, one at a time."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oped.errors import OpedError
from oped.matching.runtime import Matcher
from oped.records import ArgumentMap

MOST_MAPS = 60


class BusyError(OpedError):
    """Another comparison is under way."""


class Comparer:
    """Compares maps with the matcher of a model, which is loaded with the first comparison.

    Args:
        model: folder of the model.
    """

    def __init__(self, model: Path) -> None:
        self._model, self._lock = model, threading.Lock()
        self._judge: Matcher | None = None

    def __call__(self, maps: Sequence[ArgumentMap], *, by: str) -> dict[str, Any]:
        """The comparison of some maps, which may be of different models.

        Raises:
            BusyError: another one is under way.
            ConfigError: two maps are of one article.
            MissingExtraError: the extra `compare` is not installed.
        """
        from oped.compare.comparison import compare

        if not self._lock.acquire(blocking=False):
            raise BusyError("another comparison is under way; try again when it is done")
        try:
            self._judge = self._judge or Matcher(self._model)
            return compare(maps, self._judge, by=by, mixed=True)
        finally:
            self._lock.release()
