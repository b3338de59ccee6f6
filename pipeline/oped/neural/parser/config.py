"""What a parser is made of, as it stands in a model's config.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError

from oped.errors import ModelError
from oped.neural.layout import CONFIG_FILE

PARSER_VERSION = 1


@dataclass(frozen=True, slots=True)
class SchemeConfig:
    """The labels that one head of the parser answers in.

    Attributes:
        types: component labels.
        relations: labels of relations between components.
        stances: labels of a component's relation to the root.
        rooted: types that may stand without an outgoing relation; empty: all may.
        facets: whether this head tells risk and attribution too.
        limits: least and most components of a type in one article, by type.
        thresholds: probabilities from which on a component is a risk (`risk`) or another's view (`other`), a component has
            a type that is limited (by the type's name), an arc has a label (by the label's name).
        calibration: slope and offset, by what they calibrate (`component`, `risk`, `other`, `relation`): the calibrated
            logit is slope times the raw one plus offset (Platt 1999).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    types: tuple[str, ...]
    relations: tuple[str, ...] = ()
    stances: tuple[str, ...] = ()
    rooted: tuple[str, ...] = ()
    facets: bool = False
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    calibration: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, known in (("rooted", self.rooted), ("limits", self.limits)):
            if unknown := sorted(set(known) - set(self.types)):
                raise ValueError(f"{name}: expected component types, found {unknown[0]!r}")

    @property
    def arc_labels(self) -> tuple[str, ...]:
        """Labels of all arcs: relations first, then stances."""
        return self.relations + self.stances


@dataclass(frozen=True, slots=True)
class ParserConfig:
    """A parser.

    Attributes:
        encoder: the configuration of the encoder, as transformers writes it.
        window: word pieces the encoder reads at once, the two special ones included.
        overlap: word pieces that neighbouring windows share at least.
        component_width: width of a component's representation.
        document_layers: transformer layers over the components of an article.
        document_heads: attention heads in each.
        arc_width: width of the representation of a pair of components.
        dropout: of the heads.
        crf: whether the tags of neighbouring words are scored together.
        word_before: whether the word before a component, often a connective, is part of its representation.
        thesis_first: whether the scorer of relations is told how likely each component is the thesis among all of the article
            (any type whose number is limited).
        licence: of the weights; empty: not stated.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    version: str
    encoder: Mapping[str, Any]
    schemes: Mapping[str, SchemeConfig]
    default_scheme: str = "opinion"
    language: str = "en"
    window: int = 256
    overlap: int = 32
    component_width: int = 256
    document_layers: int = 2
    document_heads: int = 4
    arc_width: int = 96
    dropout: float = 0.3
    crf: bool = True
    word_before: bool = False
    thesis_first: bool = False
    licence: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.encoder.get("hidden_size"), int):
            raise ValueError(f"encoder: expected a number as hidden_size, found {self.encoder.get('hidden_size')!r}")
        if self.default_scheme not in self.schemes:
            raise ValueError(f"default_scheme: expected one of {', '.join(self.schemes)}, found {self.default_scheme}")

    @property
    def width(self) -> int:
        """Width of the encoder's states."""
        return int(self.encoder["hidden_size"])

    @property
    def pooled(self) -> int:
        """Number of vectors that make a component: span mean, first word, last word, lead-in, tail, word before."""
        return 5 + self.word_before

    def save(self, folder: Path) -> None:
        data = {"format": "oped/parser", "format_version": PARSER_VERSION, **asdict(self)}
        (folder / CONFIG_FILE).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model folder's configuration.

        Raises:
            ModelError: it is missing, torn or of another make.
        """
        path = folder / CONFIG_FILE
        try:
            data = read_record(path, "oped/parser", PARSER_VERSION)
            return TypeAdapter(cls).validate_python(data)
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"{path}: expected a parser's configuration: {first_line(error)}") from None


def read_record(path: Path, form: str, version: int) -> Any:
    """What a JSON file holds beside `format` and `format_version`.

    Raises:
        OSError, ValueError, AttributeError, RecursionError: the file is missing, torn, or of another format or version.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    found = (data.pop("format", None), data.pop("format_version", None))
    if found != (form, version):
        raise ValueError(f"expected format {form} version {version}, found {found[0]} {found[1]}")
    return data


def first_line(error: Exception) -> str:
    """What is wrong, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
