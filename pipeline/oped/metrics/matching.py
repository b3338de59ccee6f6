"""Precision, recall and F1 of labelled pairs."""

from collections.abc import Sequence

from oped.metrics.key_points import average_precision

SUREST = 20


def label_scores(gold: Sequence[int], found: Sequence[int], names: Sequence[str]) -> dict[str, float]:
    """Keys `NAME_precision`, `NAME_recall` and `NAME_f1` for each label, and `accuracy`.

    Args:
        gold, found: places in `names`.
    """
    result: dict[str, float] = {}
    pairs = list(zip(gold, found, strict=True))
    for place, name in enumerate(names):
        hits = sum(one == two == place for one, two in pairs)
        precision, recall = hits / max(1, found.count(place)), hits / max(1, gold.count(place))
        both = 2 * precision * recall / (precision + recall) if hits else 0.0
        result |= {f"{name}_precision": precision, f"{name}_recall": recall, f"{name}_f1": both}
    result["accuracy"] = sum(one == two for one, two in pairs) / max(1, len(pairs))
    return {key: round(value, 4) for key, value in result.items()}


def ranking_scores(gold: Sequence[int], chances: Sequence[Sequence[float]], names: Sequence[str]) -> dict[str, float]:
    """How well probabilities rank the pairs of each label, whatever the thresholds.

    Keys `NAME_average_precision`, and `NAME_precision_at_20`, of the twenty pairs that are the likeliest to have the label.

    Args:
        gold: places in `names`.
        chances: of each pair, a probability for each name.
    """
    result: dict[str, float] = {}
    for place, name in enumerate(names):
        ranked = sorted(((row[place], label == place) for row, label in zip(chances, gold, strict=True)), reverse=True)
        levels: dict[float, list[bool]] = {}
        for chance, right in ranked:
            levels.setdefault(chance, []).append(right)
        result[f"{name}_average_precision"] = average_precision(levels)
        first = ranked[:SUREST]
        result[f"{name}_precision_at_{SUREST}"] = sum(right for _, right in first) / max(1, len(first))
    return {key: round(value, 4) for key, value in result.items()}
