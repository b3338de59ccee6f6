"""Records that flow through every step: an article, and the map of its argument.

All are frozen and checked when built, so that an invalid map can't exist: offsets lie inside the text and agree
with it, ids are unique, relations join components that are there, probabilities lie between 0 and 1.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from oped.fields import OMITTED, STATED, Record, data_of, record_of

FORMAT = "oped/argument-map"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Article(Record):
    """One article: its body and what is known about it.

    Attributes:
        id: unique in its collection.
        text: the body; paragraphs are separated by a blank line.
        published: date of publication, ISO 8601.
        source: the file or table row it came from.
        language: ISO 639-1 code.
        extra: any other metadata, such as the outlet.
    """

    WRITTEN: ClassVar = ("id", "title", "authors", "published", "url", "source", "language", "text", "extra")

    id: str
    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    source: str | None = None
    language: str = "en"
    extra: Mapping[str, Any] = field(default_factory=dict, metadata=OMITTED)


@dataclass(frozen=True, slots=True)
class Attribution(Record):
    """Whose view a component is: the author's, or another's (then `name` as the text has it, where found)."""

    holder: str = field(default="author", metadata=STATED)
    name: str | None = None

    def __post_init__(self) -> None:
        if self.holder not in ("author", "other"):
            raise ValueError(f"holder must be 'author' or 'other', not {self.holder!r}")
        if self.holder == "author" and self.name is not None:
            raise ValueError(f"the author's own view has no other name, but {self.name!r} is given")


AUTHOR = Attribution()


@dataclass(frozen=True, slots=True)
class Entity(Record):
    """One mention of a person, organisation, place …; mentions of one entity share `name`."""

    id: str
    start: int
    end: int
    text: str
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class Component(Record):
    """A span that states one proposition of the argument.

    Attributes:
        start, end: code points into the article's text, end exclusive.
        type: a label of the map's scheme; in the opinion scheme major_claim, claim or premise.
        risk: whether something bad is said to be possible, threatened or feared; None where nobody looked.
        attribution: whose view it is; None where nobody looked.
        entities: ids of the mentions inside the span.
        gist: a short restatement that is understood without the article; None where nobody wrote one.
    """

    id: str
    start: int
    end: int
    text: str
    type: str
    probability: float = 1.0
    risk: bool | None = None
    risk_probability: float | None = None
    attribution: Attribution | None = None
    entities: tuple[str, ...] = ()
    gist: str | None = field(default=None, metadata=OMITTED)
    extra: Mapping[str, Any] = field(default_factory=dict, metadata=OMITTED)

    def __post_init__(self) -> None:
        _check_probability(self.id, self.probability)
        if self.risk_probability is not None:
            _check_probability(self.id, self.risk_probability)


@dataclass(frozen=True, slots=True)
class Relation(Record):
    """A directed relation from the component that gives the reason to the one it bears on."""

    id: str
    source: str
    target: str
    type: str
    probability: float = 1.0
    extra: Mapping[str, Any] = field(default_factory=dict, metadata=OMITTED)

    def __post_init__(self) -> None:
        _check_probability(self.id, self.probability)
        if self.source == self.target:
            raise ValueError(f"relation {self.id} joins {self.source} to itself")


@dataclass(frozen=True, slots=True)
class ModelInfo(Record):
    """Which model made a map; None in a map made by hand."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Record):
    """How a language model's map came about.

    Attributes:
        samples: how often the article was read.
        requests: that were sent, corrections included.
        prompt_tokens, completion_tokens: of all requests, as the endpoint counts them.
        lines: components that were answered.
        exact, mended, dropped: of these, how many were found in the text to the letter, found after folding or alignment,
            and left out.
    """

    samples: int = 1
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    lines: int = 0
    exact: int = 0
    mended: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ArgumentMap(Record):
    """An article with its entities, argument components and the relations between them.

    Attributes:
        scheme: the annotation scheme that the labels belong to.
        reading: how a language model read the article; None where none did.

    Raises:
        ValueError: where the parts do not fit together.
    """

    WRITTEN: ClassVar = ("model", "article", "entities", "components", "relations", "reading", "scheme")

    article: Article
    components: tuple[Component, ...] = field(default=(), metadata=STATED)
    relations: tuple[Relation, ...] = field(default=(), metadata=STATED)
    entities: tuple[Entity, ...] = ()
    model: ModelInfo | None = None
    scheme: str = field(default="opinion", metadata=OMITTED)
    reading: Reading | None = field(default=None, metadata=OMITTED)

    def __post_init__(self) -> None:
        check_spans(self.article.text, (*self.entities, *self.components))
        _check_unique((*self.entities, *self.components, *self.relations))
        known = {component.id for component in self.components}
        mentions = {entity.id for entity in self.entities}
        for relation in self.relations:
            for end in (relation.source, relation.target):
                if end not in known:
                    raise ValueError(f"relation {relation.id} joins {end}, which is no component of this map")
        for component in self.components:
            if missing := set(component.entities) - mentions:
                raise ValueError(f"component {component.id} names {min(missing)}, which is no entity of this map")

    def to_dict(self) -> dict[str, Any]:
        """The map as JSON's data, with its format and version."""
        return {"format": FORMAT, "version": VERSION, **data_of(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The map of JSON's data.

        Raises:
            ValueError: another format or version, a value of the wrong type, or parts that do not fit together.
            KeyError: a required field is missing.
        """
        if not isinstance(data, Mapping) or data.get("format") != FORMAT or data.get("version") != VERSION:
            head = data if isinstance(data, Mapping) else {}
            found = f"{head.get('format')!r} version {head.get('version')!r}"
            raise ValueError(f"expected {FORMAT!r} version {VERSION}, found {found}")
        return record_of(cls, data)

    def _repr_html_(self) -> str | None:
        """The map for a notebook, see `draw_in_notebooks`; None where nothing draws it."""
        return _draw(self) if _draw else None

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked anew."""
        return replace(self, **changes)


_draw: Callable[[ArgumentMap], str] | None = None


def draw_in_notebooks(draw: Callable[[ArgumentMap], str]) -> None:
    """Say what turns a map into the HTML that a notebook shows."""
    global _draw
    _draw = draw


def check_spans(text: str, spans: Iterable[Entity | Component]) -> None:
    """Raise ValueError unless every span lies inside the text and quotes it exactly."""
    for span in spans:
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"{span.id}: span {span.start}-{span.end} is not inside a text of {len(text)} characters")
        if text[span.start : span.end] != span.text:
            found = text[span.start : span.end]
            raise ValueError(
                f"{span.id}: the text at {span.start}-{span.end} is {found[:60]!r}, not {span.text[:60]!r}"
            )


def _check_unique(parts: Iterable[Entity | Component | Relation]) -> None:
    seen: set[str] = set()
    for part in parts:
        if part.id in seen:
            raise ValueError(f"the id {part.id!r} is used twice")
        seen.add(part.id)


def _check_probability(owner: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{owner}: a probability lies between 0 and 1, not {value}")
