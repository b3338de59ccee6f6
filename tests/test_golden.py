"""The shipped model's maps are those that were pinned; rounding may differ from processor to processor."""

import json
from typing import Any

import pytest

from tests.helpers.golden import FILE, outlines, own_articles, shared_articles

GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
ROUNDING = 0.02  # of a probability
MOST_DIFFERENT = 0.01  # share of components, and of relations, that another processor's rounding may change


def alike(found: list[Any], pinned: list[Any]) -> bool:
    """Whether two rows are the same but for the rounding of numbers between 0 and 1."""
    if len(found) != len(pinned):
        return False
    return all(
        abs(one - two) <= ROUNDING if isinstance(one, float) and isinstance(two, float) else one == two
        for one, two in zip(found, pinned, strict=True)
    )


def check(found: list[dict[str, Any]], pinned: list[dict[str, Any]]) -> None:
    assert [amap["id"] for amap in found] == [amap["id"] for amap in pinned]
    for kind in ("entities", "components", "relations"):
        rows = [
            (one, two)
            for left, right in zip(found, pinned, strict=True)
            for one, two in zip(left[kind], right[kind], strict=False)
        ]
        different = sum(not alike(one, two) for one, two in rows)
        lengths = sum(abs(len(left[kind]) - len(right[kind])) for left, right in zip(found, pinned, strict=True))
        assert different + lengths <= MOST_DIFFERENT * len(rows), kind


def test_maps_of_own_articles_are_the_pinned_ones() -> None:
    check(outlines(own_articles()), GOLDEN["own"])


def test_maps_of_others_articles_are_the_pinned_ones() -> None:
    articles = shared_articles()
    if not articles:
        pytest.skip("the shared articles are not at hand")
    check(outlines(articles), GOLDEN["shared"])
