"""Cornell eRulemaking corpus (Park & Cardie 2018): NAME.txt with NAME.ann.json beside it.

`prop_offsets` are the elementary units, `prop_labels` their types; `reasons` and `evidences` are pairs of a range of
source units, both ends included, and a target unit. A range yields a relation from each of its units.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import read_json, read_text, reader
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_KINDS = {"reasons": "reason", "evidences": "evidence"}
_SUFFIX = ".ann.json"


def _read_one(path: Path, report: Report) -> ArgumentMap:
    name = path.name.removesuffix(_SUFFIX)
    draft = Draft(Article(name, read_text(path.with_name(f"{name}.txt")), source=path.name), path, "cdcp")
    data = read_json(path)
    try:
        units = zip(data["prop_offsets"], data["prop_labels"], strict=True)
        for number, ((start, end), label) in enumerate(units, start=1):
            draft.spans.append(Span(f"T{number}", start, end, label, place=f"prop_offsets[{number - 1}]"))
        for key, kind in _KINDS.items():
            draft.links += _links(data[key], key, kind)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"expected the fields of a CDCP annotation, found {error!r}", path=path) from None
    return assemble(draft, report)


def _links(pairs: list[Any], key: str, kind: str) -> Iterator[Link]:
    for number, ((first, last), target) in enumerate(pairs):
        for source in range(first, last + 1):
            place = f"{key}[{number}]"
            yield Link(f"{kind}{number + 1}-{source + 1}", f"T{source + 1}", f"T{target + 1}", kind, place)


read = reader(_read_one, _SUFFIX)
