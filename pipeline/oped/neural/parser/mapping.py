"""From parsed components, which count in words, to the records of a map, which count in characters."""

from collections.abc import Sequence

from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.decoding import ParsedComponent
from oped.records import AUTHOR, Attribution, Component, Relation
from oped.words import Words

DIGITS = 4


def components_of(text: str, words: Words, parsed: Sequence[ParsedComponent], scheme: SchemeConfig) -> list[Component]:
    """Components c1, c2 … of a text."""
    result = []
    for number, part in enumerate(parsed, start=1):
        start, end = int(words.starts[part.start]), int(words.ends[part.end - 1])
        risk, other = part.risk_probability, part.other_probability
        rooted = part.target is None and part.label is not None
        result.append(
            Component(
                id=f"c{number}",
                start=start,
                end=end,
                text=text[start:end],
                type=part.type,
                probability=_round(part.probability),
                risk=None if risk is None else risk >= scheme.thresholds.get("risk", 0.5),
                risk_probability=None if risk is None else _round(risk),
                attribution=None if other is None else _holder(other, scheme),
                extra={"stance": part.label} if rooted else {},
            )
        )
    return result


def relations_of(parsed: Sequence[ParsedComponent]) -> list[Relation]:
    """Relations r1, r2 … between the components of `components_of`."""
    linked = [(number, part) for number, part in enumerate(parsed, start=1) if part.target is not None and part.label]
    return [
        Relation(
            f"r{count}", f"c{number}", f"c{(part.target or 0) + 1}", part.label or "", _round(part.label_probability)
        )
        for count, (number, part) in enumerate(linked, start=1)
    ]


def _holder(other: float, scheme: SchemeConfig) -> Attribution:
    return Attribution("other") if other >= scheme.thresholds.get("other", 0.5) else AUTHOR


def _round(probability: float) -> float:
    return round(min(1.0, max(0.0, probability)), DIGITS)
