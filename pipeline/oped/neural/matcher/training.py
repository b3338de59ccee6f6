"""Training of the matcher: pairs from many corpora, one encoder that learns to judge and goes on embedding.

Each step takes a batch of pairs. The judgement is learned by cross-entropy, or from another matcher's scores (Ba & Caruana
2014). The embeddings are held where the sentence encoder has them: it finds statements on one point better than what some
thousand pairs teach it (telling partners in a batch apart, after Henderson et al. 2017, halved what is found among the
nearest).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.formats.key_points import KeyPointGold, read_gold
from oped.formats.pairs import LABELS, SAME, Pair
from oped.formats.registry import read_pairs
from oped.metrics.key_points import mean_average_precision, score_pairs
from oped.metrics.matching import label_scores
from oped.neural.encoder import load_encoder, take_weights
from oped.neural.layout import MATCHER_FOLDER, WEIGHTS_FILE
from oped.neural.matcher.network import MatcherNetwork
from oped.neural.matcher.runtime import closed, pair_input
from oped.neural.parser.data import resolve, resolve_model
from oped.neural.parser.loss import pad_rows
from oped.neural.parser.training import Progress
from oped.neural.pieces import PieceTokenizer
from oped.numeric import Floats
from oped.training.config import MatcherConfig
from oped.training.epochs import EpochRun


class MatcherRun(EpochRun[MatcherNetwork, Pair]):
    """A training run of the matcher in a folder; it goes on from its last epoch.

    Args:
        base: the folder that the configuration's relative paths count from.
        report: is called after each step.
    """

    config: MatcherConfig

    def __init__(
        self, config: MatcherConfig, folder: Path, *, base: Path, report: Callable[[Progress], None] | None = None
    ) -> None:
        super().__init__(config, folder, report)
        encoder = load_encoder(config.encoder, base=base)
        self.tokenizer, self.encoder_config = encoder.tokenizer, encoder.config
        network = MatcherNetwork(encoder.config)
        weights = _matcher_weights(resolve_model(config.start, base)) if config.start else encoder.weights
        take_weights(network, weights, source=config.start or encoder.source)
        self.anchor = _frozen(encoder.config, encoder.weights, encoder.source)
        self.teacher = (
            _frozen(encoder.config, _matcher_weights(resolve_model(config.teacher, base)), config.teacher)
            if config.teacher
            else None
        )
        generator = random.Random(config.seed)
        self.train: list[tuple[float, list[Pair]]] = []
        self.dev: list[Pair] = []
        self.key_points: list[KeyPointGold] = []
        for corpus in config.corpus:
            path = resolve(corpus.path, base)
            if corpus.role == "dev" and corpus.format == "argkp":
                self.key_points.append(read_gold(path, corpus.split))
                continue
            pairs = read_pairs(path, corpus.format, corpus.split, generator)
            if corpus.role == "train":
                self.train.append((corpus.repeat, pairs))
            elif corpus.role == "dev" and corpus.format == "oped-pairs":
                self.dev += pairs
            else:
                raise ConfigError(f"{corpus.path}: expected the role train, or dev with the format oped-pairs or argkp")
        if not self.train:
            raise ConfigError("no corpus with role train has a pair to train on")
        self.begin(network, chain(*(pairs for _, pairs in self.train), self.dev, weights.values()))

    @property
    def texts(self) -> list[str]:
        """The statements that it trains on, each once."""
        pairs = (pair for _, pairs in self.train for pair in pairs)
        return list(dict.fromkeys(text for pair in pairs for text in (pair.first, pair.second)))

    def new_network(self) -> MatcherNetwork:
        return MatcherNetwork(self.encoder_config)

    def epoch_items(self, generator: random.Random) -> list[Pair]:
        chosen: list[Pair] = []
        for repeat, pairs in self.train:
            chosen += pairs * int(repeat) + generator.sample(pairs, round((repeat - int(repeat)) * len(pairs)))
        return [_either_way(pair, generator) for pair in chosen]

    def length(self, item: Pair) -> int:
        return len(item.first) + len(item.second)

    def loss(self, batch: Sequence[Pair]) -> Tensor:
        inputs = [pair_input(self.tokenizer, pair.first, pair.second) for pair in batch]
        ids, mask = pad_rows([ids for ids, _ in inputs], self.tokenizer.pad)
        sides, _ = pad_rows([sides for _, sides in inputs], 0)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
            scores = self.network.judge(ids, sides, mask)
            moved = self._moved(batch) if self.config.anchor else scores.new_zeros(())
            with torch.no_grad():
                taught = self.teacher.judge(ids, sides, mask).float() if self.teacher else None
        if taught is None:
            loss = judgement_loss(scores.float(), torch.tensor([pair.label for pair in batch]))
        else:
            loss = functional.mse_loss(scores.float(), taught)
        return loss + self.config.anchor * moved

    def _moved(self, batch: Sequence[Pair]) -> Tensor:
        """How far the embeddings of the first statements are from the sentence encoder's, one minus the cosine."""
        ids, mask = pad_rows([closed(self.tokenizer, pair.first) for pair in batch], self.tokenizer.pad)
        vectors = self.network.embed(ids, mask).float()
        with torch.no_grad():
            anchors = self.anchor.embed(ids, mask).float()
        return 1 - (vectors * anchors).sum(dim=-1).mean()

    def judge(self, network: MatcherNetwork) -> dict[str, float]:
        row: dict[str, float] = {}
        if self.dev:
            chances = softmax_scores(network, self.tokenizer, [(pair.first, pair.second) for pair in self.dev])
            row |= label_scores([pair.label for pair in self.dev], chances.argmax(axis=1).tolist(), LABELS)
        for gold in self.key_points:
            row |= self._key_points(network, gold)
        return row

    def _key_points(self, network: MatcherNetwork, gold: KeyPointGold) -> dict[str, float]:
        scores = score_pairs(gold, lambda pairs: softmax_scores(network, self.tokenizer, pairs)[:, SAME].tolist())
        return {key: round(value, 4) for key, value in mean_average_precision(gold, scores).items()}


