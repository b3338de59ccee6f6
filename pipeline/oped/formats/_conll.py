"""CoNLL BIO: a token a line with its tag in the last column, documents apart by a blank line or by `-DOCSTART-`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, Span, assemble
from oped.formats._files import files_of, line_blocks
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_TAG = re.compile(r"([BIES])-(\S+)|O")


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read the documents of a file or folder; the text is the tokens joined by one space."""
    for file in files_of(path, ".conll", ".bio", ".iob", ".tsv", ".txt"):
        for count, block in enumerate(line_blocks(file, apart=("-DOCSTART-", "# ")), start=1):
            yield _one(file, count, [_row(file, number, line) for number, line in block], report)


def _row(file: Path, number: int, line: str) -> tuple[int, str, str]:
    columns = re.split(r"\t| +", line.strip("\n\r "))
    if len(columns) < 2:
        raise FormatError(f"expected a token and a tag, found {line[:40]!r}", path=file, place=f"line {number}")
    return number, columns[0], columns[-1]


def _one(file: Path, count: int, rows: list[tuple[int, str, str]], report: Report) -> ArgumentMap:
    draft = Draft(Article(f"{file.name}-{count}", " ".join(token for _, token, _ in rows), source=file.name), file)
    position, current = 0, None
    for number, token, tag in rows:
        match = _TAG.fullmatch(tag)
        if match is None:
            raise FormatError(f"expected a tag such as B-claim, found {tag!r}", path=file, place=f"line {number}")
        prefix, kind = match[1], match[2]
        end = position + len(token)
        if prefix in ("I", "E") and current is not None and current.type == kind:
            current.end = end
        elif prefix:
            if prefix in ("I", "E"):
                draft.problem(report, f"line {number}", f"{tag} continues nothing", left_out=False)
            current = Span(f"T{len(draft.spans) + 1}", position, end, kind, place=f"line {number}")
            draft.spans.append(current)
        if prefix in (None, "E", "S"):
            current = None
        position = end + 1
    return assemble(draft, report)


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write tokens and tags; tokens are what white space separates."""
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        for amap in maps:
            for match in re.finditer(r"\S+", amap.article.text):
                stream.write(f"{match[0]}\t{_tag(amap, match.start(), match.end())}\n")
            stream.write("\n")


def _tag(amap: ArgumentMap, start: int, end: int) -> str:
    for part in amap.components:
        if part.start < end and start < part.end:
            return f"{'B' if part.start >= start else 'I'}-{part.type}"
    return "O"
