"""Span, component, link and relation F1 for any scheme: on exact spans, and on spans that overlap.

Exact: Morio et al., "End-to-end Argument Mining with Cross-corpora Multi-task Learning", TACL 2022; white space at the ends
of a span, which some corpora have and others have not, does not count. Overlap: two spans match when they share more than
half of the longer one's characters, so that no span matches two that are disjoint.
"""

import re
from collections.abc import Callable, Sequence

from oped.metrics.counts import Counts
from oped.records import ArgumentMap, Component

Pairs = dict[str, Component]
MAJOR_CLAIM, CLAIM, ATTACK = "major_claim", "claim", "attack"
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = re.compile(r"^(?:the|a|an)\s+|['’]s?$")


def score_exact(gold: ArgumentMap, predicted: ArgumentMap) -> dict[str, Counts]:
    """Counts of one document on exact spans, by metric."""
    pairs = match(gold, predicted, lambda one, two: _bounds(one) == _bounds(two))
    links, relations = _relations(gold, predicted, pairs)
    return {
        "exact_span_f1": _components(gold, predicted, pairs, lambda one, two: True),
        "exact_component_f1": _components(gold, predicted, pairs, lambda one, two: one.type == two.type),
        "exact_link_f1": links,
        "exact_relation_f1": relations,
    }


def score_overlap(gold: ArgumentMap, predicted: ArgumentMap) -> dict[str, Counts]:
    """Counts of one opinion article on overlapping spans, by metric."""
    pairs = match(gold, predicted, overlap)
    links, relations = _relations(gold, predicted, pairs)
    return {
        "overlap_span_f1": _components(gold, predicted, pairs, lambda one, two: True),
        "overlap_typed_f1": _components(gold, predicted, pairs, lambda one, two: _coarse(one) == _coarse(two)),
        "overlap_typed3_f1": _components(gold, predicted, pairs, lambda one, two: one.type == two.type),
        "overlap_link_f1": links,
        "overlap_relation_f1": relations,
        "attack_f1": _relations(_attacks(gold), _attacks(predicted), pairs)[1],
        "thesis_f1": _facet(gold, predicted, pairs, lambda part: part.type == MAJOR_CLAIM),
        "risk_f1": _facet(gold, predicted, pairs, lambda part: bool(part.risk)),
        "attribution_accuracy": _attribution(gold, pairs),
        "source_name_accuracy": _source_names(gold, pairs),
    }


def _bounds(part: Component) -> tuple[int, int]:
    """Code points of a span without white space at its ends."""
    lead = len(part.text) - len(part.text.lstrip())
    return part.start + lead, part.start + lead + len(part.text.strip())


def overlap(one: Component, two: Component) -> bool:
    """Whether two spans share more than half of the longer one's characters."""
    shared = min(one.end, two.end) - max(one.start, two.start)
    return 2 * shared > max(one.end - one.start, two.end - two.start)


def match(gold: ArgumentMap, predicted: ArgumentMap, same: Callable[[Component, Component], bool]) -> Pairs:
    """The predicted component of each gold one that has one, one to one, by the gold component's id."""
    pairs: Pairs = {}
    free = list(predicted.components)
    for part in gold.components:
        found = next(
            (other for other in free if other.start < part.end and part.start < other.end and same(part, other)), None
        )
        if found is not None:
            pairs[part.id] = found
            free.remove(found)
    return pairs


def calibration_cases(gold: ArgumentMap, predicted: ArgumentMap) -> list[tuple[float, bool]]:
    """For each predicted component, its probability and whether its span and type are right."""
    pairs = match(gold, predicted, overlap)
    types = {part.id: part for part in gold.components}
    right = {other.id for name, other in pairs.items() if _coarse(types[name]) == _coarse(other)}
    return [(part.probability, part.id in right) for part in predicted.components]


