"""A draft: the components of one answer, found in the article, with relations that hold; and what is wrong with the rest.

What a draft has is valid whatever the model said: its spans are the article's own, none overlaps another, its labels are
the scheme's, its relations join components that are there and never run in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oped.llm.answer import Answer, AnswerLine, Fault, Link
from oped.llm.grounding import Found, ground
from oped.llm.paragraphs import Paragraph
from oped.llm.scheme import LabelScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftComponent:
    """One component of a draft.

    Attributes:
        number: of its line; unique in the draft, and what links name.
        start, end: code points into the article's text, end exclusive.
        exact: whether its words were quoted to the letter.
        paragraph: that it stands in, and `quote`, its words, as answered.
        chances: of `type`, `risk` and `relation`, how sure the model was, where that is known.
    """

    number: int
    start: int
    end: int
    type: str
    risk: bool = False
    source: str = ""
    gist: str | None = None
    links: tuple[Link, ...] = ()
    exact: bool = True
    paragraph: int = 0
    quote: str = ""
    chances: Mapping[str, float] = field(default_factory=dict)

    def as_line(self) -> AnswerLine:
        """The component as a line of an answer."""
        return AnswerLine(
            number=self.number,
            type=self.type,
            paragraph=self.paragraph,
            quote=self.quote,
            risk=self.risk,
            source=self.source,
            links=self.links,
            gist=self.gist,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One reading of an article, or of a part of it.

    Attributes:
        components: in the order of the text.
        faults: what can't be used, for the model to put right or for a user to know.
        lines: components that were answered; those that are not in `components` were left out.
        nothing: whether the model said that there is none.
    """

    components: tuple[DraftComponent, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: int = 0
    nothing: bool = False

    @property
    def exact(self) -> int:
        """Components whose words were quoted to the letter."""
        return sum(part.exact for part in self.components)

    @property
    def mended(self) -> int:
        """Components whose words were found after folding or alignment."""
        return len(self.components) - self.exact

    @property
    def dropped(self) -> int:
        """Lines that were left out."""
        return max(0, self.lines - len(self.components))

    @property
    def usable(self) -> bool:
        """Whether it says anything: components, or that there is none."""
        return bool(self.components) or self.nothing


def draft_of(
    text: str,
    paragraphs: Sequence[Paragraph],
    answer: Answer,
    scheme: LabelScheme,
    *,
    outside: Iterable[int] = (),
    chances: Mapping[int, Mapping[str, float]] | None = None,
) -> Draft:
    """Find an answer's components in the article and check them.

    Args:
        paragraphs: that were to be marked.
        outside: numbers of components of earlier parts that relations may go to.
        chances: of each line, how sure the model was.
    """
    grounding = ground(text, paragraphs, answer.lines)
    faults = [*answer.faults, *_lost(answer.lines, grounding.missing, grounding.overlapping)]
    kept = [line for line in answer.lines if line.number in grounding.found]
    links, broken = _sound({line.number: line for line in kept}, set(outside), scheme)
    faults += broken
    named = {fault.number for fault in faults}
    for line in kept:
        if scheme.relations and line.type in scheme.grounds and not links[line.number] and line.number not in named:
            faults.append(Fault(line.number, f"a {line.type} needs a relation to what it bears on"))
    parts = (
        _component(line, grounding.found[line.number], links[line.number], (chances or {}).get(line.number, {}))
        for line in kept
    )
    faults += (
        [] if kept or answer.lines or answer.nothing or answer.faults else [Fault(None, "there is no component in it")]
    )
    return Draft(
        components=tuple(sorted(parts, key=lambda part: part.start)),
        faults=tuple(faults),
        lines=len(answer.lines)
        + len({fault.number for fault in answer.faults} - {line.number for line in answer.lines}),
        nothing=answer.nothing,
    )


def settle(draft: Draft, scheme: LabelScheme) -> Draft:
    """The draft as it is to stand, with relations that hold.

    What only exists to bear on another component, bears on none and has nothing bearing on it is left out.
    """
    links, _ = _sound({part.number: part.as_line() for part in draft.components}, set(), scheme)
    draft = replace(draft, components=tuple(replace(part, links=links[part.number]) for part in draft.components))
    targets = {link.target for part in draft.components for link in part.links}
    kept = tuple(
        part
        for part in draft.components
        if not scheme.relations or part.type not in scheme.grounds or part.links or part.number in targets
    )
    return replace(draft, components=kept)


def _component(line: AnswerLine, found: Found, links: tuple[Link, ...], chances: Mapping[str, float]) -> DraftComponent:
    return DraftComponent(
        number=line.number,
        start=found.start,
        end=found.end,
        type=line.type,
        risk=line.risk,
        source=line.source,
        gist=line.gist,
        links=links,
        exact=found.exact,
        paragraph=line.paragraph,
        quote=line.quote,
        chances=chances,
    )


def _lost(lines: Sequence[AnswerLine], missing: Sequence[int], overlapping: Mapping[int, int]) -> list[Fault]:
    paragraph = {line.number: line.paragraph for line in lines}
    lost = [Fault(number, f"its words are not in paragraph {paragraph[number]}") for number in missing]
    return lost + [Fault(number, f"its words are a part of {other}") for number, other in overlapping.items()]


def _sound(
    lines: Mapping[int, AnswerLine], outside: set[int], scheme: LabelScheme
) -> tuple[dict[int, tuple[Link, ...]], list[Fault]]:
    """The links of each line that go to something that is there and run in no circle, and what is wrong with the others."""
    order = {label.name: place for place, label in enumerate(scheme.components)}
    faults: list[Fault] = []
    links: dict[int, tuple[Link, ...]] = {}
    for number, line in lines.items():
        good = tuple(link for link in line.links if link.target != number and link.target in {*lines, *outside})
        bad = next((link for link in line.links if link not in good), None)
        faults += [] if bad is None else [Fault(number, f"its relation goes to {bad.target}, which can't be")]
        links[number] = good
    while circle := find_circle({number: [link.target for link in part] for number, part in links.items()}):
        # What is argued for bears on nothing, so of a circle the relation of the foremost type is the one in error.
        weakest = min(circle, key=lambda number: (order[lines[number].type], number))
        following = circle[(circle.index(weakest) + 1) % len(circle)]
        links[weakest] = tuple(link for link in links[weakest] if link.target != following)
        faults.append(Fault(weakest, f"its relation runs in a circle: {' > '.join(map(str, [*circle, circle[0]]))}"))
    return links, faults


def find_circle(targets: Mapping[int, Sequence[int]]) -> list[int]:
    """Numbers that lead from one to the next and from the last to the first; none where there is no such circle."""
    done: set[int] = set()
    for start in targets:
        trail: list[int] = [start]
        ways = [iter(targets[start])]
        while ways and start not in done:
            following = next(ways[-1], None)
            if following is None:
                done.add(trail.pop())
                ways.pop()
            elif following in trail:
                return trail[trail.index(following) :]
            elif following in targets and following not in done:
                trail.append(following)
                ways.append(iter(targets[following]))
    return []
