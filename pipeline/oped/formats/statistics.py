"""Counts and inconsistencies of a corpus."""

from collections import Counter
from pathlib import Path
from typing import Any

from oped.formats._draft import Problem
from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.formats.variety import variety
from oped.words import split_words


def statistics(
    path: Path, format: str, *, split: str | None = None, texts: Path | None = None, varied: bool = False
) -> dict[str, Any]:
    """Documents, words, paragraphs, components and relations by label, risks, reported components.

    Args:
        varied: add the measures of `oped.formats.variety`.
    """
    counts: Counter[str] = Counter()
    components: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    kept = []
    for amap in read_corpus(path, format, split=split, texts=article_texts(texts) if texts else None):
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
    for _ in read_corpus(
        path, format, split=split, report=problems.append, texts=article_texts(texts) if texts else None
    ):
        pass
    return problems
