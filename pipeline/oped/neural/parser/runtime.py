"""The parser on onnxruntime: what runs where nothing is trained.

An article's windows are read one by one and unpadded, so its map depends on nothing but itself: neither on the articles
beside it in a batch nor on how many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from safetensors import SafetensorError, safe_open

from oped.errors import ModelError
from oped.neural.crf import FORBIDDEN, INSIDE, OUTSIDE
from oped.neural.layout import ENCODER_FILE, HEADS_FILE, INT8_FILE, WEIGHTS_FILE
from oped.neural.onnx import open_session, providers_for
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.decoding import Scores
from oped.neural.parser.structure import Structure
from oped.neural.pieces import Pieces, PieceTokenizer, Window, windows
from oped.numeric import Floats, Ints
from oped.words import Words

OUTPUTS = ("types", "risks", "holders", "arcs", "labels")


def output_name(scheme: str, name: str) -> str:
    """Name of an output of the heads' file."""
    return f"{scheme}.{name}"


class OnnxScorer:
    """Computes the scores of a parser with onnxruntime.

    Args:
        folder: the model's folder.
        threads: that one article may use.
        device: `cpu`, or `cuda` where onnxruntime-gpu is installed.
        int8: whether to run the encoder's graph in int8, which must be there.

    Raises:
        ModelError: a file is missing or torn, or there is no such device.
    """

    def __init__(self, folder: Path, *, threads: int = 2, device: str = "cpu", int8: bool = False) -> None:
        self.config = ParserConfig.load(folder)
        self.folder = folder
        providers = providers_for(device)
        self.tokenizer = PieceTokenizer.load(folder)
        encoder = INT8_FILE if int8 else ENCODER_FILE
        self.encoder = open_session(folder / encoder, threads=threads, providers=providers)
        self.heads = open_session(folder / HEADS_FILE, threads=threads, providers=providers)
        self._only_needed = ort.RunOptions()
        self._only_needed.only_execute_path_to_fetches = True
        self._tags = {scheme: _TagWeights.load(folder / WEIGHTS_FILE, scheme) for scheme in self.config.schemes}

    def word_states(self, text: str, words: Words) -> Floats:
        pieces = self.tokenizer(text, words)
        states = np.empty((len(pieces.ids), self.config.width), dtype=np.float32)
        for window in self._windows(pieces):
            output = self.encoder.run(None, {"ids": self._ids(pieces, window)[None]})[0][0, 1:-1]
            kept = slice(window.keep_start - window.start, window.keep_end - window.start)
            states[window.keep_start : window.keep_end] = output[kept]
        return _mean_of_words(states, pieces.words, len(words))

    def window_ids(self, text: str, words: Words) -> list[Ints]:
        """What the encoder reads of a text, one after the other. *Shapes:* (pieces,)"""
        pieces = self.tokenizer(text, words)
        return [self._ids(pieces, window) for window in self._windows(pieces)]

    def _windows(self, pieces: Pieces) -> Iterable[Window]:
        return windows(len(pieces.ids), size=self.config.window - 2, overlap=self.config.overlap)

    def _ids(self, pieces: Pieces, window: Window) -> Ints:
        ids = pieces.ids[window.start : window.end]
        return np.concatenate([[self.tokenizer.start], ids, [self.tokenizer.end]])

    def emissions(self, word_states: Floats, scheme: str) -> Floats:
        tags = self._of(scheme)
        return word_states @ tags.weight.T + tags.bias

    def transitions(self, scheme: str) -> Floats:
        return self._of(scheme).transitions

    def components(self, pooled: Floats, structure: Structure, scheme: str) -> Scores:
        inputs = {"pooled": pooled, "places": structure.places, "distances": structure.distances}
        names = [output_name(scheme, name) for name in OUTPUTS]
        return Scores(*self.heads.run(names, inputs, self._only_needed))

    def require(self, scheme: str) -> None:
        """Raise ModelError unless the model answers in a scheme."""
        if scheme not in self._tags:
            known = ", ".join(self.config.schemes)
            raise ModelError(f"{self.folder}: the model answers in the schemes {known}, not in {scheme!r}")

    def _of(self, scheme: str) -> "_TagWeights":
        self.require(scheme)
        return self._tags[scheme]


@dataclass(frozen=True, slots=True)
class _TagWeights:
    """The linear layer and the transitions that segment in one scheme; small enough for numpy."""

    weight: Floats
    bias: Floats
    transitions: Floats

    @classmethod
    def load(cls, path: Path, scheme: str) -> "_TagWeights":
        names = ("emission.weight", "emission.bias", "crf.transitions")
        try:
            with safe_open(path, framework="numpy") as weights:
                arrays = [weights.get_tensor(f"heads.{scheme}.{name}").astype(np.float32) for name in names]
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path}: expected the model's weights: {error}") from None
        arrays[2][OUTSIDE, INSIDE] = FORBIDDEN
        return cls(*arrays)


def _mean_of_words(states: Floats, words: "np.ndarray[tuple[int], np.dtype[np.int64]]", count: int) -> Floats:
    """Mean of the states of each word's pieces; every word has one at least. *Shape:* (words, width)"""
    keep = words >= 0
    owners, states = words[keep], states[keep]
    firsts = np.searchsorted(owners, np.arange(count))
    sizes = np.diff(np.append(firsts, len(owners)))
    sums = states[firsts]
    for later in range(1, sizes.max(initial=0)):  # most words have one piece: this is faster than np.add.reduceat
        longer = np.flatnonzero(sizes > later)
        sums[longer] += states[firsts[longer] + later]
    result: Floats = (sums / sizes[:, None]).astype(np.float32)
    return result
