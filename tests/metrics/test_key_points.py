"""Key-point matching, on an example worked by hand.

One topic and stance, six arguments, so the best three count. Their best key points, in order of score:

    a1  k1  0.9   labelled a match
    a2  k1  0.8   labelled no match
    a3  k2  0.7   undecided

Strict, hits are at rank 1 alone: (1/1) / 1 = 1. Relaxed, at ranks 1 and 3: (1/1 + 2/3) / 2 = 0.8333.
"""

import json
from pathlib import Path

import pytest

from oped.formats.key_points import KeyPointGold, Statement
from oped.metrics.key_points import mean_average_precision
from tests.helpers.cli import call

TOPIC = "Ban cars"
GOLD = KeyPointGold(
    {f"a{n}": Statement(f"a{n}", "…", TOPIC, 1) for n in range(1, 7)},
    {f"k{n}": Statement(f"k{n}", "…", TOPIC, 1) for n in (1, 2)},
    {("a1", "k1"): True, ("a1", "k2"): False, ("a2", "k1"): False, ("a4", "k1"): True},
)
SCORES = {
    "a1": {"k1": 0.9, "k2": 0.1},
    "a2": {"k1": 0.8, "k2": 0.2},
    "a3": {"k1": 0.1, "k2": 0.7},
    "a4": {"k1": 0.3},
    "a5": {"k1": 0.2},
    "a6": {"k1": 0.1},
}


def test_strict_and_relaxed_by_hand() -> None:
    found = mean_average_precision(GOLD, SCORES)
    assert found == pytest.approx({"map_strict": 1.0, "map_relaxed": (1 / 1 + 2 / 3) / 2})


def test_arguments_without_a_prediction_are_confident_misses() -> None:
    # Only a1 is predicted: of the best half {a1, and two without}, the two misses stand before the match: (1/3) / 1.
    assert mean_average_precision(GOLD, {"a1": {"k1": 0.9}})["map_strict"] == pytest.approx(1 / 3)


def test_the_mean_is_over_topics_and_stances() -> None:
    other = {name: Statement(name, "…", TOPIC, -1) for name in ("b1", "b2")}
    gold = KeyPointGold({**GOLD.arguments, **other}, GOLD.key_points, GOLD.labels)
    assert mean_average_precision(gold, SCORES | {"b1": {"k1": 0.5}})["map_strict"] == pytest.approx(0.5)


def test_agrees_with_scikit_learn() -> None:
    ranking = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed").average_precision_score
    names = [f"a{n}" for n in range(40)]
    arguments = {name: Statement(name, "…", TOPIC, 1) for name in names}
    labels = {(name, "k1"): number % 3 == 0 for number, name in enumerate(names)}
    scores = {name: {"k1": ((number * 7) % 10) / 10} for number, name in enumerate(names)}
    best = sorted(names, key=lambda name: -scores[name]["k1"])[:20]
    expected = ranking([labels[name, "k1"] for name in best], [scores[name]["k1"] for name in best])
    found = mean_average_precision(KeyPointGold(arguments, GOLD.key_points, labels), scores)
    assert found["map_strict"] == pytest.approx(expected)


def test_the_command_scores_predictions(tmp_path: Path) -> None:
    for kind, column, items in (
        ("arguments", "arg_id,argument", GOLD.arguments),
        ("key_points", "key_point_id,key_point", GOLD.key_points),
    ):
        rows = "".join(f"{name},…,{TOPIC},1\n" for name in items)
        (tmp_path / f"{kind}_dev.csv").write_text(f"{column},topic,stance\n{rows}")
    rows = "".join(f"{one},{two},{int(match)}\n" for (one, two), match in GOLD.labels.items())
    (tmp_path / "labels_dev.csv").write_text(f"arg_id,key_point_id,label\n{rows}")
    (tmp_path / "predictions.json").write_text(json.dumps(SCORES))
    arguments = [
        "score",
        str(tmp_path),
        str(tmp_path / "predictions.json"),
        "--format",
        "argkp",
        "--split",
        "dev",
        "--json",
    ]
    done = call(*arguments)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["metrics"] == pytest.approx({"map_strict": 1.0, "map_relaxed": 0.833333}, abs=1e-6)
    assert report["intervals"]["map_strict"][0] <= 1.0
