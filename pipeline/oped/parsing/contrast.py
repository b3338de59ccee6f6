"""Attacks told by a connective: "but", "however" or "yet" where a component begins sets it against what it bears on.

In annotated op-eds four of five relations are attacks where a component that begins so bears on the one before it. Networks
that learn from the words' states alone miss most of them, for there are six supports to an attack.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from oped.formats.schemes import ATTACK
from oped.records import Component, Relation

_WORDS = r"(?:but|however|yet|nevertheless|nonetheless)\b"
_OPENING = re.compile(rf"\W*{_WORDS}", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:but|yet)\W*$", re.IGNORECASE)
_LONGEST_LEAD = 200  # code points of a sentence before a component in which such a word is looked for
_ENDS = ".!?;\n"


def with_contrasts(text: str, components: Sequence[Component], relations: Sequence[Relation]) -> tuple[Relation, ...]:
    """The relations, those that a connective makes an attack told as such.

    That is where the source begins with a contrast and bears on the component before it, or sets the author's view against
    another's, wherever that stands.

    Args:
        components: in order of appearance.
    """
    places = {part.id: place for place, part in enumerate(components)}
    result = []
    for link in relations:
        source, target = places[link.source], places[link.target]
        opposed = target == source - 1 or (_is_authors(components[source]) and not _is_authors(components[target]))
        attack = opposed and begins_with_contrast(text, components[source])
        result.append(replace(link, type=ATTACK) if attack else link)
    return tuple(result)


def begins_with_contrast(text: str, part: Component) -> bool:
    """Whether a component, or the sentence it stands in, begins with a connective of contrast, or follows one."""
    lead = text[max(0, part.start - _LONGEST_LEAD) : part.start]
    lead = lead[max(lead.rfind(end) for end in _ENDS) + 1 :]
    return bool(_OPENING.match(lead) or _OPENING.match(text[part.start : part.end]) or _BEFORE.search(lead))


def _is_authors(part: Component) -> bool:
    return part.attribution is None or part.attribution.holder == "author"
