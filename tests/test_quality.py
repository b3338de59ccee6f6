"""Floors of quality: what the shipped model reaches on the development articles, a little below; no update may fall under it."""

import pytest

from oped.evaluation import Gold, evaluate
from oped.resources import DEFAULT_MODEL, data_folder

FLOORS = {
    "overlap_span_f1": 0.75,
    "overlap_typed_f1": 0.60,
    "overlap_link_f1": 0.20,
    "overlap_relation_f1": 0.175,
    "thesis_f1": 0.40,
    "risk_f1": 0.46,
    "attribution_accuracy": 0.845,
    "source_name_accuracy": 0.14,
}


@pytest.fixture(scope="module")
def metrics() -> dict[str, float]:
    gold = Gold(data_folder("corpora") / "opinions" / "dev.jsonl", "oped")
    found: dict[str, float] = evaluate(DEFAULT_MODEL, gold, samples=0)["metrics"]
    return found


@pytest.mark.parametrize("name", FLOORS)
def test_the_shipped_model_stays_above(metrics: dict[str, float], name: str) -> None:
    assert metrics[name] >= FLOORS[name]
