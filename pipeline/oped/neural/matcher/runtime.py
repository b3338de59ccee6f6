"""The matcher on onnxruntime."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from oped.errors import ModelError
from oped.formats.key_points import KeyPointGold
from oped.formats.pairs import LABELS, OPPOSED, SAME, UNRELATED
from oped.formats.passages import Passage
from oped.metrics.key_points import score_pairs
from oped.neural.layout import CONFIG_FILE, EMBED_FILE, JUDGE_FILE, JUDGE_INT8_FILE, MATCHER_FOLDER, RARITY_FILE
from oped.neural.onnx import open_session
from oped.neural.pieces import PieceTokenizer
from oped.numeric import Floats, Ints, softmax

MOST_PIECES = 96  # of one statement; what is longer is cut, which happens to one component in some thousands
MOST_TITLE, MOST_BEFORE, MOST_AFTER = 16, 32, 12  # pieces of a statement's surroundings, the nearest to it
BATCH_PIECES = 4096

PassagePair = tuple[Passage, Passage]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a matcher takes for a match, chosen on labelled pairs that it was not trained on.

    Attributes:
        same, opposed: probabilities from which on a pair has the label.
        cosine: of two embeddings from which on a pair is worth judging.
        centre: cosine of the centres of two groups of statements from which on they may make one point, so that a chain of
            near statements does not join far ones.
        alone_same, alone_opposed: probabilities of a pair read without surroundings, either of which makes it worth reading
            with them.
    """

    same: float = 0.5
    opposed: float = 0.5
    cosine: float = 0.5
    centre: float = 0.6
    alone_same: float = 0.0
    alone_opposed: float = 0.0

    def says(self, same: float, opposed: float) -> int:
        """Place in `LABELS` of a pair, by two of its probabilities."""
        over = same - self.same, opposed - self.opposed
        if max(over) < 0:
            return UNRELATED
        return SAME if over[SAME] >= over[OPPOSED] else OPPOSED

    def promising(self, chances: Floats) -> list[int]:
        """Places of the pairs that are worth reading with their surroundings.

        Args:
            chances: probabilities without. *Shape:* (pairs, 3)
        """
        likely = (chances[:, SAME] >= self.alone_same) | (chances[:, OPPOSED] >= self.alone_opposed)
        places: list[int] = np.flatnonzero(likely).tolist()
        return places

    def decide(self, chances: Floats) -> list[int]:
        """Places in `LABELS`, by probabilities. *Shape:* (pairs, labels) -> pairs"""
        return [self.says(same, opposed) for same, opposed, _ in chances.tolist()]


