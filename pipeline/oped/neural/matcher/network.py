"""The matcher as a torch module: one encoder that embeds a statement alone, and judges two that it reads together.

Embeddings find candidates (Reimers & Gurevych 2019), the judgement of a pair decides (Humeau et al. 2020 call these
bi-encoder and cross-encoder); both share all weights but those of the last layer.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.errors import ConfigError, ModelError
from oped.formats.pairs import LABELS
from oped.neural.encoder import Encoder, load_encoder, read_weights, take_weights
from oped.neural.folder import ModelFolder
from oped.neural.layers import UNDROPPED, label_head, last_states, mean_of_pieces, new_encoder
from oped.neural.layout import CONFIG_FILE, MATCHER, MATCHER_FOLDER, WEIGHTS_FILE
from oped.training.adapters import add_adapters, trained_weights
from oped.training.settings import AdapterSettings


class MatcherNetwork(nn.Module):
    """Encoder, and a head over pairs.

    Args:
        encoder: configuration of the encoder, as transformers writes it.
    """

    def __init__(self, encoder: Mapping[str, Any], *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = new_encoder(encoder)
        width = self.encoder.config.hidden_size
        self.pair = label_head(2 * width, width, len(LABELS), dropout)

    def embed(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Unit vectors. *Shape:* (statements, pieces) -> (statements, width)"""
        return functional.normalize(mean_of_pieces(last_states(self.encoder, ids, None, mask), mask), dim=-1)

    def judge(self, ids: Tensor, sides: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores of `LABELS`.

        Args:
            ids: both statements, then the surroundings of both, each closed by a separator. *Shape:* (pairs, pieces)
            sides: 0 for pieces of the first statement, 1 for those of the second; 2 and 3 for their surroundings.
                *Shape:* (pairs, pieces)
            mask: 1 where there is a piece. *Shape:* (pairs, pieces)
        """
        states = last_states(self.encoder, ids, sides % 2, mask)  # (pairs, pieces, width)
        said = (sides < 2).to(states.dtype)  # (pairs, pieces)
        means = mean_of_pieces(states, said if mask is None else said * mask)  # (pairs, width)
        scores: Tensor = self.pair(torch.cat([states[:, 0], means], dim=-1))  # (pairs, labels)
        return scores


def matcher_over(encoder: Encoder, adapters: AdapterSettings | None = None) -> MatcherNetwork:
    """A new matcher on an encoder, which it trains on, or which stays as it is under adapters."""
    settings = encoder.config if adapters is None else {**encoder.config, **UNDROPPED}  # adapters hardly need dropout
    network = MatcherNetwork(settings)
    take_weights(network, encoder.weights, source=encoder.source)
    if adapters is not None:
        add_adapters(network.encoder, adapters)
    return network


def load_matcher(model: Path) -> MatcherNetwork:
    """The network of a model's matcher, for further training or as a teacher.

    Raises:
        ModelError: the model has no matcher, its encoder is missing, or a file is torn.
    """
    ModelFolder(model).require(MATCHER)
    folder = model / MATCHER_FOLDER
    weights = read_weights(folder / WEIGHTS_FILE)
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        if adapters := config.get("adapters"):
            network = matcher_over(load_encoder(str(model)), AdapterSettings(**adapters))
            if weights.keys() != trained_weights(network).keys():
                raise ValueError("adapters and head have other names")
        else:
            network = MatcherNetwork(config["encoder"])
        network.load_state_dict(weights, strict=not adapters)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ConfigError) as error:
        raise ModelError(f"{folder}: expected a matcher that fits {model.name}: {shorten(str(error), 200)}") from None
    return network.eval()
