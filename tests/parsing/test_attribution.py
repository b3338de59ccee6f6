import pytest

from oped.parsing.attribution import attribute, with_quoted
from oped.records import AUTHOR, Attribution, Component, Entity


def holder(text: str, quote: str, given: Attribution, entities: tuple[tuple[str, str], ...] = ()) -> Attribution | None:
    start = text.index(quote)
    part = Component("c1", start, start + len(quote), quote, "premise", attribution=given)
    mentions = [
        Entity(f"e{n}", text.index(name), text.index(name) + len(name), name, label, name)
        for n, (name, label) in enumerate(entities)
    ]
    return attribute(text, [part], mentions)[0].attribution


OTHER = Attribution("other")


@pytest.mark.parametrize(
    ("text", "quote", "name"),
    [
        ("According to UNICEF, the number rose.", "the number rose", "UNICEF"),
        ("Worryingly, according to a classified assessment, it is a hub.", "it is a hub", "a classified assessment"),
        ("The number rose, according to the World Bank.", "The number rose", "the World Bank"),
    ],
)
def test_according_to_gives_the_source_whatever_the_model_says(text: str, quote: str, name: str) -> None:
    assert holder(text, quote, AUTHOR) == Attribution("other", name)


@pytest.mark.parametrize(
    ("text", "quote", "name"),
    [
        ("The minister said that the dam is safe.", "the dam is safe", "The minister"),
        ("But critics argue that the dam is unsafe.", "the dam is unsafe", "critics"),
        ("“We were never asked,” said Ana Ruiz, a farmer.", "We were never asked", "Ana Ruiz"),
        ("The dam will silt up, engineers warned.", "The dam will silt up", "engineers"),
        (
            "In 2021, President Ann Lee, said it should be a stable, safe, and united state, at peace.",
            "it should be a stable, safe, and united state, at peace",
            "President Ann Lee",
        ),
    ],
)
def test_reporting_words_name_the_source(text: str, quote: str, name: str) -> None:
    assert holder(text, quote, OTHER) == Attribution("other", name)


def test_the_authors_own_view_stays_the_authors() -> None:
    assert holder("The dam is old. It will fail.", "It will fail", AUTHOR) == AUTHOR


def test_a_named_speaker_before_that_overrules_the_model() -> None:
    assert holder(
        "Ann Lee says that its piles may fail.", "its piles may fail", AUTHOR, (("Ann Lee", "PERSON"),)
    ) == Attribution("other", "Ann Lee")


def test_a_source_that_is_not_named_stays_unnamed() -> None:
    assert holder("It will fail in spring.", "It will fail in spring", OTHER) == OTHER


def test_the_next_sentence_names_no_source_of_this_one() -> None:
    text = "It is the road to the school. According to the World Bank, half of them use it."
    assert holder(text, "It is the road to the school", AUTHOR) == AUTHOR


def test_a_noun_is_no_reporting_verb() -> None:
    text = "Lindgaard's own report admits that the works will take twelve years."
    assert holder(text, "the works will take twelve years", OTHER) == Attribution("other", "Lindgaard's own report")


def test_a_quotation_goes_on_with_its_speaker() -> None:
    text = "The minister said that the dam is safe. It will stand for ages."
    parts = []
    for number, quote in enumerate(["the dam is safe", "It will stand for ages"], start=1):
        start = text.index(quote)
        parts.append(Component(f"c{number}", start, start + len(quote), quote, "premise", attribution=OTHER))
    assert [part.attribution for part in attribute(text, parts, [])] == [Attribution("other", "The minister")] * 2


def names(text: str, quotes: list[str], people: tuple[str, ...] = ()) -> list[str | None]:
    """The names that are given to components of others, in order."""
    parts = [
        Component(f"c{number}", start := text.index(quote), start + len(quote), quote, "premise", attribution=OTHER)
        for number, quote in enumerate(quotes, start=1)
    ]
    mentions = [
        Entity(f"e{number}", start := text.index(name), start + len(name), name, "PERSON", name)
        for number, name in enumerate(people, start=1)
    ]
    found = [part.attribution for part in attribute(text, parts, mentions)]
    return [None if who is None else who.name for who in found]


@pytest.mark.parametrize(
    ("text", "quotes", "people", "expected"),
    [
        (
            "Najia Orel, a nurse from Brinna, says:\n\nWe have no beds. There is no heating.",
            ["We have no beds", "There is no heating"],
            ("Najia Orel",),
            ["Najia Orel", "Najia Orel"],
        ),
        ("Ana Ruiz:\n\nThe dam will silt up.", ["The dam will silt up"], ("Ana Ruiz",), ["Ana Ruiz"]),
        ("The dam will silt up.\n— Ana Ruiz (@ana)", ["The dam will silt up"], (), [None]),
        ("“The dam will silt up” — Ana Ruiz (@ana)", ["The dam will silt up"], (), ["Ana Ruiz"]),
        ("Ana Ruiz denied the claim.", ["Ana Ruiz denied the claim"], ("Ana Ruiz",), ["Ana Ruiz"]),
        (
            "Ana Ruiz took the floor. She warned that the piles may fail.",
            ["the piles may fail"],
            ("Ana Ruiz",),
            ["Ana Ruiz"],
        ),
        (
            "Ana Ruiz, who counts such things at the port, tells me that rents rose.",
            ["rents rose"],
            ("Ana Ruiz",),
            ["Ana Ruiz"],
        ),
        ("“It cost nothing,” she added.", ["It cost nothing"], (), [None]),
    ],
)
def test_a_source_is_named_by_the_passage(
    text: str, quotes: list[str], people: tuple[str, ...], expected: list[str | None]
) -> None:
    assert names(text, quotes, people) == expected


@pytest.mark.parametrize(
    ("text", "quote", "holder"),
    [
        ("The paper wrote: “Trams are slow. Cars are not.” I disagree.", "Cars are not", "other"),
        ('The paper wrote: "Trams are slow. Cars are not." I disagree.', "Cars are not", "other"),
        ("The paper wrote: “Trams are slow. Cars are not.” I disagree.", "I disagree", "author"),
        ("“Smart” trams are slow.", "“Smart” trams are slow", "author"),
        ('A 6" pipe costs little. The council should buy it.', "The council should buy it", "author"),
        ("They call it „Unsinn“. It is not.", "It is not", "author"),
        ('She wrote "the trams began in 1990" and I agree. Cars are slow.', "Cars are slow", "author"),
        ("A “smart” tram, it\u2019s said,\n\nmay come late.", "may come late", "author"),
    ],
)
def test_what_stands_behind_an_opening_quotation_mark_is_another_ones_view(text: str, quote: str, holder: str) -> None:
    start = text.index(quote)
    part = Component("c1", start, start + len(quote), quote, "claim", attribution=AUTHOR)
    assert with_quoted(text, [part], [])[0].attribution == Attribution(holder)
    untold = Component("c1", start, start + len(quote), quote, "claim")
    assert with_quoted(text, [untold], [(0, len(text))]) == [untold]
