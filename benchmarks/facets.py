"""Two figures that `oped evaluate` does not print: whose view it is by a baseline, and how often a sure risk is one; see README.md."""

import argparse
from collections.abc import Callable
from pathlib import Path

from oped.evaluation import Gold
from oped.metrics.spans import match, overlap
from oped.parsers import open_parser
from oped.records import Component

PROBABLE = 0.6


def main() -> None:
    """Map the articles of a corpus, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="annotated articles in oped's own form")
    parser.add_argument("--texts", type=Path, help="the articles of an annotation without text")
    parser.add_argument("--model", default="en_opinion_sm")
    chosen = parser.parse_args()
    gold = Gold(chosen.corpus, "oped", texts=chosen.texts).read()
    found = list(open_parser(chosen.model).pipe(amap.article for amap in gold))
    matched = [(match(one, two, overlap), one, two) for one, two in zip(gold, found, strict=True)]
    both = [(part, pairs[part.id]) for pairs, one, _ in matched for part in one.components if part.id in pairs]
    told = [part for _, _, two in matched for part in two.components if part.risk]
    right = sum(bool(one.risk and two.risk) for one, two in both)
    sure = [part for part in told if (part.risk_probability or 0) >= PROBABLE]
    surely = sum(bool(one.risk and two.risk and (two.risk_probability or 0) >= PROBABLE) for one, two in both)
    print(f"whose view: {_share(both, same_holder):.3f} right of {len(both)} found components")
    print(f"always the author: {_share(both, authors_own):.3f}")
    print(f"risks: {right} right of {len(told)} told; at {PROBABLE} and above {surely} of {len(sure)}")


def same_holder(gold: Component, found: Component) -> bool:
    """Whether both are the author's view, or both another's."""
    return _holder(gold) == _holder(found)


def authors_own(gold: Component, found: Component) -> bool:
    """Whether the annotation gives a component to the author, whatever was found."""
    return _holder(gold) == "author"


def _holder(part: Component) -> str:
    return part.attribution.holder if part.attribution else "author"


def _share(pairs: list[tuple[Component, Component]], right: Callable[[Component, Component], bool]) -> float:
    return sum(right(*pair) for pair in pairs) / max(1, len(pairs))


if __name__ == "__main__":
    main()
