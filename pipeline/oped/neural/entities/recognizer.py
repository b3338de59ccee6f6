"""Named entities by a small network on the word states that the parser's encoder gives."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from oped.errors import ModelError
from oped.neural.crf import BEGIN, FORBIDDEN, INSIDE, OUTSIDE, segments, viterbi
from oped.neural.layout import ENTITIES_FILE
from oped.neural.parser.decoding import forbid_crossing
from oped.numeric import Floats, log_softmax
from oped.parsing.aliases import NAMED
from oped.words import Words

LABELS = sorted(NAMED)
TAGS = ("O", *(f"{mark}-{label}" for label in LABELS for mark in "BI"))
SHAPES = 5
_CLOSING = frozenset(".!?:…")
_TRANSITIONS: Floats = np.zeros((3, 3), dtype=np.float32)
_TRANSITIONS[OUTSIDE, INSIDE] = FORBIDDEN
_TRANSPARENT = frozenset("\"'“”‘’()[]*_")


@dataclass(frozen=True, slots=True)
class Named:
    """A mention by its words, end exclusive."""

    start: int
    end: int
    label: str


class EntityRecognizer:
    """Tags words as outside, at the beginning of, or inside a mention.

    Two convolutions over three words each, on the word's state and shape, and a linear layer.

    Args:
        weights: as `oped.neural.entities.training.EntityNetwork` names them.

    Raises:
        ModelError: the weights are not those of such a network.
    """

    def __init__(self, weights: dict[str, Floats]) -> None:
        try:
            self._window, self._second, self._tags = (
                # Of a convolution (width, in, out): a matrix that isn't contiguous is multiplied element by element.
                (weights[f"{name}.weight"].T.astype(np.float32, order="C"), weights[f"{name}.bias"].astype(np.float32))
                for name in ("window", "second", "tags")
            )
        except KeyError as error:
            raise ModelError(f"{ENTITIES_FILE}: expected the weights {error}, found {sorted(weights)}") from None
        if len(self._tags[1]) != len(TAGS):
            raise ModelError(f"{ENTITIES_FILE}: expected {len(TAGS)} tags, found {len(self._tags[1])}")

    @classmethod
    def load(cls, folder: Path, width: int) -> "EntityRecognizer":
        """That of a model's folder.

        Args:
            width: of the model's encoder.

        Raises:
            ModelError: the file is missing or torn, or belongs to another encoder.
        """
        path = folder / ENTITIES_FILE
        try:
            weights = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path}: expected the weights that find entities: {error}") from None
        result = cls(weights)
        if result.width != width:
            raise ModelError(f"{path}: expected a recognizer on {width} dimensions, found one on {result.width}")
        return result

    @property
    def width(self) -> int:
        """Of the word states that it reads."""
        return int(self._window[0].shape[1]) - SHAPES

    def __call__(self, text: str, words: Words, states: Floats) -> list[Named]:
        """Mentions in order.

        Args:
            states: of the words. *Shape:* (words, encoder width)
        """
        if not len(words):
            return []
        inputs = np.concatenate([states, word_shapes(text, words)], axis=1)
        hidden = np.maximum(_convolve(inputs, *self._window), 0)
        hidden = hidden + np.maximum(_convolve(hidden, *self._second), 0)
        weight, bias = self._tags
        return decode(hidden @ weight + bias, text, words)


def word_shapes(text: str, words: Words) -> Floats:
    """What an encoder without capitals does not see of a word.

    Whether it begins with a capital, is all capitals, letters only, has a digit, opens a sentence.

    *Shape:* (words, SHAPES)
    """
    shapes: npt.NDArray[np.float32] = np.zeros((len(words), SHAPES), dtype=np.float32)
    opens, paragraph = True, -1
    for place, (start, end, own) in enumerate(
        zip(words.starts.tolist(), words.ends.tolist(), words.paragraphs.tolist(), strict=True)
    ):
        word = text[start:end]
        opens = opens or own != paragraph
        letters = word.isalpha()
        shapes[place] = (
            word[0].isupper(),
            len(word) > 1 and word.isupper(),
            letters,
            not letters and any(map(str.isdigit, word)),
            opens,
        )
        if not _TRANSPARENT.issuperset(word):
            opens = word[-1] in _CLOSING
        paragraph = own
    return shapes


def decode(scores: Floats, text: str, words: Words) -> list[Named]:
    """Mentions in order, from the scores of `TAGS`; none goes over the end of a paragraph.

    The likeliest borders are found first, whatever the label. Then mentions of the same words get the label that is the
    likeliest for all of them together: in an article one name names one thing.

    Args:
        scores: *Shape:* (words, TAGS)
    """
    chances = log_softmax(scores)
    begins, insides = chances[:, 1::2], chances[:, 2::2]  # (words, labels) each
    emissions = np.empty((len(words), 3), dtype=np.float32)
    emissions[:, OUTSIDE] = chances[:, 0]
    emissions[:, BEGIN] = np.logaddexp.reduce(begins, axis=1)
    emissions[:, INSIDE] = np.logaddexp.reduce(insides, axis=1)
    spans = [
        (start, end)
        for start, end in segments(viterbi(forbid_crossing(emissions, words.paragraphs), _TRANSITIONS))
        if any(letter.isalnum() for letter in text[words.starts[start] : words.ends[end - 1]])
    ]
    labels = np.logaddexp(begins, insides)
    forms = [text[words.starts[start] : words.ends[end - 1]].casefold() for start, end in spans]
    votes: dict[str, list[Floats]] = {}
    for form, (start, end) in zip(forms, spans, strict=True):
        votes.setdefault(form, []).append(labels[start:end].mean(axis=0))
    chosen = {form: LABELS[int(np.mean(rows, axis=0).argmax())] for form, rows in votes.items()}
    return [Named(start, end, chosen[form]) for form, (start, end) in zip(forms, spans, strict=True)]


def _convolve(states: Floats, weight: Floats, bias: Floats) -> Floats:
    """A convolution over three words. *Shapes:* (words, in), (3, in, out), (out,) -> (words, out)"""
    padded = np.pad(states, ((1, 1), (0, 0)))
    result: Floats = bias + sum(padded[side : side + len(states)] @ matrix for side, matrix in enumerate(weight))
    return result
