"""How much of the stance towards entities the parser's word states tell as they are; see README.md."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.parser.pieces import Floats, Words
from oped.parser.runtime import OnnxScorer
from oped.resources import find_model
from oped.words import split_words

STANCES = ("for", "against", "none")
PARTS = ("train", "dev", "test")
CORPORA = Path(__file__).resolve().parent.parent / "corpora"
STRENGTH = 0.001  # of the linear layer's fit, inverse regularization; chosen by cross-validation on train


def main() -> None:
    """Fit a linear layer on the train part, and print F1 of each stance on the others, and of the second reader."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="globalvoices.jsonl")
    parser.add_argument("--model", default="en_opinion_sm")
    chosen = parser.parse_args()
    scorer = OnnxScorer(find_model(chosen.model))
    rows = {part: _rows(part) for part in PARTS}
    texts = _texts(chosen.texts)
    features = {part: _features(rows[part], texts, scorer) for part in PARTS}
    layer = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced"))
    layer.fit(features["train"], [row["stance"] for row in rows["train"]])
    for part in PARTS[1:]:
        gold = [row["stance"] for row in rows[part]]
        for name, found in (
            ("a linear layer", layer.predict(features[part])),
            ("a second reader", [row["second"] for row in rows[part]]),
        ):
            scores = f1_score(gold, found, labels=list(STANCES), average=None)
            print(f"{part}, {name}: " + ", ".join(f"{key} {one:.2f}" for key, one in zip(STANCES, scores, strict=True)))


def _rows(part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPORA / "stances" / f"{part}.jsonl").read_text("utf-8").splitlines()]


def _texts(file: Path) -> dict[tuple[str, str], str]:
    return {
        (corpus, amap.article.id): amap.article.text
        for corpus, known in (("opinions", None), ("globalvoices", article_texts(file)))
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
            words = Words.of(texts[article], split_words(texts[article]))
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
