"""From files and tables to the articles that are suggested, each with the map that the model makes of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from oped.batch.inputs import readable_articles
from oped.batch.reading import one_line
from oped.errors import ConfigError, EndpointError, UnusableError
from oped.llm.parser import LanguageModelParser
from oped.neural.parser.config import SchemeConfig
from oped.neural.trained import TrainedParser
from oped.parsers import is_language_model, open_parser
from oped.parsing.protocol import ArgumentParser
from oped.records import ArgumentMap, Article
from oped.resources import DEFAULT_MODEL
from oped.suggest.ranking import Doubt, doubt, rank
from oped.words import Words, fingerprint


@dataclass(frozen=True, slots=True)
class Suggested:
    """What to annotate, the most useful first.

    Attributes:
        rows: id, name, gain and words of each article.
        maps: of the same articles.
        unreadable: name of each input that is no article, and why.
        types, relations: labels of the scheme, for the annotation tool.
    """

    rows: list[dict[str, Any]]
    maps: list[ArgumentMap]
    unreadable: list[tuple[str, str]]
    types: tuple[str, ...]
    relations: tuple[str, ...]


def suggest(
    inputs: Iterable[str],
    *,
    model: str,
    scheme: str | None = None,
    known: Sequence[ArgumentMap] = (),
    count: int = 20,
    per_word: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Suggested:
    """Rank articles by what annotating them would teach a model, and map the first ones.

    Args:
        inputs: files, folders, globs, tables, as for a batch.
        known: maps of articles that are annotated already; the same texts are left out.
        count: articles that are wanted.
        per_word: rank by doubt per word, not per article.
        options: of a language model. It makes the maps; the shipped model ranks the articles.

    Raises:
        ConfigError: there is no article to annotate.
        EndpointError: the language model does not answer.
        ModelError: no such model or scheme.
    """
    written = is_language_model(model)
    parser = TrainedParser.open(DEFAULT_MODEL if written else model, scheme=scheme, entities=False)
    maker: ArgumentParser = open_parser(model, scheme=scheme, **(options or {})) if written else parser

    def doubt_of(text: str) -> Doubt:
        return doubt(text, Words.of(text), parser.scorer, parser.scheme)

    known_doubts = [doubt_of(amap.article.text) for amap in known]
    seen = {fingerprint(amap.article.text) for amap in known}
    sources, unreadable = list(inputs), list[tuple[str, str]]()
    places, doubts = [], []
    for place, article in readable_articles(sources, unreadable):
        if (letters := fingerprint(article.text)) not in seen:
            try:
                doubts.append(doubt_of(article.text))
            except Exception as error:
                unreadable.append((article.source or article.id, one_line(error)))
                continue
            seen.add(letters)
            places.append(place)
    if not places:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in unreadable[:3])
        raise ConfigError(f"expected articles that are not annotated already, found none{reasons and f': {reasons}'}")
    chosen = rank(doubts, known=known_doubts, count=count, per_word=per_word)
    # The chosen ones are read again, so that not all texts need be held.
    wanted = {places[found.place] for found in chosen}
    articles = dict(readable_articles(sources, [], wanted))
    if any(places[found.place] not in articles for found in chosen):
        raise ConfigError("an article was changed or deleted while it was ranked; call again")
    rows, maps = [], []
    texts = [articles[places[found.place]] for found in chosen]
    for found, article, outcome in zip(chosen, texts, _outcomes(maker, texts), strict=True):
        if isinstance(outcome, UnusableError):
            unreadable.append((article.source or article.id, one_line(outcome)))
            continue
        gain, words = round(found.gain, 3), doubts[found.place].words
        rows.append({"id": article.id, "name": article.source, "gain": gain, "words": words})
        maps.append(outcome)
    labels = parser.scorer.config.schemes[parser.scheme]
    return Suggested(rows, maps, unreadable, *_labels(maker, labels, maps))


def _outcomes(maker: ArgumentParser, articles: Sequence[Article]) -> Iterator[ArgumentMap | UnusableError]:
    """The map of each article; a language model reads several at once, and may have nothing usable to say of one."""
    if not isinstance(maker, LanguageModelParser):
        yield from maker.pipe(articles)
        return
    with closing(maker.outcomes(articles)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, EndpointError) and not isinstance(outcome, UnusableError):
                raise outcome
            yield outcome


def _labels(
    maker: ArgumentParser, scheme: SchemeConfig, maps: Sequence[ArgumentMap]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels of components and of relations: the scheme's, and those of the maps where they are given in other terms."""
    known, joined = scheme.types, scheme.relations
    if isinstance(maker, LanguageModelParser):
        asked = maker.prompt.scheme
        known, joined = tuple(one.name for one in asked.components), tuple(one.name for one in asked.relations)
    types = {part.type for amap in maps for part in amap.components}
    relations = {link.type for amap in maps for link in amap.relations}
    return (*known, *sorted(types - set(known))), (*joined, *sorted(relations - set(joined)))
