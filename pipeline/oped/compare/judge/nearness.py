"""Nearness of articles by their words: which belong together, and an order in which near ones follow each other.

Words alone, so that the same articles make the same requests on every machine, and an answer that was paid for is found again.
"""

import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from oped.compare.candidates import nearest
from oped.errors import MissingExtraError
from oped.numeric import Floats

WIDTH = 4096
NEAR = 0.1  # cosine from which on two articles may belong together
NEIGHBOURS = 2  # with so many of its nearest each article is joined; of 28 questions none was torn apart by it
_STEM = 6  # letters of a word that count
_WORD = re.compile(r"[^\W\d_]{3,}")


def vectors_of(texts: Sequence[str]) -> Floats:
    """Unit vectors of the words of texts, rare ones with more weight (Spärck Jones 1972). *Shape:* (texts, width)"""
    counts = [Counter(word.casefold()[:_STEM] for word in _WORD.findall(text)) for text in texts]
    spread = Counter(word for count in counts for word in count)
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, count in zip(rows, counts, strict=True):
        for word, times in count.items():
            weight = times**0.5 * np.log((1 + len(texts)) / spread[word])
            code = zlib.crc32(word.encode("utf-8", "surrogatepass"))
            row[code % WIDTH] += weight if code & (1 << 31) else -weight
        row /= max(float(np.linalg.norm(row)), 1e-9)
    return rows


def families(vectors: Floats, *, least: float = NEAR) -> list[list[int]]:
    """Places of vectors that are joined by near ones, each family in its order.

    Raises:
        MissingExtraError: the extra `compare` is not installed.
    """
    try:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components
    except ImportError:
        raise MissingExtraError("compare", "oped compare") from None
    size = len(vectors)
    pairs = nearest(vectors, [{place} for place in range(size)], least=least, count=NEIGHBOURS)
    ones, twos = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
    _, labels = connected_components(coo_array((np.ones(len(pairs)), (ones, twos)), shape=(size, size)), directed=False)
    found: dict[int, list[int]] = {}
    for place, label in enumerate(labels.tolist()):
        found.setdefault(label, []).append(place)
    return list(found.values())


def in_a_row(vectors: Floats) -> list[int]:
    """An order of places in which each is followed by the nearest that is left, beginning at the one farthest from the middle."""
    left = np.ones(len(vectors), dtype=bool)
    order: list[int] = []
    place = int(np.argmin(vectors @ vectors.sum(axis=0))) if len(vectors) else 0
    while left.any():
        order.append(place)
        left[place] = False
        place = int(np.argmax(np.where(left, vectors @ vectors[place], -2.0)))
    return order
