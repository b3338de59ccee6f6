"""Who is named as the source of a component that is not the author's own view.

The parser tells whether a component is another's view; the words around it tell whose: a phrase that leads in
("According to UNICEF,", "The minister said that"), one that trails ("…, said Ana Ruiz"), or one inside.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from oped.parsing.speech import PRONOUN, UNNAMED, according, introduced_by, speaker_after, speaker_before
from oped.records import AUTHOR, Attribution, Component, Entity

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
_OPENERS = re.compile(
    r"^(?:and|but|yet|so|as|while|when|then|in \d{4}|however|meanwhile|last (?:week|month|year)|this (?:week|month|year)|also|even)\b,?\s*",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
REACH = 200
FAR = 500  # code points within which a pronoun finds its person
HEAD = 90  # code points at the beginning of a component within which it names its own speaker ("Meta denied that …")
NEXT = 4  # code points between components of which the second goes on with the first one's speaker
_STOP = re.compile(r"[.!?…][\"”’')]*(?=\s+[\"“‘'(\[]?[A-Z0-9@#]|\s*$)")
_MARK = re.compile(r"[„“”\n\"]")
_DOCUMENT = re.compile(
    r"(?:the|its|this|their|his|her) (?:\w+ )?(?:report|study|statement|survey|letter|article|paper|investigation|analysis|post|tweet"
    r"|group|organi[sz]ation|authors?|research|researchers)",
    re.IGNORECASE,
)


def with_quoted(text: str, components: Sequence[Component], blocks: Sequence[tuple[int, int]]) -> list[Component]:
    """Components of which those in quoted blocks, or behind a quotation mark that opens before them, are another's view.

    Args:
        blocks: where quoted blocks stand: code points, end exclusive, in order.
    """
    starts = [start for start, _ in blocks]
    marks = QuotationMarks(text)
    result = []
    for part in components:
        place = bisect_right(starts, part.start) - 1
        quoted = (place >= 0 and part.start < blocks[place][1]) or marks.enclose(part.start)
        result.append(
            replace(part, attribution=Attribution("other")) if quoted and part.attribution == AUTHOR else part
        )
    return result


class QuotationMarks:
    """Which places of a text lie behind a quotation mark of their paragraph that opens and is not closed before them."""

    def __init__(self, text: str) -> None:
        self._places, self._inside = [0], [False]
        opened, odd, low = 0, False, False
        for mark in _MARK.finditer(text):
            if mark[0] == "\n":
                opened, odd, low = 0, False, False
            elif mark[0] == '"':  # after a digit it may close a quotation; it opens none, but stands for inches
                odd = not odd and not text[mark.start() - 1 : mark.start()].isdigit()
            else:
                closes = mark[0] == "”" or (mark[0] == "“" and low)  # „…“ is how some languages quote
                opened += -1 if closes else 1
                low = mark[0] == "„"
            self._places.append(mark.end())
            self._inside.append(odd or opened > 0)

    def enclose(self, place: int) -> bool:
        """Whether a place is behind an open mark."""
        return self._inside[bisect_right(self._places, place) - 1]


def attribute(text: str, components: Sequence[Component], entities: Sequence[Entity]) -> list[Component]:
    """Name the sources of components, and give to the source what an explicit phrase gives it."""
    marks = QuotationMarks(text)
    result: list[Component] = []
    for place, part in enumerate(components):
        before = components[place - 1].end if place else 0
        after = components[place + 1].start if place + 1 < len(components) else len(text)
        result.append(_attributed(text, part, before, after, result, entities, marks))
    return result


def _attributed(
    text: str,
    part: Component,
    before: int,
    after: int,
    earlier: Sequence[Component],
    entities: Sequence[Entity],
    marks: QuotationMarks,
) -> Component:
    if part.attribution is None:
        return part
    lead, tail = _lead(text, before, part.start), _tail(text, part.end, after)
    name, explicit = _source(lead, part.text, tail, entities)
    if not explicit and part.attribution.holder == "author":
        return part
    if name is None or UNNAMED.match(name) or _DOCUMENT.fullmatch(name):
        name = _by_discourse(text, part, earlier, entities, quoted=marks.enclose(part.start))
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


def _by_discourse(
    text: str, part: Component, earlier: Sequence[Component], entities: Sequence[Entity], *, quoted: bool
) -> str | None:
    """The speaker that the sentence, the line before, or the passage so far names."""
    begin, end = sentence_bounds(text, part.start, part.end)
    previous = earlier[-1] if earlier else None
    known = previous.attribution.name if previous is not None and previous.attribution is not None else None
    since = previous.end if previous is not None else 0
    candidates: list[str | None] = [
        speaker_before(text, begin, part.start, entities),
        speaker_after(text, part.end, end, entities),
        according(text, part.start, part.end),
    ]
    if not quoted:
        head = min(part.end, part.start + HEAD)
        candidates.append(speaker_before(text, part.start, head, entities, last=False))
    for name in candidates:
        if name is not None and (name := _resolved(name, part.start, known, since, entities)):
            return name
    return _by_passage(text, part, begin, previous, known, entities)


def _by_passage(
    text: str, part: Component, begin: int, previous: Component | None, known: str | None, entities: Sequence[Entity]
) -> str | None:
    """The speaker of the line that introduces a quotation, of the component before, or of the sentences before."""
    since = previous.end if previous is not None else 0
    line = text.rfind("\n", 0, begin) + 1
    lead = text[line:begin].rstrip() or text[:line].rstrip().rpartition("\n")[2]
    if lead.rstrip("“\"‘'").endswith(":"):
        at = text.rfind(lead, 0, begin)
        sentence = max((match.end() for match in SENTENCE.finditer(lead)), default=0)
        name = introduced_by(text, at + sentence, at + len(lead), entities)
        if name is not None and (name := _resolved(name, at, known, since, entities)):
            return name
    if known and previous is not None and "\n" not in text[previous.end : part.start]:
        return known
    before = speaker_before(text, max(line, begin - 2 * REACH), begin, entities)
    if before and (before := _resolved(before, begin, known, since, entities)):
        return before
    return known if known and previous is not None and part.start - previous.end < NEXT else None


def _resolved(name: str, place: int, known: str | None, since: int, entities: Sequence[Entity]) -> str | None:
    """A speaker's name; for a pronoun or "the report" that of the speaker before it, or of the person last named.

    Args:
        known: the speaker of the component before, which ends at `since`.
    """
    if _DOCUMENT.fullmatch(name) and known:
        return known
    if not PRONOUN.fullmatch(name):
        return _tidy(name)
    if name.lower() not in ("he", "she", "they", "it"):
        return None
    if name.lower() in ("he", "she"):
        persons = [entity for entity in entities if entity.label == "PERSON" and place - FAR <= entity.end <= place]
        fresh = [entity for entity in persons if known is None or entity.start >= since]
        if fresh:
            return fresh[0 if known is not None else -1].text
    return known


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a span begins and ends, within its paragraph."""
    left = text.rfind("\n", 0, start) + 1
    left = max([left, *(match.end() for match in SENTENCE.finditer(text, max(left, start - 3 * REACH), start))])
    right = text.find("\n", end)
    right = min(len(text) if right < 0 else right, end + REACH)
    stop = _STOP.search(text, end, right)
    return left, stop.start() if stop else right
