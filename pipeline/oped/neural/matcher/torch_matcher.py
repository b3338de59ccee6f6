"""The matcher on torch: what judges a network while it is trained, and fits its calibration."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from oped.formats.pairs import LABELS
from oped.neural.layers import pad_rows
from oped.neural.matcher.network import MatcherNetwork
from oped.neural.matcher.runtime import PassagePair, closed, pair_input
from oped.neural.pieces import PieceTokenizer
from oped.numeric import Floats

BATCH = 64


def padded_pairs(tokenizer: PieceTokenizer, pairs: Sequence[PassagePair]) -> tuple[Tensor, Tensor, Tensor]:
    """What `MatcherNetwork.judge` reads of pairs. *Shape:* (pairs, pieces) each"""
    inputs = [pair_input(tokenizer, *pair) for pair in pairs]
    ids, mask = pad_rows([ids for ids, _ in inputs], tokenizer.pad)
    sides, _ = pad_rows([sides for _, sides in inputs], 0)
    return ids, sides, mask


def padded_texts(tokenizer: PieceTokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """What `MatcherNetwork.embed` reads of statements. *Shape:* (texts, pieces) each"""
    return pad_rows([closed(tokenizer, text) for text in texts], tokenizer.pad)


def softmax_scores(network: MatcherNetwork, tokenizer: PieceTokenizer, pairs: Sequence[PassagePair]) -> Floats:
    """Probabilities of `LABELS`, before calibration, the first statement first. *Shape:* (pairs, 3)"""
    chances: Floats = torch.from_numpy(pair_scores(network, tokenizer, pairs)).softmax(dim=-1).numpy()
    return chances


@torch.inference_mode()
def pair_scores(network: MatcherNetwork, tokenizer: PieceTokenizer, pairs: Sequence[PassagePair]) -> Floats:
    """Scores of `LABELS`, the first statement first. *Shape:* (pairs, 3)"""
    device = next(network.parameters()).device
    order = sorted(range(len(pairs)), key=lambda place: sum(len(passage.text) for passage in pairs[place]))
    result = np.zeros((len(pairs), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), BATCH):
        group = order[start : start + BATCH]
        inputs = padded_pairs(tokenizer, [pairs[place] for place in group])
        result[group] = network.judge(*(part.to(device) for part in inputs)).float().cpu().numpy()
    return result


@torch.inference_mode()
def embed_texts(network: MatcherNetwork, tokenizer: PieceTokenizer, texts: Sequence[str]) -> Floats:
    """Unit vectors. *Shape:* (texts, width)"""
    device = next(network.parameters()).device
    parts = [padded_texts(tokenizer, texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    vectors: Floats = torch.cat([network.embed(ids.to(device), mask.to(device)) for ids, mask in parts]).cpu().numpy()
    return vectors
