"""Settings of a matcher's training; `task = "matcher"`."""

from typing import Literal

from oped.training.settings import (
    AdapterSettings,
    CorpusSettings,
    Count,
    ItemSchedule,
    Rate,
    RunSettings,
    Weight,
    Whole,
)


class MatcherCorpus(CorpusSettings):
    """One corpus of pairs; see `oped.formats.registry.read_pairs` for the formats.

    Attributes:
        texts: articles that a corpus without text counts in.
    """

    texts: str = ""


class MatcherSchedule(ItemSchedule):
    """How long and how fast.

    Attributes:
        epochs: 0 leaves the matcher as it starts, and fits its calibration alone.
        batch_size: pairs in a batch.
    """

    epochs: Whole = 3
    batch_size: Count = 48
    rate: Rate = 5e-5


class MatcherSettings(RunSettings):
    """A training run of the matcher, which compares statements.

    Attributes:
        encoder: a folder with a sentence encoder, a model of oped's, or a name on a model hub: the matcher starts from it.
        adapters: train adapters to the encoder of `model`, in place of an encoder of the matcher's own.
        model: the parser whose encoder the adapters belong to; only with `adapters`.
        start: a model whose matcher the training goes on from, in place of the bare encoder.
        teacher: a model from whose matcher's scores the judgements are learned, in place of the labels.
        context: read each statement with its article's title and what stands around it, where the corpus has that.
        anchor: weight, beside the loss of the judgements, of the distance (one minus the cosine) of embeddings to those of
            `encoder`; 0 leaves the embeddings out, for a matcher that judges pairs found by other means.
    """

    task: Literal["matcher"]
    encoder: str = "en_opinion_sm"
    adapters: AdapterSettings | None = None
    model: str = "en_opinion_sm"
    start: str = ""
    teacher: str = ""
    context: bool = False
    anchor: Weight = 10.0
    schedule: MatcherSchedule = MatcherSchedule()
    corpus: list[MatcherCorpus]
