"""One reading of each article from several, as a corpus: what the readings of `corpora/readings/agreement` agree on.

    python benchmarks/vote.py first.jsonl second.jsonl third.jsonl --texts ARTICLES.jsonl -o voted.jsonl

The readings are aligned and voted on as a language model's are (`oped.llm.votes`). What is written holds the articles'
texts.
"""

import argparse
import json
from pathlib import Path

from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.llm.answer import Link
from oped.llm.assemble import assemble
from oped.llm.chances import shipped_chances
from oped.llm.draft import Draft, DraftComponent
from oped.llm.scheme import OPINION_LABELS
from oped.llm.votes import vote
from oped.records import ArgumentMap, ModelInfo, Reading


def draft_of(amap: ArgumentMap) -> Draft:
    """A reading as the vote takes it."""
    numbers = {part.id: number for number, part in enumerate(amap.components, start=1)}
    return Draft(
        components=tuple(
            DraftComponent(
                number=numbers[part.id],
                start=part.start,
                end=part.end,
                type=part.type,
                risk=bool(part.risk),
                source=(part.attribution.name or "other")
                if part.attribution and part.attribution.holder == "other"
                else "",
                links=tuple(Link(link.type, numbers[link.target]) for link in amap.relations if link.source == part.id),
            )
            for part in amap.components
        )
    )


def main() -> None:
    """Vote on each article that all readings have, and write the maps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readings", type=Path, nargs="+")
    parser.add_argument("--texts", type=Path, required=True, help="articles.jsonl: the texts of the readings")
    parser.add_argument("-o", "--output", type=Path, required=True)
    chosen = parser.parse_args()
    texts, chances = article_texts(chosen.texts), shipped_chances()
    readings = [{amap.article.id: amap for amap in read_corpus(path, "oped", texts=texts)} for path in chosen.readings]
    shared = [name for name in readings[0] if all(name in reading for reading in readings)]
    with open(chosen.output, "w", encoding="utf-8", newline="\n") as stream:
        for name in shared:
            maps = [reading[name] for reading in readings]
            parts = vote([draft_of(amap) for amap in maps], OPINION_LABELS, chances)
            voted = assemble(
                maps[0].article, parts, (), scheme=OPINION_LABELS, model=ModelInfo("vote", "1"), reading=Reading()
            )
            stream.write(json.dumps(voted.to_dict(), ensure_ascii=False) + "\n")
    print(f"{len(shared)} articles")


if __name__ == "__main__":
    main()
