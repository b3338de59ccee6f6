"""The page of a comparison in a real browser."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from oped.compare.comparison import compare
from oped.formats.passages import Passage
from oped.neural.matcher.runtime import Thresholds
from oped.numeric import Floats
from oped.records import AUTHOR, ArgumentMap, Article, Component
from oped.render.comparison import render_comparison
from tests.compare.test_compare import BAN, NO_BAN, NOISE, WordDetector, WordJudge, made, naming
from tests.render.test_page import EVIL


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
def shown(page: Page, tmp_path: Path) -> Page:
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


def test_stances_open_the_very_sentences(page: Page, tmp_path: Path) -> None:
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
    shown.get_by_text("Filter", exact=True).click()
    shown.locator("#group").select_option("Bo")
    assert shown.locator(".matrix tbody tr:visible").count() == 1
    shown.locator("#group").select_option("")
    shown.locator("#question").select_option("other")
    assert NOISE not in shown.locator(".matrix tbody").inner_text()
    shown.locator("#question").select_option("")
    shown.get_by_label("From").fill("2024-06-01")
    assert shown.locator(".duel:visible").count() == 0
    shown.get_by_label("From").fill("")
    shown.keyboard.press("Escape")
    shown.get_by_role("searchbox", name="Find").fill("banned")
    assert shown.locator("#contested .item:visible").count() == 1 and shown.locator("#risks .item:visible").count() == 0


def test_a_question_has_a_summary_and_columns_of_its_own(shown: Page) -> None:
    shown.locator(".summary:visible button[data-question='phones']").click()
    summary = shown.locator(".summary:visible")
    assert summary.count() == 1 and "Ann and Bo on phones" in summary.inner_text()
    assert shown.locator(".matrix thead th.who:visible").all_inner_texts() == ["Ann", "Bo"]
    assert shown.locator("#shown").inner_text().startswith("phones: ")
    summary.get_by_role("button", name="All questions").click()
    assert "Ann, Bo" in shown.locator(".summary:visible").inner_text()
    assert shown.locator("#question").input_value() == ""


def test_no_question_crowds_out_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oped.render.comparison.MOST_ROWS", 3)
    few = [made(name, name, [("claim", BAN)], extra={"question": "few"}) for name in "ab"]
    words = ("cats purr", "dogs bark", "cows moo", "pigs grunt")
    many = [made(name, name, [("claim", word) for word in words], extra={"question": "many"}) for name in "cdef"]
    page = render_comparison(compare([*many, *few], WordJudge()))
    assert BAN in page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "The first 3 of 5 are shown" in page


def test_hostile_text_stays_text_and_nothing_is_fetched(shown: Page) -> None:
    assert shown.evaluate("window.hacked") is None
    assert shown.problems == []  # type: ignore[attr-defined]
    assert [url for url in shown.requests_made if not url.startswith("file:")] == []  # type: ignore[attr-defined]


def test_it_reads_without_script(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    path.write_text(render_comparison(compare(maps(), WordJudge())), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(path.as_uri())
    plain.locator(".matrix summary").filter(has_text=NOISE).click()
    assert plain.locator(".matrix .said:visible").count() == 3
    context.close()


class Doubter(WordJudge):
    """Sure of nothing."""

    thresholds = Thresholds(same=0.2, opposed=0.2, cosine=0.5)

    def judge(self, pairs: Sequence[tuple[Passage, Passage]]) -> Floats:
        return super().judge(pairs) * np.array([0.45, 0.45, 1], dtype=np.float32)


def put(page: Page, folder: Path, result: dict[str, Any]) -> Page:
    path = folder / "comparison.html"
    path.write_text(render_comparison(result), encoding="utf-8")
    page.goto(path.as_uri())
    return page


def argued(name: str, author: str, *claims: str) -> ArgumentMap:
    """An article that says some things one after another in one paragraph each, and one reason for the first."""
    return made(
        name, author, [("major_claim", claims[0]), *(("claim", claim) for claim in claims[1:])], [(2, 1, "support")]
    )


def test_it_begins_with_sentences_that_lead_to_their_rows(shown: Page) -> None:
    summary = shown.locator(".summary:visible").inner_text()
    assert f"Ann holds that “{BAN}”; Bo holds against it that “{NO_BAN}”" in summary
    assert f"Ann and Bo hold that “{NOISE}”" in summary
    assert "2 more" not in summary and "phones" in summary
    shown.locator(".summary:visible .reasons a").first.click()
    row = shown.locator(".matrix tbody tr").filter(has_text=NOISE)
    assert row.locator(".said").first.is_visible()


def test_what_is_not_likelier_than_not_waits_behind_a_switch(page: Page, tmp_path: Path) -> None:
    one, two = argued("a", "Ann", BAN, f"{NOISE} today"), argued("b", "Bo", NO_BAN, f"{NOISE} always")
    shown = put(page, tmp_path, compare([one, two], Doubter()))
    assert "likelier than not" in shown.locator(".summary:visible .objection").inner_text()
    assert shown.locator(".matrix tbody tr:visible").count() == shown.locator(".duel:visible").count() == 0
    switch = shown.get_by_role("button", name="3 uncertain hidden")
    switch.click()
    assert shown.locator(".matrix tbody tr:visible").count() == shown.locator(".duel:visible").count() == 1
    assert shown.get_by_role("button", name="3 uncertain shown").get_attribute("aria-pressed") == "true"


def test_contradictions_stand_side_by_side_in_their_paragraphs(page: Page, tmp_path: Path) -> None:
    def around(name: str, author: str, said: str) -> ArgumentMap:
        text = f"Elsewhere.\n\nFor years I doubted. {said}. Others disagree."
        start = text.index(said)
        part = Component("c1", start, start + len(said), said, "claim", 0.9, attribution=AUTHOR)
        return ArgumentMap(Article(name, text, f"On {name}", (author,)), (part,))

    page.set_viewport_size({"width": 1200, "height": 800})
    shown = put(page, tmp_path, compare([around("a", "Ann", BAN), around("b", "Bo", NO_BAN)], WordJudge()))
    sides = shown.locator(".duel .side")
    assert [side.locator(".passage").inner_text() for side in sides.all()] == [
        f"For years I doubted. {said}. Others disagree." for said in (BAN, NO_BAN)
    ]
    assert sides.locator("mark").all_inner_texts() == [BAN, NO_BAN]
    left, right = (side.bounding_box() for side in sides.all())
    assert left and right and left["y"] == right["y"] and left["x"] + left["width"] <= right["x"] + 1


def test_each_line_of_argument_opens_as_a_tree_that_leads_to_its_passages(shown: Page) -> None:
    line = shown.locator(".line-of").filter(has_text="Bo")
    assert not line.locator("ul").first.is_visible()
    line.locator("summary").click()
    assert line.locator("li li .sign").all_inner_texts() == ["Pro"]
    line.get_by_role("button", name=NOISE).click()
    assert shown.locator("dialog mark").all_inner_texts() == [NOISE]


def test_who_shares_how_much_with_whom_is_drawn(page: Page, tmp_path: Path) -> None:
    maps = [
        argued("a", "Ann", BAN, NOISE),
        argued("b", "Bo", BAN, NOISE),
        argued("c", "Cy", "Fish quotas ruin villages", NOISE),
    ]
    shown = put(page, tmp_path, compare(maps, WordJudge()))
    pairs = shown.locator("#sharing .pair")
    assert sorted(int(text) for text in pairs.locator(".sure-count").all_text_contents()) == [1, 1, 2]
    shown.get_by_role("button", name="Ann and Bo: 2 shared points").click()
    assert shown.locator("dialog a").count() == 2
    shown.locator("dialog a").filter(has_text=BAN).click()
    assert not shown.locator("dialog").is_visible()
    assert shown.locator(".matrix tr", has_text=BAN).locator(".said").first.is_visible()


def test_in_a_service_passages_lead_into_their_maps(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    where = {"a b": "/articles/x1", "b": "/articles/x2"}
    path.write_text(render_comparison(compare(maps(), WordJudge()), maps=where, library="/"), encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".duel [data-passage]").first.click()
    assert page.get_by_role("link", name="in its map").get_attribute("href") == "/articles/x1#c1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_as_wide_as_the_screen(page: Page, tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    told = made("z", "Ann", [("claim", "We praise Acme")])
    shown = put(page, tmp_path, compare([naming(told, "Acme"), *maps()], WordJudge(), detector=WordDetector()))
    for details in shown.locator(".line-of > summary").all():
        details.click()
    for width in (1400, 900, 390, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    light = shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light is (scheme == "light")
