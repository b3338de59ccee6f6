from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from oped.records import ArgumentMap
from oped.training.plots import confusion, plot_confusion, plot_learning

TYPES = ("major_claim", "claim", "premise")


def test_confusion_counts_right_wrong_missed_and_spurious(article_map: ArgumentMap, tmp_path: Path) -> None:
    data = article_map.to_dict()
    data["components"][1]["type"] = "premise"  # a claim taken for a premise
    del data["components"][0]  # a thesis missed
    data["relations"] = data["relations"][1:]
    found = ArgumentMap.from_dict(data)
    counts = confusion([(article_map, found)], TYPES)
    expected = np.zeros((4, 4), dtype=int)
    expected[0, 3] = expected[1, 2] = expected[2, 2] = 1
    assert (counts == expected).all()
    assert (expected == confusion([(found, article_map)], TYPES).T).all()
    plot_confusion([(article_map, found)], TYPES, tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_learning_curves_are_drawn_for_any_run(tmp_path: Path) -> None:
    rows = [{"epoch": n, "train": {"loss": 2.0 / n}, "dev": {"opinion": {"exact_span_f1": n / 10}}} for n in (1, 2, 3)]
    for name, history in (("some", rows), ("without_dev", [{**row, "dev": {}} for row in rows]), ("none", [])):
        plot_learning(history, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
