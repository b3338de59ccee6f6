"""Which paragraphs are headings."""

import pytest

from oped.headings import headings_of, looks_like_heading

BODY = "The council met on Tuesday and decided nothing at all, as it has done for years."


@pytest.mark.parametrize(
    "text", ["What the council wants", "**7. Any other business**", "Financing zero-COVID", "FACTORS"]
)
def test_a_short_line_that_ends_no_sentence_is_a_heading(text: str) -> None:
    assert looks_like_heading(text)
    assert headings_of(f"{BODY}\n\n{text}\n\n{BODY}") == [(len(BODY) + 2, len(BODY) + 2 + len(text))]


@pytest.mark.parametrize(
    "text",
    [
        "Nobody came.",
        "Who will pay?",
        "“It will kill the shops”",
        "**“It will kill the shops.”**",
        "All people, all families. #Equality",
        "- a levy on freight",
        "8) 60% more acidic oceans by 2100",
        "It says so:",
        "A short line that goes on and on until it is far too long for a heading",
        "",
    ],
)
def test_sentences_quotations_and_items_are_none(text: str) -> None:
    assert not looks_like_heading(text)


def test_the_last_paragraph_is_none() -> None:
    assert headings_of(f"{BODY}\n\nA levy on freight") == []
    assert headings_of("A levy on freight") == []


def test_short_lines_in_a_row_are_a_list() -> None:
    assert headings_of(f"{BODY}\n\nlower fares\n\nlater trains\n\nfewer delays\n\n{BODY}") == []
    assert len(headings_of(f"{BODY}\n\nPart two\nThe fares\n\n{BODY}")) == 2


def test_what_the_file_marks_is_a_heading_whatever_its_shape() -> None:
    text = f"{BODY}\n\nWho will pay?\n\n{BODY}"
    start = len(BODY) + 2
    assert headings_of(text, [[start, start + len("Who will pay?")]]) == [(start, start + len("Who will pay?"))]


@pytest.mark.parametrize("marked", [None, "2", 3, [[0, 10**9], [1], ["a", "b"], None, [0, 5]], {"a": 1}])
def test_marks_that_do_not_fit_the_text_are_passed_over(marked: object) -> None:
    assert headings_of(f"{BODY}\n\nWho will pay?\n\n{BODY}", marked) == []


def test_a_paragraph_in_large_letters_is_none() -> None:
    long = " ".join([BODY] * 2)
    assert headings_of(f"{long}\n\n{BODY}", [[0, len(long)]]) == []
