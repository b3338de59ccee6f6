"""Statistics of a corpus, and its inconsistencies."""

from collections import Counter
from pathlib import Path
from typing import Any

from oped.formats.pairs import LABELS
from oped.formats.problems import Problem
from oped.formats.registry import find_format, read_corpus, read_pairs, read_stances
from oped.formats.stances import STANCES
from oped.formats.texts import Texts, article_texts
from oped.formats.variety import variety
from oped.words import split_words


def statistics(
    path: Path, format: str, *, split: str | None = None, texts: Path | None = None, varied: bool = False
) -> dict[str, Any]:
    """Counts of a corpus: documents, words, paragraphs, components and relations by label, risks, reported components.

    Of pairs and stances alone: how many there are of each label.

    Args:
        varied: add the measures of `oped.formats.variety`.
    """
    chosen, find = find_format(format), article_texts(texts) if texts else None
    if chosen.read_pairs and not chosen.read:
        found = read_pairs(path, format, split or "", texts=find)
        return _labels("pairs", [pair.label for pair in found], (*LABELS, "not same"))
    if chosen.read_stances:
        targets, missing = read_stances(path, split or "", find, format=format)
        return _labels("targets", [item.stance for item in targets], STANCES) | {"without_text": missing}
    return _of_maps(path, format, split, find, varied)


def _labels(name: str, places: list[int], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: len(places), "labels": {names[place]: count for place, count in Counter(places).most_common()}}


def _of_maps(path: Path, format: str, split: str | None, find: Texts | None, varied: bool) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    components: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    kept = []
    for amap in read_corpus(path, format, split=split, texts=find):
        if varied:
            kept.append(amap)
        counts["documents"] += 1
        counts["words"] += len(split_words(amap.article.text))
        counts["paragraphs"] += sum(bool(part.strip()) for part in amap.article.text.split("\n"))
        counts["risks"] += sum(bool(part.risk) for part in amap.components)
        counts["reported"] += sum(
            part.attribution is not None and part.attribution.holder == "other" for part in amap.components
        )
        components.update(part.type for part in amap.components)
        relations.update(link.type for link in amap.relations)
    return {
        **{key: counts[key] for key in ("documents", "paragraphs", "words")},
        "components": dict(components.most_common()),
        "relations": dict(relations.most_common()),
        "risks": counts["risks"],
        "reported": counts["reported"],
        **({"variety": variety(kept)} if kept else {}),
    }


def check(path: Path, format: str, *, split: str | None = None, texts: Path | None = None) -> list[Problem]:
    """Every inconsistency that reading the corpus shows."""
    problems: list[Problem] = []
    chosen, find = find_format(format), article_texts(texts) if texts else None
    if chosen.read_pairs and not chosen.read:
        read_pairs(path, format, split or "", report=problems.append, texts=find)
    elif chosen.read_stances:
        read_stances(path, split or "", find, format=format, report=problems.append)
    else:
        for _ in read_corpus(path, format, split=split, report=problems.append, texts=find):
            pass
    return problems
