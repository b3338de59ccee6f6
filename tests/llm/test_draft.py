"""A draft holds only what holds; what does not is named."""

import pytest

from oped.llm.draft import Draft, draft_of, find_circle, settle
from oped.llm.lines import read_lines
from oped.llm.paragraphs import paragraphs_of
from oped.llm.scheme import OPINION_LABELS
from tests.llm.scripted import GOOD, TEXT


def draft(text: str) -> Draft:
    return draft_of(TEXT, paragraphs_of(TEXT), read_lines(text, OPINION_LABELS), OPINION_LABELS)


def reasons(text: str) -> dict[int | None, str]:
    return {fault.number: fault.reason for fault in draft(text).faults}


def test_a_good_answer_has_no_fault() -> None:
    good = draft(GOOD)
    assert good.faults == ()
    assert (good.lines, good.exact, good.mended, good.dropped) == (6, 6, 0, 0)
    assert [TEXT[part.start : part.end] for part in good.components][1] == "It carries 900 people a week"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7|C|3|these words are nowhere|||-1", "not in paragraph 3"),
        ("7|C|2|night bus should stay|||", "a part of 1"),
        ("7|C|1|hardly anyone spoke|||+99", "99"),
        ("7|C|1|hardly anyone spoke|||+7", "7"),
        ("7|P|1|hardly anyone spoke|||", "needs a relation"),
        ("7|Q|1|hardly anyone spoke|||", "type"),
        ("7|C|1|hardly anyone spoke|||perhaps", "no relation"),
    ],
)
def test_each_fault_is_named_with_its_line(row: str, reason: str) -> None:
    named = reasons(f"{GOOD}\n{row}")
    assert list(named) == [7]
    assert reason in named[7]


def test_a_circle_is_opened_where_the_foremost_type_bears_on_something() -> None:
    circle = draft(GOOD.replace("The night bus should stay|||", "The night bus should stay|||+4"))
    assert [fault.number for fault in circle.faults] == [1]
    links = {part.number: [link.target for link in part.links] for part in circle.components}
    assert links[1] == []
    assert links[4] == [1]


def test_a_ground_that_bears_on_nothing_is_left_out_in_the_end() -> None:
    text = f"{GOOD}\n7|P|1|hardly anyone spoke|||+99"
    settled = settle(draft(text), OPINION_LABELS)
    assert 7 not in [part.number for part in settled.components]
    assert (settled.lines, settled.dropped) == (7, 1)


def test_circles_are_found_wherever_they_begin() -> None:
    assert find_circle({1: [2], 2: [3], 3: []}) == []
    assert sorted(find_circle({1: [2], 2: [3], 3: [4], 4: [2]})) == [2, 3, 4]
    assert find_circle({number: [number + 1] for number in range(5_000)}) == []
