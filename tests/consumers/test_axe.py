"""axe-core finds no breach of WCAG 2 AA in the pages, light or dark."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from oped.compare.comparison import compare
from oped.records import ArgumentMap
from oped.render.comparison import render_comparison
from oped.render.page import render_page
from tests.compare.test_compare import BAN, NO_BAN, NOISE, WordDetector, WordJudge, made, naming
from tests.consumers.test_consumers import FOLDER
from tests.serve.server import Server

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def violations(page: Page, rules: dict[str, dict[str, bool]]) -> list[tuple[str, list[str]]]:
    """What axe finds on a page: rules broken, and where."""
    page.add_script_tag(path=AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}, "rules": rules}
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [(item["id"], [node["html"] for node in item["nodes"]][:3]) for item in found]


def comparison() -> str:
    maps = [
        made("a", "Ann", [("claim", BAN), ("premise!", NOISE)], [(2, 1, "support")], published="2024-01-05"),
        made("b", "Bo", [("claim", NO_BAN), ("premise!", NOISE, "a union")], [(2, 1, "attack")]),
    ]
    told = naming(made("c", "Cy", [("claim", "We praise Acme"), ("claim", "Acme is to blame")]), "Acme")
    return render_comparison(compare([*maps, told], WordJudge(), detector=WordDetector()))


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: make test-all")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["map", "outline", "walk", "comparison"])
def test_pages_are_accessible(
    browser: Browser,
    article_map: ArgumentMap,
    tmp_path: Path,
    kind: str,
    scheme: str,
) -> None:
    path = tmp_path / "page.html"
    path.write_text(comparison() if kind == "comparison" else render_page(article_map), encoding="utf-8")
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    if kind != "comparison":
        page.wait_for_selector("body[data-ready]")
        page.get_by_role("button", name="Correct").click()
        page.locator("#text-c2").click()
        page.click(f"[data-tab={kind}]")
        page.get_by_text("Show", exact=True).click()
    # A box is called by its type, its risk and its statement, which it shows in lines of their own.
    off = {"label-content-name-mismatch": {"enabled": False}} if kind == "map" else {}
    found = violations(page, off)
    context.close()
    assert found == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: make test-all")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_service_is_accessible(
    browser: Browser,
    article_map: ArgumentMap,
    tmp_path: Path,
    scheme: str,
) -> None:
    (tmp_path / "map.json").write_text(json.dumps(article_map.to_dict()), encoding="utf-8")
    server = Server(tmp_path, "--maps", str(tmp_path / "map.json"), "--fetch")
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(server.address)
        assert violations(page, {}) == []
    finally:
        context.close()
        server.close()
