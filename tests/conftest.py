"""What tests share: the corpora and articles beside the checkout where they are at hand, and the shipped pipeline."""

from pathlib import Path

import pytest
from spacy.language import Language

import oped
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, Entity, Relation
from tests.helpers.browser import browser, page
from tests.helpers.tiny import tiny_adapted, tiny_corpus, tiny_encoder, tiny_mpnet, tiny_pairs, tiny_parser

__all__ = [  # fixtures
    "browser",
    "page",
    "tiny_adapted",
    "tiny_corpus",
    "tiny_encoder",
    "tiny_mpnet",
    "tiny_pairs",
    "tiny_parser",
]

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared corpora and articles are not at hand")
    return SHARED


@pytest.fixture(scope="session")
def nlp() -> Language:
    return oped.load()


@pytest.fixture
def article_map() -> ArgumentMap:
    """A small map with everything in it."""
    text = "The quay must be closed. Ann Lee says that its piles may fail.\n\nBut the harbour board of Hallen found no crack."
    article = Article("a1", text, "On the quay", ("Maren Oduya",), "2024-05-14", "https://example.org/quay", "quay.md")

    def part(
        name: str, quote: str, kind: str, risk: bool, who: Attribution, entities: tuple[str, ...] = ()
    ) -> Component:
        start = text.index(quote)
        chance = 0.9 if risk else 0.1
        return Component(name, start, start + len(quote), quote, kind, 0.8, risk, chance, who, entities)

    def mention(name: str, quote: str, label: str) -> Entity:
        start = text.index(quote)
        return Entity(name, start, start + len(quote), quote, label, quote)

    return ArgumentMap(
        article,
        (
            part("c1", "The quay must be closed", "major_claim", False, AUTHOR),
            part("c2", "its piles may fail", "claim", True, Attribution("other", "Ann Lee")),
            part("c3", "the harbour board of Hallen found no crack", "premise", False, AUTHOR, ("e2",)),
        ),
        (Relation("r1", "c2", "c1", "support", 0.75), Relation("r2", "c3", "c2", "attack", 0.5)),
        (mention("e1", "Ann Lee", "PERSON"), mention("e2", "Hallen", "GPE")),
    )
