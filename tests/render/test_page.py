"""The page in a real browser."""

import io
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from oped.records import ArgumentMap, Article, Attribution, Component, Entity, Relation
from oped.render.page import render_page, source_of
from tests.helpers.browser import until

EVIL = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'&{{ 7*7 }}"


def show(page: Page, amap: ArgumentMap, folder: Path) -> None:
    path = folder / "map.html"
    path.write_text(render_page(amap), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    assert page.requests_made == [path.as_uri()]  # type: ignore[attr-defined]


def long_map(count: int, *, words: str = "is made here") -> ArgumentMap:
    """A map with a thesis, some claims for and against it, and premises below them."""
    sentences = [f"Statement number {number} {words}." for number in range(count)]
    parts, position = [], 0
    claims = max(2, count // 8)
    for number, sentence in enumerate(sentences):
        kind = "major_claim" if number == 0 else "claim" if number < claims else "premise"
        parts.append(Component(f"c{number}", position, position + len(sentence), sentence, kind, 0.9))
        position += len(sentence) + 2
    links = [
        Relation(
            f"r{n}", f"c{n}", "c0" if n < claims else f"c{1 + n % (claims - 1)}", "attack" if n % 5 == 4 else "support"
        )
        for n in range(1, count)
    ]
    return ArgumentMap(Article("long", "\n\n".join(sentences), "Long"), tuple(parts), tuple(links))


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


def hash_of(page: Page) -> str:
    """The fragment of the address."""
    return str(page.evaluate("location.hash"))


def test_a_hostile_article_runs_no_script(page: Page, tmp_path: Path) -> None:
    show(page, hostile(), tmp_path)
    page.click("#text-c1")
    page.click("text=Show")
    page.check("#show-entities")
    page.keyboard.press("Escape")
    for tab in ("outline", "walk", "map"):
        page.click(f"[data-tab={tab}]")
    page.get_by_role("button", name="Correct").click()
    page.locator("#sheet").get_by_role("combobox", name="View of").fill(EVIL + " again")
    page.locator("#sheet").get_by_role("combobox", name="View of").blur()
    page.fill("#search", "hacked")
    assert page.evaluate("window.hacked") is None
    assert page.problems == []  # type: ignore[attr-defined]
    assert EVIL in page.inner_text(".text")
    assert EVIL in page.inner_text("h1")
    assert page.locator("a[href^=javascript]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")


def test_text_and_map_are_linked_by_hover_and_click(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.hover("#text-c2")
    assert "near" in (page.get_attribute(".node[data-id=c2]", "class") or "")
    assert "near" in (page.get_attribute(".node[data-id=c1]", "class") or "")
    page.click(".node[data-id=c3]")
    assert "selected" in (page.get_attribute("#text-c3", "class") or "")
    assert "Speaks against" in page.inner_text("#sheet") and "its piles may fail" in page.inner_text("#sheet")
    page.keyboard.press("Escape")
    assert "selected" not in (page.get_attribute("#text-c3", "class") or "")
    assert not page.locator("#sheet").is_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_the_summary_says_what_it_is_about(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    cells = {
        name: page.inner_text(f"#summary .{name}") for name in ("thesis", "reasons", "objection", "fears", "views")
    }
    assert "The quay must be closed" in cells["thesis"] and "80 % sure" not in cells["thesis"]
    assert "its piles may fail" in cells["reasons"]
    assert "found no crack" in cells["objection"] and "left standing" in cells["objection"]
    assert "Ann Lee: its piles may fail" in cells["fears"]
    assert "Ann Lee 1" in cells["views"]
    page.locator("#summary .fears a").click()
    assert "selected" in (page.get_attribute("#text-c2", "class") or "")


def test_an_article_without_thesis_is_said_to_have_none(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    data = article_map.to_dict()
    data["components"][0]["type"] = "claim"
    show(page, ArgumentMap.from_dict(data), tmp_path)
    assert "No thesis was found" in page.inner_text("#summary .thesis")
    assert "The quay must be closed" in page.inner_text("#summary .reasons")


def test_uncertain_links_are_hidden_counted_and_shown_on_demand(
    page: Page, article_map: ArgumentMap, tmp_path: Path
) -> None:
    data = article_map.to_dict()
    data["relations"][0]["probability"] = 0.05
    show(page, ArgumentMap.from_dict(data), tmp_path)
    assert page.inner_text("#uncertain") == "1 uncertain link hidden"
    assert page.locator(".link").count() == 1
    page.click("#uncertain")
    assert page.inner_text("#uncertain") == "1 uncertain link shown"
    assert page.locator(".link").count() == 2 and page.locator(".link.uncertain").count() == 1
    page.click("#about-certainty")
    assert "less than once in 10 times" in page.inner_text("#certainty-dialog")


def test_a_map_without_uncertain_links_speaks_of_none(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    assert not page.locator("#uncertain").is_visible()


def test_filters_leave_what_matches_and_what_it_bears_on(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)

    def nodes(classes: str = "") -> list[str]:
        return sorted(page.eval_on_selector_all(f".node{classes}", "nodes => nodes.map(node => node.dataset.id)"))

    page.click("text=Show")
    page.check("#only-risks")
    assert nodes() == ["c1", "c2"] and nodes(".context") == ["c1"]
    assert page.inner_text("#shown") == "1 of 3 shown"
    page.uncheck("#only-risks")
    page.select_option("#source", "=Ann Lee")
    assert nodes() == ["c1", "c2"]
    page.select_option("#source", "")
    page.evaluate(
        "const t = document.getElementById('component-bound'); t.value = 90; t.dispatchEvent(new Event('input'))"
    )
    assert nodes() == [] and page.locator("#map-empty").is_visible()


def test_find_counts_steps_and_scrolls(page: Page, tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {number} tells of a harbour and its quay." for number in range(80))
    show(page, ArgumentMap(Article("a", text)), tmp_path)
    page.fill("#search", "HARBOUR")
    assert page.inner_text("#found") == "1 of 80"
    page.press("#search", "Enter")
    assert page.inner_text("#found") == "2 of 80"
    page.press("#search", "Shift+Enter")
    page.press("#search", "Shift+Enter")
    assert page.inner_text("#found") == "80 of 80"
    assert page.evaluate("document.getElementById('article').scrollTop") > 1000
    page.fill("#search", "lighthouse")
    assert page.inner_text("#found") == "none found"


def test_the_address_opens_a_claim_and_back_leads_back(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.click("#text-c1")
    page.click(".node[data-id=c2]")
    assert hash_of(page) == "#c2"
    page.go_back()
    assert hash_of(page) == "#c1" and "selected" in (page.get_attribute("#text-c1", "class") or "")
    page.go_forward()
    assert "selected" in (page.get_attribute("#text-c2", "class") or "")
    page.goto(f"{(tmp_path / 'map.html').as_uri()}#c3")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert "selected" in (page.get_attribute("#text-c3", "class") or "")
    assert "found no crack" in page.inner_text("#sheet")


def test_the_outline_indents_pro_and_con(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.click("[data-tab=outline]")
    lines = page.locator("#outline .line").all_inner_texts()
    assert "The quay must be closed" in lines[0] and "Pro its piles may fail" in lines[1] and "Con" in lines[2]
    assert page.locator("#outline ul ul ul .line").count() == 1
    page.locator("#outline .twist").nth(1).click()
    assert page.locator("#outline .line").count() == 2 and "1 folded" in page.inner_text("#outline")


def test_the_walk_goes_along_the_argument(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.click("[data-tab=walk]")
    assert "Step 1 of 3" in page.inner_text("#walk") and "The thesis:" in page.inner_text("#walk")
    page.get_by_role("button", name="Next").click()
    assert "Because:" in page.inner_text("#walk") and page.inner_text("#walk mark") == "its piles may fail"
    assert "selected" in (page.get_attribute("#text-c2", "class") or "")
    page.keyboard.press("ArrowRight")
    assert "Against this:" in page.inner_text("#walk") and hash_of(page) == "#c3"
    page.keyboard.press("ArrowLeft")
    assert "Step 2 of 3" in page.inner_text("#walk")


def test_the_keyboard_reaches_and_moves_along_the_map(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.focus("#text-c1")
    page.keyboard.press("Enter")
    assert "selected" in (page.get_attribute(".node[data-id=c1]", "class") or "")
    page.focus(".node[data-id=c1]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "c2"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "selected" in (page.get_attribute("#text-c3", "class") or "")


def test_the_wheel_moves_the_map_and_with_control_zooms(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1100, "height": 700})
    show(page, article_map, tmp_path)

    def transform() -> str:
        return page.get_attribute("#world", "transform") or ""

    assert "scale(1.0000)" in transform()
    before = transform()
    page.mouse.move(900, 550)
    page.mouse.wheel(0, 30)
    until(lambda: transform() != before)
    assert "scale(1.0000)" in transform()
    page.keyboard.down("Control")
    page.mouse.wheel(0, 30)
    page.keyboard.up("Control")
    until(lambda: "scale(1.0000)" not in transform())


def test_words_at_the_opening_are_at_least_twelve_pixels_high(
    page: Page, article_map: ArgumentMap, tmp_path: Path
) -> None:
    show(page, article_map, tmp_path)
    sizes = page.eval_on_selector_all(
        "#map text", "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getCTM().a)"
    )
    assert sizes and min(sizes) >= 12


def test_boxes_hold_their_whole_sentence(page: Page, tmp_path: Path) -> None:
    sentence = "This is a long sentence about the quay and " * 8 + "its piles"
    amap = ArgumentMap(Article("a", sentence), (Component("c1", 0, len(sentence), sentence, "claim"),))
    show(page, amap, tmp_path)
    assert (
        page.evaluate("[...document.querySelectorAll('.node .words tspan')].map(line => line.textContent).join(' ')")
        == sentence
    )
    assert page.evaluate(
        """() => { const box = document.querySelector('.node .box').getBoundingClientRect();
        return [...document.querySelectorAll('.node tspan')].every((line) => { const own = line.getBoundingClientRect();
          return own.right <= box.right && own.bottom <= box.bottom; }); }"""
    )


def test_gists_stand_in_the_boxes_where_there_are_some(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    data = article_map.to_dict()
    data["components"][1]["gist"] = "Piles at risk"
    show(page, ArgumentMap.from_dict(data), tmp_path)
    assert page.text_content(".node[data-id=c2] .words") == "Piles at risk"
    page.click("text=Show")
    page.uncheck("#gists")
    assert page.text_content(".node[data-id=c2] .words") == "its piles may fail"


def test_the_article_is_in_the_page_without_script(article_map: ArgumentMap) -> None:
    html = render_page(article_map)
    body = html[: html.index('<script type="application/json"')]
    assert "its piles may fail" in body and "Maren Oduya" in body
    assert "onclick" not in html and "http" not in html.replace("http-equiv", "").replace(
        "https://example.org/quay", ""
    ).replace("http://www.w3.org", "").replace("https?:", "")


def test_the_page_is_small(article_map: ArgumentMap) -> None:
    assert len(render_page(article_map).encode()) < 150_000


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.org/a?b=1", "example.org"),
        ("http://example.org", "example.org"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://[broken", None),
        ("//example.org", None),
        (None, None),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, shown: str | None) -> None:
    source = source_of(url)
    assert (source and source.host) == shown


def test_a_notebook_shows_the_map(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 900, "height": 800})
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{article_map._repr_html_()}</body>", encoding="utf-8")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".node[data-id=c2]").click()
    assert "its piles may fail" in frame.locator("#sheet").inner_text()
    assert page.problems == []  # type: ignore[attr-defined]


def test_claims_are_folded_and_the_rest_moves_up(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    boxes = page.locator(".node")
    page.locator('.node[data-id="c2"]').click()
    page.get_by_role("button", name="Fold", exact=True).click()
    assert sorted(boxes.evaluate_all("(nodes) => nodes.map((node) => node.dataset.id)")) == ["c1", "c2"]
    assert page.locator(".link").count() == 1
    page.locator('.node[data-id="c2"]').press("c")
    assert boxes.count() == 3
    page.locator('[data-fold="c1"]').first.click()
    assert boxes.count() == 1
    page.locator('[data-fold="c1"]').first.click()
    page.locator('.node[data-id="c2"]').click()
    page.get_by_role("button", name="Only this claim").click()
    assert sorted(boxes.evaluate_all("(nodes) => nodes.map((node) => node.dataset.id)")) == ["c2", "c3"]


def test_folding_closes_the_gap(page: Page, tmp_path: Path) -> None:
    show(page, long_map(60), tmp_path)
    page.get_by_role("button", name="Unfold all").click()
    before = page.evaluate("document.querySelector('.node[data-id=c2]').transform.baseVal[0].matrix.f")
    page.locator('[data-fold="c1"]').first.click()
    after = page.evaluate("document.querySelector('.node[data-id=c2]').transform.baseVal[0].matrix.f")
    assert after < before


def test_on_paper_the_text_the_map_and_the_outline_remain(page: Page, article_map: ArgumentMap, tmp_path: Path) -> None:
    show(page, article_map, tmp_path)
    page.emulate_media(media="print")
    assert not page.locator(".toolbar").is_visible()
    assert page.locator("#article").is_visible() and page.locator("svg#map").is_visible()
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF-")
    words = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    assert "Thesis" in words and words.count("found no crack") >= 3
