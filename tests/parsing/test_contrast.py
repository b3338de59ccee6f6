import re
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
        (part(6, "full"), True),
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


@pytest.mark.parametrize(
    "text",
    [
        "Trams are dear. But [the street is full] because {the bus is late}.",
        "However, [fares must fall], for {nobody rides}.",
        "[Trams are dear]. Yet another reason: {nobody rides}.",
        "[Trams are dear]. However much it rains, {the bus is late}.",
        "[Trams are dear], and a rebut" + "tal of what was said on and on" * 7 + " tells that {nobody rides}.",
    ],
)
def test_no_contrast_of_the_component_before_counts_and_no_other_use_of_the_word(text: str) -> None:
    plain = re.sub(r"[\[\]{}]", "", text)
    parts = [
        Component(f"c{number}", plain.index(quote), plain.index(quote) + len(quote), quote, "claim")
        for number, quote in enumerate((text.split("[")[1].split("]")[0], text.split("{")[1].split("}")[0]))
    ]
    (link,) = with_contrasts(plain, parts, [Relation("r1", "c1", "c0", "support")])
    assert link.type == "support"
