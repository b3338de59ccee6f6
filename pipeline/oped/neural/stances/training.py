"""Training of the stance detector: adapters to a parser's encoder, and a head."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.formats.registry import read_stances
from oped.formats.stances import NONE, STANCES, LabelledTarget
from oped.formats.texts import article_texts
from oped.metrics.matching import label_scores
from oped.neural.encoder import load_encoder, take_weights
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.data import resolve, resolve_model
from oped.neural.parser.loss import pad_rows
from oped.neural.parser.training import Progress
from oped.neural.pieces import PieceTokenizer
from oped.neural.stances.network import StanceNetwork
from oped.neural.stances.runtime import MOST_PIECES, target_input
from oped.numeric import Floats
from oped.training.config import StanceConfig
from oped.training.epochs import EpochRun


class StanceRun(EpochRun[StanceNetwork, LabelledTarget]):
    """A training run of the stance detector in a folder; it goes on from its last epoch.

    Args:
        base: the folder that the configuration's relative paths count from.
        report: is called after each step.

    Raises:
        ConfigError: no corpus has the role train, or the model's encoder reads too little at once.
        ModelError: there is no such model, or it is no parser.
    """

    config: StanceConfig

    def __init__(
        self, config: StanceConfig, folder: Path, *, base: Path, report: Callable[[Progress], None] | None = None
    ) -> None:
        super().__init__(config, folder, report)
        self.model = resolve_model(config.model, base)
        self.encoder_config = ParserConfig.load(self.model).encoder
        if (longest := self.encoder_config["max_position_embeddings"]) < MOST_PIECES:
            raise ConfigError(
                f"model: expected an encoder that reads {MOST_PIECES} pieces at once, found one of {longest}"
            )
        encoder = load_encoder(str(self.model))
        self.tokenizer = encoder.tokenizer
        self.train: list[LabelledTarget] = []
        self.dev: list[LabelledTarget] = []
        self.notes: list[str] = []
        for corpus in config.corpus:
            texts = article_texts(resolve(corpus.texts, base)) if corpus.texts else None
            found, missing = read_stances(resolve(corpus.path, base), corpus.split, texts)
            if missing:
                self.notes.append(
                    f"{corpus.path}, {corpus.split}: {missing} targets left out, their texts are not at hand"
                )
            if corpus.role not in ("train", "dev"):
                raise ConfigError(f"{corpus.path}: expected the role train or dev, found {corpus.role}")
            (self.train if corpus.role == "train" else self.dev).extend(found)
        if not self.train:
            raise ConfigError("no corpus with role train has a target to train on")
        if not self.dev:
            self.notes.append("no dev part: probabilities are not calibrated")
        network = self.new_network()
        take_weights(network, encoder.weights, source=encoder.source, added=trained_names(network))
        self.begin(network, chain(self.train, self.dev, encoder.weights.values()))

    def new_network(self) -> StanceNetwork:
        return StanceNetwork(self.encoder_config, rank=self.config.rank, dropout=self.config.dropout)

    def parameters(self) -> Iterable[Any]:
        adapters = [weights for weights in self.network.encoder.parameters() if weights.requires_grad]
        return [{"params": adapters}, {"params": self.network.head.parameters(), "lr": self.config.head_rate}]

    def epoch_items(self, generator: Random) -> list[LabelledTarget]:
        return list(self.train)

    def length(self, item: LabelledTarget) -> int:
        return len(item.target.before) + len(item.target.statement)

    def loss(self, batch: Sequence[LabelledTarget]) -> Tensor:
        labels = torch.tensor([item.stance for item in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
            scores = self.network(*padded_targets(self.tokenizer, batch)).float()
        weights = torch.full((len(STANCES),), self.config.stance_weight)
        weights[NONE] = 1.0
        return functional.cross_entropy(scores, labels, weight=weights)

    def judge(self, network: StanceNetwork) -> dict[str, float]:
        if not self.dev:
            return {}
        found = stance_scores(network, self.tokenizer, self.dev).argmax(axis=1)
        return label_scores([item.stance for item in self.dev], found.tolist(), STANCES)


def trained_names(network: StanceNetwork) -> set[str]:
    """Names of the weights that belong to the detector, not to the encoder."""
    return {name for name, weights in network.named_parameters() if weights.requires_grad}


def padded_targets(tokenizer: PieceTokenizer, items: Sequence[LabelledTarget]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What `StanceNetwork` reads of targets. *Shape:* (targets, pieces) each"""
    rows = [target_input(tokenizer, item.target) for item in items]
    ids, mask = pad_rows([ids for ids, _, _ in rows], tokenizer.pad)
    sides, _ = pad_rows([sides for _, sides, _ in rows], 0)
    named, _ = pad_rows([named for _, _, named in rows], 0)
    return ids, sides, named, mask


@torch.inference_mode()
def stance_scores(
    network: StanceNetwork, tokenizer: PieceTokenizer, items: Sequence[LabelledTarget], size: int = 64
) -> Floats:
    """Scores of `STANCES` by torch. *Shape:* (targets, 3)"""
    parts = [
        network(*padded_targets(tokenizer, items[start : start + size])).numpy() for start in range(0, len(items), size)
    ]
    return np.concatenate(parts)
