"""What users call: a pipeline, and maps of articles."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oped.neural.folder import ModelFolder
from oped.neural.layout import ENTITIES
from oped.parsers import is_language_model, open_parser, refuse_options
from oped.records import ArgumentMap, Article
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from spacy.language import Language


def load(
    model: str | Path = DEFAULT_MODEL,
    *,
    scheme: str | None = None,
    threads: int | None = None,
    entities: bool = True,
    device: str = "cpu",
    **options: Any,
) -> "Language":
    """A spaCy pipeline that maps the argument of a text.

    Args:
        model: path or name of a model; by default the shipped one. Or `llm:NAME`, or a TOML file, for a language model.
        scheme: annotation scheme to answer in; by default the model's own.
        threads: that one article may use; by default all processors'.
        entities: whether to look for named entities: by the model's own recognizer, or, where it has none, by spaCy's
            `en_core_web_sm` (the extra `entities`).
        device: `cpu`, or `cuda` with onnxruntime-gpu.
        options: of a language model, such as `endpoint`; see `oped.llm.settings.LanguageModelSettings`.

    Returns:
        A `Language`: `nlp(text)` has `doc.ents`, `doc.spans["components"]`, `doc.spans["risks"]` and
        `doc._.argument_map`.

    Raises:
        ModelError: there is no such model, scheme or device.
        ConfigError: an option is wrong.
        MissingExtraError: spaCy's model is needed, and not installed.
    """
    import spacy

    if not is_language_model(model):
        refuse_options(model, options)
    own = entities and (is_language_model(model) or ModelFolder.find(model).has(ENTITIES))
    if entities and not own:
        from oped.parsing.spacy_entities import entity_pipeline

        nlp = entity_pipeline()
        nlp.add_pipe("oped_entities")
    else:
        nlp = spacy.blank("en")
    nlp.add_pipe(
        "oped_arguments",
        config={
            "model": str(model),
            "scheme": scheme,
            "threads": threads or os.cpu_count() or 1,
            "device": device,
            "entities": own,
            "options": options,
        },
    )
    nlp.get_pipe("oped_arguments").require_model()  # type: ignore[attr-defined]
    nlp.max_length = 1_000_000_000
    return nlp


def map_articles(
    articles: Iterable[Article], *, nlp: "Language | None" = None, batch_size: int = 32
) -> Iterator[ArgumentMap]:
    """Map articles one after another, in their order.

    Args:
        nlp: a pipeline of `load`; by default the shipped model maps them. Components of it after `oped_arguments` are not
            run: they could not change a map.
        batch_size: articles that are worked on at once.
    """
    if nlp is None:
        return open_parser().pipe(articles, batch_size=batch_size)
    from oped.language.components import pipe_articles

    return pipe_articles(nlp, articles, batch_size=batch_size)


def map_article(article: Article, *, nlp: "Language | None" = None) -> ArgumentMap:
    """Map one article."""
    return next(map_articles([article], nlp=nlp))
