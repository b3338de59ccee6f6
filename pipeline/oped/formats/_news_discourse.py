"""NewsDiscourse (Choubey et al. 2020): NAME.txt with one sentence a line (`S1 …`) and NAME.ann with its role.

Each sentence is a component whose type is its discourse role. The distribution is a zip file for each split; a zip or
the unpacked folder is read.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, Span, assemble
from oped.formats._files import files_of
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

MOST_BYTES = 10_000_000
_SENTENCE = re.compile(r"S(\d+) (.*)")
_MARK = re.compile(r"(T\d+)\t\S+ \d+ \d+\tS(\d+)")


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read a zip file as distributed, or a folder."""
    for file in files_of(path, ".zip"):
        try:
            with zipfile.ZipFile(file) as archive:
                yield from _read(archive, file, report)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise FormatError(f"expected a zip file as distributed: {error}", path=file) from None


def _read(archive: zipfile.ZipFile, file: Path, report: Report) -> Iterator[ArgumentMap]:
    names = {Path(name).stem: name for name in archive.namelist() if name.endswith(".ann") and "__MACOSX" not in name}
    for stem, name in sorted(names.items()):
        try:
            text = _text(archive, name.removesuffix(".ann") + ".txt", file)
            annotation = _text(archive, name, file)
        except KeyError:
            raise FormatError("has no text beside it", path=file, place=name) from None
        yield _one(stem, text, annotation, file, report)


def _text(archive: zipfile.ZipFile, name: str, file: Path) -> str:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise FormatError(f"expected a text of at most {MOST_BYTES:,} bytes", path=file, place=name)
    try:
        return archive.read(name).decode("utf-8")
    except (UnicodeDecodeError, zlib.error) as error:
        raise FormatError(f"expected UTF-8 text: {error}", path=file, place=name) from None


def _one(name: str, text: str, annotation: str, file: Path, report: Report) -> ArgumentMap:
    roles = _roles(annotation)
    body, places = "", dict[str, tuple[int, int]]()
    for block in text.split("\n\n"):
        for match in _SENTENCE.finditer(block):
            body += " " if body and not body.endswith("\n\n") else ""
            places[match[1]] = (len(body), len(body) + len(match[2]))
            body += match[2]
        body = body + "\n\n" if body and not body.endswith("\n\n") else body
    draft = Draft(Article(name, body.rstrip(), source=file.name), file, "news_discourse")
    for number, role in roles.items():
        if number not in places:
            draft.problem(report, f"{name} S{number}", "a role for a sentence that the text does not have")
        else:
            draft.spans.append(Span(f"S{number}", *places[number], role, place=f"{name} S{number}"))
    return assemble(draft, report)


def _roles(annotation: str) -> dict[str, str]:
    sentences = {match[1]: match[2] for match in _MARK.finditer(annotation)}
    roles = {}
    for line in annotation.splitlines():
        if match := re.match(r"E\d+\t(\S+?):(T\d+)", line):
            roles[sentences.get(match[2], match[2])] = match[1]
    return roles
