"""Chances: how probable what a language model answered is, from its token probabilities, its votes, or what was measured.

With one reading the probability of a label is what the endpoint's token probabilities say, where it gives them; else a
constant for that label. With several it is the share of their votes. Each is put right by a slope and an offset on its
logit. The constants stand in `chances.json`, with where they were measured; `measure` measures them anew.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from oped.llm.answer import AnswerLine
from oped.llm.model import Reply
from oped.metrics.calibration import Case, fit, relation_cases, risk_cases
from oped.metrics.spans import match, overlap
from oped.numeric import logit, sigmoid
from oped.records import ArgumentMap, Component

_FILE = Path(__file__).with_name("chances.json")
Curve = tuple[float, float]
SAME: Curve = (1.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """What the answers of a model are worth.

    Attributes:
        constants: with one reading and no token probabilities, of a component, risk or relation with a label.
        tokens: slope and offset for token probabilities, by `component`, `risk`, `relation`.
        votes: slope and offset for the share of votes, by the same.
        measured: on what.
    """

    constants: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tokens: Mapping[str, Curve] = field(default_factory=dict)
    votes: Mapping[str, Curve] = field(default_factory=dict)
    measured: str = ""

    def constant(self, what: str, label: str) -> float:
        """The probability of a label where nothing is known of this answer; a half where nothing was measured."""
        return self.constants.get(what, {}).get(label, 0.5)

    def of_tokens(self, what: str, chance: float) -> float:
        """The probability of what the model gave a chance to."""
        return _bent(chance, self.tokens.get(what, SAME))

    def of_votes(self, what: str, votes: float, samples: int) -> float:
        """The probability of what got some votes of all; half a vote is added on each side, so that none is ever certain."""
        return _bent((votes + 0.5) / (samples + 1), self.votes.get(what, SAME))

    def to_dict(self) -> dict[str, Any]:
        """As in `chances.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Chances":
        """From the content of `chances.json`."""
        curves = ({name: (pair[0], pair[1]) for name, pair in data.get(key, {}).items()} for key in ("tokens", "votes"))
        tokens, votes = curves
        return cls(constants=data.get("constants", {}), tokens=tokens, votes=votes, measured=data.get("measured", ""))


def shipped_chances() -> Chances:
    """The chances that come with oped, measured on one strong model."""
    return Chances.from_dict(json.loads(_FILE.read_text(encoding="utf-8")))


def _bent(chance: float, curve: Curve) -> float:
    slope, offset = curve
    return round(sigmoid(slope * logit(chance) + offset), 4)


def token_chances(reply: Reply, lines: Iterable[AnswerLine]) -> dict[int, dict[str, float]]:
    """For each line the chance that its tokens give to its type, risk and relation; nothing where there are no tokens."""
    if not reply.logprobs:
        return {}
    tokens = [token for token, _ in reply.logprobs]
    shift = "".join(tokens).find(reply.text)
    if shift < 0:
        return {}
    ends = np.cumsum([len(token) for token in tokens]) - shift
    values = np.array([value for _, value in reply.logprobs])

    def chance(start: int, end: int) -> float:
        first, last = np.searchsorted(ends, [start, end], side="right")
        return math.exp(min(0.0, float(values[first : last + 1].sum())))

    return {line.number: {name: chance(*place) for name, place in line.places.items()} for line in lines if line.places}


def measure(pairs: Iterable[tuple[ArgumentMap, ArgumentMap]], *, samples: int = 1, place: str = "") -> Chances:
    """Chances from maps of annotated articles: constants where each article was read once, curves for votes otherwise.

    Args:
        pairs: the annotated map of each article, and the model's, made with `Chances()`, which leaves all as it is.
        samples: how often each article was read.
        place: what was measured on, for whoever reads the file.
    """
    pairs = list(pairs)
    if samples == 1:
        return Chances(constants=_constants(pairs), measured=place)
    cases: dict[str, list[Case]] = {
        "component": [case for gold, found in pairs for case in _component_cases(gold, found)],
        "risk": [case for gold, found in pairs for case in risk_cases(gold, found)],
        "relation": [case for gold, found in pairs for case in relation_cases(gold, found)],
    }
    curves = {what: fit(found) for what, found in cases.items() if len({hit for _, hit in found}) == 2}
    return Chances(votes=curves, measured=place)


def _component_cases(gold: ArgumentMap, found: ArgumentMap) -> list[Case]:
    right = _right(gold, found)
    return [(part.probability, right[part.id]) for part in found.components]


def _right(gold: ArgumentMap, found: ArgumentMap) -> dict[str, bool]:
    """Whether the span and type of each component that was found are right."""
    known = {other.id: part.type for part, other in _matched(gold, found)}
    return {part.id: known.get(part.id) == part.type for part in found.components}


def _constants(pairs: Iterable[tuple[ArgumentMap, ArgumentMap]]) -> dict[str, dict[str, float]]:
    tally: dict[tuple[str, str], list[bool]] = {}
    for gold, found in pairs:
        right = _right(gold, found)
        for part in found.components:
            tally.setdefault(("component", part.type), []).append(right[part.id])
        for part, other in _matched(gold, found):
            tally.setdefault(("risk", "risk" if other.risk else "none"), []).append(bool(part.risk))
        for link, (_, hit) in zip(found.relations, relation_cases(gold, found), strict=True):
            tally.setdefault(("relation", link.type), []).append(hit)
    result: dict[str, dict[str, float]] = {}
    for (what, label), hits in sorted(tally.items()):
        result.setdefault(what, {})[label] = round((sum(hits) + 1) / (len(hits) + 2), 3)
    return result


def _matched(gold: ArgumentMap, found: ArgumentMap) -> list[tuple[Component, Component]]:
    parts = {part.id: part for part in gold.components}
    return [(parts[name], other) for name, other in match(gold, found, overlap).items()]
