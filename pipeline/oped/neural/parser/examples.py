"""From annotated maps to what the network is trained on."""

from dataclasses import dataclass

import numpy as np

from oped.neural.crf import BEGIN, INSIDE, OUTSIDE
from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.structure import Structure
from oped.neural.pieces import Pieces, PieceTokenizer
from oped.numeric import Floats, Ints
from oped.records import ArgumentMap, Component
from oped.words import Words

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Taught:
    """What a teacher says of an example.

    Attributes:
        tags: probabilities. *Shape:* (words, tags)
        steps: how often it expects each tag to follow each. *Shape:* (tags, tags)
        types: scores before the softmax; None where there is no component. *Shape:* (components, types)
        facets: logits of being a risk and of being another's view; None where there is no component, or the scheme has
            neither. *Shape:* (components, 2)
        arcs: scores before the softmax; None where there are no relations. *Shape:* (components, components + 1)
    """

    tags: Floats
    steps: Floats
    types: Floats | None
    facets: Floats | None
    arcs: Floats | None


@dataclass(frozen=True, slots=True)
class Example:
    """One annotated article, in numbers.

    Attributes:
        scheme: the head it teaches.
        segment: whether its tags are to be learned.
        tags: *Shape:* (words,)
        types: -1: unknown. *Shape:* (components,)
        risks, others: 1, 0, or -1 for unknown. *Shape:* (components,)
        arcs: 1 where the column is a target of the row, the root last. *Shape:* (components, components + 1)
        labels: label of each arc, -1: none or unknown. *Shape:* (components, components + 1)
        taught: what a teacher says of it, where there is one.
    """

    map: ArgumentMap
    scheme: str
    segment: bool
    words: Words
    pieces: Pieces
    tags: Ints
    structure: Structure
    types: Ints
    risks: Ints
    others: Ints
    arcs: Ints
    labels: Ints
    taught: Taught | None = None


def make_example(
    amap: ArgumentMap, *, scheme: str, config: SchemeConfig, tokenizer: PieceTokenizer, segment: bool = True
) -> Example | None:
    """The example of a map; None where it has no words."""
    text = amap.article.text
    words = Words.of(text)
    if not len(words):
        return None
    parts, spans = aligned(amap, words)
    tags = np.full(len(words), OUTSIDE, dtype=np.int64)
    for start, end in spans:
        tags[start:end] = INSIDE
        tags[start] = BEGIN
    arcs, labels = _arcs(amap, parts, config)
    return Example(
        map=amap,
        scheme=scheme,
        segment=segment,
        words=words,
        pieces=tokenizer(text, words),
        tags=tags,
        structure=Structure.of(spans, words),
        types=np.array([_index(config.types, part.type) for part in parts], dtype=np.int64),
        risks=np.array([UNKNOWN if part.risk is None else int(part.risk) for part in parts], dtype=np.int64),
        others=np.array(
            [UNKNOWN if part.attribution is None else int(part.attribution.holder == "other") for part in parts],
            dtype=np.int64,
        ),
        arcs=arcs,
        labels=labels,
    )


def aligned(amap: ArgumentMap, words: Words) -> tuple[list[Component], list[tuple[int, int]]]:
    """Components with the words they touch; one that overlaps its predecessor or crosses a paragraph keeps what is left."""
    parts, spans, last = [], [], 0
    for part in amap.components:
        first = max(last, int(np.searchsorted(words.ends, part.start, side="right")))
        end = int(np.searchsorted(words.starts, part.end, side="left"))
        if first < end:
            border = int(np.searchsorted(words.paragraphs, words.paragraphs[first], side="right"))
            parts.append(part)
            spans.append((first, min(end, border)))
            last = spans[-1][1]
    return parts, spans


def _arcs(amap: ArgumentMap, parts: list[Component], config: SchemeConfig) -> tuple[Ints, Ints]:
    places = {part.id: place for place, part in enumerate(parts)}
    arcs = np.zeros((len(parts), len(parts) + 1), dtype=np.int64)
    labels = np.full(arcs.shape, UNKNOWN, dtype=np.int64)
    for link in amap.relations:
        if link.source in places and link.target in places:
            ends = places[link.source], places[link.target]
            arcs[ends] = 1
            labels[ends] = _index(config.arc_labels, link.type)
    for place, part in enumerate(parts):
        if not arcs[place].any():
            arcs[place, -1] = 1
            if config.stances and "stance" in part.extra:
                labels[place, -1] = _index(config.arc_labels, str(part.extra["stance"]))
    return arcs, labels


def _index(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else UNKNOWN
