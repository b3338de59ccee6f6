"""The figures of opinion articles that `oped evaluate` does not print: thesis, attacks, precision of risks, sources; see README.md."""

import argparse
from collections import Counter
from pathlib import Path

from oped.evaluation import Gold
from oped.metrics.spans import MAJOR_CLAIM, match, overlap
from oped.parsers import open_parser
from oped.records import ArgumentMap, Component

ATTACK = "attack"
PROBABLE = 0.6


def main() -> None:
    """Map the articles of a corpus, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="annotated articles in oped's own form")
    parser.add_argument("--texts", type=Path, help="the articles of an annotation without text")
    parser.add_argument(
        "--predicted", type=Path, help="maps or annotations of the same articles, in place of a model's"
    )
    parser.add_argument("--model", default="en_opinion_sm")
    chosen = parser.parse_args()
    gold = Gold(chosen.corpus, "oped", texts=chosen.texts).read()
    if chosen.predicted:
        by_id = {amap.article.id: amap for amap in Gold(chosen.predicted, "oped", texts=chosen.texts).read()}
        found = [by_id[amap.article.id] for amap in gold]
    else:
        found = list(open_parser(chosen.model).pipe(amap.article for amap in gold))
    counts = Counter[str]()
    for one, two in zip(gold, found, strict=True):
        counts += _count(one, two)
    _print(counts)


def _count(gold: ArgumentMap, found: ArgumentMap) -> Counter[str]:
    pairs = match(gold, found, overlap)
    both = [(part, pairs[part.id]) for part in gold.components if part.id in pairs]
    counts = Counter[str](matched=len(both))
    counts["author"] = sum(not _reported(one) for one, _ in both)
    counts["same holder"] = sum(_reported(one) == _reported(two) for one, two in both)
    reported = [(one, two) for one, two in both if _reported(one)]
    counts["reported"], counts["called reported"] = len(reported), sum(_reported(two) for _, two in both)
    counts["seen as reported"] = sum(_reported(two) for _, two in reported)
    counts["named alike"] = sum(_name(one) == _name(two) for one, two in reported)
    for name, has in (("thesis", lambda part: part.type == MAJOR_CLAIM), ("risk", lambda part: bool(part.risk))):
        counts[f"{name} right"] = sum(has(one) and has(two) for one, two in both)
        counts[f"{name} gold"], counts[f"{name} found"] = (sum(map(has, amap.components)) for amap in (gold, found))
    ends = {(link.source, link.target) for link in found.relations if link.type == ATTACK}
    attacks = [link for link in gold.relations if link.type == ATTACK]
    counts["attack gold"], counts["attack found"] = len(attacks), len(ends)
    counts["attack right"] = sum(
        link.source in pairs and link.target in pairs and (pairs[link.source].id, pairs[link.target].id) in ends
        for link in attacks
    )
    sure = [part for part in found.components if part.risk and (part.risk_probability or 0) >= PROBABLE]
    right = {two.id for one, two in both if one.risk}
    counts["sure risk found"], counts["sure risk right"] = len(sure), sum(part.id in right for part in sure)
    return counts


def _reported(part: Component) -> bool:
    return part.attribution is not None and part.attribution.holder == "other"


def _name(part: Component) -> str:
    name = (part.attribution.name if part.attribution else None) or ""
    return name.casefold().removeprefix("the ").strip()


def _print(counts: Counter[str]) -> None:
    for name in ("thesis", "attack", "risk"):
        right, found, gold = (counts[f"{name} {kind}"] for kind in ("right", "found", "gold"))
        precision, recall = right / max(1, found), right / max(1, gold)
        print(
            f"{name}: {right} right of {found} told and {gold} annotated; "
            f"precision {precision:.3f}, recall {recall:.3f}, F1 {2 * right / max(1, found + gold):.3f}"
        )
    sure = counts["sure risk found"]
    print(f"risks at {PROBABLE} and above: {counts['sure risk right']} right of {sure}")
    total = max(1, counts["matched"])
    print(f"whose view: {counts['same holder'] / total:.3f} right of {total} found components")
    print(f"always the author: {counts['author'] / total:.3f}")
    print(
        f"reported views among these: {counts['seen as reported']} of {counts['reported']} seen, "
        f"{counts['called reported']} told; {counts['named alike']} with the annotated name"
    )


if __name__ == "__main__":
    main()
