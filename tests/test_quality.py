"""Floors of quality: what the shipped model reaches on the development articles, a little below; no update may fall under it."""

import numpy as np
import pytest

from oped.evaluation import Gold, evaluate
from oped.formats.pairs import LABELS, UNRELATED
from oped.formats.registry import read_pairs
from oped.formats.schemes import ATTACK, OPINION
from oped.metrics.matching import label_scores, ranking_scores
from oped.neural.folder import ModelFolder
from oped.neural.parser.decoding import Scorer, pool
from oped.neural.parser.examples import aligned
from oped.neural.parser.structure import Structure
from oped.numeric import log_softmax
from oped.records import ArgumentMap
from oped.resources import DEFAULT_MODEL, data_folder
from oped.words import Words

MAPS = {
    "overlap_span_f1": 0.75,
    "overlap_typed_f1": 0.60,
    "overlap_link_f1": 0.20,
    "overlap_relation_f1": 0.175,
    "thesis_f1": 0.40,
    "risk_f1": 0.46,
    "attribution_accuracy": 0.845,
    "source_name_accuracy": 0.14,
}
# The shipped model calls no link of these articles an attack: its F1 is 0, and no floor can be held below that. What is
# held is how well its probabilities rank the annotated links, attacks first; at random it would be 0.20.
ATTACKS = {"attack_average_precision": 0.38, "attack_precision_at_20": 0.45}
# The shipped matcher finds one in five of the pairs that make the same point, and no contradiction: the F1 of `opposed` is
# 0, and its ranking no better than by chance (0.03). Raise these with a matcher that does better.
PAIRS = {"same_f1": 0.25, "same_average_precision": 0.31, "opposed_f1": 0.0, "opposed_average_precision": 0.02}
EVERY = 4  # of the unrelated pairs one in so many is judged, beside all others: so these figures are higher than on all
DEV = data_folder("corpora") / "opinions" / "dev.jsonl"
READ = data_folder("corpora") / "opinions" / "pairs-read.jsonl"


@pytest.fixture(scope="module")
def maps() -> dict[str, float]:
    found: dict[str, float] = evaluate(DEFAULT_MODEL, Gold(DEV, "oped"), samples=0)["metrics"]
    return found


@pytest.mark.parametrize("name", MAPS)
def test_the_shipped_model_stays_above(maps: dict[str, float], name: str) -> None:
    assert maps[name] >= MAPS[name]


def links_of(amap: ArgumentMap, scorer: Scorer) -> list[tuple[float, bool]]:
    """Of each annotated link, the model's probability that it is an attack, and whether it is one."""
    words = Words.of(amap.article.text)
    parts, spans = aligned(amap, words)
    structure = Structure.of(spans, words)
    vectors = pool(scorer.word_states(amap.article.text, words), structure, scorer.config)
    chances = np.exp(log_softmax(scorer.components(vectors, structure, OPINION.name).labels))
    attack = scorer.config.schemes[OPINION.name].arc_labels.index(ATTACK)
    places = {part.id: place for place, part in enumerate(parts)}
    return [
        (float(chances[places[link.source], places[link.target], attack]), link.type == ATTACK)
        for link in amap.relations
        if link.source in places and link.target in places
    ]


@pytest.fixture(scope="module")
def attacks() -> dict[str, float]:
    scorer = ModelFolder.find(DEFAULT_MODEL).open_parser(threads=2)
    links = [link for amap in Gold(DEV, "oped").read() for link in links_of(amap, scorer)]
    labels = [0 if right else 1 for _, right in links]
    return ranking_scores(labels, [[chance] for chance, _ in links], [ATTACK])


@pytest.mark.parametrize("name", ATTACKS)
def test_the_shipped_model_ranks_attacks_above(attacks: dict[str, float], name: str) -> None:
    assert attacks[name] >= ATTACKS[name]


@pytest.fixture(scope="module")
def pairs() -> dict[str, float]:
    read = read_pairs(READ, "oped-pairs", "dev")
    unrelated = [pair for pair in read if pair.label == UNRELATED]
    judged = [pair for pair in read if pair.label != UNRELATED] + unrelated[::EVERY]
    matcher = ModelFolder.find(DEFAULT_MODEL).open_matcher()
    chances = matcher.judge([(pair.first, pair.second) for pair in judged])
    labels = [pair.label for pair in judged]
    scores = label_scores(labels, matcher.thresholds.decide(chances), LABELS)
    return scores | ranking_scores(labels, chances[:, :UNRELATED].tolist(), LABELS[:UNRELATED])


@pytest.mark.parametrize("name", PAIRS)
def test_the_shipped_matcher_stays_above(pairs: dict[str, float], name: str) -> None:
    assert pairs[name] >= PAIRS[name]
