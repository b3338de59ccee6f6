"""The pages of the service in a real browser: the library, its queue, corrections that are kept, and what is chosen."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from oped.records import ArgumentMap, Attribution
from tests.batch.conftest import text_of
from tests.compare.test_compare import made
from tests.helpers.browser import until
from tests.render.test_page import EVIL
from tests.serve.server import Server


def hostile_map(amap: ArgumentMap) -> ArgumentMap:
    """The map with markup and script wherever a text can stand."""
    text = f"{EVIL} is to be feared. {amap.article.text}"
    first = replace(
        amap.components[0],
        start=0,
        end=len(EVIL),
        text=EVIL,
        risk=True,
        gist=EVIL,
        attribution=Attribution("other", EVIL),
    )
    article = replace(
        amap.article,
        id=EVIL,
        text=text,
        title=EVIL,
        authors=(EVIL,),
        published=EVIL,
        url="javascript:alert(1)",
        source=EVIL,
    )
    return amap.replace(
        article=replace(article, extra={"question": EVIL}), components=(first,), relations=(), entities=()
    )


def library_maps() -> list[ArgumentMap]:
    """Three articles: one with a thesis and a risk, one with a risk alone, one with nothing."""
    piles, crack = ("claim!", "its piles may fail", "Ann Lee"), ("premise", "the harbour board found no crack")
    parts = [("major_claim", "The quay must be closed"), piles, crack]
    quay = made("the quay", "Maren Oduya", parts, [(2, 1, "support"), (3, 2, "attack")], published="2024-05-14")
    old = made("Älteres", None, [piles, crack], [(2, 1, "attack")], published="2020-01-01")
    old = old.replace(article=replace(old.article, authors=("Émile Zola", "Bo")))
    bare = made("bare", None, [("claim", "Nothing")])
    return [quay, old, bare.replace(article=replace(bare.article, title=None), components=())]


def serve_maps(folder: Path) -> Server:
    path = folder / "maps.jsonl"
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in library_maps()))
    return Server(folder, "--maps", str(path))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A service of one's own, to be changed."""
    server = serve_maps(tmp_path)
    yield server
    server.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that is only read."""
    server = serve_maps(tmp_path_factory.mktemp("serve"))
    yield server
    server.close()


def titles(page: Page) -> list[str]:
    return page.locator("tbody .title").all_inner_texts()


def test_a_correction_is_saved_into_the_library_and_found_again(fresh: Server, page: Page) -> None:
    page.goto(fresh.address)
    page.get_by_role("link", name="On the quay").click()
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("button", name="Correct").click()
    page.locator("#text-c3").click()
    page.locator("#sheet").get_by_label("Risk").check()
    page.get_by_role("button", name="Save into the library").click()
    until(lambda: page.locator("#told").inner_text() == "Saved into the library.")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator(".summary .fears li").count() == 2
    assert "corrected by hand" in page.locator(".byline").inner_text()
    page.get_by_role("link", name="Library").click()
    row = page.locator("tr", has_text="On the quay")
    assert "corrected" in row.inner_text() and row.locator(".fears").inner_text() == "⚠ 2"
    row.locator(".title").click()
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("button", name="Correct").click()
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="Back to the machine’s map").click()
    page.wait_for_selector("body[data-ready]")
    assert page.locator(".summary .fears li").count() == 1
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_correction_that_somebody_overtook_is_not_lost(fresh: Server, page: Page) -> None:
    (entry,) = fresh.client.get("/api/articles", params={"thesis": "found"}).json()
    page.goto(f"{fresh.address}/articles/{entry['id']}#c3")
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("button", name="Correct").click()
    page.locator("#sheet").get_by_label("Risk").check()
    changed = library_maps()[0].replace(relations=()).to_dict()
    assert fresh.client.put(f"/api/articles/{entry['id']}/map", json=changed).status_code == 200
    page.get_by_role("button", name="Save into the library").click()
    until(lambda: "changed elsewhere" in page.locator("#told").inner_text())
    assert page.locator(".summary .fears li").count() == 2, "what was corrected is still there"
    assert fresh.client.get(f"/api/articles/{entry['id']}/map").json() == changed


def test_the_library_is_searched_and_sorted(server: Server, page: Page) -> None:
    page.goto(server.address)
    quay = page.locator("tbody tr", has_text="On the quay")
    assert [" ".join(text.split()) for text in quay.locator("td").all_inner_texts()[1:]] == [
        "On the quay The quay must be closed",
        "Maren Oduya",
        "2024-05-14",
        "⚠ 1",
    ]
    assert page.get_by_text("No thesis was found.").count() == 2
    page.get_by_role("combobox", name="Thesis").select_option("found")
    page.get_by_role("button", name="Search").click()
    assert titles(page) == ["On the quay"]
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("combobox", name="Author").fill("émile")
    page.get_by_role("textbox", name="Warns of").fill("piles")
    page.get_by_role("button", name="Search").click()
    assert titles(page) == ["On Älteres"]
    page.get_by_role("textbox", name="Warns of").fill("crack")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_text("Nothing found.").is_visible()
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("combobox", name="Sort by").select_option("date")
    page.get_by_role("button", name="Search").click()
    assert titles(page)[:2] == ["On the quay", "On Älteres"]
    page.get_by_role("link", name="Article and its thesis").click()
    assert titles(page)[-2:] == ["On the quay", "On Älteres"]
    assert page.locator("th[aria-sort]").inner_text().startswith("Article")


def test_the_queue_and_the_list_keep_themselves_up_to_date(tmp_path: Path, page: Page) -> None:
    server = Server(tmp_path)
    try:
        page.goto(server.address)
        assert "Nothing here yet" in page.locator("#results").inner_text()
        broken = server.client.post("/api/files", files={"file": ("minutes.pdf", b"%PDF-1.7 none")}).json()["id"]
        for number in range(6):
            article = {"text": text_of(f"quay {number}") * 40, "title": f"Quay {number}"}
            server.client.post("/api/articles", json=article)
        until(lambda: "wait" in page.locator("#queue").inner_text(), seconds=20)
        until(lambda: page.locator("tr[data-status=done]").count() == 6, seconds=60)
        assert not page.locator("#queue progress").is_visible()
        page.get_by_text("1 failed").click()
        assert "expected a PDF" in page.locator("#queue").inner_text()
        page.get_by_role("button", name="Forget minutes.pdf").click()
        until(lambda: page.locator("tbody tr").count() == 6)
        assert server.client.get(f"/api/articles/{broken}").status_code == 404
        assert page.locator("#queue").is_hidden()
    finally:
        server.close()


def test_what_is_chosen_stays_chosen_from_search_to_search(server: Server, page: Page) -> None:
    page.goto(server.address)
    page.get_by_role("button", name="Export").click()
    assert page.get_by_role("alert").inner_text() == "Choose what to export."
    for name in ("quay", "Älteres"):
        page.goto(f"{server.address}/?q={name}&thesis={'found' if name == 'quay' else 'none'}")
        page.get_by_label(f"Choose On {'the quay' if name == 'quay' else name}").check()
    assert page.locator("#chosen").inner_text() == "2 chosen"
    page.get_by_role("combobox", name="Format").select_option("jsonl")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["article"]["title"] for line in lines} == {"On the quay", "On Älteres"}
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?*", timeout=60_000)
    heads = page.locator(".matrix thead th").all_inner_texts()
    assert {"Maren Oduya", "Émile Zola", "Bo"} <= set(heads)
    page.get_by_role("link", name="Library").click()
    page.get_by_role("button", name="clear").click()
    assert page.locator("#chosen").inner_text().endswith(" articles")


def test_a_passage_of_a_comparison_leads_into_its_map(server: Server, page: Page) -> None:
    ids = [entry["id"] for entry in server.client.get("/api/articles", params={"risks": "some"}).json()]
    page.goto(f"{server.address}/compare?" + "&".join(f"id={entry}" for entry in ids))
    page.locator(".matrix .dot").first.click()
    page.get_by_role("link", name="in its map").first.click()
    page.wait_for_selector("body[data-ready]")
    until(lambda: page.locator("#sheet").is_visible())


def test_hostile_texts_stay_texts(tmp_path: Path, page: Page, article_map: ArgumentMap) -> None:
    path = tmp_path / "maps.jsonl"
    evil = hostile_map(article_map)
    maps = [evil, evil.replace(article=replace(evil.article, id="b", authors=("Bo",))), article_map]
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in maps))
    server = Server(tmp_path, "--maps", str(path))
    try:
        bad = server.client.post("/api/files", files={"file": (f"{EVIL[:60].replace('/', '')}.pdf", b"%PDF-1.7")})
        server.wait(bad.json()["id"], "failed")
        ids = [entry["id"] for entry in server.client.get("/api/articles", params={"status": "done"}).json()]
        pages = ["/", f"/articles/{bad.json()['id']}", "/compare?" + "&".join(f"id={entry}" for entry in ids)]
        for address in (
            *pages,
            *(f"/articles/{entry}" for entry in ids),
            "/?q=%3Cscript%3Ewindow.hacked=1%3C/script%3E",
        ):
            page.goto(f"{server.address}{address}")
            page.wait_for_timeout(100)
            assert page.evaluate("window.hacked") is None, address
        page.goto(server.address)
        assert page.locator("tbody .title").last.inner_text() == EVIL or EVIL in titles(page)
        assert page.problems == []  # type: ignore[attr-defined]
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_as_wide_as_the_screen_in_the_systems_colours(
    server: Server,
    page: Page,
    scheme: Literal["light", "dark"],
) -> None:
    broken = server.client.post("/api/files", files={"file": (f"{'long-name-' * 12}.pdf", b"%PDF-1.7 none")})
    server.wait(broken.json()["id"], "failed")
    page.emulate_media(color_scheme=scheme)
    for address, width in product(("/", f"/articles/{broken.json()['id']}", "/articles/none"), (1400, 900, 390, 360)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{server.address}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert light is (scheme == "light")


def test_colours_are_remembered(server: Server, page: Page) -> None:
    page.goto(server.address)
    page.get_by_role("combobox", name="Colours").select_option("contrast")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "contrast"


def test_the_library_reads_and_compares_without_script(server: Server, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(server.address)
    plain.get_by_label("Choose On the quay").check()
    plain.get_by_label("Choose On Älteres").check()
    plain.get_by_role("button", name="Compare").click()
    plain.wait_for_url("**/compare?*", timeout=60_000)
    assert plain.locator("h1").inner_text() == "Who argues what"
    context.close()
