"""The page in a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from oped.records import ArgumentMap, Article, Attribution, Component, Entity, Relation
from oped.render.page import render_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
EVIL = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'&{{ 7*7 }}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.requests_made = []  # type: ignore[attr-defined]
    page.on("request", lambda request: page.requests_made.append(request.url))  # type: ignore[attr-defined]
    page.problems = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)  # type: ignore[attr-defined]
    yield page
    page.close()


def show(page: Page, amap: ArgumentMap, folder: Path) -> None:
    path = folder / "map.html"
    path.write_text(render_page(amap), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.requests_made == [path.as_uri()]  # type: ignore[attr-defined]


def hostile() -> ArgumentMap:
    text = f"{EVIL} is said.\n\n\u202eright to left\u202c {'w' * 10_000} {EVIL} ends"
    first, second = f"{EVIL} is said", f"{EVIL} ends"
    start = text.rindex(second)
    return ArgumentMap(
        Article("a", text, EVIL, (EVIL,), EVIL, "javascript:alert(1)", EVIL),
        (
            Component("c1", 0, len(first), first, "claim", risk=True, attribution=Attribution("other", EVIL)),
            Component("c2", start, start + len(second), second, "premise"),
        ),
        (Relation("r1", "c2", "c1", "support"),),
        (Entity("e1", 0, len(EVIL), EVIL, "ORG", EVIL),),
    )


@needs_browser
@pytest.mark.browser
def test_a_hostile_article_runs_no_script(page: Page, tmp_path: Path) -> None:
    show(page, hostile(), tmp_path)
    page.click("#text-c1")
    page.check("#show-entities")
    assert page.evaluate("window.hacked") is None
    assert page.problems == []  # type: ignore[attr-defined]
    assert EVIL in page.inner_text(".article")
    assert EVIL in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")


@needs_browser
@pytest.mark.browser
def test_text_and_graph_are_linked_by_hover_and_click(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.hover("#text-c2")
    assert "near" in (page.get_attribute(".node[data-id=c2]", "class") or "")
    assert "near" in (page.get_attribute(".node[data-id=c1]", "class") or "")
    page.click(".node[data-id=c3]")
    assert "selected" in (page.get_attribute("#text-c3", "class") or "")
    assert "attacks" in page.inner_text("#selected")
    page.keyboard.press("Escape")
    assert "selected" not in (page.get_attribute("#text-c3", "class") or "")
    assert page.problems == []  # type: ignore[attr-defined]


@needs_browser
@pytest.mark.browser
def test_filters(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)

    def faded() -> list[str]:
        return page.eval_on_selector_all(".node.faded", "nodes => nodes.map(node => node.dataset.id)")

    page.check("#only-risks")
    assert faded() == ["c1", "c3"]
    page.uncheck("#only-risks")
    page.select_option("#source", "=Ann Lee")
    assert faded() == ["c1", "c3"]
    page.select_option("#source", "")
    page.fill("#search", "crack")
    assert faded() == ["c1", "c2"]
    page.fill("#search", "")
    page.evaluate("const t = document.getElementById('threshold'); t.value = 90; t.dispatchEvent(new Event('input'))")
    assert faded() == ["c1", "c2", "c3"]


@needs_browser
@pytest.mark.browser
def test_the_keyboard_reaches_and_selects(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.focus("#text-c1")
    page.keyboard.press("Enter")
    assert "selected" in (page.get_attribute(".node[data-id=c1]", "class") or "")
    page.click("#focus")
    assert page.eval_on_selector_all(".node.hidden", "nodes => nodes.length") == 0
    page.click(".node[data-id=c2]")


def test_the_article_is_in_the_page_without_script(article_map: ArgumentMap) -> None:
    html = render_page(article_map)
    body = html[: html.index('<script type="application/json"')]
    assert "its piles may fail" in body and "Maren Oduya" in body
    assert "onclick" not in html and "http" not in html.replace("http-equiv", "").replace(
        "https://example.org/quay", ""
    ).replace("http://www.w3.org", "")


def test_the_page_is_small(article_map: ArgumentMap) -> None:
    assert len(render_page(article_map).encode()) < 100_000


def test_a_notebook_shows_the_map(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{article_map._repr_html_()}</body>", encoding="utf-8")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#text-c2").click()
    assert "its piles may fail" in frame.locator("#selected").inner_text()


def test_claims_are_folded_and_unfolded(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    boxes = page.locator(".node:visible")
    page.locator('.node[data-id="c2"]').click()
    page.get_by_role("button", name="Fold this claim").click()
    assert boxes.evaluate_all("(nodes) => nodes.map((node) => node.dataset.id)") == ["c1", "c2"]
    assert page.locator(".link:not(.hidden)").count() == 1
    page.locator('.node[data-id="c2"]').press("c")
    assert boxes.count() == 3
    page.get_by_role("button", name="Fold all").click()
    assert boxes.count() == 2
    page.get_by_role("button", name="Fold all").click()
    assert boxes.count() == 3


def test_three_hundred_components_stay_usable(page: Page, tmp_path: Path) -> None:
    sentences = [f"Statement number {number} is made here." for number in range(300)]
    text, parts, position = "\n\n".join(sentences), [], 0
    for number, sentence in enumerate(sentences):
        kind = "major_claim" if number == 0 else "claim" if number < 40 else "premise"
        parts.append(Component(f"c{number}", position, position + len(sentence), sentence, kind, 0.9))
        position += len(sentence) + 2
    links = [Relation(f"r{n}", f"c{n}", "c0" if n < 40 else f"c{1 + n % 39}", "support") for n in range(1, 300)]
    show(page, ArgumentMap(Article("long", text), tuple(parts), tuple(links)), tmp_path)
    page.get_by_role("button", name="Fold all").click()
    assert page.locator(".node:visible").count() == 40
    page.locator('.node[data-id="c5"]').press("c")
    assert page.locator(".node:visible").count() == 40 + 7


@needs_browser
def test_on_paper_the_text_and_the_graph_remain(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.emulate_media(media="print")
    assert not page.locator(".toolbar").is_visible()
    assert page.locator(".article").is_visible() and page.locator("svg#map").is_visible()
    assert page.pdf().startswith(b"%PDF-")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_shows_everything_below_each_other(
    page: Page, article_map: ArgumentMap, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    show(page, article_map, tmp_path)
    text, graph = (page.locator(name).bounding_box() for name in (".article", "svg#map"))
    assert text and graph and graph["y"] >= text["y"] + text["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", color)[:3])) > 380
    assert light is (scheme == "light")
