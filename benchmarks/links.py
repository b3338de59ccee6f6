"""Links of a trained model where both ends are given: what it links wrongly, apart from what it does not find.

    python benchmarks/links.py corpora/opinions/dev.jsonl [--texts ARTICLES.jsonl] [--model NAME]

The annotated components are given to the model, which types and links them. Printed, a line each: the share of annotated
links that are right, by where the target stands (the thesis, the source's paragraph, another one); what linking each
component to the one before it, or after it, would give; and attacks and theses as annotated, told and right.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.neural.folder import ModelFolder
from oped.neural.parser.decoding import ParsedComponent, Scorer, score_components
from oped.neural.parser.examples import aligned
from oped.records import ArgumentMap, Component
from oped.words import Words

THESIS, ATTACK = "major_claim", "attack"


def linked(scorer: Scorer, amap: ArgumentMap) -> tuple[list[Component], list[ParsedComponent]]:
    """The annotated components of an article, and what the model makes of their spans."""
    words = Words.of(amap.article.text)
    parts, spans = aligned(amap, words)
    states = scorer.word_states(amap.article.text, words)
    return parts, score_components(states, words, spans, [1.0] * len(spans), scorer, amap.scheme)


def counted(amap: ArgumentMap, parts: list[Component], found: list[ParsedComponent]) -> Iterator[str]:
    """What is to be counted of an article, a name each."""
    places = {part.id: place for place, part in enumerate(parts)}
    paragraphs = [amap.article.text.count("\n\n", 0, part.start) for part in parts]
    for link in amap.relations:
        if link.source not in places or link.target not in places:
            continue
        source, target = places[link.source], places[link.target]
        kind = "to the thesis" if parts[target].type == THESIS else "in its paragraph"
        if parts[target].type != THESIS and paragraphs[source] != paragraphs[target]:
            kind = "to another paragraph"
        right = found[source].target == target
        yield from ("links", kind)
        yield from ("links right", f"{kind} right") if right else ()
        yield from ("the one before right",) if target == source - 1 else ()
        yield from ("the one after right",) if target == source + 1 else ()
        yield from ("attacks annotated",) if link.type == ATTACK else ()
        yield from ("attacks right",) if right and link.type == ATTACK == found[source].label else ()
    yield from ("attacks told" for part in found if part.target is not None and part.label == ATTACK)
    theses = [place for place, part in enumerate(parts) if part.type == THESIS]
    yield from ("articles with a thesis",) if theses else ()
    yield from ("articles whose thesis is found",) if any(found[place].type == THESIS for place in theses) else ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--texts", type=Path, help="articles that the annotation counts in")
    parser.add_argument("--model", default="en_opinion_sm")
    chosen = parser.parse_args()
    scorer = ModelFolder.find(chosen.model).open_parser()
    texts = article_texts(chosen.texts) if chosen.texts else None
    counts: Counter[str] = Counter()
    for amap in read_corpus(chosen.corpus, "oped", texts=texts):
        counts.update(counted(amap, *linked(scorer, amap)))
    for name in ("links", "to the thesis", "in its paragraph", "to another paragraph"):
        print(f"{name}: {counts[f'{name} right']} of {counts[name]} right")
    for name in ("the one before", "the one after"):
        print(f"{name}: {counts[f'{name} right']} of {counts['links']} would be right")
    print("attacks:", ", ".join(f"{counts[f'attacks {name}']} {name}" for name in ("annotated", "told", "right")))
    print(f"thesis: found in {counts['articles whose thesis is found']} of {counts['articles with a thesis']} articles")


if __name__ == "__main__":
    main()
