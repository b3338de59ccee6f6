"""Pairs of statements to train and judge the matcher on, from corpora of labelled pairs and from annotated articles."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

from oped.errors import ConfigError, FormatError
from oped.formats.registry import read_corpus
from oped.metrics.key_points import read_gold
from oped.neural.matcher.runtime import LABELS, OPPOSED, SAME, UNRELATED
from oped.records import ArgumentMap

NOT_SAME = len(LABELS)  # one of the other two


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements and what they are to each other: a place in `LABELS`, or `NOT_SAME`."""

    first: str
    second: str
    label: int


def read_pairs(path: Path, format_name: str, split: str, generator: random.Random | None = None) -> list[Pair]:
    """The pairs of a corpus.

    Args:
        generator: draws the pairs that are no match, where a corpus does not name such.
        format_name: `argkp`, `perspectrum`, `oped-pairs` (a pairs.jsonl beside its articles), `oped` (annotated articles:
            what attacks a component opposes it, what supports one does not repeat it) or `oped-contrasts` (a folder with
            SPLIT.jsonl: on each matter statements of one side, of the other, and beside the matter).

    Raises:
        ConfigError: another format.
    """
    readers = {
        "argkp": _argkp,
        "perspectrum": _perspectrum,
        "oped-pairs": _gold,
        "oped": _articles,
        "oped-contrasts": _contrasts,
    }
    if format_name not in readers:
        raise ConfigError(f"format: expected one of {', '.join(readers)}, found {format_name!r}")
    pairs = list(readers[format_name](path, split, generator or random.Random(1)))
    if not pairs:
        raise ConfigError(f"{path}: no pair of split {split!r}")
    return pairs


def _argkp(path: Path, split: str, generator: random.Random) -> Iterator[Pair]:
    gold = read_gold(path, split)
    for (argument, key_point), match in gold.labels.items():
        texts = gold.arguments[argument].text, gold.key_points[key_point].text
        yield Pair(*texts, SAME if match else NOT_SAME)


def _perspectrum(path: Path, split: str, generator: random.Random) -> Iterator[Pair]:
    """Perspectives of one cluster make one point; one that undermines the claim opposes it."""
    wanted = json.loads((path / "dataset_split_v1.0.json").read_text(encoding="utf-8"))
    for amap in read_corpus(path, "perspectrum"):
        if split and wanted[amap.article.id.removeprefix("claim-")] != split:
            continue
        texts = {part.id: part.text for part in amap.components}
        heads = {link.source: link.target for link in amap.relations if link.type == "equivalent"}
        for link in amap.relations:
            if link.type == "equivalent":
                yield Pair(texts[link.source], texts[link.target], SAME)
            elif link.type == "undermine" and link.source not in heads:
                yield Pair(texts[link.source], texts[link.target], OPPOSED)
        sides = {link.source: link.type for link in amap.relations if link.type in ("support", "undermine")}
        points = sorted(name for name in sides if name not in heads)
        others = [(one, two) for one, two in combinations(points, 2) if sides[one] == sides[two]]
        for one, two in generator.sample(others, min(len(others), len(points))):
            yield Pair(texts[one], texts[two], NOT_SAME)


def _gold(path: Path, split: str, generator: random.Random) -> Iterator[Pair]:
    texts = {
        amap.article.id: amap.article.text
        for file in sorted(path.parent.glob("*.jsonl"))
        if not file.name.startswith("pairs")
        for amap in read_corpus(file, "oped")
    }
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            row = json.loads(line)
            if split and row["split"] != split:
                continue
            try:
                sides = [texts[row[side]["article"]][row[side]["start"] : row[side]["end"]] for side in ("a", "b")]
                yield Pair(sides[0], sides[1], LABELS.index(row["label"]))
            except (KeyError, ValueError) as error:
                raise FormatError(
                    f"expected a labelled pair, found {error}", path=path, place=f"line {number}"
                ) from None


def _contrasts(path: Path, split: str, generator: random.Random) -> Iterator[Pair]:
    """Statements of one side make one point and oppose the other side's; what is beside the matter is unrelated to both."""
    file = path / f"{split}.jsonl" if path.is_dir() else path
    with open(file, encoding="utf-8") as stream:
        matters = [json.loads(line) for line in stream]
    for number, matter in enumerate(matters):
        for side in ("one", "other"):
            yield from (Pair(*pair, SAME) for pair in combinations(matter[side], 2))
            yield from (Pair(text, beside, UNRELATED) for text in matter[side] for beside in matter["beside"])
        yield from (Pair(one, other, OPPOSED) for one, other in product(matter["one"], matter["other"]))
        stranger = generator.choice([*matters[:number], *matters[number + 1 :]])
        yield from (Pair(matter[side][0], stranger[side][0], UNRELATED) for side in ("one", "other"))


def _articles(path: Path, split: str, generator: random.Random) -> Iterator[Pair]:
    maps = list(read_corpus(path, "oped", split=split or None))
    for amap in maps:
        texts = {part.id: part.text for part in amap.components}
        for link in amap.relations:
            yield Pair(texts[link.source], texts[link.target], OPPOSED if link.type == "attack" else NOT_SAME)
    yield from _strangers(maps, generator)


def _strangers(maps: list[ArgumentMap], generator: random.Random) -> Iterator[Pair]:
    """Components of different articles, drawn at random."""
    texts = [(number, part.text) for number, amap in enumerate(maps) for part in amap.components]
    for number, text in generator.sample(texts, len(texts) // 4):
        other, stranger = generator.choice(texts)
        if other != number:
            yield Pair(text, stranger, UNRELATED)
