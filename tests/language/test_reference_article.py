"""What the shipped model must find in the reference article, where it is at hand."""

from pathlib import Path

import pytest
from spacy.language import Language

import oped
from oped.records import ArgumentMap


@pytest.fixture(scope="module")
def amap(shared: Path, nlp: Language) -> ArgumentMap:
    return oped.map_article(oped.read_article(shared / "articles" / "kazakhstan-afghanistan.md"), nlp=nlp)


def test_enough_components_and_one_or_two_theses(amap: ArgumentMap) -> None:
    assert len(amap.components) >= 25
    assert sum(part.type == "major_claim" for part in amap.components) in (1, 2)


def test_the_closing_risk_is_found(amap: ArgumentMap) -> None:
    closing = [
        part
        for part in amap.components
        if "the spillover effect" in part.text and "serious risk for Kazakhstan" in part.text
    ]
    assert len(closing) == 1 and closing[0].risk


def test_entities(amap: ArgumentMap) -> None:
    found = {(entity.text, entity.label) for entity in amap.entities}
    assert {("Kazakhstan", "GPE"), ("Afghanistan", "GPE"), ("UNICEF", "ORG")} <= found
    assert any("Tokayev" in text and label == "PERSON" for text, label in found)
    assert any("World Food Programme" in text and label == "ORG" for text, label in found)


def test_sources(amap: ArgumentMap) -> None:
    names = [
        (part.attribution.name or "")
        for part in amap.components
        if part.attribution and part.attribution.holder == "other"
    ]
    assert any("UNICEF" in name for name in names)
    assert any("Pentagon" in name for name in names)


def test_most_premises_are_linked(amap: ArgumentMap) -> None:
    sources = {link.source for link in amap.relations}
    premises = [part for part in amap.components if part.type == "premise"]
    assert sum(part.id in sources for part in premises) > 0.9 * len(premises)
