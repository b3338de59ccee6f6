"""Mean average precision of key-point matching, as the shared task ArgKP-2021 lays it down.

Each argument is judged by its best key point alone. Within each topic and stance the half of the arguments with the
highest scores counts, and average precision is taken over them in order of score. A pair that no annotator judged
clearly is a match for the relaxed measure and no match for the strict one. Source: Friedman et al. (2021), track 1.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oped.errors import FormatError
from oped.formats.key_points import KeyPointGold

PairScores = Mapping[str, Mapping[str, float]]
TOP_SHARE = 0.5
UNPREDICTED = 0.99


def read_predictions(path: Path) -> PairScores:
    """Read predictions as the task takes them: {argument: {key point: score}}.

    Raises:
        FormatError: another shape.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): {str(k): float(v) for k, v in scores.items()} for name, scores in data.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise FormatError(f"expected {{argument: {{key point: score}}}}: {error}", path=path) from None


@dataclass(frozen=True, slots=True)
class _Judged:
    """An argument with its best key point.

    Attributes:
        score: of the pair; None where nothing was predicted.
        match: what the labels say; None where they say nothing.
    """

    score: float | None
    match: bool | None


_Groups = list[list[_Judged]]


def score_pairs(
    gold: KeyPointGold, judge: Callable[[Sequence[tuple[str, str]]], Sequence[float]]
) -> dict[str, dict[str, float]]:
    """Have every labelled pair judged; the result is what `mean_average_precision` takes.

    Args:
        judge: how surely each argument (first) makes each key point (second).
    """
    names = list(gold.labels)
    texts = [(gold.arguments[one].text, gold.key_points[two].text) for one, two in names]
    scores: dict[str, dict[str, float]] = {}
    for (one, two), score in zip(names, judge(texts), strict=True):
        scores.setdefault(one, {})[two] = score
    return scores


def mean_average_precision(gold: KeyPointGold, scores: PairScores) -> dict[str, float]:
    """Keys `map_strict` and `map_relaxed`; an argument without a prediction counts as a confident miss."""
    return _means(_judge(gold, scores))


def bootstrap_intervals(gold: KeyPointGold, scores: PairScores, samples: int) -> dict[str, tuple[float, float]]:
    """95 % intervals of both measures, from samples of the arguments of each topic and stance."""
    groups = _judge(gold, scores)
    generator = random.Random(1)
    drawn = [_means([generator.choices(group, k=len(group)) for group in groups]) for _ in range(samples)]
    cut = int(samples * 0.025)
    ordered = {key: sorted(sample[key] for sample in drawn) for key in ("map_strict", "map_relaxed")}
    return {key: (values[cut], values[-1 - cut]) for key, values in ordered.items() if values}


def _judge(gold: KeyPointGold, scores: PairScores) -> _Groups:
    """The arguments of each topic and stance, each with its best key point; of equal ones the first."""
    groups: dict[tuple[str, int], list[_Judged]] = {}
    for item in gold.arguments.values():
        own = scores.get(item.id) or {}
        best = max(own, key=lambda name: own[name], default="")
        judged = _Judged(own.get(best), gold.labels.get((item.id, best)))
        groups.setdefault((item.topic, item.stance), []).append(judged)
    return [groups[key] for key in sorted(groups)]


def _means(groups: _Groups) -> dict[str, float]:
    return {
        key: sum(_average_precision(group, undecided) for group in groups) / max(1, len(groups))
        for key, undecided in (("map_strict", False), ("map_relaxed", True))
    }


def _average_precision(group: list[_Judged], undecided: bool) -> float:
    """Average precision over the best half."""
    ordered = sorted(group, key=lambda item: -(item.score or 0.0))[: int(len(group) * TOP_SHARE)]
    # The task gives an argument without a prediction this score once the half is chosen, so that it can't help.
    levels: dict[float, list[bool]] = {}
    for item in ordered:
        if item.score is None:
            levels.setdefault(UNPREDICTED, []).append(False)
        else:
            levels.setdefault(item.score, []).append(undecided if item.match is None else item.match)
    return average_precision(levels)


def average_precision(levels: Mapping[float, Sequence[bool]]) -> float:
    """Average precision of what is ranked by score; what has one score counts together, as in scikit-learn's.

    Args:
        levels: by score, whether each item of that score is right.
    """
    positives = sum(map(sum, levels.values()))
    total, seen, matched = 0.0, 0, 0
    for score in sorted(levels, reverse=True):
        seen += len(levels[score])
        matched += sum(levels[score])
        total += sum(levels[score]) * matched / seen
    return total / positives if positives else 0.0
