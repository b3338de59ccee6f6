"""Settings of a parser's training; `task = "parser"`, which may be left out."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from oped.training.settings import (
    AdapterSettings,
    CorpusSettings,
    Count,
    Dropped,
    Rate,
    RunSettings,
    Schedule,
    SchemeName,
    Settings,
    Weight,
    Whole,
)


class ParserCorpus(CorpusSettings):
    """One corpus of annotated articles.

    Attributes:
        format: see `oped convert --help`.
        scheme: the head it teaches; default: the format's own scheme, or `default_scheme`.
        role: `train`, `dev`, or `both`: then a fifth of its documents, chosen by a hash of their ids, are held out.
        segment: whether it teaches where components are; false where only given spans are labelled.
        exclude, exclude_format: path and format of a corpus whose texts are kept out; letters and digits are compared.
        texts: articles that an annotation without text counts in.
    """

    role: Literal["train", "dev", "both"] = "train"  # type: ignore[assignment]
    scheme: SchemeName = ""
    segment: bool = True
    exclude: str = ""
    exclude_format: str = ""
    texts: str = ""


class NetworkSettings(Settings):
    """Sizes of the parser; see `oped.neural.parser.config.ParserConfig`."""

    window: Annotated[int, Field(ge=64)] = 256
    overlap: Whole = 32
    component_width: Count = 256
    document_layers: Whole = 2
    document_heads: Count = 4
    arc_width: Count = 96
    dropout: Dropped = 0.3
    crf: bool = True
    word_before: bool = False
    thesis_first: bool = False

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.overlap > (self.window - 2) // 2:
            raise ValueError(f"overlap: expected at most half a window of {self.window}, found {self.overlap}")
        if self.component_width % self.document_heads:
            raise ValueError(
                f"document_heads: expected a divisor of component_width = {self.component_width}, "
                f"found {self.document_heads}"
            )
        return self


class ParserSchedule(Schedule):
    """How long and how fast.

    Attributes:
        batch_pieces: word pieces in a batch, at most (one document at least).
        encoder_rate, head_rate: learning rates.
        frozen_layers: lowest layers of the encoder that are not trained, embeddings included when above 0.
        only_heads: schemes whose heads are trained, all else staying as it is; empty: everything is trained.
        masking: share of the word pieces that are hidden from the encoder, drawn anew each time, against learning the
            training articles by heart (Kondratyuk & Straka 2019).
    """

    batch_pieces: Count = 4000
    encoder_rate: Rate = 1e-4
    head_rate: Rate = 1e-3
    frozen_layers: Whole = 0
    only_heads: list[str] = Field(default_factory=list)
    masking: Dropped = 0.0


class LossSettings(Settings):
    """Weight of each part of the loss.

    Attributes:
        thesis: of finding the components of a limited type (the thesis) among all of the article, or that there is none.
        teacher: of a teacher's probabilities, where there is a teacher.
        by_label: how much a relation of a label weighs among the others; 1 where it is not named. Attacks are one relation
            in six: unweighted, they are never told.
    """

    tags: Weight = 1.0
    types: Weight = 1.0
    arcs: Weight = 1.0
    labels: Weight = 0.5
    risk: Weight = 0.5
    holder: Weight = 0.5
    thesis: Weight = 0.0
    teacher: Weight = 1.0
    by_label: dict[str, Weight] = Field(default_factory=dict)


class ParserSettings(RunSettings):
    """A training run of a parser.

    Attributes:
        encoder: a folder with a transformers encoder, a model of oped's, or a name on a model hub.
        encoder_layers: those of its layers that are kept, counted from 0 at the bottom; empty: all. A student of a larger
            model's width starts from some of its layers (Sanh et al. 2019).
        adapters: train adapters to the encoder in place of its weights; they are merged into these in the end.
        teacher: a larger model, by path or name, from whose probabilities the new one learns too, in the schemes that both
            have.
        metric: what is best on the dev part: a key of `oped evaluate`, of the default scheme, or of another as `SCHEME.KEY`.
    """

    task: Literal["parser"] = "parser"
    default_scheme: Annotated[SchemeName, Field(min_length=1)] = "opinion"
    encoder: str = "en_opinion_sm"
    encoder_layers: list[int] = Field(default_factory=list)
    adapters: AdapterSettings | None = None
    teacher: str = ""
    metric: str = ""
    network: NetworkSettings = NetworkSettings()
    schedule: ParserSchedule = ParserSchedule()
    loss: LossSettings = LossSettings()
    corpus: list[ParserCorpus]
