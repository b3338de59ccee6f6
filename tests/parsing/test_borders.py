"""Borders of components: whole mentions, closed quotes and brackets."""

import pytest

from oped.parsing.borders import with_whole_borders
from oped.records import Component, Entity


def mended(text: str, *quotes: str, names: tuple[str, ...] = ()) -> list[str]:
    parts = [
        Component(f"c{n}", text.index(quote), text.index(quote) + len(quote), quote, "claim")
        for n, quote in enumerate(quotes)
    ]
    mentions = [Entity(name, text.index(name), text.index(name) + len(name), name, "PERSON", name) for name in names]
    found = with_whole_borders(text, parts, mentions)
    assert [part.text for part in found] == [text[part.start : part.end] for part in found]
    return [part.text for part in found]


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("He calls it a “levy”, which it is.", "He calls it a “levy", "He calls it a “levy”"),
        ("It is one of “state capture.” So be it.", "It is one of “state capture", "It is one of “state capture.”"),
        ('"Furniture" costs more. So be it.', 'Furniture" costs more', '"Furniture" costs more'),
        ("The quay (built in 1960) leaks.", "The quay (built in 1960", "The quay (built in 1960)"),
        ("They said “[the boats] may sink.”", "the boats] may sink", "[the boats] may sink"),
    ],
)
def test_the_mark_that_belongs_to_a_quote_or_bracket_is_taken_in(text: str, quote: str, whole: str) -> None:
    assert mended(text, quote) == [whole]


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("He said “we are busy, we shall survive” again.", "we shall survive”", "we shall survive"),
        ("“We are busy, and we shall survive”", "“We are busy", "We are busy"),
        ("It rose (so they say, at least) a lot", "so they say, at least)", "(so they say, at least)"),
        ("We are busy” is what they say", "We are busy”", "We are busy"),
    ],
)
def test_a_stray_mark_at_the_edge_is_left_out(text: str, quote: str, whole: str) -> None:
    assert mended(text, quote) == [whole]


@pytest.mark.parametrize(
    "quote", ["He calls it “a levy” and “a tax”", "the boats' owners (all of them) agree", "no marks"]
)
def test_what_is_closed_stays_as_it_is(quote: str) -> None:
    assert mended(f"Well, {quote}, one hears.", quote) == [quote]


def test_a_quote_that_goes_on_in_another_sentence_stays_open() -> None:
    text = "He said “it will sink. It is old and it is rotten.”"
    assert mended(text, "He said “it will sink", "It is old and it is rotten") == [
        "He said “it will sink",
        "It is old and it is rotten",
    ]


def test_no_mention_is_cut() -> None:
    text = "The writer Andrea Lo decided to go to New York City."
    assert mended(text, "Lo decided to go to New", names=("Andrea Lo", "New York City")) == [
        "Andrea Lo decided to go to New York City"
    ]


def test_of_two_components_in_one_mention_the_second_gets_it() -> None:
    text = "They trust Ana Ruiz knows."
    assert mended(text, "They trust Ana", "Ruiz knows", names=("Ana Ruiz",)) == ["They trust ", "Ana Ruiz knows"]


def test_borders_stay_in_their_paragraph() -> None:
    text = "He calls it a “levy\n\n” and that is that."
    assert mended(text, "He calls it a “levy") == ["He calls it a “levy"]
