"""Who is named as the source of a component that is not the author's own view.

The parser tells whether a component is another's view; the words around it tell whose: a phrase that leads in
("According to UNICEF,", "The minister said that"), one that trails ("…, said Ana Ruiz"), or one inside.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from oped.records import Attribution, Component, Entity

_VERBS = (
    r"(?:said|says|saying|told|tells|argue[sd]?|warn(?:s|ed)?|claim(?:s|ed)|stated|states|believes?|believed|notes|noted|add(?:s|ed)?|explain(?:s|ed)?"
    r"|insist(?:s|ed)?|report(?:s|ed)|estimate[sd]|predict(?:s|ed)?|suggest(?:s|ed)?|announce[sd]?|declare[sd]?|maintain(?:s|ed)?|point(?:s|ed)? out|writes|wrote"
    r"|found|finds|concluded?|concludes|shows?|showed|conced(?:es|ed)|admit(?:s|ted)?|acknowledge[sd]?|emphasi[sz]e[sd]?|stress(?:es|ed)?|complain(?:s|ed)?"
    r"|observe[sd]?|recall(?:s|ed)?|remark(?:s|ed)?|fear(?:s|ed)|hope[sd]|promise[sd]?|vow(?:s|ed)?|contend(?:s|ed)?|assert(?:s|ed)?|asked|asks|tweeted|commented|(?:claim|report|estimate|fear|hope|note)(?= that))"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<name>[^,.;:—–]{2,90}?)(?=[,.;:—–]|$)")
_LEADING = re.compile(
    rf"(?:^|[,;:.—–“\"]\s*|\b(?:[Aa]s|[Ww]hile|[Bb]ut|[Aa]nd|[Yy]et)\s+)(?P<name>[^,;:.—–“”\"]{{2,90}}?),?\s+(?:has |have |had |also |then |once |recently |already |rightly |now )*{_VERBS}\b[^.;“\"]{{0,60}}$"
)
_TRAILING = re.compile(
    rf"^[\s,”\"’']*+(?:{_VERBS}\s+(?P<after>[^,.;:—–]{{2,90}}?)(?=[,.;:—–]|$)|(?P<before>[^,.;:—–]{{2,60}}?)\s+{_VERBS}\b)"
)
_PRONOUN = re.compile(r"(?:he|she|they|it|who|i|we|you|this|that|which|there|one)\b", re.IGNORECASE)
_OPENERS = re.compile(
    r"^(?:and|but|yet|so|as|while|when|then|in \d{4}|however|meanwhile|last (?:week|month|year)|this (?:week|month|year)|also|even)\b,?\s*",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
REACH = 200


def attribute(text: str, components: Sequence[Component], entities: Sequence[Entity]) -> list[Component]:
    """Name the sources of components, and give to the source what an explicit phrase gives it."""
    result: list[Component] = []
    for place, part in enumerate(components):
        before = components[place - 1].end if place else 0
        after = components[place + 1].start if place + 1 < len(components) else len(text)
        result.append(_attributed(text, part, before, after, result, entities))
    return result


def _attributed(
    text: str, part: Component, before: int, after: int, earlier: Sequence[Component], entities: Sequence[Entity]
) -> Component:
    if part.attribution is None:
        return part
    lead, tail = _lead(text, before, part.start), _tail(text, part.end, after)
    name, explicit = _source(lead, part.text, tail, entities)
    if not explicit and part.attribution.holder == "author":
        return part
    if name is None or _PRONOUN.fullmatch(name):
        name = _carried(part, earlier, text)
    return replace(part, attribution=Attribution("other", name))


def _lead(text: str, before: int, start: int) -> str:
    """The words of the same sentence before a component."""
    lead = text[max(before, start - REACH) : start].rpartition("\n")[2]
    return SENTENCE.split(lead)[-1].strip()


def _tail(text: str, end: int, after: int) -> str:
    tail = text[end : min(after, end + REACH)].partition("\n")[0]
    if re.match(r"[.!?…][\"”’')]*(?:\s|$)", tail):
        return ""
    return re.split(r"(?<=[a-z”\"])[.!?](?:\s|$)", tail)[0].strip()


def _source(lead: str, inside: str, tail: str, entities: Sequence[Entity]) -> tuple[str | None, bool]:
    """The name of the source, and whether an unmistakable phrase gives it."""
    for words in (lead, tail):
        if match := _ACCORDING.search(words):
            return _tidy(match["name"]), True
    if match := _LEADING.search(lead):
        name = _tidy(match["name"])
        return name, _is_named(name, entities) and re.search(r"\bthat$|[“\":,]$", lead) is not None
    if match := _TRAILING.match(tail):
        name = _tidy(match["after"] or match["before"])
        return name, _is_named(name, entities)
    if match := re.search(
        rf",\s+(?:according to (?P<one>[^,]{{2,60}})|(?P<two>[^,]{{2,60}}?)\s+{_VERBS}|{_VERBS}\s+(?P<three>[^,]{{2,60}})),",
        inside,
    ):
        return _tidy(match["one"] or match["two"] or match["three"]), False
    return None, False


def _tidy(name: str) -> str | None:
    name = _OPENERS.sub("", name.strip(" \"'“”‘’")).strip()
    return name if name and len(name.split()) <= 10 else None


def _is_named(name: str | None, entities: Sequence[Entity]) -> bool:
    return name is not None and any(
        entity.text in name for entity in entities if entity.label in ("PERSON", "ORG", "NORP", "GPE")
    )


def _carried(part: Component, earlier: Sequence[Component], text: str) -> str | None:
    """The source of the component before, where this one goes on in the same paragraph."""
    last = earlier[-1] if earlier else None
    if last is None or last.attribution is None or "\n" in text[last.end : part.start]:
        return None
    return last.attribution.name
