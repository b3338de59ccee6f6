"""Correcting a map in the page, saving it, training on it, converting it, and opening it again."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from tests.render.test_page import show

SHIFT = 2


@pytest.fixture
def correcting(page: Page, article_map: ArgumentMap, tmp_path: Path) -> Page:
    # A letter beyond 16 bits, so that offsets must count code points.
    text = "\N{SMILING FACE WITH SUNGLASSES} " + article_map.article.text
    data = article_map.to_dict()
    data["article"]["text"] = text
    data["model"] = {"name": "some_model", "version": "1.0"}
    for part in (*data["components"], *data["entities"]):
        part["start"] += SHIFT
        part["end"] += SHIFT
    show(page, ArgumentMap.from_dict(data), tmp_path)
    page.get_by_role("button", name="Correct").click()
    return page


def saved(page: Page, folder: Path) -> ArgumentMap:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    path = folder / "corrected.json"
    download.value.save_as(path)
    (amap,) = read_corpus(path, "oped")
    assert page.problems == []  # type: ignore[attr-defined]
    return amap


def choose_words(page: Page, words: str) -> None:
    """Select words of the article as a reader's mouse would."""
    page.evaluate(
        """(words) => {
          for (const home of document.querySelectorAll("#article [data-start]")) {
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


def links(amap: ArgumentMap) -> set[tuple[str, str, str]]:
    return {(link.source, link.target, link.type) for link in amap.relations}


def test_type_risk_and_holder(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c2").click()
    correcting.get_by_label("Type").select_option("premise")
    correcting.get_by_label("Risk", exact=True).uncheck()
    correcting.locator("#sheet").get_by_role("combobox", name="View of").fill("")
    correcting.locator("#sheet").get_by_role("combobox", name="View of").blur()
    assert correcting.locator(".node[data-id=c2].type-premise").count() == 1
    assert "0 risks" in correcting.inner_text("#counts") and "No risk" in correcting.inner_text("#summary .fears")
    part = saved(correcting, tmp_path).components[1]
    assert (part.type, part.risk, part.probability) == ("premise", False, 1.0)
    assert part.attribution is not None and part.attribution.holder == "author"


def test_links_are_removed_added_and_changed(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Remove link").click()
    correcting.get_by_label("What it bears on").select_option("c1")
    correcting.get_by_role("button", name="Add link").click()
    assert correcting.locator("path.link").count() == 2
    correcting.locator(".edit-links select").select_option("attack")
    assert links(saved(correcting, tmp_path)) == {("c2", "c1", "support"), ("c3", "c1", "attack")}


def test_a_link_is_drawn_by_dragging(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Remove link").click()
    correcting.keyboard.press("Escape")
    handle = correcting.locator("[data-source=c3][data-link-handle=attack]").bounding_box()
    target = correcting.locator(".node[data-id=c1]").bounding_box()
    assert handle and target
    correcting.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    correcting.mouse.down()
    correcting.mouse.move(target["x"] + 60, target["y"] + 60)
    correcting.mouse.move(target["x"] + 80, target["y"] + 40)
    correcting.mouse.up()
    assert links(saved(correcting, tmp_path)) == {("c2", "c1", "support"), ("c3", "c1", "attack")}


def test_a_circle_is_refused(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c1").click()
    correcting.get_by_label("What it bears on").select_option("c3")
    correcting.get_by_role("button", name="Add link").click()
    assert "circle" in correcting.locator("#told").inner_text()
    assert len(saved(correcting, tmp_path).relations) == 2


def test_a_new_component_a_new_span_and_one_less(correcting: Page, tmp_path: Path) -> None:
    choose_words(correcting, "says that")
    correcting.get_by_role("button", name="New component").click()
    assert correcting.locator(".node").count() == 4 and "4 components" in correcting.inner_text("#counts")
    correcting.locator("#text-c1").click()
    choose_words(correcting, "must be closed")
    correcting.get_by_role("button", name="Set to selected words").click()
    assert correcting.text_content(".node[data-id=c1] .words") == "must be closed"
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Delete component").click()
    amap = saved(correcting, tmp_path)
    assert [(part.id, part.text) for part in amap.components] == [
        ("c1", "must be closed"),
        ("c2", "says that"),
        ("c3", "its piles may fail"),
    ]
    assert [(link.source, link.target) for link in amap.relations] == [("c3", "c1")]
    assert amap.model is None and amap.article.extra["corrected_from"] == "some_model 1.0"


def test_words_of_another_component_are_refused(correcting: Page) -> None:
    choose_words(correcting, "piles may")
    correcting.get_by_role("button", name="New component").click()
    assert "outside other components" in correcting.locator("#told").inner_text()


def test_components_are_joined_and_split(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c1").click()
    correcting.get_by_role("button", name="Join with next").click()
    lines = correcting.locator(".node[data-id=c1] tspan").all_text_contents()
    assert " ".join(lines) == "The quay must be closed. Ann Lee says that its piles may fail"
    correcting.locator(".split summary").click()
    correcting.get_by_label("Where to split").fill("4")  # before the sixth word
    correcting.get_by_role("button", name="Split here").click()
    amap = saved(correcting, tmp_path)
    assert [part.text for part in amap.components] == [
        "The quay must be closed",
        "Ann Lee says that its piles may fail",
        "the harbour board of Hallen found no crack",
    ]
    assert links(amap) == {("c3", "c1", "attack")}


def test_every_step_is_undone_and_done_again(correcting: Page, tmp_path: Path) -> None:
    before = correcting.locator("#map").inner_html()
    correcting.locator("#text-c3").click()
    correcting.get_by_role("button", name="Delete component").click()
    correcting.locator("#text-c2").click()
    correcting.get_by_label("Type").select_option("premise")
    correcting.get_by_role("button", name="Undo").click()
    correcting.get_by_role("button", name="Undo").click()
    assert correcting.get_by_role("button", name="Undo").is_disabled()
    correcting.keyboard.press("Escape")
    correcting.mouse.move(5, 5)
    assert correcting.locator("#map .node").count() == 3
    assert correcting.locator("#map").inner_html().count("its piles may fail") == before.count("its piles may fail")
    correcting.get_by_role("button", name="Redo").click()
    assert correcting.locator("#map .node").count() == 2
    assert [part.type for part in saved(correcting, tmp_path).components] == ["major_claim", "claim"]


def test_the_keyboard_alone_does_all_of_it(correcting: Page, tmp_path: Path) -> None:
    page = correcting

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def tab_to(selector: str) -> None:
        for _ in range(80):
            press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    page.focus("#correct")
    tab_to("#add")  # a new component from the sentences that hold none
    press("Enter", "ArrowDown", "Enter")
    page.wait_for_selector(".component.selected")
    first = page.evaluate("document.querySelector('.component.selected').textContent")
    assert first
    tab_to("[data-keep=type]")
    press("p")
    tab_to("[data-keep=risk]")
    press("Space")
    tab_to("[data-keep=holder]")
    page.keyboard.type("Bo Marsh")
    tab_to("[data-keep='end-1']")
    press("Enter", "Enter")
    shorter = page.evaluate("document.querySelector('.component.selected').textContent")
    assert len(shorter) < len(first)
    tab_to("[data-keep=link-add]")
    press("Enter")
    page.focus("#save")
    with page.expect_download() as download:
        press("Enter")
    path = tmp_path / "keys.json"
    download.value.save_as(path)
    (amap,) = read_corpus(path, "oped")
    (made,) = [part for part in amap.components if part.text == shorter]
    assert (made.type, made.risk) == ("premise", True)
    assert made.attribution is not None and made.attribution.name == "Bo Marsh"
    assert any(link.source == made.id for link in amap.relations)
    page.focus("#correct")
    press("Control+z")
    assert not any("Bo Marsh" in text for text in page.locator("#sheet .links li").all_inner_texts())


def test_what_was_corrected_is_trained_on_converted_and_opened_again(correcting: Page, tmp_path: Path) -> None:
    correcting.locator("#text-c2").click()
    correcting.get_by_label("Type").select_option("premise")
    amap = saved(correcting, tmp_path)
    source = tmp_path / "corrected.json"
    for arguments in (
        ["map", source, "-o", tmp_path / "again.html"],
        ["convert", source, tmp_path / "converted.html"],
        ["convert", source, tmp_path / "brat", "--to", "brat"],
        ["corpus", "check", source, "--format", "oped"],
    ):
        done = subprocess.run([sys.executable, "-m", "oped", *map(str, arguments)], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    (back,) = read_corpus(tmp_path / "brat", "brat")
    assert [part.type for part in back.components] == [part.type for part in amap.components]
    for name in ("again", "converted"):
        correcting.goto((tmp_path / f"{name}.html").as_uri())
        correcting.wait_for_selector("body[data-ready]")
        assert correcting.locator(".node[data-id=c2].type-premise").count() == 1
        assert "corrected by hand, first read by some_model 1.0" in correcting.inner_text(".byline")
    assert correcting.problems == []  # type: ignore[attr-defined]


def test_a_map_with_a_circle_is_corrected_too(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    data = article_map.to_dict()
    data["relations"].append({"id": "r9", "source": "c1", "target": "c3", "type": "support", "probability": 0.9})
    show(page, ArgumentMap.from_dict(data), tmp_path)
    page.get_by_role("button", name="Correct").click()
    page.locator("#text-c2").click()
    page.get_by_role("button", name="Add link").click()
    assert page.problems == []  # type: ignore[attr-defined]
    assert page.locator(".node").count() == 3
