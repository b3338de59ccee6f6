"""How well the named entities of a map are found, against `corpora/entities`; see README.md."""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import oped
from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.metrics.counts import Counts
from oped.records import Article, Entity

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
Mention = tuple[int, int, str]


def main() -> None:
    """Score every annotated article whose text is there, and print the scores by label."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--texts", type=Path, help="globalvoices.jsonl, for its articles beside those of corpora/opinions"
    )
    texts: Path | None = parser.parse_args().texts
    rows = [json.loads(line) for line in (CORPORA / "entities" / "annotation.jsonl").read_text("utf-8").splitlines()]
    wanted = {row["id"]: {(start, end, label) for start, end, label in row["mentions"]} for row in rows}
    nlp = oped.load()
    scores: dict[str, Counts] = {}
    for article in _articles(texts):
        if article.id in wanted:
            found = set(_mentions(article.text, next(oped.map_articles([article], nlp=nlp)).entities))
            for label in ("all", *sorted({label for _, _, label in wanted[article.id] | found})):
                gold, given = _of(wanted[article.id], label), _of(found, label)
                scores[label] = scores.get(label, Counts()) + Counts(len(gold & given), len(given), len(gold))
            borders = {mention[:2] for mention in wanted[article.id]}, {mention[:2] for mention in found}
            scores["any label"] = scores.get("any label", Counts()) + Counts(
                len(borders[0] & borders[1]), len(borders[1]), len(borders[0])
            )
    for label, counts in sorted(scores.items(), key=lambda item: -item[1].gold):
        print(
            f"{label}: precision {counts.precision:.3f}, recall {counts.recall:.3f}, F1 {counts.f1:.3f}, gold {counts.gold}"
        )


def _articles(texts: Path | None) -> Iterator[Article]:
    for name in ("opinions", "globalvoices") if texts else ("opinions",):
        find = article_texts(texts) if texts and name == "globalvoices" else None
        for part in ("train", "dev", "test"):
            yield from (amap.article for amap in read_corpus(CORPORA / name / f"{part}.jsonl", "oped", texts=find))


def _mentions(text: str, entities: Iterable[Entity]) -> Iterator[Mention]:
    """Mentions without a leading article and a possessive ending, which the annotation leaves out."""
    for entity in entities:
        start, end = entity.start, entity.end
        if text[start:end].lower().startswith("the ") and end - start > len("the "):
            start += len("the ")
        if text[start:end].endswith(("'s", "’s")):
            end -= len("'s")
        yield start, end, entity.label


def _of(mentions: set[Mention], label: str) -> set[Mention]:
    return mentions if label == "all" else {mention for mention in mentions if mention[2] == label}


if __name__ == "__main__":
    main()
