"""Settings of a training run that all tasks share; the settings of each task build on these."""

import hashlib
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Rate = Share
Dropped = Annotated[float, Field(ge=0.0, le=0.9)]  # share of what is left out
Name = Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
SchemeName = Annotated[str, Field(pattern=r"^[\w-]*$")]


class Settings(BaseModel):
    """A table of a training configuration: frozen, and without keys that it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Schedule(Settings):
    """How long a task is trained; how fast is said by the schedules of the tasks.

    Attributes:
        accumulate: batches whose gradients are added up before a step.
        precision: `float32`, `bfloat16`, or `auto`: bfloat16 where the machine is faster with it.
        minutes: stop after the epoch that ends later than this; 0: no limit.
    """

    epochs: Count = 10
    accumulate: Count = 1
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    minutes: Weight = 0.0


class ItemSchedule(Schedule):
    """The schedule of a task whose batches have a fixed number of items.

    Attributes:
        rate: learning rate.
        head_rate: of what stands on an encoder that is trained by adapters; None: `rate` for all.
    """

    batch_size: Count = 32
    rate: Rate = 5e-4
    head_rate: Rate | None = None


class AdapterSettings(Settings):
    """Low-rank adapters to the encoder of a parser, in place of an encoder of one's own.

    Attributes:
        rank: of the two matrices whose product is added to each weight (Hu et al. 2022).
    """

    rank: Count = 16


class CorpusSettings(Settings):
    """One corpus, and how it takes part.

    Attributes:
        path: a file or folder; a relative one counts from the configuration's folder, and $NAME is an environment variable.
        format: name of its format.
        split: the part of the corpus to read, where its format knows parts.
        role: `train` or `dev`.
        repeat: how often each item is seen in an epoch; a fraction takes that share, drawn anew each epoch.
    """

    path: str
    format: str
    split: str = ""
    role: Literal["train", "dev"] = "train"
    repeat: Weight = 1.0


class RunSettings(Settings):
    """A training run.

    Attributes:
        task: which part of a model is trained.
        licence: of the weights; empty: not stated.
    """

    task: str
    name: Name
    version: str = "0.1.0"
    description: str = ""
    licence: str = ""
    seed: int = 1
    schedule: Schedule

    @property
    def digest(self) -> str:
        """The beginning of a SHA-256 of all settings."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def made_by(self) -> str:
        """What a model folder says of the origin of a part."""
        return f"{self.name} {self.digest}"

    def changed(self, **schedule: Any) -> Self:
        """A copy with other values in its schedule."""
        return self.model_copy(update={"schedule": self.schedule.model_copy(update=schedule)})
