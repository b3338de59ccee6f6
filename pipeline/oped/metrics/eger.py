"""Component and relation F1 as Persing & Ng (2016) and Eger et al. (2017) define them, on AAE.

Two components match approximately when the tokens they share, divided by the length of the longer one, exceed the
ratio: 0.5, or 0.9999 for an exact match. The types of components must agree; those of a relation's ends need not. A
Premise's relation is its label and the component it points at; a Claim's is its stance towards the last MajorClaim of
the document, or towards the root where there is none; a MajorClaim's is the root.

Sources: Persing & Ng, "End-to-End Argumentation Mining in Student Essays", NAACL 2016; Eger, Daxenberger & Gurevych,
"Neural End-to-End Learning for Computational Argumentation Mining", ACL 2017.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from oped.metrics.counts import Counts
from oped.records import ArgumentMap, Component

EXACT, HALF = 0.9999, 0.5
MAJOR_CLAIM, CLAIM = "MajorClaim", "Claim"
DEFAULT_STANCE = "For"

Span = tuple[int, int]
Typed = tuple[Span, str]
Arc = tuple[Span, Span | None, str]
T = TypeVar("T")


def score(gold: ArgumentMap, predicted: ArgumentMap) -> dict[str, Counts]:
    """Counts of one document, by metric; both maps are in the AAE scheme and on the same text."""
    tokens = [match.span() for match in re.finditer(r"\S+", gold.article.text)]
    gold_spans, predicted_spans = _token_spans(gold, tokens), _token_spans(predicted, tokens)
    components = _typed(gold, gold_spans), _typed(predicted, predicted_spans)
    relations = _arcs(gold, gold_spans), _arcs(predicted, predicted_spans)
    result = {}
    for suffix, ratio in (("", EXACT), ("_50", HALF)):
        result[f"component_f1{suffix}"] = _count(*components, partial(_same_component, ratio=ratio))
        result[f"relation_f1{suffix}"] = _count(*relations, partial(_same_arc, ratio=ratio))
    return result


def _token_spans(amap: ArgumentMap, tokens: Sequence[Span]) -> dict[str, Span]:
    spans = {}
    for part in amap.components:
        inside = [place for place, (start, end) in enumerate(tokens) if start < part.end and part.start < end]
        if inside:
            spans[part.id] = (inside[0], inside[-1] + 1)
    return spans


def _typed(amap: ArgumentMap, spans: dict[str, Span]) -> list[Typed]:
    return [(spans[part.id], part.type) for part in amap.components if part.id in spans]


def _arcs(amap: ArgumentMap, spans: dict[str, Span]) -> list[Arc]:
    majors = [spans[part.id] for part in amap.components if part.type == MAJOR_CLAIM and part.id in spans]
    last = max(majors, default=None)
    links = {link.source: link for link in amap.relations}
    arcs: list[Arc] = []
    for part in amap.components:
        if part.id not in spans:
            continue
        if part.type == MAJOR_CLAIM:
            arcs.append((spans[part.id], None, "root"))
        elif part.type == CLAIM:
            arcs.append((spans[part.id], last, _stance(part)))
        elif (link := links.get(part.id)) and link.target in spans:
            arcs.append((spans[part.id], spans[link.target], link.type))
    return arcs


def _stance(claim: Component) -> str:
    return str(claim.extra.get("stance", DEFAULT_STANCE))


def _close(one: Span | None, two: Span | None, ratio: float) -> bool:
    if one is None or two is None:
        return one is two
    shared = min(one[1], two[1]) - max(one[0], two[0])
    return shared / max(one[1] - one[0], two[1] - two[0]) > ratio


def _same_component(one: Typed, two: Typed, ratio: float) -> bool:
    return one[1] == two[1] and _close(one[0], two[0], ratio)


def _same_arc(one: Arc, two: Arc, ratio: float) -> bool:
    return one[2] == two[2] and _close(one[0], two[0], ratio) and _close(one[1], two[1], ratio)


def _count(gold: Sequence[T], predicted: Sequence[T], same: Callable[[T, T], bool]) -> Counts:
    hits = sum(any(same(item, other) for other in predicted) for item in gold)
    return Counts(hits, len(predicted), len(gold))
