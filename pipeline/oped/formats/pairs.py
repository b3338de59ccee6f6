"""Pairs of statements, and what the two are to each other: read from corpora of pairs and from annotated articles."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import Any, Self

from oped.formats import _oped, _pair_sets, key_points
from oped.formats._files import json_lines, part_file, parts_of
from oped.formats.passages import Passage
from oped.formats.problems import Problem, Report, ignore
from oped.formats.texts import Texts
from oped.records import ArgumentMap, Article

LABELS = ("same", "opposed", "unrelated")
SAME, OPPOSED, UNRELATED = range(len(LABELS))
NOT_SAME = len(LABELS)  # one of the other two


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements and what they are to each other: a place in `LABELS`, or `NOT_SAME`."""

    first: Passage
    second: Passage
    label: int

    @classmethod
    def alone(cls, first: str, second: str, label: int) -> Self:
        """A pair of statements without surroundings."""
        return cls(Passage(first), Passage(second), label)


def of_key_points(
    path: Path, split: str, report: Report, generator: Random, texts: Texts | None = None
) -> Iterator[Pair]:
    """ArgKP-2021: arguments with key points that they make, or do not make."""
    gold = key_points.read_gold(path, split)
    for (argument, key_point), match in gold.labels.items():
        sides = gold.arguments[argument].text, gold.key_points[key_point].text
        yield Pair.alone(*sides, SAME if match else NOT_SAME)


def of_perspectives(
    path: Path, split: str, report: Report, generator: Random, texts: Texts | None = None
) -> Iterator[Pair]:
    """Perspectrum: perspectives of one cluster make one point; one that undermines the claim opposes it."""
    wanted = json.loads((path / "dataset_split_v1.0.json").read_text(encoding="utf-8"))
    for amap in _pair_sets.read_perspectrum(path, ignore):
        if split and wanted[amap.article.id.removeprefix("claim-")] != split:
            continue
        said = {part.id: part.text for part in amap.components}
        heads = {link.source: link.target for link in amap.relations if link.type == "equivalent"}
        for link in amap.relations:
            if link.type == "equivalent":
                yield Pair.alone(said[link.source], said[link.target], SAME)
            elif link.type == "undermine" and link.source not in heads:
                yield Pair.alone(said[link.source], said[link.target], OPPOSED)
        sides = {link.source: link.type for link in amap.relations if link.type in ("support", "undermine")}
        points = sorted(name for name in sides if name not in heads)
        others = [(one, two) for one, two in combinations(points, 2) if sides[one] == sides[two]]
        for one, two in generator.sample(others, min(len(others), len(points))):
            yield Pair.alone(said[one], said[two], NOT_SAME)


def of_labelled_spans(
    path: Path, split: str, report: Report, generator: Random, texts: Texts | None = None
) -> Iterator[Pair]:
    """A file such as pairs.jsonl: pairs of spans of the articles beside it, each with its label.

    Args:
        texts: finds the articles that stand beside it as offsets alone.
    """
    files = [file for file in sorted(path.parent.glob("*.jsonl")) if not file.name.startswith("pairs")]
    found = {amap.article.id: amap.article for file in files for amap in _oped.read(file, ignore, texts=texts)}
    for place, row in json_lines(path, report):
        try:
            if split and row["split"] != split:
                continue
            sides = [_span(row[side], found) for side in ("a", "b")]
            pair = Pair(sides[0], sides[1], LABELS.index(row["label"]))
        except (KeyError, TypeError, ValueError) as error:
            report(Problem(str(path), place, f"expected a labelled pair, found {error}"))
        else:
            yield pair


def _span(side: Mapping[str, Any], texts: Mapping[str, Article]) -> Passage:
    name, start, end = side["article"], side["start"], side["end"]
    if name not in texts:
        raise ValueError(f"no text of {name}, or another one than was read (texts names the articles of offsets)")
    length = len(texts[name].text)
    if not 0 <= start < end <= length:
        raise ValueError(f"{start}-{end}, which lies outside the {length} letters of {name}")
    return Passage.of(texts[name], start, end)


def of_contrasts(
    path: Path, split: str, report: Report, generator: Random, texts: Texts | None = None
) -> Iterator[Pair]:
    """SPLIT.jsonl: on each matter statements of one side, of the other, and beside the matter.

    Statements of one side make one point and oppose the other side's; what is beside the matter is unrelated to both.
    """
    file = part_file(path, split)
    matters = []
    for place, matter in json_lines(file, report):
        if isinstance(matter, dict) and all(isinstance(matter.get(key), list) for key in ("one", "other", "beside")):
            matters.append(matter)
        else:
            report(Problem(str(file), place, "expected a matter with the lists one, other and beside"))
    for number, matter in enumerate(matters):
        for side in ("one", "other"):
            yield from (Pair.alone(*pair, SAME) for pair in combinations(matter[side], 2))
            yield from (Pair.alone(text, beside, UNRELATED) for text in matter[side] for beside in matter["beside"])
        yield from (Pair.alone(one, other, OPPOSED) for one, other in product(matter["one"], matter["other"]))
        if others := [*matters[:number], *matters[number + 1 :]]:
            stranger = generator.choice(others)
            yield from (Pair.alone(matter[side][0], stranger[side][0], UNRELATED) for side in ("one", "other"))


def of_maps(path: Path, split: str, report: Report, generator: Random, texts: Texts | None = None) -> Iterator[Pair]:
    """Annotated articles: what attacks a component opposes it, and what supports one does not repeat it."""
    maps = [amap for part in parts_of(path, split) for amap in _oped.read(part, ignore, texts=texts)]
    for amap in maps:
        said = {part.id: part.text for part in amap.components}
        for link in amap.relations:
            yield Pair.alone(said[link.source], said[link.target], OPPOSED if link.type == "attack" else NOT_SAME)
    yield from _strangers(maps, generator)


def _strangers(maps: list[ArgumentMap], generator: Random) -> Iterator[Pair]:
    """Components of different articles, drawn at random."""
    texts = [(number, part.text) for number, amap in enumerate(maps) for part in amap.components]
    for number, text in generator.sample(texts, len(texts) // 4):
        other, stranger = generator.choice(texts)
        if other != number:
            yield Pair.alone(text, stranger, UNRELATED)
