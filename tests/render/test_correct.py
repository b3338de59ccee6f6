"""Correcting a map in the page, and training on what is saved."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from tests.render.test_page import browser, needs_browser, page, show  # noqa: F401 - fixtures

pytestmark = needs_browser


@pytest.fixture
def correcting(page: Page, article_map: ArgumentMap, tmp_path: Path) -> Page:  # noqa: F811
    text = (
        "\N{SMILING FACE WITH SUNGLASSES} " + article_map.article.text
    )  # beyond 16 bits, so that offsets must count code points
    data = article_map.to_dict()
    data["article"]["text"] = text
    for part in (*data["components"], *data["entities"]):
        part["start"] += 2
        part["end"] += 2
    show(page, ArgumentMap.from_dict(data), tmp_path)
    page.get_by_role("button", name="Correct").click()
    return page


def saved(page: Page, folder: Path) -> ArgumentMap:  # noqa: F811
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    path = folder / "corrected.json"
    download.value.save_as(path)
    json.loads(path.read_text(encoding="utf-8"))
    (amap,) = read_corpus(path, "oped")
    assert page.problems == []  # type: ignore[attr-defined]
    return amap


def choose_words(page: Page, words: str) -> None:  # noqa: F811
    """Select words of the article as a reader's mouse would."""
    page.evaluate(
        """(words) => {
          for (const home of document.querySelectorAll("section.article p")) {
            const walker = document.createTreeWalker(home, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const place = node.data.indexOf(words);
              if (place < 0) continue;
              const range = document.createRange();
              range.setStart(node, place);
              range.setEnd(node, place + words.length);
              window.getSelection().removeAllRanges();
              window.getSelection().addRange(range);
              return;
            }
          }
        }""",
        words,
    )


def test_type_risk_and_holder(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c2").click()
    correcting.get_by_label("Type").select_option("premise")
    correcting.get_by_label("Risk", exact=True).uncheck()
    correcting.get_by_label("View of").fill("")
    correcting.get_by_label("View of").blur()
    part = saved(correcting, tmp_path).components[1]
    assert (part.type, part.risk, part.probability) == ("premise", False, 1.0)
    assert part.attribution is not None and part.attribution.holder == "author"


def test_links(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Remove link").click()
    correcting.get_by_role("button", name="Link: support").click()
    correcting.locator("#text-c1").click()
    links = {(link.source, link.target, link.type) for link in saved(correcting, tmp_path).relations}
    assert links == {("c2", "c1", "support"), ("c3", "c1", "support")}


def test_a_circle_is_refused(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c1").click()
    correcting.get_by_role("button", name="Link: attack").click()
    correcting.locator("#text-c3").click()
    assert "circle" in correcting.locator("#told").inner_text()
    assert len(saved(correcting, tmp_path).relations) == 2


def test_a_new_component_a_new_span_and_one_less(correcting: Page, tmp_path: Path) -> None:
    choose_words(correcting, "says that")
    correcting.get_by_role("button", name="New from selected text").click()
    correcting.locator("#text-c1").click()
    choose_words(correcting, "must be closed")
    correcting.get_by_role("button", name="Span from selected text").click()
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Delete component").click()
    amap = saved(correcting, tmp_path)
    assert [(part.id, part.text) for part in amap.components] == [
        ("c1", "must be closed"),
        ("c2", "says that"),
        ("c3", "its piles may fail"),
    ]
    assert [(link.source, link.target) for link in amap.relations] == [("c3", "c1")]
    assert amap.model is None


def test_words_of_another_component_are_refused(correcting: Page) -> None:
    choose_words(correcting, "piles may")
    correcting.get_by_role("button", name="New from selected text").click()
    assert "outside other components" in correcting.locator("#told").inner_text()
