"""Counts that can be compared between authors who wrote different amounts."""

from functools import lru_cache
from typing import Any

from oped.errors import MissingExtraError

PER_WORDS = 1000
CONFIDENCE = 0.95


def rate(count: int, words: int) -> dict[str, Any]:
    """A count for a thousand words, with the exact interval of a Poisson rate (Garwood 1936).

    Raises:
        MissingExtraError: scipy is not installed.
    """
    low, high = _bounds(count)
    scale = PER_WORDS / max(1, words)
    return {
        "count": count,
        "rate": round(count * scale, 4),
        "interval": [round(low * scale, 4), round(high * scale, 4)],
    }


def share(count: int, total: int) -> dict[str, Any]:
    """A share with its Wilson interval; None where there is nothing to share."""
    if not total:
        return {"count": count, "share": None, "interval": None}
    z = _z()
    middle = (count + z * z / 2) / (total + z * z)
    half = z / (total + z * z) * (count * (total - count) / total + z * z / 4) ** 0.5
    return {
        "count": count,
        "share": round(count / total, 4),
        "interval": [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)],
    }


@lru_cache(maxsize=4096)
def _bounds(count: int) -> tuple[float, float]:
    """Between what the mean of a count lies."""
    chi2 = _distributions().chi2
    tail = (1 - CONFIDENCE) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


@lru_cache(maxsize=1)
def _z() -> float:
    return float(_distributions().norm.ppf((1 + CONFIDENCE) / 2))


def _distributions() -> Any:
    try:
        from scipy import stats
    except ImportError:
        raise MissingExtraError("compare", "oped compare") from None
    return stats
