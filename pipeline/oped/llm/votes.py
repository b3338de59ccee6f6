"""Votes: one reading of an article from several, each with what share of them agrees.

Not each line by itself is voted on. First the readings are aligned (`oped.llm.align`), so that all speak of the same
components; then each component gets the type, risk and source that most of the readings that have it give it; then each
link is voted on among the components that are left, where a reading's link to a component that was voted out goes on to
what that one bears on. All links together are the forest that has most votes and no circle. A reading that agrees more
with the others counts a little more, which decides where each says something else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from oped.llm.align import Group, align, likeness
from oped.llm.chances import Chances
from oped.llm.draft import Draft, DraftComponent, find_circle
from oped.llm.scheme import LabelScheme
from oped.parsing.arborescence import forest

WEIGHT = 0.1  # of a vote, for full agreement with the other readings: it only breaks ties
_NEVER = -1e6

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class VotedLink:
    """A relation that was voted for.

    Attributes:
        target: place of the component that it goes to.
    """

    target: int
    type: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """A component that was voted for.

    Attributes:
        start, end: code points into the article's text, end exclusive.
        probability: that there is a component of this type.
        risk_probability: that it states a risk.
        links: to other components, by their places.
    """

    start: int
    end: int
    type: str
    probability: float
    risk: bool
    risk_probability: float
    source: str
    gist: str | None
    links: tuple[VotedLink, ...] = ()


def vote(drafts: Sequence[Draft], scheme: LabelScheme, chances: Chances, *, least: float = 0.5) -> tuple[Voted, ...]:
    """One reading from several of the same article, in the order of the text.

    Args:
        drafts: one at least; a single one is taken as it is.
        least: share of the readings that a component needs.
    """
    if len(drafts) == 1:
        return _single(drafts[0], chances)
    groups = align(drafts, least=least)
    votes = _Votes(drafts, groups, scheme)
    parts = [_component(group, votes.weights, len(drafts), chances) for group in groups]
    parts = _with_thesis(parts, groups, scheme, len(drafts), chances)
    links = votes.links([part.type for part in parts], chances)
    return tuple(replace(part, links=own) for part, own in zip(parts, links, strict=True))


def _single(draft: Draft, chances: Chances) -> tuple[Voted, ...]:
    places = {part.number: place for place, part in enumerate(draft.components)}
    return tuple(
        Voted(
            start=part.start,
            end=part.end,
            type=part.type,
            probability=_chance(part, "type", "component", part.type, chances),
            risk=part.risk,
            risk_probability=_risk_chance(part, chances),
            source=part.source,
            gist=part.gist,
            links=tuple(
                VotedLink(
                    target=places[link.target],
                    type=link.type,
                    probability=_chance(part, "relation", "relation", link.type, chances),
                )
                for link in part.links
                if link.target in places
            ),
        )
        for part in draft.components
    )


def _chance(part: DraftComponent, field: str, what: str, label: str, chances: Chances) -> float:
    known = part.chances.get(field)
    return chances.constant(what, label) if known is None else chances.of_tokens(what, known)


def _risk_chance(part: DraftComponent, chances: Chances) -> float:
    known = part.chances.get("risk")
    if known is None:
        return chances.constant("risk", "risk" if part.risk else "none")
    return chances.of_tokens("risk", known if part.risk else 1 - known)


def _component(group: Group, weights: Sequence[float], readings: int, chances: Chances) -> Voted:
    members = group.members
    kind, votes = _most({place: part.type for place, part in members.items()}, weights)
    risk, _ = _most({place: part.risk for place, part in members.items()}, weights)
    risky = sum(part.risk for part in members.values())
    source, _ = _most({place: part.source.lower() for place, part in members.items()}, weights)
    nearest = max(members.values(), key=lambda part: (part.type == kind, likeness(group.span, (part.start, part.end))))
    return Voted(
        start=group.span[0],
        end=group.span[1],
        type=kind,
        probability=chances.of_votes("component", votes, readings),
        risk=risk,
        risk_probability=chances.of_votes("risk", risky, len(members)),
        source=_name(source, members.values()),
        gist=nearest.gist,
    )


def _most(votes: Mapping[int, T], weights: Sequence[float]) -> tuple[T, int]:
    """What most readings say, the weightier ones where as many say something else; and how many say it."""
    weight: dict[T, float] = {}
    for place, value in votes.items():
        weight[value] = weight.get(value, 0.0) + weights[place]
    winner = max(weight, key=lambda value: weight[value])
    return winner, sum(value == winner for value in votes.values())


def _name(lowered: str, members: Iterable[DraftComponent]) -> str:
    """The name in the letters of a reading, when others' views were chosen; the most frequent one."""
    return next((part.source for part in members if part.source.lower() == lowered), lowered)


def _with_thesis(
    parts: Sequence[Voted], groups: Sequence[Group], scheme: LabelScheme, readings: int, chances: Chances
) -> list[Voted]:
    """Readings that all find a thesis, each elsewhere, leave none; then what most of them take for it is the thesis."""
    parts = list(parts)
    votes = [sum(part.type == scheme.thesis for part in group.members.values()) for group in groups]
    if scheme.thesis is None or not parts or any(part.type == scheme.thesis for part in parts):
        return parts
    place = max(range(len(parts)), key=lambda number: (votes[number], parts[number].probability, -number))
    if 2 * sum(votes) >= readings and votes[place]:
        chance = chances.of_votes("component", votes[place], readings)
        parts[place] = replace(parts[place], type=scheme.thesis, probability=chance)
    return parts


