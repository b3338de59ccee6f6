"""A training run: epochs, checkpoints, the best network kept.

A run lives in its folder. `checkpoint.pt` holds all that the next epoch depends on (weights, their average, optimizer,
random state), so that a run that was killed goes on from its last epoch and ends where an undisturbed one would.
"""

import json
import math
import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from oped.errors import ConfigError
from oped.metrics.corpus import Score
from oped.neural.encoder import Encoder, keep_layers, load_encoder, take_weights
from oped.neural.folder import ModelFolder
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.data import Corpus, epoch_batches, examples_of, load_corpora, resolve_model, scheme_configs
from oped.neural.parser.decoding import Scorer
from oped.neural.parser.distill import teach
from oped.neural.parser.examples import Example
from oped.neural.parser.loss import ExponentialAverage, batch_loss
from oped.neural.parser.network import ParserNetwork
from oped.neural.parser.torch_scorer import TorchScorer
from oped.neural.trained import TrainedParser
from oped.records import ArgumentMap
from oped.training.checkpoint import claim_data, claim_folder, load_checkpoint, save_checkpoint, write_atomically
from oped.training.config import TrainingConfig

METRICS = "metrics.jsonl"
DEFAULT_METRICS = {"opinion": "overlap_relation_f1", "aae2": "relation_f1"}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run reports after each step.

    Attributes:
        step, steps: done so far, and in all, over all epochs.
    """

    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(slots=True)
class State:
    """What changes from epoch to epoch, and is in the checkpoint.

    Attributes:
        best_epoch: whose weights are kept; of equal ones the last.
        improved: the last epoch that was better than all before.
    """

    epoch: int = 0
    best: float = -math.inf
    best_epoch: int = 0
    improved: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


class Run:
    """A training run in a folder.

    Args:
        config: what to train.
        folder: where the run lives; made if missing.
        base: the folder that the configuration's relative paths count from.
        report: is called after each step.

    Raises:
        ConfigError: a wrong corpus or value; or the folder holds a run of another configuration.
    """

    def __init__(
        self, config: TrainingConfig, folder: Path, *, base: Path, report: Callable[[Progress], None] | None = None
    ) -> None:
        self.config, self.folder, self.report = config, folder, report or (lambda progress: None)
        claim_folder(folder, config)
        seed(config.seed)
        encoder = load_encoder(config.encoder, base=base)
        self.encoder = keep_layers(encoder, config.encoder_layers) if config.encoder_layers else encoder
        self.corpora = load_corpora(config, base)
        documents = (amap for corpus in self.corpora for amap in (*corpus.train, *corpus.dev))
        claim_data(folder, chain(documents, self.encoder.weights.values()))
        self.parser_config = _parser_config(config, self.encoder, self.corpora)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.bfloat16 = use_bfloat16(config.schedule.precision, self.device)
        self.network = network_of(self.parser_config, self.encoder).to(self.device)
        self.average = ExponentialAverage(self.network)
        self.groups = self._groups(base)
        self.dev = [(corpus, amap) for corpus in self.corpora for amap in corpus.dev]
        self.metric = self._metric()
        self.state = State()

    def _metric(self) -> tuple[str, str] | None:
        """Scheme and key of what is to be maximized: as configured, else those of the default scheme; None: no dev part.

        Raises:
            ConfigError: no dev part will have it.
        """
        named, _, key = self.config.metric.rpartition(".")
        first = {amap.scheme: amap for _, amap in reversed(self.dev)}
        if named and named not in first:
            known = ", ".join(sorted(first))
            raise ConfigError(f"metric: expected a scheme with a dev part, one of {known}; found {named!r}")
        if not self.dev:
            return None
        scheme = named or self.parser_config.default_scheme
        scheme = scheme if scheme in first else self.dev[0][1].scheme
        judged = Score(scheme)
        judged.add(first[scheme], first[scheme])
        key = key or DEFAULT_METRICS.get(scheme, "exact_component_f1")
        if key not in judged.metrics:
            raise ConfigError(f"metric: expected one of {', '.join(judged.metrics)}; found {key!r}")
        return scheme, key

    @property
    def notes(self) -> list[str]:
        """What whoever trains should know: spans that could not be taken in, and a dev part that lacks."""
        found = [f"{corpus.config.path}: {_said(corpus)}" for corpus in self.corpora if corpus.problems]
        for corpus, (_, examples) in zip(self.corpora, self.groups, strict=True):
            labelled = sum(len(amap.components) for amap in corpus.train)
            if lost := labelled - sum(len(example.types) for example in examples):
                found.append(
                    f"{corpus.config.path}: {lost} of {labelled} labelled spans are not learned: they overlap others or "
                    "hold no word"
                )
        return found if self.dev else [*found, "no dev part: the last epoch is kept, and nothing is calibrated"]

    def _groups(self, base: Path) -> list[tuple[float, list[Example]]]:
        tokenizer, schemes = self.encoder.tokenizer, dict(self.parser_config.schemes)
        groups = [
            (corpus.config.repeat, examples_of(corpus, corpus.train, schemes, tokenizer)) for corpus in self.corpora
        ]
        if self.config.teacher:
            teacher = ModelFolder(resolve_model(self.config.teacher, base)).open_parser()
            if not set(schemes) & set(teacher.config.schemes):
                raise ConfigError(f"teacher: expected one that answers in one of the schemes {', '.join(schemes)}")
            groups = [
                (repeat, teach(examples, teacher, schemes[corpus.scheme]))
                for corpus, (repeat, examples) in zip(self.corpora, groups, strict=True)
            ]
        if not any(examples for _, examples in groups):
            raise ConfigError("no corpus with role train or both has a document to train on")
        return groups

    def run(self) -> ParserNetwork:
        """Train until done; returns the network of the best epoch."""
        schedule = self.config.schedule
        optimizer = _optimizer(self.network, self.config)
        batches = [self._batches(epoch) for epoch in range(schedule.epochs)]
        counts = [-(-len(epoch) // schedule.accumulate) for epoch in batches]
        rates = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_linear(sum(counts), schedule.warmup))
        self._resume(optimizer, rates)
        began = time.monotonic()
        while self.state.epoch < schedule.epochs and not self._patience_is_out():
            started = time.monotonic()
            done = sum(counts[: self.state.epoch])
            losses = self._epoch(batches[self.state.epoch], optimizer, rates, done, sum(counts))
            self.state.epoch += 1
            self._judge(losses, time.monotonic() - started)
            self._save(optimizer, rates)
            if schedule.minutes and time.monotonic() - began > 60 * schedule.minutes:
                break
        return self.best_network()

    def best_network(self) -> ParserNetwork:
        """The network as it was after its best epoch."""
        network = ParserNetwork(self.parser_config)
        network.load_state_dict(torch.load(self.folder / "best.pt", weights_only=True, map_location="cpu"))
        return network.eval()

    def _batches(self, epoch: int) -> list[list[Example]]:
        return epoch_batches(
            self.groups, pieces=self.config.schedule.batch_pieces, seed=self.config.seed * 1000 + epoch
        )

    def _epoch(
        self,
        batches: Sequence[Sequence[Example]],
        optimizer: torch.optim.Optimizer,
        rates: torch.optim.lr_scheduler.LRScheduler,
        done: int,
        steps: int,
    ) -> dict[str, float]:
        self.network.train()
        sums: dict[str, float] = {}
        accumulate = self.config.schedule.accumulate
        for number, batch in enumerate(batches, start=1):
            loss, parts = batch_loss(
                self.network,
                batch,
                self.encoder.tokenizer,
                self.config.loss,
                bfloat16=self.bfloat16,
                masking=self.config.schedule.masking,
            )
            (loss / accumulate).backward()  # type: ignore[no-untyped-call]
            for name, value in {"loss": float(loss.detach()), **parts}.items():
                sums[name] = sums.get(name, 0.0) + value
            if number % accumulate == 0 or number == len(batches):
                take_step(self.network, optimizer, rates, self.average)
                done += 1
                self.report(Progress(self.state.epoch + 1, done, steps, float(loss.detach())))
        return {name: value / len(batches) for name, value in sums.items()}

    def _judge(self, losses: dict[str, float], seconds: float) -> None:
        """Score the averaged weights on the dev parts and keep them if they are the best so far."""
        judged = ParserNetwork(self.parser_config).to(self.device)
        judged.load_state_dict(self.average.weights)
        scores = score_maps(
            TorchScorer(judged, self.encoder.tokenizer, bfloat16=self.bfloat16), [amap for _, amap in self.dev]
        )
        dev = {
            scheme: {key: round(value, 4) for key, value in score.metrics.items()} for scheme, score in scores.items()
        }
        value = self._value(dev)
        row = {
            "epoch": self.state.epoch,
            "seconds": round(seconds, 1),
            "train": {k: round(v, 4) for k, v in losses.items()},
            "dev": dev,
        }
        self.state.history.append(row)
        with open(self.folder / METRICS, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in self.state.history)
        if value > self.state.best:
            self.state.improved = self.state.epoch
        if value >= self.state.best:
            self.state.best, self.state.best_epoch = value, self.state.epoch
            write_atomically(self.folder / "best.pt", judged.state_dict())

    def _value(self, dev: dict[str, dict[str, float]]) -> float:
        """What is to be maximized; without a dev part the latest epoch is the best."""
        if self.metric is None:
            return float(self.state.epoch)
        scheme, key = self.metric
        return dev[scheme][key]

    def _patience_is_out(self) -> bool:
        patience = self.config.schedule.patience
        return bool(patience) and self.state.epoch - self.state.improved >= patience

    def _save(self, optimizer: torch.optim.Optimizer, rates: torch.optim.lr_scheduler.LRScheduler) -> None:
        state = json.dumps(asdict(self.state))
        save_checkpoint(self.folder, self.network, self.average, optimizer, rates, state)

    def _resume(self, optimizer: torch.optim.Optimizer, rates: torch.optim.lr_scheduler.LRScheduler) -> None:
        state = load_checkpoint(self.folder, self.network, self.average, optimizer, rates, self.device)
        if state is not None:
            self.state = State(**json.loads(state))


def take_step(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    rates: torch.optim.lr_scheduler.LRScheduler,
    average: ExponentialAverage,
) -> None:
    """One step along the gradients that have been added up, clipped to a norm of 1."""
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    rates.step()
    optimizer.zero_grad()
    average.update(network)


def score_maps(scorer: Scorer, gold: Sequence[ArgumentMap]) -> dict[str, Score]:
    """Scores of a parser on annotated maps, by scheme."""
    scores: dict[str, Score] = {}
    for amap in gold:
        scores.setdefault(amap.scheme, Score(amap.scheme)).add(
            amap, TrainedParser(scorer, scheme=amap.scheme).parse(amap.article)
        )
    return scores


def _said(corpus: Corpus) -> str:
    first, *others = corpus.problems
    return f"{first.place}: {first.reason}" + (f" (and {len(others)} more; see oped corpus check)" if others else "")


def _default_scheme(config: TrainingConfig, schemes: Collection[str]) -> str:
    """The configured one, or the only one there is.

    Raises:
        ConfigError: no corpus teaches the configured one, and there are several others.
    """
    if config.default_scheme in schemes:
        return config.default_scheme
    if len(schemes) == 1:
        return next(iter(schemes))
    raise ConfigError(f"default_scheme: expected one of {', '.join(schemes)}; found {config.default_scheme!r}")


def _parser_config(config: TrainingConfig, encoder: Encoder, corpora: Sequence[Corpus]) -> ParserConfig:
    schemes = scheme_configs(corpora)
    longest = int(encoder.config["max_position_embeddings"])
    if config.network.window > longest:
        raise ConfigError(f"network.window: the encoder reads {longest} pieces at once; found {config.network.window}")
    return ParserConfig(
        name=config.name,
        version=config.version,
        encoder=dict(encoder.config),
        schemes=schemes,
        default_scheme=_default_scheme(config, schemes),
        language=config.language,
        licence=config.licence,
        **asdict(config.network),
    )


def network_of(config: ParserConfig, encoder: Encoder) -> ParserNetwork:
    """A new network that starts from the weights of an encoder, or of a whole parser of the same make.

    Raises:
        ConfigError: weights of the encoder are missing.
    """
    network = ParserNetwork(config)
    take_weights(network, encoder.weights, source=encoder.source)
    return network


def _optimizer(network: ParserNetwork, config: TrainingConfig) -> torch.optim.Optimizer:
    schedule = config.schedule
    if unknown := set(schedule.only_heads) - set(network.config.schemes):
        raise ConfigError(f"schedule.only_heads: there is no scheme {min(unknown)!r}")
    layers = int(network.config.encoder["num_hidden_layers"])
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    heads = tuple(f"heads.{scheme}." for scheme in schedule.only_heads)
    for name, parameter in network.named_parameters():
        if heads and not name.startswith(heads):
            parameter.requires_grad_(False)
            continue
        rate = schedule.head_rate
        if name.startswith("encoder."):
            depth = _depth(name)
            if depth < schedule.frozen_layers + (schedule.frozen_layers > 0):
                parameter.requires_grad_(False)
                continue
            rate = schedule.encoder_rate * schedule.layer_decay ** (layers - depth)
        decay = schedule.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()],
        fused=True,  # one pass over the weights: on a CPU a quarter of the time of small steps
    )


def _depth(name: str) -> int:
    """Layer of an encoder's weight, from 1; 0 for the embeddings."""
    parts = name.split(".")
    return int(parts[parts.index("layer") + 1]) + 1 if "layer" in parts else 0


def warm_linear(steps: int, warmup: float) -> Callable[[int], float]:
    rise = max(1, round(steps * warmup))
    return lambda step: min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))


def use_bfloat16(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return "amx_bf16" in _cpu_flags() or "avx512_bf16" in _cpu_flags()


def _cpu_flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""


def seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
