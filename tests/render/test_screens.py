"""The page on narrow screens, in all colours, and with long maps."""

import itertools
import re
import time
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from oped.records import ArgumentMap, Relation
from tests.helpers.browser import until
from tests.render.test_page import long_map, show

WORDS = "is made here about the harbour, the quay and the levy that every passenger pays"


def in_sight(page: Page, selector: str) -> bool:
    """Whether an element stands in the window and nothing lies over its middle."""
    return bool(
        page.evaluate(
            """(selector) => { const found = document.querySelector(selector);
            if (!found) return false;
            const box = found.getClientRects()[0];
            if (!box) return false;
            const over = document.elementFromPoint(box.left + Math.min(30, box.width / 2), box.top + box.height / 2);
            return Boolean(over) && (found.contains(over) || over.contains(found) && over.matches('.component, .node, .line')); }""",
            selector,
        )
    )


@pytest.mark.parametrize("width", [360, 390, 900, 1024])
def test_a_narrow_screen_shows_one_view_at_a_time(
    page: Page,
    article_map: ArgumentMap,
    tmp_path: Path,
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    show(page, article_map, tmp_path)
    first = "summary" if width < 700 else "map"
    assert page.get_attribute("body", "data-view") == first
    for tab, selector in (
        ("text", "#article"),
        ("map", "#map"),
        ("outline", "#outline"),
        ("walk", "#walk"),
        ("summary", "#summary"),
    ):
        page.click(f"[data-tab={tab}]")
        shown = [
            name for name in ("#article", "#map", "#outline", "#walk", "#summary") if page.locator(name).is_visible()
        ]
        assert shown == [selector]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollHeight") <= 740


@pytest.mark.parametrize(
    ("tab", "touched"), [("text", "#text-c60"), ("map", ".node[data-id=c0]"), ("outline", ".line[data-id=c60]")]
)
def test_what_is_tapped_stays_in_sight_above_the_sheet(page: Page, tmp_path: Path, tab: str, touched: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, long_map(80, words=WORDS), tmp_path)
    page.click(f"[data-tab={tab}]")
    page.locator(touched).scroll_into_view_if_needed()
    page.locator(touched).click(position={"x": 40, "y": 9})
    assert page.locator("#sheet").is_visible()
    until(lambda: in_sight(page, touched))
    assert page.get_attribute("body", "data-view") == tab


def test_the_summary_leads_to_the_passage(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, article_map, tmp_path)
    page.locator("#summary .fears a").click()
    assert page.get_attribute("body", "data-view") == "text"
    until(lambda: in_sight(page, "#text-c2"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_the_reader(
    page: Page,
    article_map: ArgumentMap,
    tmp_path: Path,
    scheme: Literal["light", "dark"],
) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, article_map, tmp_path)

    def ground() -> int:
        return sum(map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3]))

    assert (ground() > 380) is (scheme == "light")
    other = "dark" if scheme == "light" else "light"
    page.click("text=Show")
    page.select_option("#theme", other)
    assert (ground() > 380) is (scheme == "dark")
    page.select_option("#theme", "contrast")
    assert ground() in (0, 765)


def test_three_hundred_components_open_quickly_and_stay_usable(page: Page, tmp_path: Path) -> None:
    began = time.perf_counter()
    show(page, long_map(300, words=WORDS), tmp_path)
    assert time.perf_counter() - began < 6  # a second on a machine of one's own
    claims = 300 // 8
    assert page.locator(".node").count() == claims  # what a claim rests on is folded at first
    assert page.inner_text("#shown") == f"{claims} of 300 unfolded"
    page.locator('.node[data-id="c5"]').press("c")
    assert page.locator(".node").count() > claims


def test_two_thousand_components_are_drawn_as_they_come_into_sight(page: Page, tmp_path: Path) -> None:
    show(page, long_map(2000, words=WORDS), tmp_path)
    page.get_by_role("button", name="Unfold all").click()
    assert 0 < page.locator(".node").count() < 300
    page.goto(f"{(tmp_path / 'map.html').as_uri()}#c1990")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    until(lambda: in_sight(page, ".node[data-id=c1990]") and in_sight(page, "#text-c1990"))
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_dense_map_is_shown_and_corrected(page: Page, tmp_path: Path) -> None:
    amap = long_map(120)
    pairs = itertools.combinations(amap.components, 2)
    links = tuple(Relation(f"x{n}", one.id, two.id, "support", 0.5) for n, (one, two) in enumerate(pairs))
    began = time.perf_counter()
    show(page, amap.replace(relations=links), tmp_path)
    assert time.perf_counter() - began < 10
    page.get_by_role("button", name="Correct").click()
    page.locator("#text-c60").click()
    page.locator("#sheet").get_by_role("button", name="Delete component").click()
    assert page.locator(".node").count() == 119
