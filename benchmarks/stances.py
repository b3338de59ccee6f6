"""How well stances towards entities are told: by the detector, by the parser's word states as they are; see README.md."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from oped.formats.registry import read_corpus, read_stances
from oped.formats.stances import NONE, STANCES
from oped.formats.texts import article_texts
from oped.metrics.matching import label_scores, ranking_scores
from oped.neural.parser.runtime import OnnxScorer
from oped.neural.stances.runtime import StanceDetector, decide
from oped.numeric import Floats
from oped.records import Article
from oped.resources import find_model
from oped.words import Words

KEYS = tuple(
    f"{stance}_{key}" for stance in STANCES[:NONE] for key in ("precision", "recall", "f1", "average_precision")
)
PARTS = ("train", "dev", "test")
CORPORA = Path(__file__).resolve().parent.parent / "corpora"
STRENGTH = 0.001  # of the linear layer's fit, inverse regularization; chosen by cross-validation on train


def main() -> None:
    """Fit a linear layer on the train part, and print how it, the model's detector and a second reader do on the others."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="globalvoices.jsonl")
    parser.add_argument("--model", default="en_opinion_sm")
    chosen = parser.parse_args()
    scorer, detector = OnnxScorer(find_model(chosen.model)), StanceDetector(find_model(chosen.model))
    find = article_texts(chosen.texts)
    rows = {part: _rows(part) for part in PARTS}
    texts = _texts(find)
    features = {part: _features(rows[part], texts, scorer) for part in PARTS}
    layer = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced"))
    layer.fit(features["train"], [STANCES.index(row["stance"]) for row in rows["train"]])
    for part in PARTS[1:]:
        gold = [STANCES.index(row["stance"]) for row in rows[part]]
        items, _ = read_stances(CORPORA / "stances", part, find)
        chances = detector.detect([item.target for item in items])
        linear = layer.predict_proba(features[part])
        for name, found, ranked in (
            ("a linear layer", linear.argmax(axis=1).tolist(), linear),
            ("the detector, likelier than not", decide(chances), chances),
            ("the detector, the likeliest", chances.argmax(axis=1).tolist(), chances),
            ("a second reader", [STANCES.index(row["second"]) for row in rows[part]], None),
        ):
            scores = label_scores(gold, found, STANCES)
            if ranked is not None:
                scores |= ranking_scores(gold, ranked[:, :NONE].tolist(), STANCES[:NONE])
            print(f"{part}, {name}: " + ", ".join(f"{key} {scores[key]:.2f}" for key in KEYS if key in scores))


def _rows(part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPORA / "stances" / f"{part}.jsonl").read_text("utf-8").splitlines()]


def _texts(find: Callable[[str], Article | None]) -> dict[tuple[str, str], str]:
    return {
        (corpus, amap.article.id): amap.article.text
        for corpus, known in (("opinions", None), ("globalvoices", find))
        for part in PARTS
        for amap in read_corpus(CORPORA / corpus / f"{part}.jsonl", "oped", texts=known)
    }


def _features(rows: list[dict[str, Any]], texts: dict[tuple[str, str], str], scorer: OnnxScorer) -> Floats:
    """Mean states of the entity's words and of its statement's. *Shape:* (rows, 2 x width)"""
    result: list[Floats] = []
    states: dict[tuple[str, str], tuple[Words, Floats]] = {}
    for row in rows:
        article = (row["corpus"], row["article"])
        if article not in states:
            words = Words.of(texts[article])
            states[article] = words, scorer.word_states(texts[article], words)
        words, vectors = states[article]
        means = [
            vectors[(words.starts < end) & (words.ends > start)].mean(axis=0)
            for start, end in (row["entity"], row["component"])
        ]
        result.append(np.concatenate(means))
    return np.stack(result)


if __name__ == "__main__":
    main()
