"""The argument map of an article, from what its readings agreed on."""

from collections.abc import Sequence

from oped.llm.scheme import LabelScheme
from oped.llm.votes import Voted
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, Entity, ModelInfo, Reading, Relation


def assemble(
    article: Article,
    parts: Sequence[Voted],
    entities: Sequence[Entity],
    *,
    scheme: LabelScheme,
    model: ModelInfo,
    reading: Reading,
) -> ArgumentMap:
    """The map, with components and relations numbered in the order of the text."""
    components = tuple(
        _component(f"c{number}", part, article, entities, scheme) for number, part in enumerate(parts, start=1)
    )
    links = [(place, link) for place, part in enumerate(parts) for link in part.links]
    relations = tuple(
        Relation(f"r{number}", components[place].id, components[link.target].id, link.type, link.probability)
        for number, (place, link) in enumerate(links, start=1)
    )
    return ArgumentMap(article, components, relations, tuple(entities), model, scheme.name, reading)


def _component(name: str, part: Voted, article: Article, entities: Sequence[Entity], scheme: LabelScheme) -> Component:
    inside = (entity.id for entity in entities if part.start <= entity.start and entity.end <= part.end)
    return Component(
        id=name,
        start=part.start,
        end=part.end,
        text=article.text[part.start : part.end],
        type=part.type,
        probability=part.probability,
        risk=part.risk if scheme.risk else None,
        risk_probability=part.risk_probability if scheme.risk else None,
        attribution=_attribution(part.source, article.authors) if scheme.source else None,
        entities=tuple(inside),
        gist=part.gist,
    )


def _attribution(name: str, authors: Sequence[str]) -> Attribution:
    """Whose view it is, by the name that the answer gives; the article's own author may be given by name."""
    own = {author.strip().lower() for author in authors}
    return AUTHOR if not name or name.lower() in own else Attribution("other", name)
