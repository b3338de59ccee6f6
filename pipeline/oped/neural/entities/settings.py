"""Settings of an entity recognizer's training; `task = "entities"`."""

from typing import Annotated, Literal

from pydantic import Field

from oped.training.settings import Count, Dropped, ItemSchedule, Rate, RunSettings, Settings


class EntitiesCorpus(Settings):
    """Articles to learn entities from; `path`, `format` and `texts` are as for a parser."""

    path: str
    format: str
    texts: str = ""


class TaggedSchedule(ItemSchedule):
    """How long and how fast articles are learned from that spaCy tagged."""

    epochs: Count = 6
    batch_size: Count = 1
    rate: Rate = 2e-3


class AnnotatedSchedule(TaggedSchedule):
    """How long and how fast the annotated articles are learned from, after that."""

    epochs: Count = 8
    rate: Rate = 5e-4


class EntitiesSettings(RunSettings):
    """A training run of the entity recognizer.

    Attributes:
        model: the parser whose encoder it reads.
        annotation: JSONL with the `id` of an article and its `mentions` (start, end, label) a line. Articles that it does not
            name are tagged by spaCy.
        hidden: width of the hidden layers.
        tagged: the schedule over the articles that spaCy tagged.
        schedule: over the annotated ones, after that.
        folds: of the cross-validation over the annotated articles.
    """

    task: Literal["entities"]
    annotation: str
    model: str = "en_opinion_sm"
    hidden: Count = 192
    dropout: Dropped = 0.2
    folds: Annotated[int, Field(ge=2)] = 5
    tagged: TaggedSchedule = TaggedSchedule()
    schedule: AnnotatedSchedule = AnnotatedSchedule()
    corpus: list[EntitiesCorpus]
