import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oped.records import ArgumentMap, Article, Component, Relation
from oped.render.layout import BOX_HEIGHT, BOX_WIDTH, lay_out


def make(count: int, links: list[tuple[int, int]]) -> ArgumentMap:
    parts = tuple(Component(f"c{n}", n, n + 1, "x", "claim") for n in range(count))
    pairs = sorted({(one % count, two % count) for one, two in links if one % count > two % count})
    relations = tuple(Relation(f"r{n}", f"c{one}", f"c{two}", "support") for n, (one, two) in enumerate(pairs))
    return ArgumentMap(Article("a", "x" * count), parts, relations)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=80))
def test_boxes_never_overlap_and_each_component_has_one(count: int, links: list[tuple[int, int]]) -> None:
    amap = make(count, links)
    drawing = lay_out(amap)
    assert [box.id for box in drawing.boxes] == [part.id for part in amap.components]
    for place, one in enumerate(drawing.boxes):
        assert 0 <= one.x <= drawing.width - BOX_WIDTH and 0 <= one.y <= drawing.height - BOX_HEIGHT
        for two in drawing.boxes[:place]:
            assert abs(one.x - two.x) >= BOX_WIDTH or abs(one.y - two.y) >= BOX_HEIGHT


def test_reasons_stand_to_the_right_of_what_they_bear_on() -> None:
    amap = make(4, [(1, 0), (2, 1), (3, 0)])
    places = {box.id: box.x for box in lay_out(amap).boxes}
    assert places["c0"] < places["c1"] < places["c2"]


def test_a_map_without_components_has_a_drawing() -> None:
    assert lay_out(ArgumentMap(Article("a", "x"))).boxes == ()


def test_every_process_draws_alike(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    amap = make(30, [(number, number * 7 % 11) for number in range(1, 30)])
    path.write_text(json.dumps(amap.to_dict()), encoding="utf-8")
    program = (
        "import json, sys; from oped.records import ArgumentMap; from oped.render.page import render_page\n"
        "print(render_page(ArgumentMap.from_dict(json.load(open(sys.argv[1])))))"
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
