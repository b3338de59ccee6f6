"""From maps to the statements that are compared, and who makes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from oped.compare.bounds import MOST_LETTERS, cut, one_group, refuse_long_names
from oped.errors import ConfigError
from oped.formats.passages import Passage, surroundings
from oped.formats.schemes import OPINION
from oped.formats.stances import StanceTarget
from oped.neural.stances.runtime import TAKEN_TOWARDS
from oped.records import ArgumentMap, Article, Component, Entity

AUTHOR = "author"
UNKNOWN = "unknown"
OTHER = "OTHER"  # label of what is named and was not recognized as an entity


@dataclass(frozen=True, slots=True)
class Statement:
    """A component, with what is needed to compare it.

    Attributes:
        id: unique in the comparison.
        component: its id in its map.
        groups: the authors (or whatever is compared by) of its article.
        source: who holds it where that is not the author; None: the author does.
        entities: name and label of what it mentions.
        targets: by name, the first mention of each entity towards which the author can take a stance; of what a source says
            none, since its stance is not the author's.
        before, after: what stands around it in its paragraph, cut where that is long.
        gist: a restatement that is understood without the article, where the map has one.
    """

    id: str
    article: int
    component: str
    text: str
    type: str
    probability: float
    risk: bool
    groups: tuple[str, ...]
    source: str | None
    published: str | None
    entities: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, StanceTarget], ...] = ()
    before: str = ""
    after: str = ""
    gist: str | None = None

    @property
    def held(self) -> bool:
        """Whether the article's author says it as the author's own."""
        return self.source is None

    def to_dict(self) -> dict[str, Any]:
        return {
            "component": self.component,
            "text": self.text,
            "before": self.before,
            "after": self.after,
            **({"gist": self.gist} if self.gist else {}),
            "type": self.type,
            "probability": self.probability,
            "risk": self.risk,
            "by": list(self.groups),
            "holder": AUTHOR if self.held else "other",
            "name": self.source or None,
            "published": self.published,
        }


@dataclass(frozen=True, slots=True)
class Heading:
    """What is kept of an article."""

    id: str
    title: str | None
    groups: tuple[str, ...]
    published: str | None
    url: str | None
    question: str | None
    words: int


@dataclass(slots=True)
class Collection:
    """All statements of the maps, and the relations between them within each map.

    Attributes:
        links: source, target (places in `statements`), type and probability.
        models: number of maps by the model, and the scheme where it is not the usual one, that made them.
        unattributed: number of statements of which the map does not say whose view they are.
        nameless: ids of articles that do not say whose they are.
        crowded: ids of articles of so many authors that these count as one group.
        names: of all groups.
    """

    articles: list[Heading] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    links: list[tuple[int, int, str, float]] = field(default_factory=list)
    mentions: list[tuple[int, str, str]] = field(default_factory=list)
    models: dict[str, int] = field(default_factory=dict)
    nameless: list[str] = field(default_factory=list)
    crowded: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    unattributed: int = 0

    def name(self, place: int, names: Sequence[str]) -> None:
        """Note what a statement names that its map does not list as an entity."""
        part = self.statements[place]
        self.mentions += [(part.article, name, OTHER) for name in names]
        found = {*part.entities, *((name, OTHER) for name in names)}
        self.statements[place] = replace(part, entities=tuple(sorted(found)))

    def passage(self, statement: Statement) -> Passage:
        """A statement with its surroundings, or its restatement, which needs none."""
        if statement.gist:
            return Passage(statement.gist)
        title = self.articles[statement.article].title or ""
        return Passage(statement.text, title, statement.before, statement.after)

    def add(self, amap: ArgumentMap, *, by: str, question: str) -> None:
        """Take in a map.

        Args:
            by: `author`, `date` (the month), or a field of the article's metadata.
            question: the metadata field that names what the article is about.

        Raises:
            ConfigError: a name in it is far too long.
        """
        article, place = amap.article, len(self.articles)
        groups = self._groups(article, by)
        refuse_long_names(amap, groups)
        self.names.update(groups)
        topic = article.extra.get(question)
        self.articles.append(
            Heading(
                article.id,
                None if article.title is None else cut(article.title),
                groups,
                article.published,
                article.url,
                None if topic is None else cut(str(topic)),
                len(article.text.split()),
            )
        )
        model = "none" if amap.model is None else f"{amap.model.name} {amap.model.version}"
        if amap.scheme != OPINION.name:
            model = f"{model} in the scheme {amap.scheme}"
        self.models[model] = self.models.get(model, 0) + 1
        mentions = {entity.id: entity for entity in amap.entities}
        self.mentions += [(place, entity.name, entity.label) for entity in amap.entities]
        places: dict[str, int] = {}
        for part in amap.components:
            places[part.id] = len(self.statements)
            name = f"s{len(self.statements) + 1}"
            self.statements.append(_statement(name, article, place, part, groups, mentions))
            self.unattributed += part.attribution is None
        self.links += [
            (places[link.source], places[link.target], link.type, link.probability) for link in amap.relations
        ]

    def _groups(self, article: Article, by: str) -> tuple[str, ...]:
        """Whom an article counts for; where it does not say, for itself."""
        found = group_names(article, by)
        groups = one_group(found)
        if len(groups) < len(found):
            self.crowded.append(article.id)
        if groups:
            return groups
        self.nameless.append(article.id)
        name = f"{UNKNOWN}: {cut(article.title or article.id, 200)}"
        return (f"{name} ({article.id})" if name in self.names else name,)


def _statement(
    name: str,
    article: Article,
    place: int,
    part: Component,
    groups: tuple[str, ...],
    mentions: Mapping[str, Entity],
) -> Statement:
    who = part.attribution
    source = None if who is None or who.holder == AUTHOR else who.name or ""
    before, after = surroundings(article.text, part.start, part.end)
    named = sorted((mentions[mention] for mention in part.entities), key=lambda entity: entity.start)
    return Statement(
        id=name,
        article=place,
        component=part.id,
        text=cut(part.text),
        type=part.type,
        probability=part.probability,
        risk=bool(part.risk),
        groups=groups,
        source=source,
        published=article.published,
        entities=tuple(sorted({(entity.name, entity.label) for entity in named})),
        targets=_targets(article.text, part, named) if source is None else (),
        before=before,
        after=after,
        gist=None if part.gist is None else cut(part.gist),
    )


def _targets(text: str, part: Component, named: Sequence[Entity]) -> tuple[tuple[str, StanceTarget], ...]:
    first: dict[str, StanceTarget] = {}
    for entity in named:
        inside = part.start <= entity.start < entity.end <= part.end
        if entity.label in TAKEN_TOWARDS and inside and entity.name not in first:
            # Of a very long statement what stands around the entity is enough: the detector reads no more.
            around = max(part.start, entity.start - MOST_LETTERS), min(part.end, entity.end + MOST_LETTERS)
            first[entity.name] = StanceTarget.of(text, around, (entity.start, entity.end))
    return tuple(sorted(first.items(), key=lambda item: item[0]))


def group_names(article: Article, by: str) -> tuple[str, ...]:
    """Whom an article counts for; nobody where it does not say."""
    if by == AUTHOR:
        return article.authors
    if by == "date":
        return (article.published[:7],) if article.published else ()
    value = article.extra.get(by, getattr(article, by, None) if by in ("language", "source", "url") else None)
    if value is None or value == "":
        return ()
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def collect(
    maps: Iterable[ArgumentMap], *, by: str = AUTHOR, question: str = "question", mixed: bool = False
) -> Collection:
    """Gather the statements of all maps.

    Args:
        mixed: take maps of different models or versions together.

    Raises:
        ConfigError: there is no map; an article stands there twice; no article has the field; maps of several models or
            schemes without `mixed`.
    """
    result, seen = Collection(), set[str]()
    for amap in maps:
        if amap.article.id in seen:
            raise ConfigError(f"two maps are of the article {amap.article.id!r}: compare each article once")
        seen.add(amap.article.id)
        result.add(amap, by=by, question=question)
    if not result.articles:
        raise ConfigError("expected maps to compare, found none")
    if by not in (AUTHOR, "date") and len(result.nameless) == len(result.articles):
        raise ConfigError(f"--by {by}: expected a field of the articles' metadata, but no article has it")
    if len(result.models) > 1 and not mixed:
        found = ", ".join(f"{name} ({count})" for name, count in sorted(result.models.items()))
        raise ConfigError(
            f"the maps come from different models or schemes: {found}; map all with one, or pass --mixed-models"
        )
    return result
