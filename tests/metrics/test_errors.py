"""Each kind of error, on maps made by hand."""

import pytest

from oped.metrics import errors
from oped.metrics.errors import error_kinds
from oped.records import ArgumentMap, Article, Component, Relation

TEXT = "abcdefghij " * 40
Part = tuple[str, int, int, str, bool]


def made(parts: list[Part], links: list[tuple[str, str, str]]) -> ArgumentMap:
    components = tuple(
        Component(name, start, end, TEXT[start:end], kind, risk=risk) for name, start, end, kind, risk in parts
    )
    relations = tuple(Relation(f"r{n}", *link) for n, link in enumerate(links))
    return ArgumentMap(Article("a", TEXT), components, relations)


def part(name: str, place: int, kind: str = "claim", *, risk: bool = False, width: int = 20) -> Part:
    return name, 40 * place, 40 * place + width, kind, risk


def test_a_perfect_prediction_has_no_error() -> None:
    gold = made([part("c1", 0), part("c2", 1, "premise", risk=True)], [("c2", "c1", "support")])
    found = error_kinds([(gold, gold)])
    assert found == {
        "components": {errors.FOUND: 2},
        "links": {errors.FOUND: 1},
        "links_by_distance": {"to the next: found": 1},
        "risks": {errors.FOUND: 1},
    }


def test_kinds_of_components() -> None:
    gold = made([part("c1", 0), part("c2", 1), part("c3", 2), part("c4", 3, width=38), part("c5", 5)], [])
    predicted = made(
        [
            part("p1", 0, "premise"),  # wrong type
            ("p2", 50, 100, "claim", False),  # touches c2 and c3, matches neither
            ("p3", 120, 132, "claim", False),
            ("p4", 136, 150, "claim", False),  # two in c4
            part("p5", 7),  # where nothing is
        ],
        [],
    )
    found = error_kinds([(gold, predicted)])["components"]
    assert found == {
        "claim taken for premise": 1,
        errors.MERGED: 2,
        errors.SPLIT: 1,
        errors.MISSED: 1,
        errors.INSTEAD: 3,
        errors.NOTHING: 1,
    }


@pytest.mark.parametrize(
    ("links", "kind"),
    [
        ([("c3", "c2", "attack")], errors.LABEL),
        ([("c2", "c3", "support")], errors.REVERSED),
        ([("c3", "c1", "support")], errors.HIGHER),
        ([("c3", "c4", "support")], errors.LOWER),
        ([("c3", "c5", "support")], errors.SIBLING),
        ([("c3", "c6", "support")], errors.ELSEWHERE),
        ([], errors.ROOTED),
    ],
)
def test_kinds_of_links(links: list[tuple[str, str, str]], kind: str) -> None:
    """The link from c3 to c2, where c2 and c5 bear on c1, c4 on c2, and c6 on nothing."""
    parts = [part(f"c{number}", number) for number in range(1, 7)]
    rest = [("c2", "c1", "support"), ("c4", "c2", "support"), ("c5", "c1", "support")]
    gold = made(parts, [("c3", "c2", "support"), *rest])
    predicted = made(parts, links)
    counts = error_kinds([(gold, predicted)])["links"]
    assert counts[kind] == (4 if kind == errors.ROOTED else 1)
    assert errors.EXTRA not in counts


def test_a_link_without_its_ends_is_told_by_what_is_missing() -> None:
    parts = [part(f"c{number}", number) for number in range(1, 5)]
    gold = made(parts, [("c1", "c2", "support"), ("c2", "c3", "support"), ("c3", "c4", "support")])
    predicted = made([parts[1]], [])
    counts = error_kinds([(gold, predicted)])["links"]
    assert counts == {errors.NO_SOURCE: 1, errors.NO_TARGET: 1, errors.NO_END: 1}


def test_kinds_of_risks() -> None:
    gold = made([part("c1", 1, risk=True), part("c2", 2, risk=True), part("c3", 3)], [])
    predicted = made([part("c1", 1), part("c3", 3, risk=True), part("c4", 4, risk=True)], [])
    assert error_kinds([(gold, predicted)])["risks"] == {
        "claim not seen as a risk": 1,
        "span not found": 1,
        "claim taken for a risk": 1,
        "extra component taken for a risk": 1,
    }
