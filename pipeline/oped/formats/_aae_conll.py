"""Argument-annotated essays in the CoNLL form of Eger et al. (2017).

Blocks of lines separated by a blank line, a token a line. Five columns carry relative links (a Premise's target is so
many components further on), three columns absolute ones (the number, in the block and counted from 1, of the target's
first token). The text of a record is the tokens joined by one space.

Source: Eger, Daxenberger, Gurevych, "Neural End-to-End Learning for Computational Argumentation Mining", ACL 2017.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import files_of, line_blocks
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_LABEL = re.compile(r"([BI])-(MajorClaim|Claim|Premise)(?::(-?\d+))?(?::(Support|Attack))?(?::(For|Against))?")
_RELATIONS = {"Support": "supports", "Attack": "attacks"}
_TAGS = {name: tag for tag, name in _RELATIONS.items()}


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
    """Write maps in the AAE scheme with relative links; tokens are what white space separates."""
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        for amap in maps:
            for number, (token, label) in enumerate(_labelled_tokens(amap), start=1):
                stream.write(f"{number}\t{token}\t_\t_\t{label}\n")
            stream.write("\n")


def _labelled_tokens(amap: ArgumentMap) -> Iterator[tuple[str, str]]:
    order = {part.id: index for index, part in enumerate(amap.components)}
    links = {link.source: link for link in amap.relations}
    for match in re.finditer(r"\S+", amap.article.text):
        part = next((part for part in amap.components if part.start < match.end() and match.start() < part.end), None)
        if part is None:
            yield match[0], "O"
            continue
        link = links.get(part.id)
        label = part.type
        if link is not None:
            label += f":{order[link.target] - order[part.id]}:{_TAGS.get(link.type, link.type)}"
        if "stance" in part.extra:
            label += f":{part.extra['stance']}"
        yield match[0], ("B-" if part.start >= match.start() else "I-") + label
