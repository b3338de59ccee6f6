"""Which paragraphs are quoted blocks."""

import pytest

from oped.quotations import quotations_of

TEXT = "The paper wrote:\n\nThe council did nothing.\n\nSo it did, for many years."
QUOTED = [18, 42]


def test_what_a_file_marks_is_a_quoted_block() -> None:
    assert [TEXT[start:end] for start, end in quotations_of(TEXT, [QUOTED])] == ["The council did nothing."]


@pytest.mark.parametrize(
    "marked", [None, 3, "x", {}, [3], [[1]], [["a", "b"]], [[18, 41]], [[0, 99]], [[-5, 42]], [None]]
)
def test_what_is_no_paragraph_of_the_text_is_passed_over(marked: object) -> None:
    assert quotations_of(TEXT, marked) == []


def test_an_article_that_is_marked_whole_quotes_nothing() -> None:
    assert quotations_of(TEXT, [[0, 16], QUOTED, [44, len(TEXT)]]) == []