class _Votes:
    """The readings' votes on links between groups.

    Attributes:
        weights: of each reading; 1 and a little, the more the better it agrees with the others.
    """

    def __init__(self, drafts: Sequence[Draft], groups: Sequence[Group], scheme: LabelScheme) -> None:
        self.scheme, self.groups, self.readings = scheme, groups, len(drafts)
        self.chains = [_Chains(reading, draft, groups, scheme) for reading, draft in enumerate(drafts)]
        self.weights = [1 + WEIGHT * self._agreement(reading) for reading in range(len(drafts))]

    def _agreement(self, reading: int) -> float:
        """The share of groups and targets that a reading has in common with another, over all others."""
        hits = total = 0
        for other in (chain for chain in self.chains if chain.reading != reading):
            for place, group in enumerate(self.groups):
                total += 2
                if reading in group.members and other.reading in group.members:
                    hits += 1 + (self.chains[reading].targets[place] == other.targets[place])
        return hits / max(1, total)

    def links(self, types: Sequence[str], chances: Chances) -> list[tuple[VotedLink, ...]]:
        """The links of each group."""
        if not self.scheme.relations or not self.groups:
            return [()] * len(self.groups)
        targets = self._forest(types) if self.scheme.tree else self._graph()
        return [self._voted(place, own, chances) for place, own in enumerate(targets)]

    def _forest(self, types: Sequence[str]) -> list[list[int]]:
        size = len(self.groups)
        scores = np.full((size, size + 1), _NEVER)
        for place, group in enumerate(self.groups):
            scores[place, size] = 0.0
            for reading in group.members:
                target = self.chains[reading].targets[place]
                column = size if target is None else target
                scores[place, column] = max(scores[place, column], 0.0) + self.weights[reading]
            scores[place] /= len(group.members)
            if types[place] in self.scheme.grounds:
                scores[place, size] -= 10.0
        return [[] if target == size else [int(target)] for target in forest(scores)]

    def _graph(self) -> list[list[int]]:
        """Every link that at least half of the readings have that have the component; none that closes a circle."""
        counts = [
            Counter(target for reading in group.members for target in self.chains[reading].all_targets(place))
            for place, group in enumerate(self.groups)
        ]
        ranked = sorted((-votes / len(self.groups[place].members), place, target)
                        for place, count in enumerate(counts) for target, votes in count.items())  # fmt: skip
        links: dict[int, list[int]] = {place: [] for place in range(len(self.groups))}
        for worth, place, target in ranked:
            if worth <= -0.5 and not find_circle(links | {place: [*links[place], target]}):
                links[place].append(target)
        return [sorted(own) for own in links.values()]

    def _voted(self, place: int, targets: Sequence[int], chances: Chances) -> tuple[VotedLink, ...]:
        group = self.groups[place]
        result: list[VotedLink] = []
        for target in targets:
            found = {reading: self.chains[reading].kind(place, target) for reading in group.members}
            kinds = {reading: kind for reading, kind in found.items() if kind is not None}
            kind, _ = _most(kinds, self.weights)
            votes = sum(self.chains[reading].kind(place, target) == kind for reading in group.members)
            chance = chances.of_votes("relation", votes, self.readings)
            result.append(VotedLink(target=target, type=kind, probability=chance))
        return tuple(result)


class _Chains:
    """One reading's links, from group to group.

    Attributes:
        targets: of each group, the group that the reading's first link goes to; None where there is none.
    """

    def __init__(self, reading: int, draft: Draft, groups: Sequence[Group], scheme: LabelScheme) -> None:
        self.reading = reading
        self.kinds = [label.name for label in scheme.relations]
        self.parts = {part.number: part for part in draft.components}
        self.home = {
            group.members[reading].number: place for place, group in enumerate(groups) if reading in group.members
        }
        self.own = [group.members.get(reading) for group in groups]
        self.targets = [next(iter(self.all_targets(place)), None) for place in range(len(groups))]

    def all_targets(self, place: int) -> list[int]:
        """The groups that the links of a group go to; over a component that is in no group they go on."""
        return [target for target, _ in self._reached(place)]

    def kind(self, place: int, target: int) -> str | None:
        """The type of the link from one group to another; None where this reading has none."""
        return next((kind for other, kind in self._reached(place) if other == target), None)

    def _reached(self, place: int) -> list[tuple[int, str]]:
        part = self.own[place]
        found: list[tuple[int, str]] = []
        for link in part.links if part else ():
            kinds, number = [link.type], link.target
            while number not in self.home and number in self.parts and self.parts[number].links:
                onward = self.parts[number].links[0]
                kinds.append(onward.type)
                number = onward.target
            if (target := self.home.get(number, place)) != place:
                found.append((target, self._joined(kinds)))
        return found

    def _joined(self, kinds: Sequence[str]) -> str:
        """The type of several links in a row: where there are two types, for and against, what is against twice is for."""
        if len(self.kinds) != 2:
            return kinds[0]
        return self.kinds[kinds.count(self.kinds[1]) % 2]
