"""The argument parser of a name: what `--model` opens."""

import os
from pathlib import Path

from oped.parsing.protocol import ArgumentParser
from oped.resources import DEFAULT_MODEL


def open_parser(
    model: str | Path = DEFAULT_MODEL,
    *,
    scheme: str | None = None,
    threads: int | None = None,
    entities: bool = True,
    device: str = "cpu",
) -> ArgumentParser:
    """Open an argument parser.

    Args:
        model: path or name of a trained model; by default the shipped one.
        scheme: annotation scheme to answer in; by default the model's own.
        threads: that one article may use; by default all processors'.
        entities: whether to find named entities: by the model's own recognizer, or, where it has none, by spaCy's
            `en_core_web_sm`.
        device: `cpu`, or `cuda` with onnxruntime-gpu.

    Raises:
        ModelError: there is no such model, scheme or device.
    """
    from oped.neural.trained import TrainedParser

    parser = TrainedParser.open(
        model, scheme=scheme, threads=threads or os.cpu_count() or 1, device=device, entities=entities
    )
    if entities and parser.recognizer is None:
        from oped.parsing.spacy_entities import SpacyEntities

        return SpacyEntities(parser)
    return parser
