"""From files and tables to the articles that are suggested, each with the map that the model makes of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oped.api import load
from oped.batch.inputs import Inputs
from oped.batch.tasks import Task
from oped.batch.worker import one_line, read_task
from oped.errors import ConfigError, InputError
from oped.ingest.read import DEFAULT_MAX_CHARACTERS
from oped.language.components import ARGUMENTS, ArgumentTagger
from oped.parser.pieces import Words
from oped.records import ArgumentMap, Article
from oped.suggest.ranking import Doubt, doubt, rank
from oped.words import split_words


@dataclass(frozen=True, slots=True)
class Suggested:
    """What to annotate, the most useful first.

    Attributes:
        rows: id, name, gain and words of each article.
        maps: of the same articles.
        unreadable: name of each input that is no article, and why.
    """

    rows: list[dict[str, Any]]
    maps: list[ArgumentMap]
    unreadable: list[tuple[str, str]]


def suggest(
    inputs: Iterable[str],
    *,
    model: str,
    scheme: str | None = None,
    known: Sequence[ArgumentMap] = (),
    count: int = 20,
    per_word: bool = False,
) -> Suggested:
    """Rank articles by what annotating them would teach a model, and map the first ones.

    Args:
        inputs: files, folders, globs, tables, as for a batch.
        known: maps of articles that are annotated already; the same texts are left out.
        count: articles that are wanted.
        per_word: rank by doubt per word, not per article.

    Raises:
        ConfigError: there is no article to annotate.
        ModelError: no such model or scheme.
    """
    nlp = load(model, scheme=scheme, entities=False)
    tagger = nlp.get_pipe(ARGUMENTS)
    assert isinstance(tagger, ArgumentTagger)

    def doubt_of(text: str) -> Doubt:
        return doubt(text, Words.of(text, split_words(text)), tagger.scorer, tagger.scheme)

    unreadable: list[tuple[str, str]] = []
    tasks, doubts = [], []
    seen = {amap.article.text for amap in known}
    for task, article in _articles(inputs, unreadable):
        if article.text not in seen:
            seen.add(article.text)
            tasks.append(task)
            doubts.append(doubt_of(article.text))
    if not tasks:
        raise ConfigError("expected articles to choose from, found none that is not annotated already")
    chosen = rank(doubts, known=[doubt_of(amap.article.text) for amap in known], count=count, per_word=per_word)
    rows, maps = [], []
    for found in chosen:
        task = tasks[found.place]
        article = read_task(task, DEFAULT_MAX_CHARACTERS)
        words = doubts[found.place].words
        rows.append({"id": article.id, "name": task.name, "gain": round(found.gain, 3), "words": words})
        maps.append(tagger.map(nlp.make_doc(article.text), article))
    return Suggested(rows, maps, unreadable)


def _articles(inputs: Iterable[str], unreadable: list[tuple[str, str]]) -> Iterator[tuple[Task, Article]]:
    for item in Inputs(inputs):
        if not isinstance(item, Task):
            name, failure = item
            unreadable.append((name, failure.reason))
            continue
        try:
            yield item, read_task(item, DEFAULT_MAX_CHARACTERS)
        except (InputError, OSError) as error:
            unreadable.append((item.name, one_line(error)))
