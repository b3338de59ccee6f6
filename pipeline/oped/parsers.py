"""The argument parser of a name: what `--model` opens, a trained model or a language model."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oped.errors import ConfigError
from oped.parsing.protocol import ArgumentParser
from oped.records import Article, Entity
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from oped.llm.meter import Meter
    from oped.llm.model import LanguageModel
    from oped.llm.parser import LanguageModelParser
    from oped.llm.prompt import Prompt
    from oped.llm.settings import LanguageModelSettings

LANGUAGE_MODEL = "llm:"


def is_language_model(model: str | Path) -> bool:
    """Whether the value of `--model` means a language model: `llm:NAME`, or a TOML file that describes one."""
    return str(model).startswith(LANGUAGE_MODEL) or str(model).endswith(".toml")


def open_parser(
    model: str | Path = DEFAULT_MODEL,
    *,
    scheme: str | None = None,
    threads: int | None = None,
    entities: bool = True,
    device: str = "cpu",
    **options: Any,
) -> ArgumentParser:
    """Open an argument parser.

    Args:
        model: path or name of a trained model; by default the shipped one. Or `llm:NAME`, or a TOML file with a table
            `[llm]`, for a language model.
        scheme: annotation scheme to answer in; by default the model's own. A language model's is in its TOML file.
        threads: that one article may use; by default all processors'.
        entities: whether to find named entities: by the model's own recognizer, or, where it has none, by spaCy's
            `en_core_web_sm` (the extra `entities`). Those of a language model's maps are found by the shipped model.
        device: `cpu`, or `cuda` with onnxruntime-gpu.
        options: of a language model, such as `endpoint`; see `oped.llm.settings.LanguageModelSettings`.

    Raises:
        ModelError: there is no such model, scheme or device.
        ConfigError: an option is wrong, or is one of language models where the model is none.
        MissingExtraError: spaCy's model is needed, and not installed.
    """
    if is_language_model(model):
        from oped.llm.settings import read_settings

        refuse_scheme(scheme)
        settings = read_settings(str(model), options=options)
        return open_language_model_parser(settings, find_entities=entity_finder(threads) if entities else None)
    refuse_options(model, options)
    return _open_trained(model, scheme=scheme, threads=threads, entities=entities, device=device)


def refuse_options(model: str | Path, options: Mapping[str, Any]) -> None:
    """Raise ConfigError where a model that is no language model is given options of one."""
    if given := sorted(name for name, value in options.items() if value is not None):
        raise ConfigError(
            f"{given[0]}: an option of language models; expected the model llm:NAME with it, found {model}"
        )


def refuse_scheme(scheme: str | None) -> None:
    """Raise ConfigError where a language model is asked for a trained model's scheme."""
    if scheme not in (None, "opinion"):
        raise ConfigError(f"a language model answers in the scheme of its TOML file, not in {scheme!r}; leave it out")


def open_language_model_parser(
    settings: "LanguageModelSettings",
    *,
    find_entities: Callable[[Article], tuple[Entity, ...]] | None = None,
    meter: "Meter | None" = None,
    language_model: "LanguageModel | None" = None,
) -> "LanguageModelParser":
    """The argument parser of a language model.

    Args:
        find_entities: finds the mentions of an article; None: maps have none but those that are given.
        meter: counts what is used; default: one of its own.
        language_model: answers in place of the one that the settings name, such as a file of replies.

    Raises:
        ConfigError, ModelError, MissingExtraError: see `oped.llm.opening.open_language_model`.
    """
    from oped.llm.opening import open_language_model
    from oped.llm.parser import LanguageModelParser, ReadingOptions

    options = ReadingOptions(
        samples=settings.samples,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        decide=settings.decide,
    )
    return LanguageModelParser(
        language_model or open_language_model(settings, meter=meter),
        prompt=prompt_of(settings),
        options=options,
        find_entities=find_entities,
        concurrency=settings.concurrency,
    )


def prompt_of(settings: "LanguageModelSettings") -> "Prompt":
    """The prompt that a language model is given.

    Raises:
        ConfigError: there is no such prompt, or the scheme is wrong.
    """
    from oped.llm.prompt import DEFAULT_PROMPT, find_prompt
    from oped.llm.scheme import OPINION_LABELS, scheme_from

    labels = OPINION_LABELS if settings.scheme is None else scheme_from(settings.scheme)
    return find_prompt(
        settings.prompt or DEFAULT_PROMPT, scheme=labels, form=settings.form or "lines", gist=settings.gist
    )


def entity_finder(threads: int | None = None) -> Callable[[Article], tuple[Entity, ...]]:
    """Finds the named entities of an article with the shipped model, which is opened with the first article."""
    from functools import cache

    @cache
    def finder() -> Callable[[Article], tuple[Entity, ...]]:
        from oped.neural.trained import TrainedParser

        return TrainedParser.open(DEFAULT_MODEL, threads=threads or os.cpu_count() or 1).find_entities

    return lambda article: finder()(article)


def _open_trained(
    model: str | Path, *, scheme: str | None, threads: int | None, entities: bool, device: str
) -> ArgumentParser:
    from oped.neural.trained import TrainedParser

    parser = TrainedParser.open(
        model, scheme=scheme, threads=threads or os.cpu_count() or 1, device=device, entities=entities
    )
    if entities and parser.recognizer is None:
        from oped.parsing.spacy_entities import SpacyEntities

        return SpacyEntities(parser)
    return parser
