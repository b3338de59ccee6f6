"""Which statements are worth comparing, and the judgement on each such pair."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np

from oped.errors import MissingExtraError
from oped.formats.passages import Passage
from oped.neural.matcher.runtime import Thresholds
from oped.numeric import Floats

NEIGHBOURS = 6
EXACT_UP_TO = 20_000  # statements; above, the index is approximate
_LINKS = 32  # of each point in the approximate index
_BLOCK = 4096
_MOST_OWN = 200  # statements of its own article that a search may meet before those of others


class Judge(Protocol):
    """Embeds and compares statements; `oped.neural.matcher.runtime.Matcher` does."""

    @property
    def thresholds(self) -> Thresholds: ...

    def embed(self, texts: Sequence[str]) -> Floats: ...

    def judge(self, pairs: Sequence[tuple[Passage, Passage]]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of two statements."""

    same: float
    opposed: float


@dataclass(slots=True)
class Matches:
    """Distinct texts and the verdicts on pairs of them.

    Attributes:
        texts: distinct texts.
        text_of: place of each statement's text.
        vectors: *Shape:* (texts, width)
        verdicts: by pair of places, the smaller first.
    """

    texts: list[str]
    text_of: list[int]
    vectors: Floats
    verdicts: dict[tuple[int, int], Verdict]


def match(
    passages: Sequence[Passage],
    articles: Sequence[int],
    judge: Judge,
    *,
    report: Callable[[int, int], None] | None = None,
) -> Matches:
    """Compare each statement with its nearest ones in other articles.

    Args:
        passages: the statements; of those with one text the first is judged for all.
        articles: in which each stands; pairs within one are not compared.
        report: is called with the pairs done and in all.
    """
    places: dict[str, int] = {}
    text_of = [places.setdefault(passage.text, len(places)) for passage in passages]
    distinct: dict[str, Passage] = {}
    for passage in passages:
        distinct.setdefault(passage.text, passage)
    homes: list[set[int]] = [set() for _ in distinct]
    for place, article in zip(text_of, articles, strict=True):
        homes[place].add(article)
    first = list(distinct.values())
    vectors = judge.embed(list(distinct))
    pairs = nearest(vectors, homes, least=judge.thresholds.cosine)
    verdicts: dict[tuple[int, int], Verdict] = {}
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        chances = judge.judge([(first[one], first[two]) for one, two in block])
        for pair, row in zip(block, chances.tolist(), strict=True):
            verdicts[pair] = Verdict(row[0], row[1])
        if report:
            report(len(verdicts), len(pairs))
    return Matches(list(distinct), text_of, vectors, verdicts)


def nearest(
    vectors: Floats, homes: Sequence[Set[int]], *, least: float, count: int = NEIGHBOURS
) -> list[tuple[int, int]]:
    """Pairs of near vectors of different articles, in order.

    Up to `EXACT_UP_TO` vectors all are compared; above, neighbours are looked up in a graph (Malkov & Yashunin 2018),
    built by one thread so that the same vectors give the same pairs.

    Args:
        vectors: unit length. *Shape:* (statements, width)
        homes: the articles that each stands in.
        least: cosine.
        count: neighbours of each, at most; in other articles than its own.

    Raises:
        MissingExtraError: faiss is not installed.
    """
    if len(vectors) < 2:
        return []
    try:
        import faiss
    except ImportError:
        raise MissingExtraError("compare", "oped compare") from None
    width = vectors.shape[1]
    index: Any
    if len(vectors) <= EXACT_UP_TO:
        index = faiss.IndexFlatIP(width)
        index.add(vectors)
    else:
        index = faiss.IndexHNSWFlat(width, _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction, index.hnsw.efSearch = 80, 64
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        index.add(vectors)
        faiss.omp_set_num_threads(threads)
    largest = max(Counter(home for places in homes for home in places).values())
    wanted = min(count + min(largest, _MOST_OWN), len(vectors))
    if len(vectors) > EXACT_UP_TO:
        index.hnsw.efSearch = max(index.hnsw.efSearch, wanted)
    pairs = set[tuple[int, int]]()
    for start in range(0, len(vectors), _BLOCK):
        cosines, places = index.search(vectors[start : start + _BLOCK], wanted)
        for one, (values, others) in enumerate(zip(cosines.tolist(), places.tolist(), strict=True), start=start):
            foreign = (
                (min(one, two), max(one, two))
                for value, two in zip(values, others, strict=True)
                if two >= 0 and two != one and value >= least and (homes[one] != homes[two] or len(homes[one]) > 1)
            )
            pairs.update(islice(foreign, count))
    return sorted(pairs)


def unit(vector: Floats) -> Floats:
    """The vector at length one."""
    result: Floats = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return result
