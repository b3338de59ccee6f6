"""Mentions of one entity under several names: each gets the fullest form that the article uses."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

NAMED = frozenset(["PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"])
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "professor",
        "sir",
        "dame",
        "lord",
        "lady",
        "president",
        "premier",
        "minister",
        "senator",
        "judge",
        "justice",
        "general",
        "colonel",
        "captain",
        "king",
        "queen",
        "prince",
        "princess",
        "pope",
        "father",
        "sister",
        "saint",
        "st",
        "rev",
        "governor",
        "mayor",
        "ambassador",
        "chancellor",
        "secretary",
    ]
)
_SAME = (
    ("united states of america", "united states", "us", "usa", "america"),
    ("united kingdom", "uk", "great britain", "britain"),
    ("european union", "eu"),
    ("united nations", "un"),
    ("united arab emirates", "uae"),
    ("world health organization", "world health organisation", "who"),
    ("north atlantic treaty organization", "nato"),
    ("islamic state", "isis", "isil", "daesh"),
)
_KNOWN = {form: forms[0] for forms in _SAME for form in forms}
REMEMBERED = 4096  # names whose forms are kept, since the mentions of an article are compared with one another
_SMALL = frozenset(["of", "the", "and", "for", "in", "on", "to", "de", "la", "du", "des"])


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention as the recognizer found it."""

    text: str
    label: str


def canonical_names(mentions: Sequence[Mention]) -> list[str]:
    """For each mention the fullest form, in this article, of the name of its entity.

    Two mentions are of one entity when their names are the same but for case, article, possessive or title; when one is
    a surname, or another part, of the other's personal name; when one is made of the other's initials, or is a
    well-known short form; when an organisation's name begins with the other and nothing else does.
    """
    groups: dict[str, list[str]] = {}
    keys: list[str] = []
    for place, mention in enumerate(mentions):
        key = _key_of(mention, mentions, place)
        keys.append(key)
        groups.setdefault(key, []).append(strip_name(mention.text))
    fullest = {key: max(forms, key=lambda form: (len(form.split()), len(form))) for key, forms in groups.items()}
    return [fullest[key] for key in keys]


@lru_cache(REMEMBERED)
def strip_name(text: str) -> str:
    """A name without article, possessive and white space around it."""
    text = re.sub(r"\s+", " ", text).strip(" \"'“”‘’,")
    text = re.sub(r"(?:['’]s|['’])$", "", text)
    return re.sub(r"^(?:the|a|an)\s+", "", text, flags=re.IGNORECASE) or text


def _key_of(mention: Mention, mentions: Sequence[Mention], place: int) -> str:
    own = _normalized(mention.text)
    if own in _KNOWN:
        return _KNOWN[own]
    if mention.label == "PERSON":
        return _nearest(own, _persons_with(own, mentions), mentions, place)
    if len(own.split()) == 1:
        if full := _spelled_out(strip_name(mention.text), mentions):
            return full
        if mention.label == "ORG" and (longer := _beginning_with(own, mentions)):
            return longer
    return own


@lru_cache(REMEMBERED)
def _normalized(text: str) -> str:
    words = re.sub(r"[.,]", "", strip_name(text).lower().replace("’", "'")).split()
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return " ".join(words)


def _persons_with(own: str, mentions: Sequence[Mention]) -> list[str]:
    parts = own.split()
    names = (_normalized(other.text) for other in mentions if other.label == "PERSON")
    longer = [name for name in names if len(name.split()) > len(parts) and _is_part(parts, name.split())]
    return [_longest(longer, name) for name in longer]


def _longest(names: Iterable[str], name: str) -> str:
    return max((other for other in names if _is_part(name.split(), other.split())), key=len, default=name)


def _is_part(parts: list[str], words: list[str]) -> bool:
    """Whether the parts are the beginning, the end, or the two ends of a name."""
    return (
        words[-len(parts) :] == parts
        or words[: len(parts)] == parts
        or (len(parts) == 2 and [words[0], words[-1]] == parts)
    )


def _nearest(own: str, candidates: list[str], mentions: Sequence[Mention], place: int) -> str:
    """The candidate last named before a place; else the only one; else the name itself."""
    if not candidates:
        return own
    for other in reversed(mentions[:place]):
        if other.label == "PERSON" and (name := _normalized(other.text)) in candidates:
            return name
    return candidates[0] if len(set(candidates)) == 1 else own


def _spelled_out(short: str, mentions: Sequence[Mention]) -> str | None:
    """The key of a mention whose initials make the short form."""
    letters = short.replace(".", "")
    if not (2 <= len(letters) <= 6 and letters.isupper()):
        return None
    for other in mentions:
        words = re.findall(r"[\w'’-]+", strip_name(other.text))
        initials = (
            "".join(word[0] for word in words),
            "".join(word[0] for word in words if word.lower() not in _SMALL),
        )
        if len(words) > 1 and letters in (part.upper() for part in initials):
            return _normalized(other.text)
    return None


def _beginning_with(own: str, mentions: Sequence[Mention]) -> str | None:
    longer = {
        name for other in mentions if other.label == "ORG" and (name := _normalized(other.text)).startswith(f"{own} ")
    }
    return next(iter(longer)) if len(longer) == 1 and len(own) > 3 else None