class Matcher:
    """Compares statements.

    Statements of one length are computed together and unpadded.

    Args:
        folder: of a model; the matcher is a part of it.
        threads: that it may use.

    Raises:
        ModelError: the model has no matcher, or a file is torn.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self.folder = folder / MATCHER_FOLDER
        if not (self.folder / CONFIG_FILE).is_file():
            raise ModelError(f"{folder}: expected a model with a matcher, found no {MATCHER_FOLDER}/{CONFIG_FILE}")
        try:
            config = json.loads((self.folder / CONFIG_FILE).read_text(encoding="utf-8"))
            self.name, self.version = str(config["name"]), str(config["version"])
            self.thresholds = Thresholds(**config["thresholds"])
            self.context = bool(config.get("context", False))
            self._temperature = float(config["temperature"])
            self._biases, self._shared = (np.array(config[name], dtype=np.float32) for name in ("biases", "shared"))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self.folder / CONFIG_FILE}: malformed, or of another version: {error!r}") from None
        try:
            self._rarity = load_file(self.folder / RARITY_FILE)["rarity"].astype(np.float32)
        except (OSError, SafetensorError, KeyError) as error:
            raise ModelError(f"{self.folder / RARITY_FILE}: expected how rare word pieces are: {error}") from None
        self.tokenizer = PieceTokenizer.load(folder)
        root = folder if "adapters" in config else None  # adapters take the encoder's weights from the model
        self._embed = open_session(self.folder / EMBED_FILE, threads=threads, root=root)
        judge = JUDGE_INT8_FILE if (self.folder / JUDGE_INT8_FILE).is_file() else JUDGE_FILE
        self._judge = open_session(self.folder / judge, threads=threads, root=root)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors: the nearer two are, the likelier their statements are about one point. *Shape:* (texts, width)"""
        ids = [closed(self.tokenizer, text) for text in texts]
        rows: dict[int, Floats] = {}
        for group in of_one_length([len(row) for row in ids]):
            (vectors,) = self._embed.run(None, {"ids": np.stack([ids[place] for place in group])})
            rows |= dict(zip(group, vectors, strict=True))
        return np.stack([rows[place] for place in range(len(texts))]) if rows else np.zeros((0, 1), np.float32)

    def judge(self, pairs: Sequence[tuple[Passage, Passage]]) -> Floats:
        """Probabilities of `LABELS` for each pair of op-eds' statements, whichever stands first. *Shape:* (pairs, 3)

        A matcher that was trained with surroundings reads each pair without them first, then with them where that pays:
        they make a pair three times as long.
        """
        at_once = 0.0 in (self.thresholds.alone_same, self.thresholds.alone_opposed)
        chances = self._chances([in_order(pair, context=self.context and at_once) for pair in pairs])
        if self.context and not at_once:
            again = [place for place in self.thresholds.promising(chances) if has_surroundings(pairs[place])]
            chances[again] = self._chances([in_order(pairs[place], context=True) for place in again])
        return chances

    def _chances(self, pairs: Sequence[PassagePair]) -> Floats:
        inputs = self._inputs(pairs)
        common = shared_information(inputs, self._rarity)
        return calibrated(self._scores(inputs), common, self._temperature, self._biases, self._shared)

    def key_points(self, gold: KeyPointGold) -> dict[str, dict[str, float]]:
        """How surely each argument makes each labelled key point."""
        return score_pairs(gold, self._same)

    def _same(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Scores of an argument and a key point for being the same.

        Read in both orders, which takes twice the time and gained nothing between statements of op-eds; and without what is
        fitted to those: the biases and the weights of shared words.
        """
        ordered = [in_order((Passage(one), Passage(two)), context=False) for one, two in pairs]
        both = (self._inputs(ordered), self._inputs([pair[::-1] for pair in ordered]))
        scores = sum(map(self._scores, both), np.zeros((len(pairs), len(LABELS)), np.float32)) / np.float32(2)
        chances: list[float] = softmax(scores / self._temperature)[:, SAME].tolist()
        return chances

    def _inputs(self, pairs: Sequence[PassagePair]) -> list[tuple[Ints, Ints]]:
        return [pair_input(self.tokenizer, *pair) for pair in pairs]

    def _scores(self, inputs: Sequence[tuple[Ints, Ints]]) -> Floats:
        result = np.zeros((len(inputs), len(LABELS)), dtype=np.float32)
        for group in of_one_length([len(ids) for ids, _ in inputs]):
            ids, sides = (np.stack([inputs[place][part] for place in group]) for part in (0, 1))
            (result[group],) = self._judge.run(None, {"ids": ids, "sides": sides})
        return result


def in_order(pair: PassagePair, *, context: bool) -> PassagePair:
    """A pair as it is read: the statement that comes first in the alphabet first.

    Args:
        context: whether with its surroundings.
    """
    first, second = min(pair), max(pair)
    return (first, second) if context else (first.alone, second.alone)


def has_surroundings(pair: PassagePair) -> bool:
    """Whether there is more of either statement to read than itself."""
    first, second = pair
    return pair != (first.alone, second.alone)


def closed(tokenizer: PieceTokenizer, text: str) -> Ints:
    """A statement's pieces between the encoder's marks. *Shape:* (pieces,)"""
    ids = tokenizer.tokenizer.encode(" ".join(text.split()), add_special_tokens=False).ids[:MOST_PIECES]
    return np.array([tokenizer.start, *ids, tokenizer.end], dtype=np.int64)


def pair_input(tokenizer: PieceTokenizer, first: Passage, second: Passage) -> tuple[Ints, Ints]:
    """Pieces of two statements and of their surroundings, and whose each is. *Shape:* (pieces,) each

    0 and 1 stand for the statements, 2 and 3 for the surroundings, which are left out where neither has any.
    """
    parts = [closed(tokenizer, first.text), closed(tokenizer, second.text)[1:]]
    if has_surroundings((first, second)):
        parts += [_around(tokenizer, first), _around(tokenizer, second)]
    return np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def _around(tokenizer: PieceTokenizer, passage: Passage) -> Ints:
    """Pieces of a title, and of a paragraph with a mark where the statement stands, closed by a separator. *Shape:* (pieces,)"""
    texts = [" ".join(text.split()) for text in (passage.title, passage.before, passage.after)]
    title, before, after = (tokenizer.tokenizer.encode(text, add_special_tokens=False).ids for text in texts)
    shown = [*title[:MOST_TITLE], tokenizer.mark, *before[-MOST_BEFORE:], tokenizer.hidden, *after[:MOST_AFTER]]
    return np.array([*shown, tokenizer.end], dtype=np.int64)


def shared_information(inputs: Sequence[tuple[Ints, Ints]], rarity: Floats) -> Floats:
    """How much two statements have in common word by word: the rarity of the pieces that both have, summed, in nats.

    Args:
        inputs: of `pair_input`.
        rarity: of each piece, see `rarity_of`. *Shape:* (vocabulary,)
    """
    return np.array(
        [rarity[np.intersect1d(ids[sides == 0], ids[sides == 1])].sum() for ids, sides in inputs], dtype=np.float32
    )


def calibrated(scores: Floats, common: Floats, temperature: float, biases: Floats, shared: Floats) -> Floats:
    """Probabilities of `LABELS`; see `oped.neural.matcher.calibrate.Calibration`. *Shape:* (pairs, 3)

    Args:
        scores: *Shape:* (pairs, 3)
        common: of `shared_information`. *Shape:* (pairs,)
        biases, shared: *Shape:* (3,) each
    """
    return softmax(scores / temperature + biases + common[:, None] * shared)


def rarity_of(tokenizer: PieceTokenizer, texts: Sequence[str]) -> Floats:
    """Minus the logarithm of the share of texts that have a piece (Sparck Jones 1972); marks have none. *Shape:* (vocabulary,)"""
    counts = np.zeros(tokenizer.tokenizer.get_vocab_size(), dtype=np.float32)
    for text in texts:
        counts[np.unique(closed(tokenizer, text))] += 1
    rarity: Floats = np.log((len(texts) + 1) / (counts + 1))
    rarity[[tokenizer.start, tokenizer.end]] = 0
    return rarity


def of_one_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of inputs of one length, so many that a batch is not too large."""
    by_length: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        by_length.setdefault(length, []).append(place)
    for length, places in sorted(by_length.items()):
        size = max(1, BATCH_PIECES // length)
        for start in range(0, len(places), size):
            yield places[start : start + size]
