"""Argument-annotated essays in the CoNLL form of Eger et al. (2017).

Blocks of lines separated by a blank line, a token a line. Five columns carry relative links (a Premise's target is so
many components further on), three columns absolute ones (the number, in the block and counted from 1, of the target's
first token). The text of a record is the tokens joined by one space.

Source: Eger, Daxenberger, Gurevych, "Neural End-to-End Learning for Computational Argumentation Mining", ACL 2017.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import files_of, line_blocks
from oped.formats.problems import Report
from oped.formats.schemes import AAE
from oped.records import ArgumentMap, Article, Component

_LABEL = re.compile(r"([BI])-(MajorClaim|Claim|Premise)(?::(-?\d+))?(?::(Support|Attack))?(?::(For|Against))?")
_RELATIONS = {"Support": "supports", "Attack": "attacks"}
_TYPES = {name: label for label, opinion in AAE.components.items() for name in (label, opinion) if name}
_TAGS = {name: tag for tag, label in _RELATIONS.items() for name in (label, AAE.relations[label]) if name}
OVERLAPPING = 50  # components of which the first that goes on is looked for


@dataclass(slots=True)
class _Run:
    """Successive tokens of one component; `target` is the link as the label gives it."""

    first: int
    last: int
    type: str
    target: int | None
    relation: str | None
    stance: str | None


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read every block of a file, or of the .dat and .dat.abs files of a folder."""
    for file in files_of(path, ".dat", ".dat.abs", ".conll"):
        for number, block in enumerate(line_blocks(file), start=1):
            yield _read_block(file, number, [(place, line.split("\t")) for place, line in block], report)


def _read_block(file: Path, number: int, rows: list[tuple[int, list[str]]], report: Report) -> ArgumentMap:
    absolute = _check_columns(file, rows)
    tokens = [row[1] for _, row in rows]
    starts = [0, *accumulate(len(token) + 1 for token in tokens)]
    article = Article(f"{file.name}-{number}", " ".join(tokens), source=f"{file.name} line {rows[0][0]}")
    draft = Draft(article, file, "aae2")
    runs = list(_runs(draft, rows, report))
    for index, run in enumerate(runs, start=1):
        extra = {"stance": run.stance} if run.stance else {}
        place = f"line {rows[run.first][0]}"
        start, end = starts[run.first], starts[run.last + 1] - 1
        draft.spans.append(Span(f"T{index}", start, end, run.type, place=place, extra=extra))
        if run.relation is not None and run.target is not None:
            target = _target(runs, index - 1, run.target, absolute)
            draft.links.append(Link(f"R{index}", f"T{index}", f"T{target}", _RELATIONS[run.relation], place))
    return assemble(draft, report)


def _check_columns(file: Path, rows: list[tuple[int, list[str]]]) -> bool:
    for line_number, row in rows:
        if len(row) not in (3, 5) or len(row) != len(rows[0][1]):
            raise FormatError(f"expected 3 or 5 columns, found {len(row)}", path=file, place=f"line {line_number}")
    return len(rows[0][1]) == 3


def _runs(draft: Draft, rows: list[tuple[int, list[str]]], report: Report) -> Iterator[_Run]:
    run: _Run | None = None
    for index, (line_number, row) in enumerate(rows):
        label = row[-1]
        match = _LABEL.fullmatch(label)
        if match is None and label != "O":
            raise FormatError(
                f"expected a label such as B-Premise:-1:Support, found {label!r}",
                path=draft.path,
                place=f"line {line_number}",
            )
        if match and match[1] == "I" and run is not None:
            run.last = index
            if match[2] != run.type:
                draft.problem(report, f"line {line_number}", f"{label} continues a {run.type}", left_out=False)
            continue
        if run is not None:
            yield run
            run = None
        if match:
            if match[1] == "I":
                draft.problem(report, f"line {line_number}", f"{label} begins a component without B", left_out=False)
            target = int(match[3]) if match[3] else None
            run = _Run(index, index, match[2], target, match[4], match[5])
    if run is not None:
        yield run


def _target(runs: list[_Run], index: int, target: int, absolute: bool) -> int:
    """Number, from 1, of the component a link points at; 0 where there is none."""
    if not absolute:
        found = index + target
        return found + 1 if 0 <= found < len(runs) else 0
    return next((place for place, run in enumerate(runs, start=1) if run.first + 1 == target), 0)


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write maps with relative links; tokens are what white space separates. Labels of the opinion scheme become AAE's.

    Raises:
        FormatError: a map in another scheme than AAE's and the opinion scheme, whose labels the format does not have.
    """
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        for amap in maps:
            for number, (token, label) in enumerate(_labelled_tokens(amap, path), start=1):
                stream.write(f"{number}\t{token}\t_\t_\t{label}\n")
            stream.write("\n")


def _labelled_tokens(amap: ArgumentMap, path: Path) -> Iterator[tuple[str, str]]:
    tokens = [match.span() for match in re.finditer(r"\S+", amap.article.text)]
    owners = _owners(amap, tokens)
    order = {part_id: index for index, part_id in enumerate(dict.fromkeys(owner.id for owner in owners if owner))}
    links = {link.source: link for link in amap.relations if link.source in order and link.target in order}
    begun: set[str] = set()
    for (start, end), part in zip(tokens, owners, strict=True):
        token = amap.article.text[start:end]
        if part is None:
            yield token, "O"
            continue
        label = _known(_TYPES, part.type, "components", path)
        if (link := links.get(part.id)) is not None:
            kind = _known(_TAGS, link.type, "relations", path)
            label += f":{order[link.target] - order[part.id]}:{kind}"
        if (stance := part.extra.get("stance")) in AAE.stances:
            label += f":{stance}"
        yield token, ("I-" if part.id in begun else "B-") + label
        begun.add(part.id)


def _owners(amap: ArgumentMap, tokens: Sequence[tuple[int, int]]) -> list[Component | None]:
    """The component that each token belongs to: the first one that shares a letter with it."""
    parts = sorted(amap.components, key=lambda part: (part.start, part.end))
    result: list[Component | None] = []
    first = 0
    for start, end in tokens:
        while first < len(parts) and parts[first].end <= start:
            first += 1
        owner = next((part for part in parts[first : first + OVERLAPPING] if part.end > start), None)
        result.append(owner if owner is not None and owner.start < end else None)
    return result


def _known(labels: Mapping[str, str], label: str, what: str, path: Path) -> str:
    if label not in labels:
        known = ", ".join(sorted(set(labels.values())))
        raise FormatError(
            f"aae2-conll has the {what} {known}, not {label!r}; --opinion maps labels onto them", path=path
        )
    return labels[label]
