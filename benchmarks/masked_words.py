"""An encoder that goes on learning from articles without annotation: some of their words are hidden, and it says which.

    python benchmarks/masked_words.py ENCODER ARTICLES.jsonl… -o RUN [--without CORPUS.jsonl…]

Connectives are hidden in half of all places, other words in one of eight (Devlin et al. 2019; that hiding connectives teaches
relations: Nie et al., "DisSent", ACL 2019). RUN/encoder is a folder that `encoder = …` in a training configuration may name.
Articles of `--without` (by id) are left out: those that a parser is judged on. Printed is how often a hidden word is guessed
in the last fiftieth of the articles, which is not learned from: connectives and others.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.formats.texts import article_texts
from oped.neural.encoder import Encoder, load_encoder, take_weights, tokenizer_file
from oped.neural.layers import UNDROPPED, last_states, new_encoder, pad_rows
from oped.neural.onnx_export import save_weights
from oped.neural.pieces import PieceTokenizer, windows
from oped.numeric import Ints
from oped.training.loop import train_task
from oped.training.settings import ItemSchedule, RunSettings
from oped.training.task import Compute, Scores, Task, Trained
from oped.words import Words

_CONNECTIVES = (
    "although because but consequently despite even finally furthermore hence however if indeed instead meanwhile moreover "
    "nevertheless nonetheless otherwise rather since so still then therefore though thus unless until whereas while yet"
)
CONNECTIVES = frozenset(_CONNECTIVES.split())
SHARES = (0.12, 0.5)  # of other words and of connectives that are hidden
WINDOW = 256
AHEAD = 0.02  # of the articles, that are kept apart


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of an article.

    Attributes:
        ids: of its pieces, between the encoder's marks. *Shape:* (pieces,)
        words: number of each piece's word, -1 for a mark. *Shape:* (pieces,)
        connective: whether each word is one. *Shape:* (words of the article,)
    """

    ids: Ints
    words: Ints
    connective: Ints


class Settings(RunSettings):
    """A run of hidden words."""

    task: Literal["masked words"] = "masked words"
    schedule: ItemSchedule = ItemSchedule(epochs=1, batch_size=24, rate=2e-4)


class MaskedWords(nn.Module):
    """An encoder with a layer over its states; the words' own vectors score them."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = new_encoder({**encoder.config, **UNDROPPED})
        take_weights(self, encoder.weights, source=encoder.source)
        width = self.encoder.config.hidden_size
        self.over = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(self.encoder.config.vocab_size))

    def forward(self, ids: Tensor, mask: Tensor, hidden: Tensor) -> Tensor:
        """Scores of all pieces where one is hidden. *Shapes:* (rows, pieces) each -> (hidden, vocabulary)"""
        states = last_states(self.encoder, ids, None, mask)[hidden]  # (hidden, width)
        scores: Tensor = self.over(states) @ self.encoder.embeddings.word_embeddings.weight.T + self.bias
        return scores


class MaskedTask(Task[MaskedWords, Passage]):
    """Training of an encoder on hidden words."""

    def __init__(self, settings: Settings, encoder: Encoder, learned: list[Passage], judged: list[Passage]) -> None:
        self.settings: Settings = settings
        self.encoder, self.learned, self.judged = encoder, learned, judged
        self.network = MaskedWords(encoder)

    def data(self) -> Iterable[object]:
        return (torch.from_numpy(passage.ids) for passage in self.learned)

    def batches(self, epoch: int) -> list[list[Passage]]:
        order = random.Random(self.settings.seed * 1000 + epoch).sample(self.learned, len(self.learned))
        size = self.settings.schedule.batch_size
        return [order[start : start + size] for start in range(0, len(order), size)]

    def parameters(self, network: MaskedWords) -> list[dict[str, Any]]:
        encoder = [weights for name, weights in network.named_parameters() if name.startswith("encoder.")]
        over = [weights for name, weights in network.named_parameters() if not name.startswith("encoder.")]
        rate = self.settings.schedule.rate
        return [{"params": encoder, "lr": rate}, {"params": over, "lr": 5 * rate}]

    def loss(
        self, network: MaskedWords, batch: Sequence[Passage], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        hidden, gold, _, scores = self._guess(
            network, batch, compute, np.random.default_rng(int(torch.randint(2**31, (1,))))
        )
        return functional.cross_entropy(scores, gold), {"hidden": float(hidden.float().mean())}

    def _guess(
        self, network: MaskedWords, batch: Sequence[Passage], compute: Compute, generator: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        chosen = [hide(passage, generator) for passage in batch]
        ids, mask = pad_rows([passage.ids for passage in batch], self.encoder.tokenizer.pad)
        hidden, _ = pad_rows([rows for rows, _ in chosen], 0)
        connective, _ = pad_rows([rows for _, rows in chosen], 0)
        hidden = hidden.bool()
        shown = ids.masked_fill(hidden, self.encoder.tokenizer.hidden)
        with compute.autocast():
            scores = network(shown, mask, hidden).float()
        return hidden, ids[hidden], connective[hidden].bool(), scores

    @torch.inference_mode()
    def judge(self, network: MaskedWords, compute: Compute) -> Scores:
        right = {True: [0, 0], False: [0, 0]}
        generator = np.random.default_rng(self.settings.seed)
        size = self.settings.schedule.batch_size
        for start in range(0, len(self.judged), size):
            batch = self.judged[start : start + size]
            _, gold, connective, scores = self._guess(network.eval(), batch, compute, generator)
            for kind in right:
                own = connective == kind
                right[kind][0] += int((scores.argmax(dim=1) == gold)[own].sum())
                right[kind][1] += int(own.sum())
        shares = {
            name: right[kind][0] / max(1, right[kind][1]) for name, kind in (("connectives", True), ("others", False))
        }
        return {"guessed": shares}

    def export(self, run: Trained[MaskedWords], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save_weights(run.network.encoder.state_dict(), folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(dict(self.encoder.config), indent=1) + "\n", encoding="utf-8")
        tokenizer_file(self.encoder.tokenizer, folder)


def hide(passage: Passage, generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Whether each piece is hidden, whole words at once, and whether it is of a connective. *Shape:* (pieces,) each"""
    known = passage.words >= 0
    chances = np.where(passage.connective, SHARES[1], SHARES[0])
    drawn = generator.random(len(chances)) < chances
    places = np.where(known, passage.words, 0)
    return (drawn[places] & known).astype(np.int64), (passage.connective[places].astype(bool) & known).astype(np.int64)