def _frozen(encoder: Mapping[str, Any], weights: Mapping[str, Tensor], source: str) -> MatcherNetwork:
    network = MatcherNetwork(encoder)
    take_weights(network, weights, source=source)
    return network.eval().requires_grad_(requires_grad=False)


def _matcher_weights(model: Path) -> dict[str, Tensor]:
    return {name: value.float() for name, value in load_file(model / MATCHER_FOLDER / WEIGHTS_FILE).items()}


def judgement_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy; for `NOT_SAME`, of the chance that the pair makes two points.

    Args:
        scores: *Shape:* (pairs, labels)
        labels: *Shape:* (pairs,)
    """
    chances = functional.log_softmax(scores, dim=-1)
    others = torch.logsumexp(chances[:, SAME + 1 :], dim=-1, keepdim=True)  # (pairs, 1)
    return -torch.cat([chances, others], dim=-1).gather(1, labels[:, None]).mean()


def softmax_scores(network: MatcherNetwork, tokenizer: PieceTokenizer, pairs: Sequence[tuple[str, str]]) -> Floats:
    """Probabilities of `LABELS` by torch, before calibration, the first statement first. *Shape:* (pairs, 3)"""
    chances: Floats = torch.from_numpy(pair_scores(network, tokenizer, pairs)).softmax(dim=-1).numpy()
    return chances


@torch.inference_mode()
def pair_scores(
    network: MatcherNetwork, tokenizer: PieceTokenizer, pairs: Sequence[tuple[str, str]], size: int = 64
) -> Floats:
    """Scores of `LABELS` by torch, the first statement first. *Shape:* (pairs, 3)"""
    order = sorted(range(len(pairs)), key=lambda place: sum(map(len, pairs[place])))
    result = np.zeros((len(pairs), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), size):
        group = order[start : start + size]
        inputs = [pair_input(tokenizer, *pairs[place]) for place in group]
        ids, mask = pad_rows([ids for ids, _ in inputs], tokenizer.pad)
        sides, _ = pad_rows([sides for _, sides in inputs], 0)
        result[group] = network.judge(ids, sides, mask).numpy()
    return result


@torch.inference_mode()
def embed_texts(network: MatcherNetwork, tokenizer: PieceTokenizer, texts: Sequence[str], size: int = 64) -> Floats:
    """Unit vectors by torch. *Shape:* (texts, width)"""
    rows = [closed(tokenizer, text) for text in texts]
    parts = [pad_rows(rows[start : start + size], tokenizer.pad) for start in range(0, len(rows), size)]
    vectors: Floats = torch.cat([network.embed(ids, mask) for ids, mask in parts]).numpy()
    return vectors


def _either_way(pair: Pair, generator: random.Random) -> Pair:
    return pair if generator.random() < 0.5 else Pair(pair.second, pair.first, pair.label)
