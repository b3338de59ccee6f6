"""A trained model as argument parser: from an article's words to its map."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from oped.errors import ModelError
from oped.formats.schemes import OPINION
from oped.headings import HEADINGS, headings_of
from oped.neural.entities.recognizer import EntityRecognizer
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENTITIES
from oped.neural.parser.decoding import Scorer, parse
from oped.neural.parser.mapping import components_of, relations_of
from oped.numeric import Floats
from oped.parsing.aliases import NAMED
from oped.parsing.assemble import assemble_map, numbered_entities
from oped.parsing.name_pieces import whole_names
from oped.quotations import QUOTATIONS, quotations_of
from oped.records import ArgumentMap, Article, Entity, ModelInfo
from oped.words import Words


class TrainedParser:
    """Maps articles with the network of a trained model: an `oped.parsing.protocol.ArgumentParser`.

    Args:
        scorer: what computes the network's scores.
        scheme: annotation scheme to answer in; by default the model's own.
        recognizer: finds named entities from the states of the words; None: those alone that are given count.

    Raises:
        ModelError: the model does not answer in that scheme.
    """

    def __init__(
        self, scorer: Scorer, *, scheme: str | None = None, recognizer: EntityRecognizer | None = None
    ) -> None:
        self.scorer, self.recognizer = scorer, recognizer
        config = scorer.config
        self.model = ModelInfo(config.name, config.version)
        self.scheme = scheme or config.default_scheme
        if self.scheme not in config.schemes:
            known = ", ".join(config.schemes)
            raise ModelError(f"{config.name}: the model answers in the schemes {known}, not in {self.scheme!r}")

    @classmethod
    def open(
        cls,
        model: str | Path,
        *,
        scheme: str | None = None,
        threads: int = 2,
        device: str = "cpu",
        entities: bool = True,
    ) -> "TrainedParser":
        """The parser of a model folder.

        Args:
            model: path or name.
            threads: that one article may use.
            device: `cpu`, or `cuda` with onnxruntime-gpu.
            entities: whether to find named entities, where the model has a recognizer.

        Raises:
            ModelError: there is no such model, scheme or device, or a part of it is torn.
        """
        folder = ModelFolder.find(model)
        recognizer = folder.open_entities() if entities and folder.has(ENTITIES) else None
        return cls(folder.open_parser(threads=threads, device=device), scheme=scheme, recognizer=recognizer)

    def parse(self, article: Article, *, entities: Sequence[Entity] | None = None) -> ArgumentMap:
        """The map of one article; see `oped.parsing.protocol.ArgumentParser`."""
        text, given = article.text, entities or ()
        words = Words.of(text)
        states = self.scorer.word_states(text, words)
        parsed = parse(states, words, self.scorer, self.scheme, without=words.within(self._headings(article)))
        components = components_of(text, words, parsed, self.scorer.config.schemes[self.scheme])
        mentions = self._found(text, words, states, given) if self.recognizer else _named(given)
        return assemble_map(article, components, relations_of(parsed), mentions, model=self.model, scheme=self.scheme)

    def _headings(self, article: Article) -> list[tuple[int, int]]:
        """Where headings stand, in which the opinion scheme has no components; a quoted block is none, whatever its shape."""
        if self.scheme != OPINION.name:
            return []
        quoted = set(quotations_of(article.text, article.extra.get(QUOTATIONS)))
        found = headings_of(article.text, article.extra.get(HEADINGS))
        return [span for span in found if span not in quoted]

    def find_entities(self, article: Article) -> tuple[Entity, ...]:
        """The named entities of an article alone; none where the model has no recognizer."""
        if self.recognizer is None:
            return ()
        words = Words.of(article.text)
        return self._found(article.text, words, self.scorer.word_states(article.text, words), ())

    def pipe(self, articles: Iterable[Article], *, batch_size: int = 32) -> Iterator[ArgumentMap]:
        """The maps of a stream of articles, each computed alone, so that none depends on its neighbours."""
        return map(self.parse, articles)

    def _found(self, text: str, words: Words, states: Floats, given: Sequence[Entity]) -> tuple[Entity, ...]:
        """The entities that are given, and those found beside them."""
        assert self.recognizer is not None
        found = [
            (int(words.starts[item.start]), int(words.ends[item.end - 1]), item.label)
            for item in self.recognizer(text, words, states)
        ]
        spans = {(part.start, part.end, part.label) for part in _named(given)}
        for start, end, label in whole_names(text, found):
            if not any(part.start < end and start < part.end for part in given):
                spans.add((start, end, label))
        return numbered_entities(text, sorted(spans))


def _named(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    return tuple(part for part in entities if part.label in NAMED)
