"""The parser on torch, as a scorer: what judges a network while it is trained."""

import numpy as np
import torch

from oped.neural.parser.decoding import Scores
from oped.neural.parser.network import ParserNetwork, SchemeHead, mean_of_words
from oped.neural.parser.structure import Structure
from oped.neural.pieces import PieceTokenizer, windows
from oped.numeric import Floats
from oped.words import Words


class TorchScorer:
    """Computes the scores of a parser with torch, without gradients."""

    def __init__(self, network: ParserNetwork, tokenizer: PieceTokenizer, *, bfloat16: bool = False) -> None:
        self.network, self.tokenizer, self.bfloat16 = network.eval(), tokenizer, bfloat16
        self.config = network.config
        self.device = next(network.parameters()).device

    @torch.inference_mode()
    def word_states(self, text: str, words: Words) -> Floats:
        pieces = self.tokenizer(text, words)
        parts = []
        for window in windows(len(pieces.ids), size=self.config.window - 2, overlap=self.config.overlap):
            row = np.concatenate([[self.tokenizer.start], pieces.ids[window.start : window.end], [self.tokenizer.end]])
            ids = torch.from_numpy(row)[None].to(self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
                states = self.network.encode(ids, torch.ones_like(ids))[0].float()  # (pieces, width)
            parts.append(states[1 + window.keep_start - window.start : 1 + window.keep_end - window.start])
        owners = torch.from_numpy(pieces.words).to(self.device)
        return _array(mean_of_words(torch.cat(parts), owners, len(words)))

    @torch.inference_mode()
    def emissions(self, word_states: Floats, scheme: str) -> Floats:
        return _array(self._head(scheme).emission(torch.from_numpy(word_states).to(self.device)))

    @torch.inference_mode()
    def transitions(self, scheme: str) -> Floats:
        return _array(self._head(scheme).crf.scores())

    @torch.inference_mode()
    def components(self, pooled: Floats, structure: Structure, scheme: str) -> Scores:
        arrays = (pooled, structure.places, structure.distances)
        vectors, places, distances = (torch.from_numpy(array).to(self.device) for array in arrays)
        scores = self.network.components(vectors, places, distances, scheme)
        return Scores(*(_array(getattr(scores, name)) for name in ("types", "risks", "holders", "arcs", "labels")))

    def _head(self, scheme: str) -> SchemeHead:
        head = self.network.heads[scheme]
        assert isinstance(head, SchemeHead)
        return head


def _array(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.float().cpu().numpy()
    return array
