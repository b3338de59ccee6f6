"""Attacks told by a connective: "but", "however" or "yet" where a component begins sets it against what it bears on.

In annotated op-eds nine of ten relations are attacks where a component that begins so bears on the one before it. Networks
that learn from the words' states alone miss most of them, for there are six supports to an attack.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from oped.formats.schemes import ATTACK
from oped.records import Component, Relation

_OPENING = re.compile(
    r"\W*(?:but(?! for\b)|however(?! (?:much|many|hard|long|well)\b)|yet(?! another\b)|nevertheless|nonetheless)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:but|yet)\W*$", re.IGNORECASE)
_LONGEST_LEAD = 200  # code points before a component in which such a word is looked for
_ENDS = ".!?;\n"


def with_contrasts(text: str, components: Sequence[Component], relations: Sequence[Relation]) -> tuple[Relation, ...]:
    """The relations, those that a connective makes an attack told as such.

    That is where the source begins with a contrast and bears on the component before it, or sets the author's view against
    another's, wherever that stands. The probability stays that of the link as the parser gave it.

    Args:
        components: in order of appearance, with their sources.
    """
    places = {part.id: place for place, part in enumerate(components)}
    result = []
    for link in relations:
        source, target = places[link.source], places[link.target]
        part, before = components[source], components[source - 1].end if source else 0
        opposed = target == source - 1 or (_is_authors(part) and not _is_authors(components[target]))
        attack = opposed and begins_with_contrast(text, part, before)
        result.append(replace(link, type=ATTACK) if attack else link)
    return tuple(result)


def begins_with_contrast(text: str, part: Component, before: int = 0) -> bool:
    """Whether a component, or the sentence it stands in, begins with a connective of contrast, or follows one.

    Args:
        before: where the component before it ends; what that has said is not looked at.
    """
    first = max(before, part.start - _LONGEST_LEAD)
    lead = text[first : part.start]
    end = max(lead.rfind(mark) for mark in _ENDS) + 1
    begins = end > 0 or first == before  # the sentence, or what is left of it after the component before
    said = text[part.start : part.end]
    return bool((begins and _OPENING.match(lead[end:])) or _OPENING.match(said) or _BEFORE.search(lead[end:]))


def _is_authors(part: Component) -> bool:
    return part.attribution is None or part.attribution.holder == "author"
