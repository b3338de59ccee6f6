"""Articles to train the entity recognizer on: annotated ones, and others that spaCy's recognizer tags."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from oped.errors import ConfigError
from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.neural.entities.recognizer import LABELS, TAGS, word_shapes
from oped.neural.entities.settings import EntitiesSettings
from oped.neural.folder import ModelFolder
from oped.parsing.aliases import NAMED
from oped.parsing.spacy_entities import entity_pipeline
from oped.records import Article
from oped.training.paths import resolve, resolve_model
from oped.words import Words

Mention = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class EntityExample:
    """An article for the network.

    Attributes:
        inputs: states and shapes of the words. *Shape:* (words, width + SHAPES)
        tags: places in `TAGS`. *Shape:* (words,)
        gold: mentions by the annotation; None where spaCy tagged it.
        tagged: mentions by spaCy.
    """

    text: str
    words: Words
    inputs: Tensor
    tags: Tensor
    gold: frozenset[Mention] | None
    tagged: frozenset[Mention]


def read_examples(settings: EntitiesSettings, base: Path) -> Iterator[EntityExample]:
    """The articles of all corpora that have a word, with their mentions by the annotation or by spaCy.

    Raises:
        ConfigError: the annotation is malformed, or does not fit the articles.
    """
    annotation = _annotation(resolve(settings.annotation, base))
    articles = {article.id: article for article in _articles(settings, base)}
    if unknown := sorted(annotation.keys() - articles.keys()):
        raise ConfigError(
            f"annotation: expected articles of the corpora, found {unknown[0]!r} and {len(unknown) - 1} more"
        )
    scorer = ModelFolder(resolve_model(settings.model, base)).open_parser()
    nlp = entity_pipeline()
    for article in articles.values():
        doc = nlp(article.text)
        words = Words.of(article.text)
        if not len(words):
            continue
        tagged = frozenset(
            _shortest(article.text, span.start_char, span.end_char, span.label_)
            for span in doc.ents
            if span.label_ in NAMED
        )
        gold = annotation.get(article.id)
        for start, end, label in gold or ():
            if not 0 <= start < end <= len(article.text):
                raise ConfigError(f"annotation: {article.id}: {label} from {start} to {end} is not in its text")
        states = scorer.word_states(article.text, words)
        inputs = torch.from_numpy(np.concatenate([states, word_shapes(article.text, words)], axis=1))
        yield EntityExample(article.text, words, inputs, _tags(words, tagged if gold is None else gold), gold, tagged)


def _articles(settings: EntitiesSettings, base: Path) -> Iterator[Article]:
    for corpus in settings.corpus:
        texts = article_texts(resolve(corpus.texts, base)) if corpus.texts else None
        for amap in read_corpus(resolve(corpus.path, base), corpus.format, texts=texts):
            yield amap.article


def _annotation(path: Path) -> dict[str, frozenset[Mention]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = {
            row["id"]: frozenset((int(start), int(end), str(label)) for start, end, label in row["mentions"])
            for row in rows
        }
    except OSError as error:
        raise ConfigError(f"annotation: {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"annotation: {path}: expected lines with id and mentions, found {error!r}") from None
    for mention in frozenset().union(*found.values()):
        if mention[2] not in LABELS:
            raise ConfigError(f"annotation: {path}: expected one of {', '.join(LABELS)}, found {mention[2]!r}")
    return found


def _shortest(text: str, start: int, end: int, label: str) -> Mention:
    """A mention without a leading article and a possessive ending, which the annotation leaves out."""
    if text[start:end].lower().startswith("the ") and end - start > len("the "):
        start += len("the ")
    if text[start:end].endswith(("'s", "’s")):
        end -= len("'s")
    return start, end, label


def _tags(words: Words, gold: frozenset[Mention]) -> Tensor:
    tags = torch.zeros(len(words), dtype=torch.long)
    for start, end, label in sorted(gold):
        inside = np.flatnonzero((words.starts < end) & (words.ends > start)).tolist()
        for number, place in enumerate(inside):
            tags[place] = TAGS.index(f"{'I' if number else 'B'}-{label}")
    return tags
