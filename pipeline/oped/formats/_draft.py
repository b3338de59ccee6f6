"""Drafts of maps: what a reader gathers before it is checked, and the check that makes a map of it.

Readers fill a `Draft` with what the file says. `assemble` verifies it and reports each inconsistency with its place;
what can't be true (a span outside the text, a relation to nothing) is left out and said, and nothing is mended.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from oped.errors import FormatError
from oped.fields import check_attributes, fields_of
from oped.formats.problems import Problem, Report
from oped.records import ArgumentMap, Article, Attribution, Component, Relation

MOST_SHOWN = 20  # names of a circle


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


Given = TypeVar("Given", Span, Link)
T = TypeVar("T")


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
    """Check a draft and make a map of what holds, reporting the rest.

    Raises:
        FormatError: the article itself is not sound.
    """
    try:
        check_attributes(Article, draft.article)
    except ValueError as error:
        raise FormatError(f"article: {error}", path=draft.path) from None
    components = tuple(_components(draft, report))
    relations = tuple(_relations(draft, {part.id for part in components}, report))
    _report_cycle(draft, relations, report)
    return ArgumentMap(draft.article, components, relations, scheme=draft.scheme)


def _component(span: Span) -> Component:
    """The component of a span, without its text."""
    check_attributes(Component, span)
    values = {item.name: getattr(span, item.name) for item in fields_of(Component) if hasattr(span, item.name)}
    return Component(text="", **values)


def _relation(link: Link) -> Relation:
    check_attributes(Relation, link)
    return Relation(link.id, link.source, link.target, link.type, link.probability, link.extra)


def _sound(
    draft: Draft, items: Iterable[Given], make: Callable[[Given], T], report: Report
) -> Iterator[tuple[Given, T]]:
    """What the file gives with the record made of it; what can't be one is reported."""
    for item in items:
        try:
            yield item, make(item)
        except ValueError as error:
            draft.problem(report, item.place or str(item.id), str(error))


def _components(draft: Draft, report: Report) -> Iterator[Component]:
    text, seen, last = draft.article.text, set[str](), None
    found = _sound(draft, draft.spans, _component, report)
    for span, part in sorted(found, key=lambda one: (one[1].start, one[1].end)):
        quoted = text[part.start : part.end]
        if part.id in seen:
            reason = f"the id {part.id} is used twice"
        elif not 0 <= part.start < part.end <= len(text):
            reason = f"span {part.start}-{part.end} is not inside the text of {len(text)} characters"
        elif span.quote is not None and quoted.split() != span.quote.split():
            reason = f"the text at {part.start}-{part.end} is {quoted[:50]!r}, but the file quotes {span.quote[:50]!r}"
        else:
            if last is not None and part.start < last.end:
                draft.problem(report, span.place or part.id, f"{part.id} overlaps {last.id}", left_out=False)
            seen.add(part.id)
            last = part
            yield replace(part, text=quoted)
            continue
        draft.problem(report, span.place or part.id, reason)


def _relations(draft: Draft, known: set[str], report: Report) -> Iterator[Relation]:
    seen = set(known)
    for link, relation in _sound(draft, draft.links, _relation, report):
        place = link.place or link.id
        missing = [end for end in (relation.source, relation.target) if end not in known]
        if missing:
            draft.problem(report, place, f"relation {relation.id} joins {missing[0]}, which is no component")
        elif relation.id in seen:
            draft.problem(report, place, f"the id {relation.id} is used twice")
        else:
            seen.add(relation.id)
            yield relation


def ends_through(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Of each node that stands for a relation, the pairs of source and target that it joins.

    Args:
        edges: of the graph; those into a node come from its sources, those out of it go to its targets.
    """
    sources: dict[str, list[str]] = {}
    targets: dict[str, list[str]] = {}
    for start, end in edges:
        sources.setdefault(end, []).append(start)
        targets.setdefault(start, []).append(end)
    for node in nodes:
        yield list(product(sources.get(node, ()), targets.get(node, ())))


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
