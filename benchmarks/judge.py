"""How well a judged comparison tells what makes the same point, what contradicts what, and whom statements are for and against.

    oped compare corpora/opinions/dev.jsonl --judge llm:NAME --replies REPLIES.jsonl -o judged.json
    python benchmarks/judge.py judged.json --split dev

The pairs of `pairs-read.jsonl` and `pairs.jsonl` are looked up in the comparison: same are two statements of one key point,
opposed are statements of two points that are contested. A pair that the comparison says nothing of is unrelated. With
`--stances corpora/stances/dev.jsonl` the labelled targets of the compared articles are looked up too: a stance is found where
the comparison tells the same of an entity in that statement one of whose names holds the other. What is told of entities that
nobody labelled does not count. See README.md.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

from oped.formats.pairs import LABELS
from oped.formats.registry import read_corpus
from oped.formats.texts import Texts, article_texts
from oped.metrics.counts import Counts
from oped.records import AUTHOR

PAIRS = ("pairs-read", "pairs")
Pair = frozenset[tuple[str, str]]


def main() -> None:
    """Read and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("comparison", type=Path, help="JSON of oped compare")
    parser.add_argument("--corpus", type=Path, default=Path("corpora/opinions"))
    parser.add_argument("--split", default="dev")
    parser.add_argument("--least", type=float, default=0.5, help="probability from which on a finding counts")
    parser.add_argument(
        "--stances", type=Path, help="labelled stances; their articles' corpora lie beside their folder"
    )
    parser.add_argument("--texts", type=Path, help="texts of articles that a corpus has as offsets alone")
    parser.add_argument("--misses", action="store_true", help="print the pairs that differ")
    chosen = parser.parse_args()
    result = json.loads(chosen.comparison.read_text(encoding="utf-8"))
    if chosen.stances:
        print_stances(result, chosen.stances, article_texts(chosen.texts) if chosen.texts else None)
        return
    told = implied(result, chosen.least)
    print(f"implied: {', '.join(f'{len(pairs)} {label}' for label, pairs in told.items())}")
    for name in PAIRS:
        gold = list(labelled(chosen.corpus, name, chosen.split))
        print(f"{name}: {len(gold)} pairs")
        for label in ("same", "opposed"):
            print(f"  {label}: {scores(gold, told, label)}")
        if chosen.misses:
            _print_misses(gold, told, result)


def print_stances(result: Mapping[str, Any], path: Path, texts: Texts | None) -> None:
    """Compare the stances of a comparison with the labelled ones of its articles."""
    compared = {article["id"] for article in result["articles"]}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("article") in compared]
    maps = {
        amap.article.id: amap
        for corpus in sorted({row["corpus"] for row in rows})
        for amap in read_corpus(path.parent.parent / corpus / path.name, "oped", texts=texts)
    }
    told = _told_stances(result)
    pairs = []
    for row in rows:
        amap = maps[row["article"]]
        (part,) = (part for part in amap.components if [part.start, part.end] == row["component"])
        if part.attribution not in (None, AUTHOR):
            continue  # a comparison asks for the author's own stances alone
        name = amap.article.text[slice(*row["entity"])]
        found = (stance for entity, stance in told.get((amap.article.id, part.id), ()) if _alike(entity, name))
        pairs.append((row["stance"], next(found, "none")))
    print(f"{len(pairs)} labelled targets")
    for label in ("for", "against"):
        print(f"  {label}: {_counted(pairs, label)}")


def _told_stances(result: Mapping[str, Any]) -> Mapping[tuple[str, str], list[tuple[str, str]]]:
    """Entity and stance, by article and component."""
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for entity in result["entities"]:
        for group in entity["groups"].values():
            for row in group.get("stances", ()):
                statement = result["statements"][row["statement"]]
                key = (statement["article"], statement["component"])
                told.setdefault(key, []).append((entity["name"], row["stance"]))
    return told


def _alike(one: str, other: str) -> bool:
    """Whether all words of one name stand in the other."""
    words = [
        {word.strip("'’.,").removesuffix("'s").removesuffix("’s") for word in name.casefold().split()} - {"the"}
        for name in (one, other)
    ]
    return bool(words[0] and words[1]) and (words[0] <= words[1] or words[1] <= words[0])


def _counted(pairs: Sequence[tuple[str, str]], label: str) -> str:
    """Precision, recall and F1 of a label, with the counts."""
    predicted = [wanted for wanted, found in pairs if found == label]
    right = sum(wanted == label for wanted in predicted)
    counts = Counts(gold=sum(wanted == label for wanted, _ in pairs), predicted=len(predicted), hits=right)
    return (
        f"{counts.precision:.2f} / {counts.recall:.2f} / {counts.f1:.2f}"
        f" ({right} of {len(predicted)} told, of {counts.gold} there)"
    )


def implied(result: Mapping[str, Any], least: float) -> dict[str, set[Pair]]:
    """The pairs of components, as article and id, that a comparison says are the same or opposed."""
    known = {name: (value["article"], value["component"]) for name, value in result["statements"].items()}
    points = [row["statements"] for row in result["key_points"] if row["probability"] >= least]
    sides = [
        [side["statements"] for side in row["sides"]] for row in result["contested"] if row["probability"] >= least
    ]
    return {
        "same": {frozenset((known[one], known[two])) for point in points for one, two in combinations(point, 2)},
        "opposed": {frozenset((known[one], known[two])) for pair in sides for one, two in product(*pair)},
    }


def labelled(corpus: Path, name: str, split: str) -> Iterator[tuple[Pair, str]]:
    """The pairs of a file that are components of the corpus, with their labels."""
    spans = {
        (amap.article.id, part.start, part.end): part.id
        for amap in read_corpus(corpus / f"{split}.jsonl", "oped")
        for part in amap.components
    }
    for line in (corpus / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["split"] == split:
            keys = [(row[side]["article"], row[side]["start"], row[side]["end"]) for side in ("a", "b")]
            if all(key in spans for key in keys):
                yield frozenset((key[0], spans[key]) for key in keys), row["label"]


def scores(gold: Sequence[tuple[Pair, str]], told: Mapping[str, set[Pair]], label: str) -> str:
    """Precision, recall and F1 of a label among labelled pairs, with the counts."""
    return _counted([(wanted, label if pair in told[label] else "") for pair, wanted in gold], label)


def _print_misses(gold: Sequence[tuple[Pair, str]], told: Mapping[str, set[Pair]], result: Mapping[str, Any]) -> None:
    texts = {(value["article"], value["component"]): value["text"] for value in result["statements"].values()}
    for pair, wanted in gold:
        found = next((label for label in LABELS if pair in told.get(label, ())), "unrelated")
        if found != wanted:
            words = " <> ".join(f"{key[0]}: {texts.get(key, '(in no finding)')}" for key in sorted(pair))
            print(f"    {wanted} told as {found}: {words}")


if __name__ == "__main__":
    main()
