"""Training of the matcher, as a task of the loop: pairs from many corpora, one encoder that learns to judge and goes on embedding.

Each step takes a batch of pairs. The judgement is learned by cross-entropy, or from another matcher's scores (Ba & Caruana
2014). The embeddings are held where the sentence encoder has them: it finds statements on one point better than what some
thousand pairs teach it (telling partners in a batch apart, after Henderson et al. 2017, halved what is found among the
nearest).
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.formats.key_points import KeyPointGold, read_gold
from oped.formats.pairs import LABELS, SAME, Pair
from oped.formats.passages import Passage
from oped.formats.registry import read_pairs
from oped.formats.texts import article_texts
from oped.metrics.key_points import mean_average_precision, score_pairs
from oped.metrics.matching import label_scores
from oped.neural.encoder import load_encoder, take_weights
from oped.neural.matcher.export import calibrate_exported, export_matcher
from oped.neural.matcher.int8 import sampled
from oped.neural.matcher.network import MatcherNetwork, load_matcher, matcher_over
from oped.neural.matcher.runtime import PassagePair, in_order
from oped.neural.matcher.settings import MatcherSettings
from oped.neural.matcher.torch_matcher import padded_pairs, padded_texts, softmax_scores
from oped.training.items import ItemTask
from oped.training.loop import seed
from oped.training.paths import resolve, resolve_model
from oped.training.task import Compute, Scores, Trained


class MatcherTask(ItemTask[MatcherNetwork, Pair]):
    """Training of the matcher.

    Args:
        base: the folder that the settings' relative paths count from.

    Raises:
        ConfigError: a wrong corpus or value.
        ModelError: there is no such encoder or model.
    """

    def __init__(self, settings: MatcherSettings, *, base: Path = Path()) -> None:
        self.settings: MatcherSettings = settings
        seed(settings.seed)
        encoder = load_encoder(settings.encoder, base=base)
        self.model = resolve_model(settings.model, base) if settings.adapters else None
        own = load_encoder(str(self.model)) if self.model else encoder
        self.tokenizer, self.encoder_config = own.tokenizer, own.config
        self.network = matcher_over(own, settings.adapters)
        if settings.start:
            start = load_matcher(resolve_model(settings.start, base))
            take_weights(self.network, start.state_dict(), source=settings.start)
        width = own.config["hidden_size"]
        if settings.anchor and width != encoder.config["hidden_size"]:
            raise ConfigError(
                f"encoder: expected the sentence encoder that {settings.model} was made of, of {width} dimensions, "
                f"found {settings.encoder} of {encoder.config['hidden_size']}"
            )
        self.anchor = _frozen(matcher_over(encoder))
        self.teacher = _frozen(load_matcher(resolve_model(settings.teacher, base))) if settings.teacher else None
        self.train, self.dev = [], []
        self.key_points: list[KeyPointGold] = []
        self._read(base)

    def _read(self, base: Path) -> None:
        generator = random.Random(self.settings.seed)
        for corpus in self.settings.corpus:
            path = resolve(corpus.path, base)
            if corpus.role == "dev" and corpus.format == "argkp":
                self.key_points.append(read_gold(path, corpus.split))
                continue
            texts = article_texts(resolve(corpus.texts, base)) if corpus.texts else None
            pairs = read_pairs(path, corpus.format, corpus.split, generator, texts=texts)
            if corpus.role == "train":
                self.train.append((corpus.repeat, pairs))
            elif corpus.format == "oped-pairs":
                self.dev += pairs
            else:
                raise ConfigError(f"{corpus.path}: expected the role train, or dev with the format oped-pairs or argkp")
        if not self.train:
            raise ConfigError("no corpus with role train has a pair to train on")

    @property
    def texts(self) -> list[str]:
        """The statements that it trains on, each once."""
        pairs = (pair for _, pairs in self.train for pair in pairs)
        return list(dict.fromkeys(text for pair in pairs for text in (pair.first.text, pair.second.text)))

    def sample(self) -> list[PassagePair]:
        """Some of the pairs that it trains on, as it reads them."""
        pairs = [pair for _, pairs in self.train for pair in pairs]
        return sampled(pairs, context=self.settings.context, seed=self.settings.seed)

    def data(self) -> Iterable[object]:
        return chain(*(pairs for _, pairs in self.train), self.dev, self.network.state_dict().values())

    def length(self, item: Pair) -> int:
        return sum(len(part) for passage in (item.first, item.second) for part in astuple(passage))

    def drawn(self, item: Pair, generator: random.Random) -> Pair:
        """A pair in either order."""
        item = item if self.settings.context else Pair(item.first.alone, item.second.alone, item.label)
        return item if generator.random() < 0.5 else Pair(item.second, item.first, item.label)

    def loss(
        self, network: MatcherNetwork, batch: Sequence[Pair], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        passages = [(pair.first, pair.second) for pair in batch]
        ids, sides, mask = (part.to(compute.device) for part in padded_pairs(self.tokenizer, passages))
        with compute.autocast():
            scores = network.judge(ids, sides, mask).float()
        if self.teacher:
            with compute.autocast(), torch.no_grad():
                taught = self.teacher.to(compute.device).judge(ids, sides, mask).float()
            judged = functional.mse_loss(scores, taught)
        else:
            judged = judgement_loss(scores, torch.tensor([pair.label for pair in batch], device=compute.device))
        if not self.settings.anchor:
            return judged, {}
        moved = self._moved(network, batch, compute)
        return judged + self.settings.anchor * moved, {"moved": float(moved.detach())}

    def _moved(self, network: MatcherNetwork, batch: Sequence[Pair], compute: Compute) -> Tensor:
        """How far the embeddings of the first statements are from the sentence encoder's, one minus the cosine."""
        texts = [pair.first.text for pair in batch]
        ids, mask = (part.to(compute.device) for part in padded_texts(self.tokenizer, texts))
        with compute.autocast():
            vectors = network.embed(ids, mask).float()
        with compute.autocast(), torch.no_grad():
            anchors = self.anchor.to(compute.device).embed(ids, mask).float()
        return 1 - (vectors * anchors).sum(dim=-1).mean()

    def judge(self, network: MatcherNetwork, compute: Compute) -> Scores:
        with compute.autocast():
            return dict(self._judged(network))

    def _judged(self, network: MatcherNetwork) -> Iterator[tuple[str, Mapping[str, float]]]:
        if self.dev:
            context = self.settings.context
            passages = [in_order((pair.first, pair.second), context=context) for pair in self.dev]
            chances = softmax_scores(network, self.tokenizer, passages)
            labels = [pair.label for pair in self.dev]
            yield "pairs", label_scores(labels, chances.argmax(axis=1).tolist(), LABELS)
        for gold in self.key_points:
            yield "key points", self._key_points(network, gold)

    def _key_points(self, network: MatcherNetwork, gold: KeyPointGold) -> dict[str, float]:
        def same(pairs: Sequence[tuple[str, str]]) -> list[float]:
            passages = [(Passage(one), Passage(two)) for one, two in pairs]
            found: list[float] = softmax_scores(network, self.tokenizer, passages)[:, SAME].tolist()
            return found

        scores = score_pairs(gold, same)
        return mean_average_precision(gold, scores)

    def export(self, run: Trained[MatcherNetwork], folder: Path) -> None:
        export_matcher(self, run.network, folder)

    def calibrate(self, run: Trained[MatcherNetwork], folder: Path) -> None:
        calibrate_exported(self, run.network, folder)


def judgement_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy; for `NOT_SAME`, of the chance that the pair makes two points.

    Args:
        scores: *Shape:* (pairs, labels)
        labels: *Shape:* (pairs,)
    """
    chances = functional.log_softmax(scores, dim=-1)
    others = torch.logsumexp(chances[:, SAME + 1 :], dim=-1, keepdim=True)  # (pairs, 1)
    return -torch.cat([chances, others], dim=-1).gather(1, labels[:, None]).mean()


def _frozen(network: MatcherNetwork) -> MatcherNetwork:
    return network.eval().requires_grad_(requires_grad=False)
