"""brat standoff: NAME.txt with NAME.ann beside it.

T lines are components, R lines relations between them; A and E lines and notes are kept as attributes where they tell
of a component: `Risk`, `Attribution` and `Source`, a `Stance` and other values go to `extra`. Offsets are kept; a
relation to any component is read, MajorClaims included.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from oped.errors import FormatError
from oped.files import Numbered
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import each, file_name, files_of, read_text
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article, Attribution, Component

_SPAN = re.compile(r"(T\S+)\s+(\S+) (\d+(?: \d+;\d+)*) (\d+)(?:\t(.*))?")
_RELATION = re.compile(r"(R\S*)\s+(\S+) Arg1:(\S+) Arg2:(\S+)\s*")
_ATTRIBUTE = re.compile(r"([AM]\S*)\s+(\S+) (\S+)(?: (.*?))?\s*")
_NOTE = re.compile(r"(#\S*)\s+(\S+) (\S+)\t(.*)")


def read(
    path: Path, report: Report, *, scheme: str = "opinion", offsets_in_bytes: bool = False
) -> Iterator[ArgumentMap]:
    """Read the pairs of a folder, or one .ann file; equal names in subfolders get the subfolder's name into their ids.

    Args:
        offsets_in_bytes: whether offsets count bytes of UTF-8, as in some distributions, instead of code points.
    """
    files = files_of(path, ".ann")
    stems = Counter(file.stem for file in files)

    def read_one(file: Path) -> ArgumentMap:
        name = file.stem if stems[file.stem] == 1 else file.relative_to(path).with_suffix("").as_posix()
        return _read_one(file, name, scheme, offsets_in_bytes, report)

    yield from each(files, read_one, report)


def _read_one(path: Path, name: str, scheme: str, offsets_in_bytes: bool, report: Report) -> ArgumentMap:
    text = read_text(path.with_suffix(".txt"))
    draft = Draft(Article(name, text, source=path.name), path, scheme)
    spans: dict[str, Span] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        place = f"line {number}"
        try:
            if line.strip():
                _read_line(line, place, draft, spans, report)
        except ValueError as error:
            raise FormatError(str(error), path=path, place=place) from None
    draft.spans = list(spans.values())
    if offsets_in_bytes:
        _count_code_points(draft)
    return assemble(draft, report)


def _count_code_points(draft: Draft) -> None:
    encoded = draft.article.text.encode()
    for span in draft.spans:
        span.start, span.end = (len(encoded[:offset].decode(errors="ignore")) for offset in (span.start, span.end))


def _read_line(line: str, place: str, draft: Draft, spans: dict[str, Span], report: Report) -> None:
    kind = line[0]
    if kind == "T":
        if span := _span(line, place, draft, report):
            if span.id in spans:
                draft.problem(report, place, f"the id {span.id} is used twice")
            else:
                spans[span.id] = span
    elif kind == "R":
        if not (match := _RELATION.fullmatch(line)):
            raise ValueError(f"expected 'R1<TAB>TYPE Arg1:T1 Arg2:T2', found {line[:60]!r}")
        draft.links.append(Link(match[1], match[3], match[4], match[2], f"{place} ({match[1]})"))
    elif kind in "AM":
        if not (match := _ATTRIBUTE.fullmatch(line)):
            raise ValueError(f"expected 'A1<TAB>NAME T1 VALUE', found {line[:60]!r}")
        _attribute(match[2], match[3], match[4] or "true", place, draft, spans, report)
    elif kind == "#":
        match = _NOTE.fullmatch(line)
        if match and match[2] == "Source" and match[3] in spans:
            spans[match[3]].attribution = Attribution("other", match[4].strip() or None)
    elif kind not in "E*N":
        raise ValueError(f"expected a line of brat standoff, found {line[:60]!r}")


def _span(line: str, place: str, draft: Draft, report: Report) -> Span | None:
    if not (match := _SPAN.fullmatch(line)):
        raise ValueError(f"expected 'T1<TAB>TYPE START END<TAB>TEXT', found {line[:60]!r}")
    if ";" in match[3]:
        draft.problem(report, place, f"{match[1]} is discontinuous; a component is one span")
        return None
    return Span(match[1], int(match[3]), int(match[4]), match[2], match[5], f"{place} ({match[1]})")


def _attribute(
    name: str, owner: str, value: str, place: str, draft: Draft, spans: dict[str, Span], report: Report
) -> None:
    if owner not in spans:
        if not owner.startswith(("R", "E")):
            draft.problem(report, place, f"attribute {name} of {owner}, which is no component")
        return
    span = spans[owner]
    if name == "Risk":
        span.risk = value.lower() == "true"
    elif name == "Attribution":
        span.attribution = span.attribution or Attribution(value)
    elif name.endswith("robability"):
        setattr(span, "probability" if name == "Probability" else "risk_probability", float(value))
    else:
        span.extra[name.lower()] = value


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write NAME.txt and NAME.ann for each map into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    numbered = Numbered(of_files=True)
    for amap in maps:
        name = numbered(file_name(amap.article.id))
        (path / f"{name}.txt").write_text(amap.article.text, encoding="utf-8", newline="")
        lines = "".join(f"{line}\n" for line in _lines(amap))
        (path / f"{name}.ann").write_text(lines, encoding="utf-8", newline="")


def _lines(amap: ArgumentMap) -> Iterator[str]:
    names = {part.id: f"T{number}" for number, part in enumerate(amap.components, start=1)}
    number = 0
    for part in amap.components:
        name, quote = names[part.id], re.sub(r"[\n\r\t]", " ", part.text)
        yield f"{name}\t{part.type} {part.start} {part.end}\t{quote}"
        for attribute, value in _values(part):
            number += 1
            yield f"A{number}\t{attribute} {name} {value}"
        if part.attribution and part.attribution.name:
            yield f"#{number}{name}\tSource {name}\t{part.attribution.name}"
    for count, link in enumerate(amap.relations, start=1):
        yield f"R{count}\t{link.type} Arg1:{names[link.source]} Arg2:{names[link.target]}\t"


def _values(part: Component) -> Iterator[tuple[str, str]]:
    if part.risk is not None:
        yield "Risk", str(part.risk).lower()
    if part.attribution is not None:
        yield "Attribution", part.attribution.holder
    if part.probability != 1.0:
        yield "Probability", str(part.probability)
    if part.risk_probability is not None:
        yield "Risk-probability", str(part.risk_probability)
    for key, value in sorted(part.extra.items()):
        yield key.capitalize(), str(value)


def configure(types: Iterable[str], relations: Iterable[str], path: Path) -> None:
    """Write brat's `annotation.conf` into a folder, where there is none."""
    path.mkdir(parents=True, exist_ok=True)
    spans = list(types)
    ends = f"Arg1:{'|'.join(spans)}, Arg2:{'|'.join(spans)}"
    lines = ["[entities]", *spans, "", "[relations]", *(f"{name}\t{ends}" for name in relations)]
    lines += ["", "[events]", "", "[attributes]", "Risk\tArg:<ENTITY>, Value:true|false"]
    lines += ["Attribution\tArg:<ENTITY>, Value:author|other"]
    if not (target := path / "annotation.conf").exists():
        target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
