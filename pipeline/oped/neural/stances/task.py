"""Training of the stance detector, as a task of the loop: adapters to a parser's encoder, and a head."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

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
from oped.neural.layers import pad_rows
from oped.neural.pieces import PieceTokenizer
from oped.neural.stances.export import calibrate_exported, describe_stances, export_stances
from oped.neural.stances.network import StanceNetwork
from oped.neural.stances.runtime import MOST_PIECES, target_input
from oped.neural.stances.settings import StancesCorpus, StancesSettings
from oped.numeric import Floats
from oped.training.adapters import add_adapters
from oped.training.items import ItemTask
from oped.training.loop import seed
from oped.training.paths import resolve, resolve_model
from oped.training.task import Compute, Scores, Trained

BATCH = 64
CHECKED = 40  # targets on which exported files and network are compared


class StancesTask(ItemTask[StanceNetwork, LabelledTarget]):
    """Training of the stance detector.

    Args:
        base: the folder that the settings' relative paths count from.

    Raises:
        ConfigError: no corpus has the role train, or the model's encoder reads too little at once.
        ModelError: there is no such model, or it is no parser.
    """

    def __init__(self, settings: StancesSettings, *, base: Path = Path()) -> None:
        self.settings: StancesSettings = settings
        seed(settings.seed)
        self.model = resolve_model(settings.model, base)
        self.encoder = load_encoder(str(self.model))
        self.tokenizer = self.encoder.tokenizer
        if (longest := self.encoder.config["max_position_embeddings"]) < MOST_PIECES:
            raise ConfigError(
                f"model: expected an encoder that reads {MOST_PIECES} pieces at once, found one of {longest}"
            )
        self.notes: list[str] = []
        self.train, self.dev = [], []
        for corpus in settings.corpus:
            found = self._read(corpus, base)
            if corpus.role == "train":
                self.train.append((corpus.repeat, found))
            else:
                self.dev += found
        if not self.train:
            raise ConfigError("no corpus with role train has a target to train on")
        if not self.dev:
            self.notes.append("no dev part: probabilities are not calibrated")
        self.network = StanceNetwork(self.encoder.config, dropout=settings.dropout)
        take_weights(self.network, self.encoder.weights, source=self.encoder.source)
        add_adapters(self.network.encoder, settings.adapters)

    def _read(self, corpus: StancesCorpus, base: Path) -> list[LabelledTarget]:
        texts = article_texts(resolve(corpus.texts, base)) if corpus.texts else None
        found, missing = read_stances(resolve(corpus.path, base), corpus.split, texts)
        if missing:
            self.notes.append(f"{corpus.path}, {corpus.split}: {missing} targets left out, their texts are not at hand")
        return found

    def data(self) -> Iterable[object]:
        return chain(*(items for _, items in self.train), self.dev, self.encoder.weights.values())

    def length(self, item: LabelledTarget) -> int:
        return len(item.target.before) + len(item.target.statement)

    def loss(
        self, network: StanceNetwork, batch: Sequence[LabelledTarget], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        inputs = (part.to(compute.device) for part in padded_targets(self.tokenizer, batch))
        with compute.autocast():
            scores = network(*inputs).float()
        labels = torch.tensor([item.stance for item in batch], device=compute.device)
        weights = torch.full((len(STANCES),), self.settings.stance_weight, device=compute.device)
        weights[NONE] = 1.0
        return functional.cross_entropy(scores, labels, weight=weights), {}

    def judge(self, network: StanceNetwork, compute: Compute) -> Scores:
        if not self.dev:
            return {}
        found = stance_scores(network, self.tokenizer, self.dev).argmax(axis=1)
        return {"stances": label_scores([item.stance for item in self.dev], found.tolist(), STANCES)}

    def export(self, run: Trained[StanceNetwork], folder: Path) -> None:
        export_stances(self, run.network, folder)

    def calibrate(self, run: Trained[StanceNetwork], folder: Path) -> None:
        scores = stance_scores(run.network, self.tokenizer, self.dev) if self.dev else None
        calibrate_exported(self, scores, folder)

    def describe(self, run: Trained[StanceNetwork], folder: Path) -> None:
        checked = [item for _, items in self.train for item in items][:CHECKED]
        describe_stances(self, run.state, stance_scores(run.network, self.tokenizer, checked), checked, folder)


def padded_targets(tokenizer: PieceTokenizer, items: Sequence[LabelledTarget]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What `StanceNetwork` reads of targets. *Shape:* (targets, pieces) each"""
    rows = [target_input(tokenizer, item.target) for item in items]
    ids, mask = pad_rows([ids for ids, _, _ in rows], tokenizer.pad)
    sides, _ = pad_rows([sides for _, sides, _ in rows], 0)
    named, _ = pad_rows([named for _, _, named in rows], 0)
    return ids, sides, named, mask


@torch.inference_mode()
def stance_scores(network: StanceNetwork, tokenizer: PieceTokenizer, items: Sequence[LabelledTarget]) -> Floats:
    """Scores of `STANCES` by torch. *Shape:* (targets, 3)"""
    device = next(network.parameters()).device
    parts = [padded_targets(tokenizer, items[start : start + BATCH]) for start in range(0, len(items), BATCH)]
    return np.concatenate([network(*(part.to(device) for part in inputs)).cpu().numpy() for inputs in parts])
