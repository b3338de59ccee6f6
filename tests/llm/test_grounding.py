"""Quoted words are found in the article, and what is emitted is the article's own text."""

import json
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oped.llm.answer import AnswerLine
from oped.llm.draft import draft_of
from oped.llm.grounding import Grounding, ground
from oped.llm.lines import read_lines
from oped.llm.paragraphs import paragraphs_of
from oped.llm.scheme import OPINION_LABELS


def found(text: str, *quotes: str | tuple[int, str]) -> tuple[list[str | None], Grounding]:
    placed = [quote if isinstance(quote, tuple) else (1, quote) for quote in quotes]
    lines = [
        AnswerLine(number=number, type="claim", paragraph=paragraph, quote=quote)
        for number, (paragraph, quote) in enumerate(placed, start=1)
    ]
    grounding = ground(text, paragraphs_of(text), lines)
    places = (grounding.found.get(line.number) for line in lines)
    return [None if place is None else text[place.start : place.end] for place in places], grounding


def test_first_and_last_words_stand_for_all_between_them() -> None:
    words, grounding = found("Half of the people there are in need of aid.", "Half of the … need of aid")
    assert words == ["Half of the people there are in need of aid"]
    assert grounding.found[1].exact


def test_three_dots_are_an_ellipsis_too() -> None:
    assert found("Half of the people are in need of aid.", "Half of the ... of aid")[0] == [
        "Half of the people are in need of aid"
    ]


def test_an_ellipsis_of_the_article_is_quoted_as_it_stands() -> None:
    text = "He was, well... tired of it. He was tired."
    assert found(text, "He was, well... tired of it")[0] == ["He was, well... tired of it"]
    assert found(text, "He was, well... … He was tired")[0] == ["He was, well... tired of it. He was tired"]


def test_quotes_dashes_case_accents_and_white_space_do_not_matter() -> None:
    text = "The café’s “new”\nrules – all of them – are void."
    words, grounding = found(text, 'the cafe\'s "new" rules - all … are void')
    assert words == ["The café’s “new”\nrules – all of them – are void"]
    assert not grounding.found[1].exact


def test_quotation_marks_around_a_quote_do_not_matter() -> None:
    assert found("The dam is safe today.", '"The dam is safe"')[0] == ["The dam is safe"]


def test_one_word_in_four_may_differ() -> None:
    text = "The old stone dam above the village is perfectly safe today."
    assert found(text, "The old dam above … perfectly safe today")[0] == [text[:-1]]
    assert found(text, "The old wooden bridge near … perfectly safe today")[0] == [None]


def test_two_words_must_be_there() -> None:
    assert found("The dam is safe.", "dam was")[0] == [None]


def test_words_are_not_found_inside_longer_words() -> None:
    assert found("Another one. The one.", "other one", "The … one")[0] == [None, "The one"]


def test_a_wrong_paragraph_number_is_mended() -> None:
    text = "First things first.\n\nThe dam is safe.\n\nThe end."
    words, grounding = found(text, (3, "The dam is safe"), (9, "The end"))
    assert words == ["The dam is safe", "The end"]
    assert not grounding.found[1].exact


def test_repeated_words_are_told_apart_by_their_order() -> None:
    text = "It fails. We paid. It fails. We left. It fails."
    words, grounding = found(text, "It fails", "We paid", "It fails", "We left", "It fails")
    assert words == ["It fails", "We paid", "It fails", "We left", "It fails"]
    assert [grounding.found[number].start for number in (1, 3, 5)] == [0, 19, 38]


def test_a_repeated_quote_finds_its_place_between_its_neighbours() -> None:
    text = "It fails. We paid. It fails."
    _, grounding = found(text, "We paid", "It fails")
    assert grounding.found[2].start == 19


def test_the_second_of_two_that_overlap_is_named() -> None:
    words, grounding = found("The dam is safe and sound.", "The dam is safe", "dam is safe and sound")
    assert words == ["The dam is safe", None]
    assert grounding.overlapping == {2: 1}


def test_what_is_nowhere_is_missing() -> None:
    _, grounding = found("The dam is safe.", "A bridge was closed yesterday")
    assert grounding.missing == (1,)


LETTERS = st.sampled_from("ab cdé’“”–-…. \n\n\u00a0\u200bßﬁ|0İ")
TEXTS = st.text(LETTERS, max_size=120)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 4), st.text(LETTERS, max_size=20)), max_size=8), st.data())
def test_spans_are_inside_one_paragraph_and_never_overlap(
    text: str, quotes: list[tuple[int, str]], data: st.DataObject
) -> None:
    paragraphs = paragraphs_of(text)
    for _ in range(3 if text else 0):
        start = data.draw(st.integers(0, len(text) - 1))
        quotes.append((1, text[start : start + 15]))
    _, grounding = found(text, *quotes)
    spans = sorted((place.start, place.end) for place in grounding.found.values())
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert all(any(part.start <= start and end <= part.end for part in paragraphs) for start, end in spans)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.text("abc’é–", min_size=1, max_size=5), min_size=8, max_size=30, unique=True), st.data())
def test_what_is_quoted_from_the_text_is_found_where_it_stands(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 8))
    last = data.draw(st.integers(first + 7, len(words) - 1))
    span = " ".join(words[first : last + 1])
    quote = f"{' '.join(words[first : first + 4])} … {' '.join(words[last - 2 : last + 1])}"
    found_words, grounding = found(text, quote.replace("’", "'").replace("–", "-"))
    assert found_words == [span]
    assert grounding.found[1].start == len(" ".join(words[:first])) + bool(first)


def test_nearly_all_of_real_answers_is_found(shared: Path) -> None:
    readings = shared / "readings"
    texts = {
        row["id"]: row["text"]
        for row in map(json.loads, (readings / "articles.jsonl").read_text(encoding="utf-8").split("\n")[:-1])
    }
    lines = exact = dropped = 0
    for row in list(map(json.loads, (readings / "answers.jsonl").read_text(encoding="utf-8").split("\n")[:-1]))[:200]:
        if "answer" in row:
            text = texts[row["id"]]
            answer = read_lines("\n".join(row["answer"]), OPINION_LABELS)
            draft = draft_of(text, paragraphs_of(text), answer, OPINION_LABELS)
            lines, exact, dropped = lines + draft.lines, exact + draft.exact, dropped + draft.dropped
    assert lines > 5_000
    assert exact / lines > 0.95
    assert dropped / lines < 0.001
