"""Where the components of an article lie: what the document layer is told beside the encoder's states."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oped.numeric import Ints
from oped.words import Words

LEAD_WORDS = 12
TAIL_WORDS = 8
PLACES = {
    "paragraph": 4,  # first, middle, last, only paragraph of the article
    "in_paragraph": 6,  # number of the component in its paragraph, from 0, up to 5
    "from_end": 4,  # number of components after it in its paragraph, up to 3
    "in_article": 12,  # tenth of the article; 10: the first component, 11: the last
    "length": 6,  # words: up to 4, 8, 14, 22, 34, more
}
LENGTHS = np.array([4, 8, 14, 22, 34])
DISTANCES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 40])
DISTANCE_BUCKETS = 2 * (len(DISTANCES) + 1)


@dataclass(frozen=True, slots=True)
class Structure:
    """The components of one article, by their words.

    Attributes:
        spans: first word and the one after the last. *Shape:* (components, 2)
        leads: words before the component, up to the one before it and within the paragraph. *Shape:* (components, 2)
        tails: words after it, likewise. *Shape:* (components, 2)
        places: categories by `PLACES`. *Shape:* (components, len(PLACES))
        distances: category of the distance from each component to each. *Shape:* (components, components)
    """

    spans: Ints
    leads: Ints
    tails: Ints
    places: Ints
    distances: Ints

    def __len__(self) -> int:
        return len(self.spans)

    @property
    def before(self) -> Ints:
        """The word before each component, where its lead has one: often a connective. *Shape:* (components, 2)"""
        ends = self.leads[:, 1]
        return np.stack([np.maximum(self.leads[:, 0], ends - 1), ends], axis=1)

    @classmethod
    def of(cls, spans: Sequence[tuple[int, int]] | Ints, words: Words) -> "Structure":
        """Describe components, given as word ranges in order of appearance."""
        bounds = np.asarray(spans, dtype=np.int64).reshape(-1, 2)
        count = len(bounds)
        paragraphs = words.paragraphs[bounds[:, 0]] if count else np.zeros(0, dtype=np.int64)
        borders = np.searchsorted(words.paragraphs, [paragraphs, paragraphs + 1])  # (2, components)
        before = np.maximum(np.concatenate([[0], bounds[:-1, 1]])[:count], borders[0])
        after = np.minimum(np.concatenate([bounds[1:, 0], [len(words)]])[:count], borders[1])
        leads = np.stack(
            [np.minimum(np.maximum(before, bounds[:, 0] - LEAD_WORDS), bounds[:, 0]), bounds[:, 0]], axis=1
        )
        tails = np.stack([bounds[:, 1], np.maximum(np.minimum(after, bounds[:, 1] + TAIL_WORDS), bounds[:, 1])], axis=1)
        return cls(bounds, leads, tails, _places(bounds, paragraphs, words), _distances(paragraphs))


def _places(bounds: Ints, paragraphs: Ints, words: Words) -> Ints:
    count = len(bounds)
    if not count:
        return np.zeros((0, len(PLACES)), dtype=np.int64)
    last = int(words.paragraphs[-1])
    paragraph = np.where(paragraphs == 0, 0, np.where(paragraphs == last, 2, 1)) if last else np.full(count, 3)
    order = np.arange(count)
    number = order - np.searchsorted(paragraphs, paragraphs)
    from_end = np.searchsorted(paragraphs, paragraphs, side="right") - 1 - order
    tenth = bounds[:, 0] * 10 // len(words)
    tenth[0], tenth[-1] = 10, (11 if count > 1 else 10)
    length = np.searchsorted(LENGTHS, bounds[:, 1] - bounds[:, 0])
    return np.stack([paragraph, np.minimum(number, 5), np.minimum(from_end, 3), tenth, length], axis=1)


def _distances(paragraphs: Ints) -> Ints:
    """Signed bucket of the distance between two components; the far half: they stand in different paragraphs."""
    order = np.arange(len(paragraphs))
    steps = order[None, :] - order[:, None]
    bucket = np.searchsorted(DISTANCES, np.abs(steps))
    signed = np.where(steps < 0, bucket, bucket + len(DISTANCES) + 1)
    elsewhere = paragraphs[None, :] != paragraphs[:, None]
    distances: Ints = signed + DISTANCE_BUCKETS * elsewhere
    return distances
