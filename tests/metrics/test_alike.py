import pytest

from oped.metrics.alike import alike
from oped.records import ArgumentMap, Article, Component, Relation

TEXT = "Ban it. It harms. It costs."


def made(*parts: tuple[int, int, str, bool], links: tuple[tuple[int, int, str], ...] = ()) -> ArgumentMap:
    components = tuple(
        Component(f"c{number}", start, end, TEXT[start:end], kind, 0.5, risk)
        for number, (start, end, kind, risk) in enumerate(parts, start=1)
    )
    relations = tuple(
        Relation(f"r{number}", f"c{source}", f"c{target}", kind, 0.5)
        for number, (source, target, kind) in enumerate(links, start=1)
    )
    return ArgumentMap(Article("a", TEXT), components, relations)


def test_what_both_maps_have_is_shared_by_place_and_label() -> None:
    one = made((0, 6, "claim", False), (8, 16, "premise", True), links=((2, 1, "support"),))
    other = made((8, 16, "premise", False), links=())
    assert alike([one, one], [one, other]) == {"components": 0.75, "relations": 0.5, "risks": 0.5}
    turned = made((0, 6, "claim", False), (8, 16, "premise", True), links=((2, 1, "attack"),))
    assert alike([one], [turned]) == {"components": 1, "relations": 0, "risks": 1}


def test_maps_without_anything_are_alike() -> None:
    assert alike([made()], [made()]) == {"components": 1, "relations": 1, "risks": 1}
    with pytest.raises(ValueError, match="shorter"):
        alike([made()], [])
