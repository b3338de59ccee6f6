"""The configuration of a training run: a TOML file, checked before anything starts."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oped.errors import ConfigError
from oped.training.checked import Place, build

COUNT, SHARE, WEIGHT = (1, None), (0.0, 1.0), (0.0, None)  # least and most
RANGES: dict[str, tuple[float, float | None]] = {
    "repeat": WEIGHT,
    "dev_share": SHARE,
    "window": (64, None),
    "overlap": (0, None),
    "component_width": COUNT,
    "document_layers": (0, None),
    "document_heads": COUNT,
    "arc_width": COUNT,
    "dropout": (0.0, 0.9),
    "epochs": (0, None),
    "batch_pieces": COUNT,
    "accumulate": COUNT,
    "encoder_rate": (0.0, 1.0),
    "head_rate": (0.0, 1.0),
    "layer_decay": SHARE,
    "warmup": SHARE,
    "weight_decay": SHARE,
    "patience": (0, None),
    "frozen_layers": (0, None),
    "masking": (0.0, 0.9),
    "minutes": WEIGHT,
    **dict.fromkeys(("tags", "types", "arcs", "labels", "risk", "holder", "teacher", "anchor"), WEIGHT),
    "batch_pairs": COUNT,
    "hidden": COUNT,
    "annotated_epochs": COUNT,
    "annotated_rate": (0.0, 1.0),
    "folds": (2, None),
    "rate": (0.0, 1.0),
    "rank": COUNT,
    "stance_weight": WEIGHT,
}
NAMES = {"scheme": r"[\w-]*", "default_scheme": r"[\w-]+", "name": r"\w[\w.-]*"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig:
    """One corpus, and how it takes part.

    Attributes:
        path: a file or folder; a relative one counts from the configuration's folder, and $NAME is an environment variable.
        format: name of its format; see `oped convert --help`.
        scheme: the head it teaches; default: the format's own scheme, or `default_scheme`.
        role: `train`, `dev`, or `both`: then `dev_share` of its documents, chosen by a hash of their ids, are held out.
        split: the part of the corpus to read, where its format knows parts.
        repeat: how often each document is seen in an epoch; a fraction takes that share, drawn anew each epoch.
        segment: whether it teaches where components are; false where only given spans are labelled.
        exclude, exclude_format: path and format of a corpus whose texts are kept out; letters and digits are compared.
        texts: articles that an annotation without text counts in.
        drop_types: component labels that are left out.
    """

    path: str
    format: str
    scheme: str = ""
    role: str = "train"
    split: str = ""
    repeat: float = 1.0
    segment: bool = True
    dev_share: float = 0.2
    exclude: str = ""
    exclude_format: str = ""
    texts: str = ""
    drop_types: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Sizes of the parser; see `oped.neural.parser.config.ParserConfig`."""

    window: int = 256
    overlap: int = 32
    component_width: int = 256
    document_layers: int = 2
    document_heads: int = 4
    arc_width: int = 96
    dropout: float = 0.3
    crf: bool = True

    def __post_init__(self) -> None:
        if self.overlap > (self.window - 2) // 2:
            raise ValueError(f"overlap: expected at most half a window of {self.window}, found {self.overlap}")
        if self.component_width % self.document_heads:
            raise ValueError(
                f"document_heads: expected a divisor of component_width = {self.component_width}, "
                f"found {self.document_heads}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    """How long and how fast.

    Attributes:
        batch_pieces: word pieces in a batch, at most (one document at least).
        accumulate: batches whose gradients are added up before a step.
        encoder_rate, head_rate: learning rates.
        layer_decay: factor on the rate from each layer of the encoder to the one below.
        warmup: share of all steps over which the rates rise.
        patience: epochs without a better dev metric after which training stops; 0: never.
        precision: `float32`, `bfloat16`, or `auto`: bfloat16 where the machine is faster with it.
        frozen_layers: lowest layers of the encoder that are not trained, embeddings included when above 0.
        only_heads: schemes whose heads are trained, all else staying as it is; empty: everything is trained.
        masking: share of the word pieces that are hidden from the encoder, drawn anew each time, against learning the
            training articles by heart (Kondratyuk & Straka 2019).
        minutes: stop after the epoch that ends later than this; 0: no limit.
    """

    epochs: int = 10
    batch_pieces: int = 4000
    accumulate: int = 1
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    warmup: float = 0.1
    weight_decay: float = 0.01
    patience: int = 0
    precision: str = "auto"
    frozen_layers: int = 0
    only_heads: list[str] = field(default_factory=list)
    masking: float = 0.0
    minutes: float = 0.0

    def __post_init__(self) -> None:
        _check_trained(self.epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Weight of each part of the loss; `teacher` is that of a teacher's probabilities, where there is a teacher."""

    tags: float = 1.0
    types: float = 1.0
    arcs: float = 1.0
    labels: float = 0.5
    risk: float = 0.5
    holder: float = 0.5
    teacher: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """A training run.

    Attributes:
        encoder: a folder with a transformers encoder, a model of oped's, or a name on a model hub.
        encoder_layers: those of its layers that are kept, counted from 0 at the bottom; empty: all. A student of a larger
            model's width starts from some of its layers (Sanh et al. 2019).
        teacher: a larger model, by path or name, from whose probabilities the new one learns too, in the schemes that both
            have.
        metric: what is best on the dev part: a key of `oped evaluate`, of the default scheme, or of another as `SCHEME.KEY`.
    """

    name: str
    corpus: list[CorpusConfig]
    version: str = "0.1.0"
    description: str = ""
    licence: str = ""
    language: str = "en"
    default_scheme: str = "opinion"
    encoder: str = "en_opinion_sm"
    encoder_layers: list[int] = field(default_factory=list)
    teacher: str = ""
    metric: str = ""
    seed: int = 1
    network: NetworkConfig = field(default_factory=NetworkConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    loss: LossConfig = field(default_factory=LossConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCorpusConfig:
    """One corpus of pairs; see `oped.formats.registry.read_pairs` for the formats.

    Attributes:
        role: `train` or `dev`.
        repeat: how often each pair is seen in an epoch; a fraction takes that share, drawn anew each epoch.
    """

    path: str
    format: str
    role: str = "train"
    split: str = ""
    repeat: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherConfig:
    """A training run of the matcher, which compares statements; `task = "matcher"` tells it from a parser's.

    Attributes:
        encoder: as in `TrainingConfig`.
        start: a model whose matcher the training goes on from, in place of the bare encoder.
        epochs: 0 leaves the matcher as it starts, and fits its calibration alone.
        batch_pairs: pairs in a batch.
        teacher: a model from whose matcher's scores the judgements are learned, in place of the labels.
        anchor: weight, beside the loss of the judgements, of the distance (one minus the cosine) of embeddings to those of the
            encoder; 0 leaves the embeddings out, for a matcher that judges pairs found by other means.
    """

    task: str
    name: str
    corpus: list[PairCorpusConfig]
    version: str = "0.1.0"
    licence: str = ""
    description: str = ""
    encoder: str = "en_opinion_sm"
    start: str = ""
    teacher: str = ""
    seed: int = 1
    epochs: int = 3
    batch_pairs: int = 48
    rate: float = 5e-5
    warmup: float = 0.1
    precision: str = "auto"
    anchor: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StancesCorpusConfig:
    """One part of annotated stances; see `oped.formats.registry.read_stances`.

    Attributes:
        path: a folder with the parts.
        role: `train` or `dev`.
        texts: articles that a corpus without text counts in.
    """

    path: str
    split: str
    role: str = "train"
    texts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceConfig:
    """A training run of the stance detector; `task = "stances"`.

    Attributes:
        model: the parser whose encoder it adapts.
        rank: of the adapters.
        batch_pairs: targets in a batch.
        rate, head_rate: learning rates of the adapters and of the head.
        stance_weight: of a target with a stance in the loss, where one without has 1.
    """

    task: str
    name: str
    corpus: list[StancesCorpusConfig]
    model: str = "en_opinion_sm"
    version: str = "0.1.0"
    licence: str = ""
    description: str = ""
    seed: int = 1
    rank: int = 16
    epochs: int = 5
    batch_pairs: int = 32
    rate: float = 5e-4
    head_rate: float = 1e-3
    stance_weight: float = 1.5
    dropout: float = 0.1
    warmup: float = 0.1
    precision: str = "auto"

    def __post_init__(self) -> None:
        _check_trained(self.epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesConfig:
    """Articles to learn entities from; `path`, `format` and `texts` are as in `CorpusConfig`."""

    path: str
    format: str
    texts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityConfig:
    """A training run of the entity recognizer; `task = "entities"`.

    Attributes:
        model: the parser whose encoder it reads.
        annotation: JSONL with the `id` of an article and its `mentions` (start, end, label) a line. Articles that it does not
            name are tagged by spaCy.
        hidden: width of the hidden layers.
        epochs, rate: over the articles that spaCy tagged.
        annotated_epochs, annotated_rate: over the annotated ones, after that.
        folds: of the cross-validation over the annotated articles.
    """

    task: str
    name: str
    annotation: str
    corpus: list[ArticlesConfig]
    model: str = "en_opinion_sm"
    seed: int = 1
    hidden: int = 192
    dropout: float = 0.2
    epochs: int = 6
    rate: float = 2e-3
    annotated_epochs: int = 8
    annotated_rate: float = 5e-4
    folds: int = 5

    def __post_init__(self) -> None:
        _check_trained(self.epochs)


def _check_trained(epochs: int) -> None:
    if epochs < 1:
        raise ValueError(f"epochs: expected at least 1, found {epochs}")


AnyConfig = TrainingConfig | MatcherConfig | EntityConfig | StanceConfig
TASKS: dict[str, type[MatcherConfig] | type[EntityConfig] | type[StanceConfig]] = {
    "matcher": MatcherConfig,
    "entities": EntityConfig,
    "stances": StanceConfig,
}
CHOICES = {
    "task": tuple(TASKS),
    "role": ("train", "dev", "both"),
    "precision": ("auto", "float32", "bfloat16"),
}


def load_config(path: str | Path, overrides: Mapping[str, str] | None = None) -> AnyConfig:
    """Read a training configuration.

    Args:
        overrides: values by dotted key, as TOML or plain text: {"schedule.epochs": "3"}.

    Raises:
        ConfigError: no such file, malformed TOML, an unknown key or a wrong value; names the line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: expected a training configuration: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: malformed TOML: {error}") from None
    for key, value in (overrides or {}).items():
        _override(data, key, value)
    place = Place(path, text, _complaint, changed=frozenset(overrides or ()))
    if "task" not in data:
        return build(TrainingConfig, data, place)
    task = data["task"]
    return build(TASKS.get(task, MatcherConfig) if isinstance(task, str) else MatcherConfig, data, place)


def _complaint(key: str, value: object) -> str:
    """What is wrong with the value of a key, by its name alone; empty where nothing is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and key in RANGES:
        least, most = RANGES[key]
        if not (least <= value and (most is None or value <= most)):  # so that nan is refused too
            wanted = f"at least {least}" if most is None else f"{least} to {most}"
            return f"expected {wanted}, found {value!r}"
    if isinstance(value, str) and key in NAMES and not re.fullmatch(NAMES[key], value):
        return f"expected letters, digits, - and _, found {value!r}"
    if key in CHOICES and value not in CHOICES[key]:
        return f"expected one of {', '.join(CHOICES[key])}, found {value!r}"
    return ""


def _override(data: dict[str, Any], key: str, value: str) -> None:
    *tables, name = key.split(".")
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {key}: {table!r} is no table")
    try:
        data[name] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        data[name] = value
