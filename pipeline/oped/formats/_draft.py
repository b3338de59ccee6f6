"""What a reader gathers before it is checked, and the check that makes a map of it.

Readers fill a `Draft` with what the file says. `assemble` verifies it and reports each inconsistency with its place;
what can't be true (a span outside the text, a relation to nothing) is left out and said, and nothing is mended.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oped.records import ArgumentMap, Article, Attribution, Component, Relation

MOST_SHOWN = 20  # names of a circle


@dataclass(frozen=True, slots=True)
class Problem:
    """One inconsistency of a corpus.

    Attributes:
        left_out: whether something had to be left out of the record.
    """

    path: str
    place: str
    reason: str
    left_out: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.place}: {self.reason}" + (" (left out)" if self.left_out else "")


Report = Callable[[Problem], None]


@dataclass(slots=True)
class Span:
    """A component as the file gives it; `quote` is the text that the file claims to be there."""

    id: str
    start: int
    end: int
    type: str
    quote: str | None = None
    place: str | None = None
    risk: bool | None = None
    attribution: Attribution | None = None
    probability: float = 1.0
    risk_probability: float | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Link:
    """A relation as the file gives it."""

    id: str
    source: str
    target: str
    type: str
    place: str | None = None
    probability: float = 1.0
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """An annotated text as the file gives it."""

    article: Article
    path: Path
    scheme: str = "opinion"
    spans: list[Span] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def problem(self, report: Report, place: str | None, reason: str, *, left_out: bool = True) -> None:
        report(Problem(str(self.path), place or self.article.id, reason, left_out))


def assemble(draft: Draft, report: Report) -> ArgumentMap:
    """Check a draft and make a map of what holds, reporting the rest."""
    components = list(_components(draft, report))
    relations = tuple(_relations(draft, {part.id for part in components}, report))
    _report_cycle(draft, relations, report)
    return ArgumentMap(draft.article, tuple(components), relations, scheme=draft.scheme)


def _components(draft: Draft, report: Report) -> Iterable[Component]:
    text, seen, last = draft.article.text, set[str](), None
    for span in sorted(draft.spans, key=lambda span: (span.start, span.end)):
        place = span.place or span.id
        if span.id in seen:
            draft.problem(report, place, f"the id {span.id} is used twice")
            continue
        if not 0 <= span.start < span.end <= len(text):
            draft.problem(
                report, place, f"span {span.start}-{span.end} is not inside the text of {len(text)} characters"
            )
            continue
        found = text[span.start : span.end]
        if span.quote is not None and found.split() != span.quote.split():
            reason = f"the text at {span.start}-{span.end} is {found[:50]!r}, but the file quotes {span.quote[:50]!r}"
            draft.problem(report, place, reason)
            continue
        if last is not None and span.start < last.end:
            draft.problem(report, place, f"{span.id} overlaps {last.id}", left_out=False)
        seen.add(span.id)
        last = span
        yield Component(
            id=span.id,
            start=span.start,
            end=span.end,
            text=found,
            type=span.type,
            probability=span.probability,
            risk=span.risk,
            risk_probability=span.risk_probability,
            attribution=span.attribution,
            extra=span.extra,
        )


def _relations(draft: Draft, known: set[str], report: Report) -> Iterable[Relation]:
    seen = set(known)
    for link in draft.links:
        place = link.place or link.id
        missing = [end for end in (link.source, link.target) if end not in known]
        if missing:
            draft.problem(report, place, f"relation {link.id} joins {missing[0]}, which is no component")
        elif link.source == link.target:
            draft.problem(report, place, f"relation {link.id} joins {link.source} to itself")
        elif link.id in seen:
            draft.problem(report, place, f"the id {link.id} is used twice")
        else:
            seen.add(link.id)
            yield Relation(link.id, link.source, link.target, link.type, link.probability, link.extra)


def _report_cycle(draft: Draft, relations: Iterable[Relation], report: Report) -> None:
    targets: dict[str, list[str]] = {}
    for link in relations:
        targets.setdefault(link.source, []).append(link.target)
    done: set[str] = set()
    for start in targets:
        trail: dict[str, None] = {}
        stack = [(start, iter(targets[start]))] if start not in done else []
        while stack:
            node, rest = stack[-1]
            trail[node] = None
            following = next(rest, None)
            if following is None:
                stack.pop()
                del trail[node]
                done.add(node)
            elif following in trail:
                names = list(trail)
                circle = _shown([*names[names.index(following) :], following])
                draft.problem(report, following, f"the relations form a cycle: {circle}", left_out=False)
            elif following not in done:
                stack.append((following, iter(targets.get(following, ()))))


def _shown(circle: list[str]) -> str:
    """The names of a circle, of a long one the outer ones."""
    names = circle if len(circle) <= MOST_SHOWN else [*circle[: MOST_SHOWN // 2], "…", *circle[-MOST_SHOWN // 2 :]]
    return " -> ".join(names)
