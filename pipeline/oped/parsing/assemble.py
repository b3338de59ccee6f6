"""An argument map, put together from the components, relations and entities that a parser found."""

from collections.abc import Sequence
from dataclasses import replace

from oped.parsing.aliases import Mention, canonical_names
from oped.parsing.attribution import attribute
from oped.records import ArgumentMap, Article, Component, Entity, ModelInfo, Relation


def numbered_entities(text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[Entity, ...]:
    """Records e1, e2 … of mentions, each with the fullest name of its entity in the article.

    Args:
        spans: start, end and label of each mention, in order of appearance.
    """
    names = canonical_names([Mention(text[start:end], label) for start, end, label in spans])
    return tuple(
        Entity(f"e{number}", start, end, text[start:end], label, name or text[start:end])
        for number, ((start, end, label), name) in enumerate(zip(spans, names, strict=True), start=1)
    )


def assemble_map(
    article: Article,
    components: Sequence[Component],
    relations: Sequence[Relation],
    entities: Sequence[Entity],
    *,
    model: ModelInfo,
    scheme: str,
) -> ArgumentMap:
    """The map: sources are named by the words around them, and each component is linked to the mentions inside it."""
    linked = tuple(
        replace(
            part,
            entities=tuple(entity.id for entity in entities if part.start <= entity.start and entity.end <= part.end),
        )
        for part in attribute(article.text, components, entities)
    )
    return ArgumentMap(article, linked, tuple(relations), tuple(entities), model, scheme)
