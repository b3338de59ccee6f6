"""Precision, recall and F1 of labelled pairs."""

from collections.abc import Sequence


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
