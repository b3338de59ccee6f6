"""The stance detector on onnxruntime."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from oped.errors import ModelError
from oped.formats.stances import NONE, STANCES, StanceTarget
from oped.neural.layout import STANCE_CONFIG_FILE, STANCE_FILE, WEIGHTS_FILE
from oped.neural.matcher.runtime import of_one_length
from oped.neural.onnx import open_session
from oped.neural.pieces import PieceTokenizer
from oped.numeric import Floats, Ints, softmax

TAKEN_TOWARDS = frozenset({"PERSON", "ORG", "GPE", "NORP", "LAW", "LOC"})  # labels of entities
LIKELY = 0.5  # probability from which on a stance is taken to be there
MOST_BEFORE, MOST_AROUND, MOST_NAMED = 32, 64, 16  # pieces: of what comes before, on each side of the entity, and of it
MOST_PIECES = MOST_BEFORE + 2 * MOST_AROUND + MOST_NAMED + 5


def decide(chances: Floats) -> list[int]:
    """Places in `STANCES`: a stance where it is likelier than not. *Shape:* (targets, 3) -> targets"""
    likely = chances[:, :NONE] >= LIKELY
    places: list[int] = np.where(likely.any(axis=1), likely.argmax(axis=1), NONE).tolist()
    return places


class StanceDetector:
    """Tells stances with the parser's encoder and adapters to it.

    Targets of one length are computed together and unpadded.

    Args:
        folder: of a model.
        threads: that it may use.

    Raises:
        ModelError: the model has no stance detector, a file is torn, or the weights are not those that it was trained on.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        path = folder / STANCE_CONFIG_FILE
        if not path.is_file():
            raise ModelError(f"{folder}: expected a model that tells stances, found no {STANCE_CONFIG_FILE}")
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
            self.name, self.version = str(config["name"]), str(config["version"])
            self._temperature = float(config["temperature"])
            self._biases = np.array(config["biases"], dtype=np.float32)
            encoder = str(config["encoder_sha256"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: malformed, or of another version: {error!r}") from None
        if weights_digest(folder) != encoder:
            raise ModelError(f"{path}: expected the weights that it was trained on in {WEIGHTS_FILE}, found others")
        self.tokenizer = PieceTokenizer.load(folder)
        self._session = open_session(folder / STANCE_FILE, threads=threads)

    def detect(self, targets: Sequence[StanceTarget]) -> Floats:
        """Probabilities of `STANCES`. *Shape:* (targets, 3)"""
        return stance_chances(self.scores(targets), self._temperature, self._biases)

    def scores(self, targets: Sequence[StanceTarget]) -> Floats:
        """Scores of `STANCES`, before calibration. *Shape:* (targets, 3)"""
        inputs = [target_input(self.tokenizer, target) for target in targets]
        scores = np.zeros((len(inputs), len(STANCES)), dtype=np.float32)
        for group in of_one_length([len(ids) for ids, _, _ in inputs]):
            ids, sides, named = (np.stack([inputs[place][part] for place in group]) for part in range(3))
            (scores[group],) = self._session.run(None, {"ids": ids, "sides": sides, "named": named})
        return scores


def weights_digest(folder: Path) -> str:
    """Of the weights of a model's folder, whose encoder a detector belongs to.

    Raises:
        ModelError: there are none.
    """
    try:
        with open(folder / WEIGHTS_FILE, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{folder / WEIGHTS_FILE}: expected the model's weights: {error.strerror}") from None


def stance_chances(scores: Floats, temperature: float, biases: Floats) -> Floats:
    """Probabilities of `STANCES`. *Shape:* (targets, 3)"""
    return softmax(scores / temperature + biases)


def target_input(tokenizer: PieceTokenizer, target: StanceTarget) -> tuple[Ints, Ints, Ints]:
    """What the encoder reads: the end of what comes before, then the statement with the entity between asterisks.

    Returns:
        Pieces; 1 for those of the statement; 1 for those of the entity. *Shape:* (pieces,) each
    """

    def pieces(text: str) -> list[int]:
        ids: list[int] = tokenizer.tokenizer.encode(" ".join(text.split()), add_special_tokens=False).ids
        return ids

    star = pieces("*")
    before = pieces(target.before)[-MOST_BEFORE:]
    left = pieces(target.statement[: target.start])[-MOST_AROUND:]
    named = pieces(target.statement[target.start : target.end])[:MOST_NAMED] or [tokenizer.unknown]
    right = pieces(target.statement[target.end :])[:MOST_AROUND]
    parts = [
        ([tokenizer.start, *before, tokenizer.end], 0, 0),
        ([*left, *star], 1, 0),
        (named, 1, 1),
        ([*star, *right, tokenizer.end], 1, 0),
    ]
    lengths = [len(ids) for ids, _, _ in parts]
    ids, sides, of_entity = (
        np.concatenate([np.array(ids, dtype=np.int64) for ids, _, _ in parts]),
        np.repeat(np.array([side for _, side, _ in parts]), lengths),
        np.repeat(np.array([mark for _, _, mark in parts]), lengths),
    )
    return ids, sides, of_entity
