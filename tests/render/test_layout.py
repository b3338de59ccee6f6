"""Where boxes stand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from oped.records import ArgumentMap, Article, Component, Relation
from oped.render.forest import grow_forest
from oped.render.layout import BOX_WIDTH, Drawing, lay_out
from tests.render.test_page import long_map, show


def make(count: int, links: list[tuple[int, int]]) -> ArgumentMap:
    parts = tuple(Component(f"c{n}", n, n + 1, "x", "claim") for n in range(count))
    pairs = sorted({(one % count, two % count) for one, two in links if one % count != two % count})
    relations = tuple(Relation(f"r{n}", f"c{one}", f"c{two}", "support") for n, (one, two) in enumerate(pairs))
    return ArgumentMap(Article("a", "x" * count), parts, relations)


def drawn(amap: ArgumentMap) -> Drawing:
    heights = {part.id: 60.0 + 17 * (place % 5) for place, part in enumerate(amap.components)}
    return lay_out(amap, grow_forest(amap), heights)


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=80))
def test_boxes_never_overlap_and_each_component_has_one(count: int, links: list[tuple[int, int]]) -> None:
    amap = make(count, links)
    drawing = drawn(amap)
    assert [box.id for box in drawing.boxes] == [part.id for part in amap.components]
    for place, one in enumerate(drawing.boxes):
        assert 0 <= one.x <= drawing.width - BOX_WIDTH and 0 <= one.y <= drawing.height - one.height
        for two in drawing.boxes[:place]:
            apart = one.y >= two.y + two.height or two.y >= one.y + one.height
            assert apart or abs(one.x - two.x) >= BOX_WIDTH


def test_reasons_stand_to_the_right_of_what_they_bear_on() -> None:
    places = {box.id: box.x for box in drawn(make(4, [(1, 0), (2, 1), (3, 0)])).boxes}
    assert places["c0"] < places["c1"] < places["c2"]


def test_a_map_without_components_has_a_drawing() -> None:
    amap = ArgumentMap(Article("a", "x"))
    assert lay_out(amap, grow_forest(amap), {}).boxes == ()


@pytest.mark.parametrize("links", [[(n + 1, n) for n in range(1999)], [(n, n // 7) for n in range(1, 2000)]])
def test_long_chains_and_wide_trees_are_laid_out(links: list[tuple[int, int]]) -> None:
    assert len(drawn(make(2000, links)).boxes) == 2000


def test_every_process_draws_alike(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    amap = make(30, [(number, number * 7 % 11) for number in range(1, 30)])
    path.write_text(json.dumps(amap.to_dict()), encoding="utf-8")
    program = (
        "import json, sys; from oped.records import ArgumentMap; from oped.render.page import render_page\n"
        "from oped.render.picture import draw_map; amap = ArgumentMap.from_dict(json.load(open(sys.argv[1])))\n"
        "print(render_page(amap), draw_map(amap))"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", program, path],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(pages) == 1


def test_the_page_lays_out_as_the_picture_does(page: Page, tmp_path: Path) -> None:
    amap = long_map(40)
    show(page, amap, tmp_path)
    page.get_by_role("button", name="Unfold all").click()
    found = page.eval_on_selector_all(
        "#nodes .node",
        "nodes => nodes.map(node => { const at = node.transform.baseVal[0].matrix;"
        " return [node.dataset.id, at.e, at.f, node.querySelector('.box').height.baseVal.value]; })",
    )
    heights = {name: height for name, _, _, height in found}
    boxes = lay_out(amap, grow_forest(amap), heights).boxes
    assert {box.id: (round(box.x), round(box.y)) for box in boxes} == {
        name: (round(x), round(y)) for name, x, y, _ in found
    }
