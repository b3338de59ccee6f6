"""Grounding: the words that a language model quotes, found again in the article.

Each quote is looked for in the paragraph that its line names: to the letter; then with quotes, dashes, case, accents and
white space folded; then word by word, where at most one word in four of each end of the quote may be missing, added or
another (one at least where the end has three words). What is not in its paragraph is looked for, folded, in the others,
the nearest first. Of several places of the same words the first one that follows the line before is taken. What comes out
are places of the article's own text: no two overlap, and none crosses the end of a paragraph.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oped.llm.answer import AnswerLine
from oped.llm.folding import Folded, fold
from oped.llm.paragraphs import Paragraph

LONGEST_SPAN = 1_500  # characters of a span that only its ends are quoted of
MOST_PLACES = 50
_ELLIPSIS = re.compile(r"\[?(?:…|\.\s?\.\s?\.)\]?")
_WRAPPED = re.compile(r"^[\"“”'‘’«»`*]+|[\"“”'‘’«»`*]+$")
_WORD = re.compile(r"\w+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a line's words stand.

    Attributes:
        start, end: code points into the article's text, end exclusive.
        exact: whether the words were quoted to the letter, and from the paragraph that they stand in.
    """

    start: int
    end: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Grounding:
    """Of the lines of an answer, where they stand.

    Attributes:
        found: by number.
        missing: numbers of lines whose words are nowhere.
        overlapping: numbers of lines whose words are taken, each with the line that has them.
    """

    found: dict[int, Found]
    missing: tuple[int, ...]
    overlapping: dict[int, int]


def ground(text: str, paragraphs: Sequence[Paragraph], lines: Sequence[AnswerLine]) -> Grounding:
    """Find the words of the lines of an answer; lines earlier in the answer come first where two want the same words."""
    finder = _Finder(text, paragraphs)
    choices = [(line, *finder.places(line)) for line in lines]
    taken: dict[int, Found] = {}
    overlapping: dict[int, int] = {}
    # Lines with a single place are settled first, so that repeated words find their place between them.
    for line, places, exact in choices:
        if len(places) == 1:
            _take(line.number, places, exact, taken, overlapping)
    cursor = 0
    for line, places, exact in choices:
        if len(places) > 1:
            ordered = sorted(places, key=lambda span: (span[0] < cursor, span[0]))
            _take(line.number, ordered, exact, taken, overlapping)
        if line.number in taken:
            cursor = taken[line.number].end
    missing = tuple(line.number for line, places, _ in choices if not places)
    return Grounding(taken, missing, overlapping)


def _take(
    number: int, places: Sequence[Span], exact: bool, taken: dict[int, Found], overlapping: dict[int, int]
) -> None:
    """Give a line the first of its places that is free."""
    owner = number
    for start, end in places:
        holder = next((other for other, found in taken.items() if found.start < end and start < found.end), None)
        if holder is None:
            taken[number] = Found(start, end, exact)
            return
        owner = holder
    overlapping[number] = owner


class _Finder:
    """Looks for quotes in one article; what it folds and splits, it keeps."""

    def __init__(self, text: str, paragraphs: Sequence[Paragraph]) -> None:
        self.text, self.paragraphs = text, paragraphs
        self._folded: dict[int, Folded] = {}

    def places(self, line: AnswerLine) -> tuple[list[Span], bool]:
        """All places of a line's words, at the strictest level at which there is one; and whether that is to the letter."""
        own = [paragraph for paragraph in self.paragraphs if paragraph.number == line.paragraph]
        for paragraph in own:
            if found := self._exact(paragraph, line.quote):
                return found, True
        for paragraph in own:
            if found := self._loose(paragraph, line.quote) or self._aligned(paragraph, line.quote):
                return found, False
        for paragraph in sorted(self.paragraphs, key=lambda other: abs(other.number - line.paragraph)):
            if paragraph not in own and (found := self._loose(paragraph, line.quote)):
                return found, False
        return [], False

    def _exact(self, paragraph: Paragraph, quote: str) -> list[Span]:
        words = self.text[paragraph.start : paragraph.end]
        return [(paragraph.start + start, paragraph.start + end) for start, end in _places(words, quote, _parts(quote))]

    def _loose(self, paragraph: Paragraph, quote: str) -> list[Span]:
        folded = self._fold(paragraph)
        for form in dict.fromkeys((quote, _WRAPPED.sub("", quote))):
            parts = [[fold(part).text for part in pair] for pair in _parts(form)]
            if found := _places(folded.text, fold(form).text, parts):
                return [self._place(paragraph, span) for span in found]
        return []

    def _aligned(self, paragraph: Paragraph, quote: str) -> list[Span]:
        folded = self._fold(paragraph)
        words = list(_WORD.finditer(folded.text))
        spans = _align_ends(
            [match[0] for match in words], [_WORD.findall(fold(part).text) for part in _parts(quote)[-1]]
        )
        return [self._place(paragraph, (words[first].start(), words[last].end())) for first, last in spans]

    def _fold(self, paragraph: Paragraph) -> Folded:
        if paragraph.number not in self._folded:
            self._folded[paragraph.number] = fold(self.text[paragraph.start : paragraph.end])
        return self._folded[paragraph.number]

    def _place(self, paragraph: Paragraph, span: Span) -> Span:
        start, end = self._fold(paragraph).span(*span)
        return paragraph.start + start, paragraph.start + end


