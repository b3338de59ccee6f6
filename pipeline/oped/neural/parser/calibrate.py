"""Calibrating a model on development articles: probabilities that mean what they say, and decision thresholds.

Each probability gets a slope and an offset on its logit; the thresholds of risk, thesis and attack maximize the development
scores.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from oped.formats.schemes import ATTACK, MAJOR_CLAIM, OPINION
from oped.metrics.calibration import Case, fit, relation_cases, risk_cases
from oped.metrics.corpus import Score
from oped.metrics.spans import calibration_cases, match, overlap
from oped.neural.layout import CONFIG_FILE
from oped.neural.parser.decoding import Scorer
from oped.neural.trained import TrainedParser
from oped.numeric import Floats, logit
from oped.records import ArgumentMap
from oped.words import Words

# What a threshold is chosen by. Attacks are told where the relations are righter with them, not for their own sake.
DECIDED = {MAJOR_CLAIM: ("thesis_f1", "overlap_link_f1"), ATTACK: ("overlap_relation_f1",)}
CANDIDATES = [round(0.05 * number, 2) for number in range(3, 18)]


def calibrate_parser(folder: Path, scorer: Scorer, gold: Sequence[ArgumentMap], scheme: str) -> dict[str, object]:
    """Fit calibration and thresholds of a scheme and write them into the model's configuration.

    Args:
        folder: the model's folder; its configuration must not be calibrated yet.
        gold: development articles.

    Returns:
        What was written.

    Raises:
        ValueError: the scheme is calibrated already.
    """
    if scorer.config.schemes[scheme].calibration:
        raise ValueError(f"{folder}: {scheme} is calibrated already; export the model anew first")
    judged = _Tried(scorer, scheme)
    decided = _decisions(judged, gold)
    pairs = judged.pairs(gold)
    cases = {
        "component": [case for one, two in pairs for case in calibration_cases(one, two)],
        "relation": [case for one, two in pairs for case in relation_cases(one, two)],
        "risk": [case for one, two in pairs for case in risk_cases(one, two)],
    }
    calibration = {what: fit(found) for what, found in cases.items() if _fittable(found)}
    facets = scorer.config.schemes[scheme].facets
    risks = facets and any(part.risk for amap in gold for part in amap.components)
    thresholds = decided | ({"risk": _best_risk(pairs, calibration.get("risk"))} if risks else {})
    path = folder / CONFIG_FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    data["schemes"][scheme] |= {"calibration": calibration, "thresholds": thresholds}
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return {"calibration": calibration, "thresholds": thresholds}


class _Tried:
    """A scorer of a scheme with thresholds to try; it encodes each text once."""

    def __init__(self, scorer: Scorer, scheme: str) -> None:
        self.scorer, self.scheme, self.config = scorer, scheme, scorer.config
        self.emissions, self.transitions, self.components = scorer.emissions, scorer.transitions, scorer.components
        self._states: dict[str, Floats] = {}

    def word_states(self, text: str, words: Words) -> Floats:
        if text not in self._states:
            self._states[text] = self.scorer.word_states(text, words)
        return self._states[text]

    def set(self, thresholds: Mapping[str, float]) -> None:
        """Decide by these thresholds from now on."""
        scheme = replace(self.scorer.config.schemes[self.scheme], thresholds=thresholds)
        self.config = replace(self.scorer.config, schemes={**self.scorer.config.schemes, self.scheme: scheme})

    def pairs(self, gold: Sequence[ArgumentMap]) -> list[tuple[ArgumentMap, ArgumentMap]]:
        """Each annotated article with its map."""
        parser = TrainedParser(self, scheme=self.scheme)
        return [(amap, parser.parse(amap.article)) for amap in gold]

    def score(self, gold: Sequence[ArgumentMap], thresholds: Mapping[str, float]) -> Mapping[str, float]:
        """Every metric, decided by these thresholds."""
        self.set(thresholds)
        score = Score(self.scheme)
        for one, two in self.pairs(gold):
            score.add(one, two)
        return score.metrics


def _decisions(tried: _Tried, gold: Sequence[ArgumentMap]) -> dict[str, float]:
    """Thresholds of the thesis and of attacks in the opinion scheme, each with the best sum of what it bears on.

    One that is no better than deciding without it is left out. The scorer decides by them from then on.
    """
    chosen: dict[str, float] = {}
    labels = {part.type for amap in gold for part in amap.components}
    labels |= {link.type for amap in gold for link in amap.relations}
    for name, metrics in DECIDED.items():
        if tried.scheme == OPINION.name and name in labels:
            options = [chosen, *({**chosen, name: threshold} for threshold in CANDIDATES)]
            scores = [tried.score(gold, option) for option in options]
            chosen = options[int(np.argmax([sum(found[metric] for metric in metrics) for found in scores]))]
    tried.set(chosen)
    return chosen


def _fittable(cases: Sequence[Case]) -> bool:
    return len({hit for _, hit in cases}) == 2


def _best_risk(pairs: Sequence[tuple[ArgumentMap, ArgumentMap]], curve: tuple[float, float] | None) -> float:
    """The threshold, on calibrated probabilities, with the best F1 of risks."""
    slope, offset = curve or (1.0, 0.0)
    matches = [(gold, found, match(gold, found, overlap)) for gold, found in pairs]

    def chance(probability: float) -> float:
        return float(1 / (1 + np.exp(-(slope * logit(probability) + offset))))

    def score(threshold: float) -> float:
        hits = predicted = total = 0
        for gold, found, matched in matches:
            flagged = {part.id for part in found.components if chance(part.risk_probability or 0.0) >= threshold}
            risks = [part for part in gold.components if part.risk]
            hits += sum(part.id in matched and matched[part.id].id in flagged for part in risks)
            predicted, total = predicted + len(flagged), total + len(risks)
        return 2 * hits / (predicted + total) if predicted + total else 0.0

    return max(CANDIDATES, key=score)