def passages(texts: Iterable[str], tokenizer: PieceTokenizer) -> Iterator[list[Passage]]:
    """The windows of each text."""
    for text in texts:
        words = Words.of(text)
        pieces = tokenizer(text, words)
        spans = zip(words.starts.tolist(), words.ends.tolist(), strict=True)
        connective = np.array([text[start:end].lower() in CONNECTIVES for start, end in spans], dtype=np.int64)
        yield [
            Passage(
                np.concatenate([[tokenizer.start], pieces.ids[part.start : part.end], [tokenizer.end]]),
                np.concatenate([[-1], pieces.words[part.start : part.end], [-1]]),
                connective,
            )
            for part in windows(len(pieces.ids), size=WINDOW - 2, overlap=0)
            if len(words)
        ]


def texts_of(path: Path, without: frozenset[str]) -> Iterator[str]:
    """The texts of a table of articles, but for some."""
    find = article_texts(path)
    for line in path.read_text(encoding="utf-8").splitlines():
        name = str(json.loads(line)["id"])
        article = None if name in without else find(name)
        if article:
            yield article.text


def main() -> None:
    """Train, write the encoder, print what is guessed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder")
    parser.add_argument("articles", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="corpora whose articles are left out")
    parser.add_argument("--epochs", type=int, default=1)
    chosen = parser.parse_args()
    encoder = load_encoder(chosen.encoder)
    lines = (line for path in chosen.without for line in path.read_text(encoding="utf-8").splitlines())
    without = frozenset(str(json.loads(line)["id"]) for line in lines)
    texts = [text for path in chosen.articles for text in texts_of(path, without)]
    random.Random(1).shuffle(texts)
    parts = list(passages(texts, encoder.tokenizer))
    apart = round(len(parts) * AHEAD)
    schedule = ItemSchedule(epochs=chosen.epochs, batch_size=24, rate=2e-4)
    task = MaskedTask(
        Settings(name="masked_words", schedule=schedule),
        encoder,
        [passage for part in parts[apart:] for passage in part],
        [passage for part in parts[:apart] for passage in part],
    )
    print(f"{len(texts)} articles, {sum(len(part.ids) for part in task.learned)} pieces", flush=True)
    run = train_task(task, chosen.output)
    task.export(run, chosen.output / "encoder")
    for row in run.state.history:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
