"""The parser on torch: states of words for training, and a scorer that judges a network while it is trained."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from oped.neural.layers import pad_rows
from oped.neural.parser.decoding import Scores
from oped.neural.parser.network import ParserNetwork, SchemeHead, mean_of_words
from oped.neural.parser.structure import Structure
from oped.neural.pieces import Pieces, PieceTokenizer, windows
from oped.numeric import Floats, Ints
from oped.training.task import Compute
from oped.words import Words

CPU = Compute()


def word_states(
    network: ParserNetwork,
    texts: Sequence[tuple[Pieces, int]],
    tokenizer: PieceTokenizer,
    *,
    compute: Compute,
    masking: float = 0.0,
) -> list[Tensor]:
    """Encode texts, all windows of all of them at once. *Shape of each:* (words, width)

    Args:
        texts: pieces, and number of words.
        masking: share of the pieces that the encoder does not see.
    """
    config = network.config
    rows, places = [], []
    for number, (pieces, _) in enumerate(texts):
        for window in windows(len(pieces.ids), size=config.window - 2, overlap=config.overlap):
            rows.append(np.concatenate([[tokenizer.start], pieces.ids[window.start : window.end], [tokenizer.end]]))
            places.append((number, window))
    batch, mask = pad_rows(rows, tokenizer.pad)
    if masking:
        batch = mask_pieces(batch, tokenizer, share=masking)
    with compute.autocast():
        states = network.encode(batch.to(compute.device), mask.to(compute.device)).float()  # (windows, pieces, width)
    parts: list[list[Tensor]] = [[] for _ in texts]
    for row_states, (number, window) in zip(states, places, strict=True):
        parts[number].append(row_states[1 + window.keep_start - window.start : 1 + window.keep_end - window.start])
    return [
        mean_of_words(torch.cat(found), torch.from_numpy(pieces.words).to(compute.device), count)
        for found, (pieces, count) in zip(parts, texts, strict=True)
    ]


def mask_pieces(ids: Tensor, tokenizer: PieceTokenizer, *, share: float) -> Tensor:
    """Put the tokenizer's mask in place of some pieces, never of special ones. *Shape:* that of `ids`"""
    special = torch.tensor([tokenizer.start, tokenizer.end, tokenizer.pad, tokenizer.mark])
    return ids.masked_fill((torch.rand(ids.shape) < share) & ~torch.isin(ids, special), tokenizer.hidden)


class TorchScorer:
    """Computes the scores of a parser with torch, without gradients."""

    def __init__(self, network: ParserNetwork, tokenizer: PieceTokenizer, compute: Compute = CPU) -> None:
        self.network, self.tokenizer, self.compute = network.eval(), tokenizer, compute
        self.config = network.config

    @torch.inference_mode()
    def word_states(self, text: str, words: Words) -> Floats:
        pieces = self.tokenizer(text, words)
        return _array(word_states(self.network, [(pieces, len(words))], self.tokenizer, compute=self.compute)[0])

    @torch.inference_mode()
    def emissions(self, word_states: Floats, scheme: str) -> Floats:
        return _array(self._head(scheme).emission(self._tensor(word_states)))

    @torch.inference_mode()
    def transitions(self, scheme: str) -> Floats:
        return _array(self._head(scheme).crf.scores())

    @torch.inference_mode()
    def components(self, pooled: Floats, structure: Structure, scheme: str) -> Scores:
        vectors, places, distances = (self._tensor(array) for array in (pooled, structure.places, structure.distances))
        scores = self.network.components(vectors, places, distances, scheme)
        return Scores(*(_array(getattr(scores, name)) for name in ("types", "risks", "holders", "arcs", "labels")))

    def _tensor(self, array: Floats | Ints) -> Tensor:
        return torch.from_numpy(array).to(self.compute.device)

    def _head(self, scheme: str) -> SchemeHead:
        head = self.network.heads[scheme]
        assert isinstance(head, SchemeHead)
        return head


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.float().cpu().numpy()
    return array
