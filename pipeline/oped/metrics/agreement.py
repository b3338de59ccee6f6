"""Agreement between two annotations of the same texts.

Krippendorff's unitizing alpha is here, no kept library having it in the form for typed units with gaps; the kappas are
scikit-learn's and statsmodels'. Words are labelled with the type of the component they are in, or with none.
"""

from collections import Counter
from collections.abc import Sequence

from oped.errors import MissingExtraError
from oped.records import ArgumentMap
from oped.words import Words

Unit = tuple[int, int, str | None]
NONE = "none"


def agreement_of(pairs: Sequence[tuple[ArgumentMap, ArgumentMap]]) -> dict[str, float]:
    """Unitizing alpha with and without types, and Cohen's kappa over words."""
    labels = [labelled for one, two in pairs for labelled in zip(word_labels(one), word_labels(two), strict=True)]
    return {
        "unitizing_alpha": unitizing_alpha([(_units(one), _units(two)) for one, two in pairs]),
        "segmentation_alpha": unitizing_alpha(
            [(_units(one, typed=False), _units(two, typed=False)) for one, two in pairs]
        ),
        "cohen_kappa": cohen_kappa(labels),
    }


def word_labels(amap: ArgumentMap) -> list[str]:
    """Type of the component that each word is in, or `none`."""
    words = Words.of(amap.article.text)
    labels = [NONE] * len(words)
    for part in amap.components:
        for place, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
            if start < part.end and part.start < end:
                labels[place] = part.type
    return labels


def cohen_kappa(labels: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa of two annotators; 1 where both use one label throughout (Cohen 1960).

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.metrics import cohen_kappa_score
    except ImportError:
        raise MissingExtraError("metrics", "Cohen's kappa") from None
    if all(one == two for one, two in labels):
        return 1.0
    return float(cohen_kappa_score([one for one, _ in labels], [two for _, two in labels]))


def fleiss_kappa(items: Sequence[Sequence[str]]) -> float:
    """Fleiss' kappa of several annotators; each item has one label from each (Fleiss 1971).

    Raises:
        MissingExtraError: statsmodels is not installed.
        ValueError: not the same number of labels for each item.
    """
    try:
        from statsmodels.stats.inter_rater import aggregate_raters
        from statsmodels.stats.inter_rater import fleiss_kappa as kappa
    except ImportError:
        raise MissingExtraError("metrics", "Fleiss' kappa") from None
    if len({len(item) for item in items}) != 1:
        raise ValueError("expected the same number of labels for each item")
    return float(kappa(aggregate_raters([list(item) for item in items])[0]))


def _units(amap: ArgumentMap, *, typed: bool = True) -> list[Unit]:
    """Components and the gaps between them, which together tile the text."""
    units: list[Unit] = []
    position = 0
    for part in sorted(amap.components, key=lambda part: part.start):
        if part.start < position:
            continue
        if part.start > position:
            units.append((position, part.start, None))
        units.append((part.start, part.end, part.type if typed else "component"))
        position = part.end
    if position < len(amap.article.text):
        units.append((position, len(amap.article.text), None))
    return units


def unitizing_alpha(pairs: Sequence[tuple[list[Unit], list[Unit]]]) -> float:
    """Krippendorff's alpha for unitized text with nominal labels.

    The texts are taken as one continuum. Each point of it is labelled, by each observer, with the value of the unit it
    is in or as a gap; coincidences of values are weighted by the length of the intersections of units, and a point that
    both leave as a gap counts as agreement on the gap. Source: Krippendorff, Mathet, Bouvry & Widlöcher, "On the
    reliability of unitizing textual continua", Quality & Quantity 50 (2016), the binary and nominal forms of |u|alpha.
    """
    coincidences: Counter[tuple[str | None, str | None]] = Counter()
    for one, two in pairs:
        for first, second, length in _intersections(one, two):
            coincidences[first, second] += length
            coincidences[second, first] += length
    total = sum(coincidences.values())
    margins: Counter[str | None] = Counter()
    for (value, _), length in coincidences.items():
        margins[value] += length
    observed = sum(length for (first, second), length in coincidences.items() if first != second)
    expected = total**2 - sum(length**2 for length in margins.values())
    return 1.0 if not expected else 1.0 - observed * (total - 1) / expected


def _intersections(one: list[Unit], two: list[Unit]) -> list[tuple[str | None, str | None, int]]:
    result = []
    left = right = 0
    while left < len(one) and right < len(two):
        start, end = max(one[left][0], two[right][0]), min(one[left][1], two[right][1])
        if start < end:
            result.append((one[left][2], two[right][2], end - start))
        if one[left][1] <= two[right][1]:
            left += 1
        else:
            right += 1
    return result
