"""Names that a recognizer gives in pieces."""

import pytest

from oped.parsing.name_pieces import whole_names


def names(text: str, *pieces: tuple[str, str]) -> list[tuple[str, str]]:
    mentions, position = [], 0
    for name, label in pieces:
        start = text.index(name, position)
        position = start + len(name)
        mentions.append((start, position, label))
    return [(text[start:end], label) for start, end, label in whole_names(text, mentions)]


@pytest.mark.parametrize("gap", [" ", "-"])
def test_pieces_of_a_persons_name_are_joined(gap: str) -> None:
    text = f"President Kassym{gap}Jomart Tokayev spoke."
    pieces = (("Kassym", "PERSON"), ("Jomart Tokayev", "PERSON"))
    assert names(text, *pieces) == [(f"Kassym{gap}Jomart Tokayev", "PERSON")]


def test_persons_whom_the_text_also_names_alone_are_two() -> None:
    text = "The Lee-Ruiz talks failed. Ruiz left."
    assert names(text, ("Lee", "PERSON"), ("Ruiz", "PERSON"), ("Ruiz", "PERSON"))[0] == ("Lee", "PERSON")


def test_neighbours_of_other_kinds_stay_apart() -> None:
    text = "The North Macedonia team met CNN Brazil, Ana Ruiz, Tom Hale."
    pieces = (("CNN", "ORG"), ("Brazil", "GPE"), ("Ana Ruiz", "PERSON"), ("Tom Hale", "PERSON"))
    assert names(text, *pieces) == list(pieces)


def test_a_name_that_ends_on_of_is_joined_with_what_follows() -> None:
    text = "The University of the West Indies and the Coalition for Costa Rica agree."
    pieces = (("University of the", "ORG"), ("West Indies", "GPE"), ("Coalition for", "ORG"), ("Costa Rica", "GPE"))
    assert names(text, *pieces) == [("University of the West Indies", "ORG"), ("Coalition for Costa Rica", "ORG")]


@pytest.mark.parametrize(
    ("text", "piece", "whole"),
    [
        ("The School of nothing.", "School of", "School"),
        ("Global Voices and others.", "Global Voices and", "Global Voices"),
        ("The Republic Act ( so they say.", "Republic Act (", "Republic Act"),
        ("See Article 19(1) of it.", "Article 19(1", "Article 19(1)"),
        ("“For” is a paper.", "For", "For"),
    ],
)
def test_loose_ends_are_mended(text: str, piece: str, whole: str) -> None:
    assert names(text, (piece, "ORG")) == [(whole, "ORG")]


def test_a_bracket_within_a_name_joins_its_halves() -> None:
    text = "The Fiscal Responsibility (Limits) Bill passed."
    pieces = (("Fiscal Responsibility (", "ORG"), ("Limits) Bill", "LAW"))
    assert names(text, *pieces) == [("Fiscal Responsibility (Limits) Bill", "ORG")]
