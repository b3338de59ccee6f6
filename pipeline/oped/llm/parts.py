"""Parts of a long article: it goes to the model whole where the model can hold it, else in parts that overlap.

Each part after the first begins with paragraphs of the part before, which are there to be understood, and is told what was
found so far, so that relations reach back over parts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oped.llm.align import likeness
from oped.llm.answer import AnswerLine, Link
from oped.llm.draft import Draft, DraftComponent
from oped.llm.paragraphs import Paragraph

CHARACTERS_PER_TOKEN = 3  # fewer than any tokenizer needs for English prose, so that an estimate is rather too high
ANSWER_SHARE = 1.5  # tokens of answer for each token of article, at most
CARRIED_TOKENS = 1_500
OVERLAP_SHARE = 0.15
LEAST_PART = 200  # tokens


@dataclass(frozen=True, slots=True)
class Part:
    """Paragraphs that go to the model together.

    Attributes:
        paragraphs: all of them.
        begin: number of the first one that was in no part before.
    """

    paragraphs: tuple[Paragraph, ...]
    begin: int


def tokens_of(text: str) -> int:
    """How many tokens a text has at most, without a tokenizer."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def plan_parts(
    paragraphs: Sequence[Paragraph], *, window: int | None, prompt_tokens: int, answer_tokens: int
) -> tuple[Part, ...]:
    """The parts of an article: one, where the window holds prompt, article and answer.

    Args:
        window: tokens that the model holds; None: more than any article has.
        prompt_tokens: of all that stands around the article.
        answer_tokens: that an answer may have at most.
    """
    sizes = [math.ceil((part.end - part.start + 8) / CHARACTERS_PER_TOKEN) for part in paragraphs]
    if window is None or not paragraphs or _needed(sum(sizes), prompt_tokens, answer_tokens) <= window:
        return (Part(tuple(paragraphs), paragraphs[0].number),) if paragraphs else ()
    room = max(LEAST_PART, int((window - prompt_tokens - CARRIED_TOKENS) / (1 + ANSWER_SHARE)))
    parts: list[Part] = []
    new = 0
    while new < len(paragraphs):
        start = _reaching_back(sizes, new, int(room * OVERLAP_SHARE)) if parts else 0
        end, size = new + 1, sum(sizes[start : new + 1])
        while end < len(paragraphs) and size + sizes[end] <= room:
            size += sizes[end]
            end += 1
        parts.append(Part(tuple(paragraphs[start:end]), paragraphs[new].number))
        new = end
    return tuple(parts)


def _needed(article: int, prompt: int, answer: int) -> int:
    return prompt + article + min(answer, int(article * ANSWER_SHARE))


def _reaching_back(sizes: Sequence[int], new: int, room: int) -> int:
    """The first of the paragraphs before a place that fit into some room."""
    start = new
    while start > 0 and sum(sizes[start - 1 : new]) <= room:
        start -= 1
    return start


def carried(components: Sequence[DraftComponent], foremost: Sequence[str]) -> tuple[AnswerLine, ...]:
    """The components of earlier parts that a later one is told of: all where there is room, else those that others bear on.

    Args:
        foremost: the types, from what is argued for to what it rests on.
    """
    bearing = {link.target for part in components for link in part.links}
    ranked = sorted(components, key=lambda part: (part.number not in bearing, foremost.index(part.type), -part.start))
    chosen: list[DraftComponent] = []
    room = CARRIED_TOKENS
    for part in ranked:
        room -= tokens_of(part.quote) + 10
        if room < 0:
            break
        chosen.append(part)
    return tuple(part.as_line() for part in sorted(chosen, key=lambda part: part.start))


def renumbered(draft: Draft, first: int, outside: Sequence[int]) -> Draft:
    """A later part's draft with numbers that no earlier component has; a link goes to the part's own number where it can."""
    fresh = {part.number: first + place for place, part in enumerate(draft.components)}
    known = set(outside)

    def moved(part: DraftComponent) -> DraftComponent:
        links = (Link(link.type, fresh.get(link.target, link.target)) for link in part.links)
        kept = tuple(link for link in links if link.target in known or link.target in fresh.values())
        return replace(part, number=fresh[part.number], links=kept)

    return replace(draft, components=tuple(map(moved, draft.components)))


def merged(one: Draft, two: Draft) -> Draft:
    """Two drafts of parts as one; what both have of the paragraphs that both hold is there once, with the earlier number.

    A component without relation in the first takes that of its twin in the second.
    """
    twins: dict[int, DraftComponent] = {}
    fresh: list[DraftComponent] = []
    for part in two.components:
        others = [old for old in one.components if old.start < part.end and part.start < old.end]
        twin = max(others, key=lambda old: likeness((old.start, old.end), (part.start, part.end)), default=None)
        if twin is None:
            fresh.append(part)
        else:
            twins[part.number] = twin
    names = {number: twin.number for number, twin in twins.items()}

    def moved(part: DraftComponent, links: Sequence[Link]) -> DraftComponent:
        ends = (Link(link.type, names.get(link.target, link.target)) for link in links)
        return replace(part, links=tuple(dict.fromkeys(link for link in ends if link.target != part.number)))

    given = {twin.number: part.links for part in two.components if (twin := twins.get(part.number))}
    old = [moved(part, part.links or given.get(part.number, ())) for part in one.components]
    parts = sorted([*old, *(moved(part, part.links) for part in fresh)], key=lambda part: part.start)
    return Draft(
        components=tuple(parts),
        faults=one.faults + two.faults,
        lines=one.lines + two.lines - len(twins),
        nothing=one.nothing and two.nothing,
    )