def _parts(quote: str) -> list[list[str]]:
    """The first and the last words of a quote, or all of it where it is quoted whole.

    Where it has several ellipses, some of them may be the article's own: all ways to see it, the likeliest last.
    """
    gaps = list(_ELLIPSIS.finditer(quote))
    ways = [[quote[: gap.start()].strip(), quote[gap.end() :].strip()] for gap in gaps] if len(gaps) > 1 else []
    parts = [part for piece in _ELLIPSIS.split(quote) if (part := piece.strip())]
    return [*(way for way in ways if all(way)), parts if len(parts) < 2 else [parts[0], parts[-1]]]


def _places(text: str, quote: str, ways: Sequence[Sequence[str]]) -> list[Span]:
    """Places of a quote: as it stands, an ellipsis in it included; else by its first and last words."""
    if found := [(start, start + len(quote)) for start in _occurrences(text, quote)]:
        return found
    return next((found for way in ways if (found := _ends(text, way))), [])


def _ends(text: str, parts: Sequence[str]) -> list[Span]:
    """Places that begin with the first part and end with the nearest last part after it."""
    if len(parts) != 2:
        return [(start, start + len(part)) for part in parts for start in _occurrences(text, part)]
    found: list[Span] = []
    for start in _occurrences(text, parts[0]):
        last = next(_occurrences(text, parts[1], start + len(parts[0])), None)
        if last is not None and last + len(parts[1]) - start <= LONGEST_SPAN:
            found.append((start, last + len(parts[1])))
    return found


def _occurrences(text: str, words: str, start: int = 0) -> Iterator[int]:
    """Where words stand in a text and are not parts of longer words."""
    count = 0
    while words and count < MOST_PLACES and (start := text.find(words, start)) >= 0:
        end = start + len(words)
        inside = (start and text[start - 1].isalnum() and words[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and words[-1].isalnum()
        )
        if not inside:
            count += 1
            yield start
        start += 1


def _align_ends(words: Sequence[str], parts: Sequence[Sequence[str]]) -> list[Span]:
    """Spans of words, first and last included, that begin like the first part and end like the last one."""
    parts = [part for part in parts if part]
    if not parts:
        return []
    firsts = _align(words, parts[0])
    if len(parts) == 1:
        return firsts
    lasts = _align(words, parts[-1])
    return [
        (first, min(last for start, last in lasts if start > end))
        for first, end in firsts
        if any(start > end for start, _ in lasts)
    ]


def _align(words: Sequence[str], quote: Sequence[str]) -> list[Span]:
    """The spans of words that are most like a quote, if their distance is within the bound.

    Source: Sellers, "The theory and computation of evolutionary distances: pattern recognition", 1980.
    """
    bound = max(len(quote) // 4, int(len(quote) >= 3))
    costs = [(0, place) for place in range(len(words) + 1)]  # of the quote so far, ending here; and where it began
    for number, word in enumerate(quote, start=1):
        row = [(number, 0)]
        for place, other in enumerate(words, start=1):
            cost, start = costs[place - 1]
            swapped = (cost + (word != other), start)
            left_out, added = costs[place], row[place - 1]
            row.append(min(swapped, (left_out[0] + 1, left_out[1]), (added[0] + 1, added[1]), key=lambda cell: cell[0]))
        costs = row
    best = min(cost for cost, _ in costs)
    ends = [(start, place - 1) for place, (cost, start) in enumerate(costs) if cost == best and place > start]
    return ends[:MOST_PLACES] if best <= bound else []
