"""Short forms that a text explains."""

import pytest

from oped.parsing.assemble import numbered_entities
from oped.parsing.short_forms import explained, stands_for


def spans(text: str, *names: str) -> list[tuple[int, int]]:
    found, position = [], 0
    for name in names:
        start = text.index(name, position)
        position = start + len(name)
        found.append((start, position))
    return found


def test_a_short_form_in_brackets_shares_the_name_before_it() -> None:
    text = "The Hallen Ferry Council (HFC) met. Later the HFC voted, and so did the Harbour Fund Committee."
    places = spans(text, "Hallen Ferry Council", "HFC", "HFC", "Harbour Fund Committee")
    found = numbered_entities(text, [(start, end, "ORG") for start, end in places])
    assert [entity.name for entity in found] == ["Hallen Ferry Council"] * 3 + ["Harbour Fund Committee"]


def test_the_short_form_need_not_be_the_initials_nor_be_found_where_it_is_explained() -> None:
    text = "The United Quays Children's Endowment (UniQuaCE) met. UniQuaCE gave nothing."
    first, (start, end) = spans(text, "United Quays Children's Endowment")[0], spans(text, "met. UniQuaCE")[0]
    found = numbered_entities(text, [(*first, "ORG"), (start + len("met. "), end, "ORG")])
    assert {entity.name for entity in found} == {"United Quays Children's Endowment"}


def test_the_long_form_may_stand_in_the_brackets() -> None:
    text = "The HFC (Hallen Ferry Council) met."
    assert explained(text, spans(text, "HFC", "Hallen Ferry Council")) == {"HFC": "Hallen Ferry Council"}


@pytest.mark.parametrize(
    ("short", "long"),
    [("HFC", "Harbour Council"), ("Chair", "Charlotte Airey"), ("HFC", "The Ferry Council"), ("XX", "Xavier")],
)
def test_other_words_in_brackets_are_no_short_form(short: str, long: str) -> None:
    assert not stands_for(short, long)
