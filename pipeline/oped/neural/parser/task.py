"""Training of the parser, as a task of the loop: articles of many corpora, a head for each annotation scheme."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from torch import Tensor

from oped.errors import ConfigError
from oped.metrics.corpus import Score
from oped.neural.encoder import Encoder, keep_layers, load_encoder, take_weights
from oped.neural.folder import ModelFolder
from oped.neural.parser.calibrate import calibrate_parser
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.data import Corpus, epoch_batches, examples_of, load_corpora, scheme_configs
from oped.neural.parser.decoding import Scorer
from oped.neural.parser.distill import teach
from oped.neural.parser.examples import Example
from oped.neural.parser.export import export_parser
from oped.neural.parser.loss import batch_loss
from oped.neural.parser.merging import save_adapted, save_trained
from oped.neural.parser.network import ParserNetwork
from oped.neural.parser.report import describe_parser
from oped.neural.parser.settings import ParserSettings
from oped.neural.parser.torch_scorer import TorchScorer
from oped.neural.trained import TrainedParser
from oped.records import ArgumentMap
from oped.training.adapters import adapter_names, add_adapters, merge_adapters
from oped.training.loop import WEIGHT_DECAY, seed
from oped.training.paths import resolve_model
from oped.training.task import Compute, Scores, Task, Trained

DEFAULT_METRICS = {"opinion": "overlap_relation_f1", "aae2": "relation_f1"}
ADAPTERS_FOLDER = "adapters"  # of the run, for what it trained alone
LAYER_DECAY = 0.9  # factor on the rate from each layer of the encoder to the one below


class ParserTask(Task[ParserNetwork, Example]):
    """Training of a parser.

    Args:
        base: the folder that the settings' relative paths count from.

    Raises:
        ConfigError: a wrong corpus or value.
    """

    def __init__(self, settings: ParserSettings, *, base: Path = Path()) -> None:
        self.settings: ParserSettings = settings
        seed(settings.seed)
        encoder = load_encoder(settings.encoder, base=base)
        self.encoder = keep_layers(encoder, settings.encoder_layers) if settings.encoder_layers else encoder
        self.corpora = load_corpora(settings, base)
        self.config = _parser_config(settings, self.encoder, self.corpora)
        self.network = network_of(self.config, self.encoder)
        if settings.adapters:
            add_adapters(self.network.encoder, settings.adapters)
        self.groups = self._groups(base)
        self.dev = [amap for corpus in self.corpora for amap in corpus.dev]
        self.metric = self._metric()
        self.notes = self._notes()

    def _groups(self, base: Path) -> list[tuple[float, list[Example]]]:
        """The examples of each corpus, with how often they are seen in an epoch."""
        schemes = dict(self.config.schemes)
        found = [examples_of(corpus, corpus.train, schemes, self.encoder.tokenizer) for corpus in self.corpora]
        if self.settings.teacher:
            teacher = ModelFolder(resolve_model(self.settings.teacher, base)).open_parser()
            if not set(schemes) & set(teacher.config.schemes):
                raise ConfigError(f"teacher: expected one that answers in one of the schemes {', '.join(schemes)}")
            found = [
                teach(examples, teacher, schemes[corpus.scheme])
                for corpus, examples in zip(self.corpora, found, strict=True)
            ]
        if not any(found):
            raise ConfigError("no corpus with role train or both has a document to train on")
        return [(corpus.settings.repeat, examples) for corpus, examples in zip(self.corpora, found, strict=True)]

    def _metric(self) -> tuple[str, str] | None:
        """Scheme and key of what is to be maximized: as configured, else those of the default scheme; None: no dev part.

        Raises:
            ConfigError: no dev part will have it.
        """
        named, _, key = self.settings.metric.rpartition(".")
        first = {amap.scheme: amap for amap in reversed(self.dev)}
        if named and named not in first:
            known = ", ".join(sorted(first))
            raise ConfigError(f"metric: expected a scheme with a dev part, one of {known}; found {named!r}")
        if not self.dev:
            return None
        scheme = named or self.config.default_scheme
        scheme = scheme if scheme in first else self.dev[0].scheme
        judged = Score(scheme)
        judged.add(first[scheme], first[scheme])
        key = key or DEFAULT_METRICS.get(scheme, "exact_component_f1")
        if key not in judged.metrics:
            raise ConfigError(f"metric: expected one of {', '.join(judged.metrics)}; found {key!r}")
        return scheme, key

    def _notes(self) -> list[str]:
        """Spans that could not be taken in, and a dev part that lacks."""
        found = [f"{corpus.settings.path}: {_said(corpus)}" for corpus in self.corpora if corpus.problems]
        for corpus, (_, examples) in zip(self.corpora, self.groups, strict=True):
            labelled = sum(len(amap.components) for amap in corpus.train)
            if lost := labelled - sum(len(example.types) for example in examples):
                found.append(
                    f"{corpus.settings.path}: {lost} of {labelled} labelled spans are not learned: they overlap others or "
                    "hold no word"
                )
        return found if self.dev else [*found, "no dev part: the last epoch is kept, and nothing is calibrated"]

    def data(self) -> Iterable[object]:
        documents = (amap for corpus in self.corpora for amap in (*corpus.train, *corpus.dev))
        return chain(documents, self.encoder.weights.values())

    def batches(self, epoch: int) -> list[list[Example]]:
        pieces = self.settings.schedule.batch_pieces
        return epoch_batches(self.groups, pieces=pieces, seed=self.settings.seed * 1000 + epoch)

    def parameters(self, network: ParserNetwork) -> list[dict[str, Any]]:
        """Groups by rate: lower layers of the encoder move slower, heads faster; biases and norms do not decay.

        Raises:
            ConfigError: heads of an unknown scheme are to be trained.
        """
        schedule = self.settings.schedule
        if unknown := set(schedule.only_heads) - set(network.config.schemes):
            raise ConfigError(f"schedule.only_heads: there is no scheme {min(unknown)!r}")
        layers = int(network.config.encoder["num_hidden_layers"])
        heads = tuple(f"heads.{scheme}." for scheme in schedule.only_heads)
        adapters = adapter_names(name for name, _ in network.named_parameters())
        groups: dict[tuple[float, float], list[Tensor]] = {}
        for name, weights in network.named_parameters():
            depth = _depth(name) if name.startswith("encoder.") else None
            frozen = depth is not None and depth < schedule.frozen_layers + (schedule.frozen_layers > 0)
            without = bool(adapters) and depth is not None and name not in adapters
            weights.requires_grad_(not (frozen or without or (heads and not name.startswith(heads))))
            if weights.requires_grad:
                rate = schedule.head_rate if depth is None else schedule.encoder_rate * LAYER_DECAY ** (layers - depth)
                groups.setdefault((rate, WEIGHT_DECAY if weights.ndim > 1 else 0.0), []).append(weights)
        return [{"params": weights, "lr": rate, "weight_decay": decay} for (rate, decay), weights in groups.items()]

    def loss(
        self, network: ParserNetwork, batch: Sequence[Example], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        masking = self.settings.schedule.masking
        return batch_loss(network, batch, self.encoder.tokenizer, self.settings.loss, compute=compute, masking=masking)

    def judge(self, network: ParserNetwork, compute: Compute) -> Scores:
        scores = score_maps(TorchScorer(network, self.encoder.tokenizer, compute), self.dev)
        return {scheme: score.metrics for scheme, score in scores.items()}

    def value(self, scores: Scores, epoch: int) -> float:
        if self.metric is None:
            return float(epoch)
        scheme, key = self.metric
        return scores[scheme][key]

    def export(self, run: Trained[ParserNetwork], folder: Path) -> None:
        if self.settings.adapters:
            save_trained(run.network, run.folder / ADAPTERS_FOLDER)
            merge_adapters(run.network)
        export_parser(run.network, self.encoder.tokenizer, folder)

    def calibrate(self, run: Trained[ParserNetwork], folder: Path) -> None:
        scorer = ModelFolder(folder).open_parser()
        for scheme in sorted({amap.scheme for amap in self.dev}):
            calibrate_parser(folder, scorer, [amap for amap in self.dev if amap.scheme == scheme], scheme)

    def describe(self, run: Trained[ParserNetwork], folder: Path) -> None:
        describe_parser(self, run, folder)
        if self.settings.adapters:
            save_adapted(self.settings, self.encoder, folder, run.folder / ADAPTERS_FOLDER)


def score_maps(scorer: Scorer, gold: Sequence[ArgumentMap]) -> dict[str, Score]:
    """Scores of a parser on annotated maps, by scheme."""
    scores: dict[str, Score] = {}
    for amap in gold:
        found = TrainedParser(scorer, scheme=amap.scheme).parse(amap.article)
        scores.setdefault(amap.scheme, Score(amap.scheme)).add(amap, found)
    return scores


def network_of(config: ParserConfig, encoder: Encoder) -> ParserNetwork:
    """A new network that starts from the weights of an encoder, or of a whole parser of the same make.

    Raises:
        ConfigError: weights of the encoder are missing.
    """
    network = ParserNetwork(config)
    take_weights(network, encoder.weights, source=encoder.source)
    return network


def _said(corpus: Corpus) -> str:
    first, *others = corpus.problems
    return f"{first.place}: {first.reason}" + (f" (and {len(others)} more; see oped corpus check)" if others else "")


def _default_scheme(settings: ParserSettings, schemes: Collection[str]) -> str:
    """The configured one, or the only one there is.

    Raises:
        ConfigError: no corpus teaches the configured one, and there are several others.
    """
    if settings.default_scheme in schemes:
        return settings.default_scheme
    if len(schemes) == 1:
        return next(iter(schemes))
    raise ConfigError(f"default_scheme: expected one of {', '.join(schemes)}; found {settings.default_scheme!r}")


def _parser_config(settings: ParserSettings, encoder: Encoder, corpora: Sequence[Corpus]) -> ParserConfig:
    schemes = scheme_configs(corpora)
    longest, window = int(encoder.config["max_position_embeddings"]), settings.network.window
    if window > longest:
        raise ConfigError(f"network.window: the encoder reads {longest} pieces at once; found {window}")
    return ParserConfig(
        name=settings.name,
        version=settings.version,
        encoder=dict(encoder.config),
        schemes=schemes,
        default_scheme=_default_scheme(settings, schemes),
        licence=settings.licence,
        **settings.network.model_dump(),
    )


def _depth(name: str) -> int:
    """Layer of an encoder's weight, from 1; 0 for the embeddings."""
    parts = name.split(".")
    return int(parts[parts.index("layer") + 1]) + 1 if "layer" in parts else 0
