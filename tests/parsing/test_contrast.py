from dataclasses import replace

import pytest

from oped.parsing.contrast import begins_with_contrast, with_contrasts
from oped.records import Attribution, Component, Relation

TEXT = "Trams are dear, say shopkeepers. But the street is full. In winter, yet, nobody walks; the bus is late."


def part(number: int, quote: str, holder: str = "author") -> Component:
    start = TEXT.index(quote)
    return Component(f"c{number}", start, start + len(quote), quote, "claim", attribution=Attribution(holder))


TRAMS, STREET = part(1, "Trams are dear", "other"), part(2, "the street is full")
WINTER, BUS = part(3, "nobody walks"), part(4, "the bus is late")
PARTS = [TRAMS, STREET, WINTER, BUS]


@pytest.mark.parametrize(
    ("component", "contrast"),
    [
        (TRAMS, False),
        (STREET, True),
        (WINTER, True),
        (BUS, False),
        (part(5, "But the street is full"), True),
    ],
)
def test_a_contrast_opens_the_component_or_its_sentence_or_stands_right_before_it(
    component: Component, contrast: bool
) -> None:
    assert begins_with_contrast(TEXT, component) is contrast


@pytest.mark.parametrize(
    ("source", "target", "type"),
    [
        ("c2", "c1", "attack"),  # the one before it
        ("c3", "c1", "attack"),  # the author against another, further away
        ("c4", "c3", "support"),  # no contrast
        ("c1", "c2", "support"),  # it bears on what comes after it
    ],
)
def test_what_begins_with_a_contrast_attacks_the_one_before_it_or_another_ones_view(
    source: str, target: str, type: str
) -> None:
    (link,) = with_contrasts(TEXT, PARTS, [Relation("r1", source, target, "support", 0.7)])
    assert (link.type, link.probability) == (type, 0.7)


def test_the_author_goes_on_against_the_authors_own_view_only_next_to_it() -> None:
    parts = [replace(TRAMS, attribution=Attribution("author")), STREET, WINTER]
    (link,) = with_contrasts(TEXT, parts, [Relation("r1", "c3", "c1", "support", 0.7)])
    assert link.type == "support"
