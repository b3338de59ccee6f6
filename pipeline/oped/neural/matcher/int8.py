"""The judgement of a matcher in int8; see `oped.neural.int8_graph`.

Adapters change the encoder's weights, so the judgement has rounded weights of its own. Embeddings stay in float32.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import onnx

from oped.formats.pairs import Pair
from oped.neural.int8_graph import OUTLIERS, Int8Graph, find_outliers
from oped.neural.matcher.network import MatcherNetwork
from oped.neural.matcher.runtime import PassagePair, in_order
from oped.neural.matcher.torch_matcher import pair_scores
from oped.neural.pieces import PieceTokenizer

SAMPLE = 400  # pairs that show which channels of the judgement stay in float32


def sampled(pairs: Sequence[Pair], *, context: bool, seed: int = 1) -> list[PassagePair]:
    """Some pairs, as a matcher reads them.

    Args:
        context: whether with their surroundings.
    """
    chosen = random.Random(seed).sample(pairs, min(SAMPLE, len(pairs)))
    return [in_order((pair.first, pair.second), context=context) for pair in chosen]


def quantize_judge(
    path: Path, network: MatcherNetwork, tokenizer: PieceTokenizer, pairs: Sequence[PassagePair]
) -> None:
    """Rewrite the graph of a judgement in int8.

    Args:
        path: of the graph, exported in float32.
        network: that the graph computes; its layers are plain, without adapters.
        pairs: some hundred, as the matcher reads them; they show which channels stay in float32.
    """

    def read() -> None:
        pair_scores(network, tokenizer, pairs)

    proto = onnx.load(path, load_external_data=False)
    found = find_outliers(network.encoder, read, OUTLIERS)
    Int8Graph(proto, {name: value.numpy() for name, value in network.encoder.state_dict().items()}, found).rewrite()
    path.write_bytes(proto.SerializeToString())
