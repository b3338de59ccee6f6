"""Settings of a stance detector's training; `task = "stances"`."""

from typing import Literal

from oped.training.settings import (
    AdapterSettings,
    CorpusSettings,
    Count,
    Dropped,
    ItemSchedule,
    Rate,
    RunSettings,
    Weight,
)


class StancesCorpus(CorpusSettings):
    """One part of annotated stances; see `oped.formats.registry.read_stances`.

    Attributes:
        path: a folder with the parts.
        texts: articles that a corpus without text counts in.
    """

    format: Literal["oped-stances"] = "oped-stances"
    texts: str = ""


class StancesSchedule(ItemSchedule):
    """How long and how fast: `rate` is that of the adapters, `batch_size` counts targets."""

    epochs: Count = 5
    head_rate: Rate | None = 1e-3


class StancesSettings(RunSettings):
    """A training run of the stance detector.

    Attributes:
        model: the parser whose encoder it adapts.
        stance_weight: of a target with a stance in the loss, where one without has 1.
    """

    task: Literal["stances"]
    model: str = "en_opinion_sm"
    adapters: AdapterSettings = AdapterSettings()
    stance_weight: Weight = 1.5
    dropout: Dropped = 0.1
    schedule: StancesSchedule = StancesSchedule()
    corpus: list[StancesCorpus]
