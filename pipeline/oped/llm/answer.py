"""The answer of a language model as records: what it says of each component, before anything is looked up in the article.

Whatever form an answer has (`oped.llm.lines`, `oped.llm.json_form`), it is read into these, tolerantly, and never evaluated.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from oped.llm.paragraphs import on_one_line
from oped.llm.scheme import Label, LabelScheme

LONGEST = 1_000_000  # characters of an answer that are read
MOST_LINES = 5_000
RENUMBERED = 100_000
CUT = "the answer was cut off here; give this component and all that follow it"
YES = frozenset(["r", "risk", "yes", "y", "true", "1", "x"])
NO = frozenset(["", "-", "–", "—", "0", "no", "n", "false", "none", "null", "n/a", "na", "/"])
_AUTHOR = frozenset([*NO, "author", "the author", "the author's", "author's", "a", "writer", "the writer"])

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation that goes out from a line: its type, and the number of the line that it goes to."""

    type: str
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One component as answered; nothing of it has been looked up in the article yet.

    Attributes:
        number: of the line; unique in an answer.
        type: a label of the scheme.
        paragraph: that the words stand in, from 1.
        quote: its words, or the first and last ones with an ellipsis between.
        source: whose view it is; empty for the author's.
        places: of some fields, where they stand in the answer; empty where they are not known.
    """

    number: int
    type: str
    paragraph: int
    quote: str
    risk: bool = False
    source: str = ""
    links: tuple[Link, ...] = ()
    gist: str | None = None
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an answer.

    Attributes:
        number: of the line; None: the answer as a whole.
        reason: in words that the model, and a user, can act on.
    """

    number: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read from an answer.

    Attributes:
        faults: lines that are no component.
        nothing: whether the model said that the article argues nothing.
        relinked: relations of lines that stand elsewhere.
        removed: numbers of lines that are taken back.
        cut: whether the answer ends in the middle.
    """

    lines: tuple[AnswerLine, ...] = ()
    faults: tuple[Fault, ...] = ()
    nothing: bool = False
    relinked: Mapping[int, tuple[Link, ...]] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    cut: bool = False

    def amended(self, other: "Answer") -> "Answer":
        """This answer, with the lines of a correction in the place of those with the same numbers."""
        lines = {line.number: line for line in self.lines} | {line.number: line for line in other.lines}
        for number, links in other.relinked.items():
            if number in lines:
                lines[number] = replace(lines[number], links=links)
        mended = {*lines, *other.removed}
        kept = tuple(lines[number] for number in sorted(lines) if number not in other.removed)
        nothing = (self.nothing or other.nothing) and not kept
        faults = tuple(fault for fault in self.faults if fault.number is not None and fault.number not in mended)
        return Answer(lines=kept, faults=(*faults, *other.faults), nothing=nothing)


def label_of(text: str, labels: Sequence[Label]) -> str | None:
    """The name of the label that a text is the code or the name of, whatever its case."""
    wanted = re.sub(r"[\W_]+", "", text).lower()
    for label in labels:
        if wanted and wanted in (re.sub(r"[\W_]+", "", form).lower() for form in (label.code, label.name)):
            return label.name
    return None


def links_in(text: str, scheme: LabelScheme) -> tuple[Link, ...]:
    """The relations that a field names, such as `+5`, `attack 3` or `+5, -2`; a bare number is the first type."""
    if not scheme.relations:
        return ()
    forms = {form.lower(): label.name for label in scheme.relations for form in (label.name, label.code)}
    names = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    text = text.lower().translate(dict.fromkeys(map(ord, "−–—‐‑"), "-"))
    found = re.findall(rf"(?:({names})[a-z]*)?[\s:>(#]*c?(?<!\d)(\d{{1,6}})(?!\d)", text)
    links = dict.fromkeys(Link(forms.get(form, scheme.relations[0].name), int(target)) for form, target in found)
    return tuple(links)[:1] if scheme.tree else tuple(links)


def source_of(text: str) -> str:
    """The name of a source, on one line and of bearable length; empty for the author."""
    name = on_one_line(text).strip("\"“”'‘’ ")[:200]
    return "" if name.lower() in _AUTHOR else name


def gist_of(text: str, most: int = 15) -> str | None:
    """A gist of at most fifteen words; None where there is none."""
    words = on_one_line(text).strip('"“” ').split()
    if not words or " ".join(words).lower() in NO:
        return None
    short = " ".join(words[:most]) + (" …" if len(words) > most else "")
    return short[:300]