def reliability(cases: Sequence[tuple[float, bool]], *, bins: int = 10) -> list[dict[str, float]]:
    """The reliability diagram as numbers: cases by probability, in bins of equal width.

    Returns:
        For each bin with cases, `count`, their mean `probability` and the `frequency` with which they are right.
    """
    places = [min(int(chance * bins), bins - 1) for chance, _ in cases]
    result = []
    for number in range(bins):
        inside = [case for place, case in zip(places, cases, strict=True) if place == number]
        if inside:
            mean, right = sum(chance for chance, _ in inside), sum(hit for _, hit in inside)
            shares = {"probability": mean / len(inside), "frequency": right / len(inside)}
            result.append({"count": len(inside), **{key: round(value, 4) for key, value in shares.items()}})
    return result


def expected_calibration_error(cases: Sequence[tuple[float, bool]], *, bins: int = 10) -> float:
    """Mean distance of probability and frequency over the bins of `reliability` (Guo et al. 2017), from 0 to 1."""
    rows = reliability(cases, bins=bins)
    return sum(row["count"] * abs(row["probability"] - row["frequency"]) for row in rows) / max(1, len(cases))


def _coarse(part: Component) -> str:
    return CLAIM if part.type == MAJOR_CLAIM else part.type


def _components(
    gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs, same: Callable[[Component, Component], bool]
) -> Counts:
    hits = sum(part.id in pairs and same(part, pairs[part.id]) for part in gold.components)
    return Counts(hits, len(predicted.components), len(gold.components))


def _relations(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs) -> tuple[Counts, Counts]:
    labels: dict[tuple[str, str], set[str]] = {}
    for link in predicted.relations:
        labels.setdefault((link.source, link.target), set()).add(link.type)
    found: dict[tuple[str, str], set[str]] = {}
    for link in gold.relations:
        if link.source in pairs and link.target in pairs:
            ends = pairs[link.source].id, pairs[link.target].id
            if ends in labels:
                found.setdefault(ends, set()).add(link.type)
    right = sum(len(types & labels[ends]) for ends, types in found.items())
    gold_ends = {(link.source, link.target) for link in gold.relations}
    return (
        Counts(len(found), len(labels), len(gold_ends)),
        Counts(right, len(predicted.relations), len(gold.relations)),
    )


def _attacks(amap: ArgumentMap) -> ArgumentMap:
    return amap.replace(relations=tuple(link for link in amap.relations if link.type == ATTACK))


def _facet(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs, has: Callable[[Component], bool]) -> Counts:
    """Components that have something, among the gold and among the predicted ones."""
    hits = sum(has(part) and part.id in pairs and has(pairs[part.id]) for part in gold.components)
    return Counts(hits, sum(map(has, predicted.components)), sum(map(has, gold.components)))


def _attribution(gold: ArgumentMap, pairs: Pairs) -> Counts:
    cases = [(part.attribution, pairs[part.id].attribution) for part in gold.components if part.id in pairs]
    known = [(one, two) for one, two in cases if one is not None]
    hits = sum(two is not None and one.holder == two.holder for one, two in known)
    return Counts(hits, len(known), len(known))


def _source_names(gold: ArgumentMap, pairs: Pairs) -> Counts:
    """Of the matched components whose gold source has a name, those whose predicted source has the same."""
    cases = [
        (part.attribution.name, pairs[part.id].attribution)
        for part in gold.components
        if part.attribution is not None and part.attribution.name is not None and part.id in pairs
    ]
    hits = sum(who is not None and who.name is not None and same_name(name, who.name) for name, who in cases)
    return Counts(hits, len(cases), len(cases))


def same_name(one: str, two: str) -> bool:
    """Whether two names are the same, or one is a run of words within the other, whatever case, article and possessive."""
    left, right = _name_words(one), _name_words(two)
    return bool(left.strip() and right.strip()) and (left in right or right in left)


def _name_words(name: str) -> str:
    """The words of a name, a blank before and after each."""
    return f" {' '.join(_WORD.findall(_ARTICLES.sub('', name.lower())))} "
