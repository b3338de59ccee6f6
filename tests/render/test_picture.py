"""The picture in SVG, from the command line and from the page."""

import time
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page

from oped.records import ArgumentMap, Article, Component
from oped.render.lettering import shortened, width_of, wrapped
from oped.render.picture import draw_map
from tests.render.test_page import hostile, long_map, show

SVG = "{http://www.w3.org/2000/svg}"


def words(root: etree._Element) -> str:
    return " ".join("".join(item.itertext()) for item in root.iter(f"{SVG}tspan", f"{SVG}text"))


def test_a_picture_holds_every_sentence_and_line(article_map: ArgumentMap) -> None:
    root = etree.fromstring(draw_map(article_map).encode())
    text = words(root)
    assert "The quay must be closed" in text and "⚠ risk" in text and "Claim · Ann Lee" in text
    assert "On the quay · Maren Oduya" in text
    assert len([path for path in root.iter(f"{SVG}path") if path.get("stroke-opacity")]) == 2


def test_hostile_text_stays_text() -> None:
    svg = draw_map(hostile())
    root = etree.fromstring(svg.encode())
    assert {etree.QName(item).localname for item in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "tspan",
        "g",
        "path",
        "circle",
    }
    assert not any(
        name.startswith("on") or name == "href"
        for item in root.iter()
        for name in item.keys()  # noqa: SIM118 - an element, whose items are others
    )


def test_letters_that_xml_forbids_are_replaced() -> None:
    text = "A bell\x07 and a \ufffe rings"
    amap = ArgumentMap(Article("a", text), (Component("c1", 0, len(text), text, "claim"),))
    assert etree.fromstring(draw_map(amap).encode()) is not None


def test_lines_fit_their_width() -> None:
    lines = wrapped("The quay must be closed before the winter boat sails " * 5 + "w" * 300, size=13.5, width=254)
    assert all(width_of(line, size=13.5) <= 254 for line in lines)
    assert shortened("A long name of a person", size=12, width=60).endswith("…")


def test_a_long_map_is_drawn_quickly() -> None:
    began = time.perf_counter()
    draw_map(long_map(2000))
    assert time.perf_counter() - began < 5


def test_the_words_of_the_picture_stand_inside_their_boxes(page: Page, tmp_path: Path) -> None:
    sentence = "WWW and MMM: the harbour commissioners of Wemmingham would withdraw " * 3
    text = sentence.strip()
    path = tmp_path / "map.svg"
    amap = ArgumentMap(Article("a", text), (Component("c1", 0, len(text), text, "major_claim"),))
    path.write_text(draw_map(amap), encoding="utf-8")
    page.goto(path.as_uri())
    assert page.evaluate(
        """() => { const box = document.querySelector('g rect').getBoundingClientRect();
        return [...document.querySelectorAll('tspan')].every((line) => line.getBoundingClientRect().right <= box.right); }"""
    )


@pytest.mark.parametrize(
    ("name", "ending"), [("Picture (SVG)", ".svg"), ("Picture (PNG)", ".png"), ("Outline (Markdown)", ".md")]
)
def test_the_page_gives_picture_and_outline(
    page: Page,
    article_map: ArgumentMap,
    tmp_path: Path,
    name: str,
    ending: str,
) -> None:
    show(page, article_map, tmp_path)
    page.get_by_text("Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    path = tmp_path / f"taken{ending}"
    download.value.save_as(path)
    assert download.value.suggested_filename == f"a1{ending}"
    data = path.read_bytes()
    if ending == ".svg":
        root = etree.fromstring(data)
        assert (
            "The quay must be closed" in words(root) and root.find(f".//{SVG}rect").get("fill") == "rgb(255, 255, 255)"
        )
    elif ending == ".png":
        assert data.startswith(b"\x89PNG") and len(data) > 5000
    else:
        assert "    - **Con:** the harbour board of Hallen found no crack" in data.decode()
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_picture_of_a_hostile_map_is_inert(page: Page, tmp_path: Path) -> None:
    show(page, hostile(), tmp_path)
    page.get_by_text("Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture (SVG)").click()
    path = tmp_path / "evil.svg"
    download.value.save_as(path)
    page.goto(path.as_uri())
    assert page.evaluate("window.hacked") is None
    root = etree.parse(path).getroot()
    assert "script" in words(root) and not list(root.iter(f"{SVG}script"))
    assert not any(
        name.startswith("on")
        for item in root.iter()
        for name in item.keys()  # noqa: SIM118 - an element, whose items are others
    )
