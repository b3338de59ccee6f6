"""An argument map, put together from the components, relations and entities that a parser found."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from oped.formats.schemes import OPINION
from oped.parsing.aliases import Mention, canonical_names
from oped.parsing.attribution import attribute, with_quoted
from oped.parsing.borders import with_whole_borders
from oped.parsing.contrast import with_contrasts
from oped.parsing.short_forms import explained
from oped.quotations import QUOTATIONS, quotations_of
from oped.records import ArgumentMap, Article, Component, Entity, ModelInfo, Relation


def numbered_entities(text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[Entity, ...]:
    """Records e1, e2 … of mentions, each with the fullest name of its entity in the article.

    Args:
        spans: start, end and label of each mention, in order of appearance.
    """
    mentions = [Mention(text[start:end], label) for start, end, label in spans]
    names = canonical_names(mentions, short_forms=explained(text, [(start, end) for start, end, _ in spans]))
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
    """The map: sources are named by the words around them, attacks told by connectives, borders put right, mentions linked.

    Args:
        components, entities: in order of appearance.
    """
    blocks = quotations_of(article.text, article.extra.get(QUOTATIONS))
    named = attribute(article.text, with_quoted(article.text, components, blocks), entities)
    if scheme == OPINION.name:
        relations = with_contrasts(article.text, named, relations)
    starts = [entity.start for entity in entities]
    linked = []
    for part in with_whole_borders(article.text, named, entities):
        inside = entities[bisect_left(starts, part.start) : bisect_left(starts, part.end)]
        linked.append(replace(part, entities=tuple(entity.id for entity in inside if entity.end <= part.end)))
    return ArgumentMap(article, tuple(linked), tuple(relations), tuple(entities), model, scheme)
