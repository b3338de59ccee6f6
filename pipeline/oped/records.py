"""The records that flow through every step: an article, and the map of its argument.

All are frozen and checked when built, so that an invalid map can't exist: offsets lie inside the text and agree
with it, ids are unique, relations join components that are there, probabilities lie between 0 and 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

FORMAT = "oped/argument-map"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its body and what is known about it.

    Attributes:
        id: unique in its collection.
        text: the body; paragraphs are separated by a blank line.
        published: date of publication, ISO 8601.
        source: the file or table row it came from.
        language: ISO 639-1 code.
        extra: any other metadata, such as the outlet.
    """

    id: str
    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    source: str | None = None
    language: str = "en"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "authors": list(self.authors),
            "published": self.published,
            "url": self.url,
            "source": self.source,
            "language": self.language,
            "text": self.text,
        }
        return data | ({"extra": dict(self.extra)} if self.extra else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        known = {name: data[name] for name in ("title", "published", "url", "source") if name in data}
        return cls(
            id=str(data["id"]),
            text=data["text"],
            authors=tuple(data.get("authors") or ()),
            language=data.get("language") or "en",
            extra=dict(data.get("extra") or {}),
            **known,
        )


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose view a component is: the author's, or another's (then `name` as the text has it, where found)."""

    holder: str = "author"
    name: str | None = None

    def __post_init__(self) -> None:
        if self.holder not in ("author", "other"):
            raise ValueError(f"holder must be 'author' or 'other', not {self.holder!r}")
        if self.holder == "author" and self.name is not None:
            raise ValueError(f"the author's own view has no other name, but {self.name!r} is given")


AUTHOR = Attribution()


@dataclass(frozen=True, slots=True)
class Entity:
    """One mention of a person, organisation, place …; mentions of one entity share `name`."""

    id: str
    start: int
    end: int
    text: str
    label: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "label": self.label,
            "name": self.name,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{name: data[name] for name in ("id", "start", "end", "text", "label", "name")})


@dataclass(frozen=True, slots=True)
class Component:
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
    gist: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_probability(self.id, self.probability)
        if self.risk_probability is not None:
            _check_probability(self.id, self.risk_probability)

    def to_dict(self) -> dict[str, Any]:
        who = self.attribution
        data: dict[str, Any] = {
            "id": self.id,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "type": self.type,
            "probability": self.probability,
            "risk": self.risk,
            "risk_probability": self.risk_probability,
            "attribution": None if who is None else {"holder": who.holder, "name": who.name},
            "entities": list(self.entities),
        }
        data |= {} if self.gist is None else {"gist": self.gist}
        return data | ({"extra": dict(self.extra)} if self.extra else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        who = data.get("attribution")
        return cls(
            **{name: data[name] for name in ("id", "start", "end", "text", "type")},
            probability=data.get("probability", 1.0),
            risk=data.get("risk"),
            risk_probability=data.get("risk_probability"),
            attribution=None if who is None else Attribution(who["holder"], who.get("name")),
            entities=tuple(data.get("entities") or ()),
            gist=data.get("gist"),
            extra=dict(data.get("extra") or {}),
        )


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed relation from the component that gives the reason to the one it bears on."""

    id: str
    source: str
    target: str
    type: str
    probability: float = 1.0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_probability(self.id, self.probability)
        if self.source == self.target:
            raise ValueError(f"relation {self.id} joins {self.source} to itself")

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "source": self.source,
            "target": self.target,
            "type": self.type,
            "probability": self.probability,
        }
        return data | ({"extra": dict(self.extra)} if self.extra else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{name: data[name] for name in ("id", "source", "target", "type")},
            probability=data.get("probability", 1.0),
            extra=dict(data.get("extra") or {}),
        )


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model made a map; None in a map made by hand."""

    name: str
    version: str

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "version": self.version}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
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

    def to_dict(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{item.name: int(data.get(item.name, item.default)) for item in fields(cls)})


@dataclass(frozen=True, slots=True)
class ArgumentMap:
    """An article with its entities, argument components and the relations between them.

    Attributes:
        scheme: the annotation scheme that the labels belong to.
        reading: how a language model read the article; None where none did.

    Raises:
        ValueError: where the parts do not fit together.
    """

    article: Article
    components: tuple[Component, ...] = ()
    relations: tuple[Relation, ...] = ()
    entities: tuple[Entity, ...] = ()
    model: ModelInfo | None = None
    scheme: str = "opinion"
    reading: Reading | None = None

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
        data: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "model": None if self.model is None else self.model.to_dict(),
            "article": self.article.to_dict(),
            "entities": [entity.to_dict() for entity in self.entities],
            "components": [component.to_dict() for component in self.components],
            "relations": [relation.to_dict() for relation in self.relations],
        }
        data |= {} if self.reading is None else {"reading": self.reading.to_dict()}
        return data | ({"scheme": self.scheme} if self.scheme != "opinion" else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Build a map from its JSON.

        Raises:
            ValueError: another format or version, or parts that do not fit together.
            KeyError: a required field is missing.
        """
        if data.get("format") != FORMAT or data.get("version") != VERSION:
            found = f"{data.get('format')!r} version {data.get('version')!r}"
            raise ValueError(f"expected {FORMAT!r} version {VERSION}, found {found}")
        model = data.get("model")
        return cls(
            article=Article.from_dict(data["article"]),
            components=tuple(map(Component.from_dict, data["components"])),
            relations=tuple(map(Relation.from_dict, data["relations"])),
            entities=tuple(map(Entity.from_dict, data.get("entities") or ())),
            model=None if model is None else ModelInfo(model["name"], model["version"]),
            scheme=data.get("scheme", "opinion"),
            reading=None if (reading := data.get("reading")) is None else Reading.from_dict(reading),
        )

    def _repr_html_(self) -> str:
        """The map's page, for a notebook, in a frame that may run the page's own script and nothing else."""
        from markupsafe import escape

        from oped.render.page import render_page

        frame = 'sandbox="allow-scripts allow-downloads" width="100%" height="720" style="border:0"'
        return f'<iframe {frame} srcdoc="{escape(render_page(self))}"></iframe>'

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, checked anew."""
        return replace(self, **changes)


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
