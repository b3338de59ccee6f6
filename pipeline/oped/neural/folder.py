"""A model folder: one object that knows its parts, which weights each belongs to, and how each is opened."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from oped.errors import ModelError
from oped.neural.layout import (
    ENTITIES,
    INT8,
    MATCHER,
    PARSER,
    PARTS,
    PARTS_FILE,
    STANCES,
    WEIGHTS_FILE,
)
from oped.neural.parser.config import ParserConfig
from oped.resources import find_model

if TYPE_CHECKING:
    from oped.neural.entities.recognizer import EntityRecognizer
    from oped.neural.matcher.runtime import Matcher
    from oped.neural.parser.runtime import OnnxScorer
    from oped.neural.stances.runtime import StanceDetector

FORMAT, FORMAT_VERSION = "oped/model", 1


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What a model folder says of one of its parts.

    Attributes:
        made_by: the training configuration, and the beginning of its SHA-256.
        weights: SHA-256 of the parser's weights that the part belongs to; None where it has an encoder of its own.
        files: SHA-256 of each file.
    """

    version: str
    made_by: str
    weights: str | None
    files: Mapping[str, str]


class ModelFolder:
    """A model: a parser, and the parts that stand on its encoder or beside it.

    Folders from before parts were recorded have no `parts.json`; their parts are taken as they are.

    Args:
        path: the folder.

    Raises:
        ModelError: `parts.json` is torn or of another make.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.parts = self._read_parts()

    @classmethod
    def find(cls, name: str | Path) -> Self:
        """The model of a path or name.

        Raises:
            ModelError: there is none.
        """
        return cls(find_model(name))

    def _read_parts(self) -> dict[str, PartRecord]:
        path = self.path / PARTS_FILE
        if not path.is_file():
            return {}
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if (data["format"], data["format_version"]) != (FORMAT, FORMAT_VERSION):
                raise ValueError(f"format {data['format']} version {data['format_version']}")
            return {name: PartRecord(**record) for name, record in data["parts"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: expected {FORMAT} version {FORMAT_VERSION}: {error!r}") from None

    @cached_property
    def config(self) -> ParserConfig:
        """What the parser is made of, and its labels.

        Raises:
            ModelError: there is no parser, or its configuration is torn.
        """
        return ParserConfig.load(self.path)

    @cached_property
    def weights_digest(self) -> str:
        """SHA-256 of the parser's weights."""
        return self._digest(WEIGHTS_FILE)

    def has(self, part: str) -> bool:
        """Whether the folder has a part."""
        return (self.path / PARTS[part].files[0]).is_file()

    def require(self, part: str) -> None:
        """Raise ModelError unless the folder has a part that belongs to the weights in it."""
        if not self.has(part):
            raise ModelError(f"{self.path}: expected a model with the part {part}, found no {PARTS[part].files[0]}")
        record = self.parts.get(part)
        if record is not None and record.weights is not None and record.weights != self.weights_digest:
            raise ModelError(
                f"{self.path}: expected the weights in {WEIGHTS_FILE} that the part {part} was trained on, found others; "
                "install the whole model anew"
            )

    def open_parser(self, *, threads: int = 2, device: str = "cpu") -> "OnnxScorer":
        """The network of the parser on onnxruntime, in int8 on a CPU where the model has that."""
        from oped.neural.parser.runtime import OnnxScorer

        self.require(PARSER)
        int8 = device == "cpu" and self.has(INT8)
        if int8:
            self.require(INT8)
        return OnnxScorer(self.path, threads=threads, device=device, int8=int8)

    def open_entities(self) -> "EntityRecognizer":
        """The entity recognizer, which reads the states of the parser's encoder."""
        from oped.neural.entities.recognizer import EntityRecognizer

        self.require(ENTITIES)
        return EntityRecognizer.load(self.path, self.config.width)

    def open_matcher(self, *, threads: int = 2) -> "Matcher":
        """The matcher of statements."""
        from oped.neural.matcher.runtime import Matcher

        self.require(MATCHER)
        return Matcher(self.path, threads=threads)

    def open_stances(self, *, threads: int = 2) -> "StanceDetector":
        """The stance detector."""
        from oped.neural.stances.runtime import StanceDetector

        self.require(STANCES)
        return StanceDetector(self.path, threads=threads)

    def record(self, part: str, *, version: str, made_by: str, own_encoder: bool = False) -> None:
        """Write down a part whose files have just been written.

        Args:
            made_by: the training configuration, and the beginning of its SHA-256.
            own_encoder: whether it does without the parser's weights.
        """
        self.__dict__.pop("weights_digest", None)
        self.__dict__.pop("config", None)
        files = {name: self._digest(name) for name in self._files_of(part)}
        self.parts[part] = PartRecord(version, made_by, None if own_encoder else self.weights_digest, files)
        self._write_parts()

    def install(self, part: str, source: "ModelFolder") -> None:
        """Copy a part from another folder.

        Raises:
            ModelError: the other has no such part, or it belongs to other weights than those here.
        """
        source.require(part)
        record = source.parts.get(part)
        if record is None:
            raise ModelError(f"{source.path}: expected a record of the part {part} in {PARTS_FILE}, found none")
        if record.weights is not None and part != PARSER and record.weights != self.weights_digest:
            raise ModelError(
                f"{source.path}: its {part} belong to other weights than the parser in {self.path}; train it on those"
            )
        for name in record.files:
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source.path / name, target)
        self.__dict__.pop("weights_digest", None)
        self.parts[part] = record
        self._write_parts()

    def remove(self, part: str) -> None:
        """Delete a part's files, where it has any."""
        for name in (*PARTS[part].files, *PARTS[part].optional):
            (self.path / name).unlink(missing_ok=True)
        if self.parts.pop(part, None) is not None:
            self._write_parts()

    def check(self) -> None:
        """Compare every file with its record.

        Raises:
            ModelError: a file is missing or not the recorded one, or a part belongs to other weights.
        """
        for part, record in self.parts.items():
            self.require(part)
            for name, digest in record.files.items():
                if self._digest(name) != digest:
                    raise ModelError(f"{self.path / name}: expected the file that {PARTS_FILE} records, found another")

    def maps_digest(self, *, entities: bool) -> str:
        """SHA-256 of everything in the folder that a map depends on.

        Args:
            entities: whether maps have entities.
        """
        digest = hashlib.sha256()
        for part in PARTS.values():
            if part.maps and (entities or part.name != ENTITIES):
                for name in part.files:
                    path = self.path / name
                    digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()

    def _files_of(self, part: str) -> Iterator[str]:
        yield from PARTS[part].files
        yield from (name for name in PARTS[part].optional if (self.path / name).is_file())

    def _digest(self, name: str) -> str:
        path = self.path / name
        try:
            with open(path, "rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(f"{path}: expected a part of the model: {error.strerror}") from None

    def _write_parts(self) -> None:
        parts: dict[str, Any] = {name: asdict(record) for name, record in sorted(self.parts.items())}
        data = {"format": FORMAT, "format_version": FORMAT_VERSION, "parts": parts}
        (self.path / PARTS_FILE).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
