"""Variety of a corpus: whether its texts read alike, and whether their arguments are built alike."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence

from oped.records import ArgumentMap
from oped.words import split_words

WINDOW = 500  # words in which types are counted, so that longer texts do not look poorer
OPENING = 3  # words that open a sentence
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+")


def variety(maps: Sequence[ArgumentMap]) -> dict[str, float]:
    """Measures of variety.

    Returns:
        `type_token_ratio`: types among the words of each 500 (moving average; Covington & McFall 2010), a mean over texts.
        `repeated_openings`: share of sentences whose first three words open a sentence of another document too.
        `sentence_words`, `sentence_words_deviation`: mean length of sentences, and its standard deviation.
        `components_per_100_words`, and `components_deviation` of that among documents.
        `claims_share`: components that are no premises. `linked`: components that bear on another.
        `attacks_share`: relations that attack. `risks_share`: components that are risks.
        `depth`: longest chain of relations, a mean over documents.
    """
    texts = [_words(amap.article.text) for amap in maps]
    sentences = [_sentences(amap.article.text) for amap in maps]
    lengths = [len(sentence) for document in sentences for sentence in document]
    densities = [100 * len(amap.components) / max(1, len(words)) for amap, words in zip(maps, texts, strict=True)]
    parts = [part for amap in maps for part in amap.components]
    links = [link for amap in maps for link in amap.relations]
    linked = sum(len({link.source for link in amap.relations}) for amap in maps)
    values = {
        "type_token_ratio": statistics.fmean(map(_moving_ratio, texts)),
        "repeated_openings": _repeated(sentences),
        "sentence_words": statistics.fmean(lengths),
        "sentence_words_deviation": statistics.pstdev(lengths),
        "components_per_100_words": statistics.fmean(densities),
        "components_deviation": statistics.pstdev(densities),
        "claims_share": sum(part.type not in ("premise", "Premise") for part in parts) / max(1, len(parts)),
        "linked": linked / max(1, len(parts)),
        "attacks_share": sum("attack" in link.type.lower() for link in links) / max(1, len(links)),
        "risks_share": sum(bool(part.risk) for part in parts) / max(1, len(parts)),
        "depth": statistics.fmean(map(_depth, maps)),
    }
    return {name: round(value, 3) for name, value in values.items()}


def _words(text: str) -> list[str]:
    spans = split_words(text)
    return [text[start:end].lower() for start, end in spans if any(map(str.isalnum, text[start:end]))]


def _sentences(text: str) -> list[list[str]]:
    parts = [part for line in text.split("\n") for part in _SENTENCE.split(line)]
    return [words for words in map(_words, parts) if words]


def _moving_ratio(words: Sequence[str]) -> float:
    """Mean share of distinct words over all windows of `WINDOW` words; of the whole text where it is shorter."""
    if len(words) <= WINDOW:
        return len(set(words)) / max(1, len(words))
    inside = Counter(words[:WINDOW])
    total = len(inside)
    for leaving, entering in zip(words, words[WINDOW:], strict=False):
        inside[leaving] -= 1
        if not inside[leaving]:
            del inside[leaving]
        inside[entering] += 1
        total += len(inside)
    return total / (len(words) - WINDOW + 1) / WINDOW


def _repeated(documents: Sequence[Sequence[Sequence[str]]]) -> float:
    openings = [
        {tuple(sentence[:OPENING]) for sentence in document if len(sentence) > OPENING} for document in documents
    ]
    holders = Counter(opening for document in openings for opening in document)
    longer = [sentence for document in documents for sentence in document if len(sentence) > OPENING]
    return sum(holders[tuple(sentence[:OPENING])] > 1 for sentence in longer) / max(1, len(longer))


def _depth(amap: ArgumentMap) -> int:
    targets: dict[str, list[str]] = {}
    for link in amap.relations:
        targets.setdefault(link.source, []).append(link.target)

    def height(name: str, seen: frozenset[str]) -> int:
        return max(
            (1 + height(target, seen | {target}) for target in targets.get(name, ()) if target not in seen), default=0
        )

    return max((height(name, frozenset([name])) for name in targets), default=0)
