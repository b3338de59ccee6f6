"""Putting a map together from what the components of the pipeline found in a Doc."""

from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Doc

from oped.parsing.aliases import NAMED
from oped.records import ArgumentMap, Article, Component, Entity, ModelInfo, Relation


def entities_of(doc: Doc) -> tuple[Entity, ...]:
    """Named entities of a Doc as records e1, e2 …; dates, numbers and the like stay in `doc.ents` alone."""
    named = [span for span in doc.ents if span.label_ in NAMED and span.text.strip()]
    return tuple(
        Entity(f"e{number}", span.start_char, span.end_char, span.text, span.label_, span.id_ or span.text)
        for number, span in enumerate(named, start=1)
    )


def build_map(
    article: Article,
    components: Sequence[Component],
    relations: Sequence[Relation],
    entities: Sequence[Entity],
    *,
    model: ModelInfo,
    scheme: str,
) -> ArgumentMap:
    """The map, with each component linked to the mentions inside it."""
    linked = tuple(
        replace(
            part,
            entities=tuple(entity.id for entity in entities if part.start <= entity.start and entity.end <= part.end),
        )
        for part in components
    )
    return ArgumentMap(article, linked, tuple(relations), tuple(entities), model, scheme)
