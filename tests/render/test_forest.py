"""A map as trees."""

from oped.records import ArgumentMap
from oped.render.forest import grow_forest, is_con
from tests.render.test_layout import make


def test_each_component_hangs_below_what_it_bears_on_most_surely(article_map: ArgumentMap) -> None:
    data = article_map.to_dict()
    data["relations"].append({"id": "r3", "source": "c3", "target": "c1", "type": "support", "probability": 0.9})
    forest = grow_forest(ArgumentMap.from_dict(data))
    assert forest.roots == ("c1",) and forest.children["c1"] == ("c2", "c3")
    assert [link.id for link in forest.extra] == ["r2"]


def test_uncertain_relations_are_left_out(article_map: ArgumentMap) -> None:
    forest = grow_forest(article_map, least=0.6)
    assert forest.roots == ("c1", "c3") and forest.size["c1"] == 2


def test_what_supports_comes_before_what_attacks(article_map: ArgumentMap) -> None:
    data = article_map.to_dict()
    data["relations"] = [
        {"id": "r1", "source": "c2", "target": "c1", "type": "attack"},
        {"id": "r2", "source": "c3", "target": "c1", "type": "support"},
    ]
    assert grow_forest(ArgumentMap.from_dict(data)).children["c1"] == ("c3", "c2")


def test_a_circle_is_cut_and_nothing_is_lost() -> None:
    forest = grow_forest(make(3, [(0, 1), (1, 2), (2, 0)]))
    assert len(forest.roots) == 1 and len(list(forest.below(forest.roots[0]))) == 3
    assert len(forest.extra) == 1


def test_types_of_other_schemes_that_speak_against_are_known() -> None:
    against = ["attack", "attacks", "partial_attack", "Against", "CON", "reb", "und", "disagreement"]
    assert all(map(is_con, against))
    assert not any(map(is_con, ["support", "For", "PRO", "reason", "agreement", "evidence"]))
