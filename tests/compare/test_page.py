"""The page of a comparison in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from oped.compare.comparison import compare
from oped.records import ArgumentMap
from oped.render.comparison import render_comparison
from tests.compare.test_compare import BAN, NO_BAN, NOISE, WordDetector, WordJudge, made, naming
from tests.render.test_page import EVIL, browser, needs_browser, page  # noqa: F401 - fixtures

pytestmark = needs_browser


def maps() -> list[ArgumentMap]:
    return [
        made(
            "a b",
            "Ann",
            [("claim", BAN), ("premise!", NOISE)],
            [(2, 1, "support")],
            published="2024-01-05",
            extra={"question": "phones"},
        ),
        made(
            "b",
            "Bo",
            [("claim", NO_BAN), ("premise!", NOISE)],
            [(2, 1, "support")],
            published="2024-03-05",
            extra={"question": "phones"},
        ),
        made("c", EVIL, [("claim", EVIL), ("premise!", NOISE, EVIL)], published="2024-05-05", extra={"question": EVIL}),
        made("d", "Dee", [("claim", EVIL)], published="2024-06-05", extra={"question": "other"}),
    ]


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Page:  # noqa: F811
    path = tmp_path / "comparison.html"
    path.write_text(render_comparison(compare(maps(), WordJudge())), encoding="utf-8")
    page.goto(path.as_uri())
    return page


def test_a_cell_opens_the_very_sentences(shown: Page) -> None:
    row = shown.locator(".matrix tbody tr").filter(has_text=NOISE)
    row.locator("td[data-group='Ann'] button").click()
    assert shown.locator("dialog .said").count() == 1
    assert NOISE in shown.locator("dialog").inner_text() and "On a b" in shown.locator("dialog").inner_text()
    shown.get_by_role("button", name="Close").click()
    assert not shown.locator("dialog").is_visible()


def test_who_only_reports_is_told_apart(shown: Page) -> None:
    row = shown.locator(".matrix tbody tr").filter(has_text=NOISE)
    assert row.locator("button.held").count() == 2 and row.locator("button.told").count() == 1


def test_stances_open_the_very_sentences(page: Page, tmp_path: Path) -> None:  # noqa: F811
    told = made("a", "Ann", [("claim", "We praise Acme"), ("claim", "Acme is to blame"), ("claim", "Acme has a shop")])
    result = compare([naming(told, "Acme"), *maps()], WordJudge(), detector=WordDetector())
    path = tmp_path / "comparison.html"
    path.write_text(render_comparison(result), encoding="utf-8")
    page.goto(path.as_uri())
    row = page.locator("#entities tr[data-group='Ann']")
    assert row.get_by_role("img").get_attribute("aria-label") == "Ann on Acme: 33 % against, 33 % for"
    row.get_by_role("button", name="Ann against Acme").click()
    assert page.locator("dialog .said").all_inner_texts()[0].startswith("Acme is to blame")


def test_filters_leave_what_is_asked_for(shown: Page) -> None:
    shown.locator("#group").select_option("Bo")
    assert shown.locator(".matrix tbody tr:visible").count() == 1
    shown.locator("#group").select_option("")
    shown.locator("#question").select_option("other")
    assert NOISE not in shown.locator(".matrix tbody").inner_text()
    shown.locator("#question").select_option("")
    shown.get_by_label("From").fill("2024-06-01")
    assert shown.locator(".duel:visible").count() == 0
    shown.get_by_label("From").fill("")
    shown.get_by_label("Find").fill("banned")
    assert shown.locator("#contested .item:visible").count() == 1 and shown.locator("#risks .item:visible").count() == 0


def test_hostile_text_stays_text_and_nothing_is_fetched(shown: Page) -> None:
    assert shown.evaluate("window.hacked") is None
    assert shown.problems == []  # type: ignore[attr-defined]
    assert [url for url in shown.requests_made if not url.startswith("file:")] == []  # type: ignore[attr-defined]


def test_it_reads_without_script(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "comparison.html"
    path.write_text(render_comparison(compare(maps(), WordJudge())), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(path.as_uri())
    plain.locator(".matrix summary").filter(has_text=NOISE).click()
    assert plain.locator(".matrix .said:visible").count() == 3
    context.close()
