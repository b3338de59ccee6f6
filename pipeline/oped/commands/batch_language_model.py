"""`oped batch` with a language model: what it costs, its requests as a file, and maps from an endpoint or from replies."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from oped.batch.inputs import Item
from oped.batch.language_model import LanguageModelEngine
from oped.batch.local import LocalEngine
from oped.batch.run import Report, batch
from oped.batch.tasks import Bounds, Engine, Settings, Task
from oped.batch.worker import serve_articles
from oped.commands.batch import words_of
from oped.commands.batch_files import asked_by_file
from oped.errors import UnansweredError
from oped.llm.batch_file import RequestsFile
from oped.llm.meter import Meter, Totals, estimate_prompt, estimate_tokens
from oped.llm.model import Reply, Request
from oped.llm.parser import LanguageModelParser
from oped.llm.settings import LanguageModelSettings, read_settings
from oped.parsers import open_language_model_parser
from oped.records import ArgumentMap, Article

ANSWER_SHARE = 0.9  # tokens of answer for each token of an article, by readings of real ones


@dataclass(frozen=True, slots=True)
class Asked:
    """How the language model is asked.

    Attributes:
        dry_run: nothing is sent; what it would cost is told.
        requests: file that requests are written to in place of being sent.
        replies: files that answers are taken from.
    """

    dry_run: bool
    requests: Path | None
    replies: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Nobody:
    """A language model that answers nothing, for what is counted or written down before anything is sent."""

    name: str
    window: int | None

    def complete(self, request: Request) -> Reply:
        """Raise UnansweredError."""
        raise UnansweredError(f"{self.name} is not asked")


@dataclass(frozen=True, slots=True)
class LanguageModelBatch:
    """A batch that a language model reads.

    Attributes:
        workers: processes that take files apart.
        show: makes what shows progress, given what was used so far.
    """

    inputs: Iterable[Item]
    settings: Settings
    bounds: Bounds
    workers: int
    asked: Asked
    show: Callable[[Callable[[], Totals] | None], Report]

    def run(self, output: Path | None) -> int:
        """Do what was asked for; returns the exit status.

        Args:
            output: folder of the results; None where nothing is mapped.
        """
        chosen = read_settings(self.settings.model, options=self.settings.options)
        if self.asked.dry_run:
            return self._dry_run(chosen)
        if output is None:
            assert self.asked.requests is not None
            return self._write_requests(chosen, self.asked.requests)
        return self._map(chosen, output)

    def _map(self, chosen: LanguageModelSettings, output: Path) -> int:
        settings = replace(self.settings, replies=_digest(self.asked.replies))
        meter = Meter(chosen.prices, chosen.max_tokens_total)
        engines: list[LanguageModelEngine] = []
        with asked_by_file(
            self.settings.model, self.settings.options, self.asked.requests, self.asked.replies
        ) as by_file:
            parser = open_language_model_parser(chosen, meter=meter, language_model=by_file)

            def make(settings: Settings) -> Engine:
                engine = LanguageModelEngine(
                    settings, self.bounds, parser=parser, workers=self.workers, concurrency=chosen.concurrency
                )
                engines.append(engine)
                return engine

            summary = batch(
                self.inputs,
                output,
                settings,
                make,
                report=self.show(meter.totals),
                spent=lambda: {"language_model": meter.totals().to_dict()},
            )
        for engine in engines:
            if engine.stopped:
                click.echo(f"oped: {engine.stopped}", err=True)
        click.echo(f"{words_of(summary, output)}; {spent_words(meter.totals())}", err=True)
        return 1 if summary["failed"] or summary["pending"] else 0

    def _write_requests(self, chosen: LanguageModelSettings, path: Path) -> int:
        parser = open_language_model_parser(chosen, language_model=Nobody(chosen.model, chosen.window))
        failed = 0
        with RequestsFile(path, logprobs=chosen.logprobs) as file:
            for article in self._articles():
                failed += article is None
                for request in _requests(parser, article):
                    file.write(request, chosen.model)
            click.echo(f"{len(file)} requests in {path}", err=True)
        return 1 if failed else 0

    def _dry_run(self, chosen: LanguageModelSettings) -> int:
        parser = open_language_model_parser(chosen, language_model=Nobody(chosen.model, chosen.window))
        articles = failed = requests = sent = answered = 0
        for article in self._articles():
            failed += article is None
            if article is not None:
                asked = _requests(parser, article)
                articles, requests = articles + 1, requests + len(asked)
                sent += sum(map(estimate_prompt, asked))
                answered += round(ANSWER_SHARE * estimate_tokens(article.text)) * chosen.samples
        click.echo(f"{articles} articles, {requests} requests, about {sent:,} tokens sent and {answered:,} answered")
        if chosen.prices:
            click.echo(f"about {chosen.prices.of(sent, answered):,.2f} at the prices given")
        click.echo("Nothing was sent. Requests that correct answers come on top, at most one for each.")
        return 1 if failed else 0

    def _articles(self) -> Iterator[Article | None]:
        """The articles of the input; None for one that can't be read, which is named on stderr."""
        with closing(
            LocalEngine(replace(self.settings, entities=False), self.bounds, workers=self.workers, serve=serve_articles)
        ) as engine:
            for outcome in engine.run(self._tasks()):
                if outcome.failure is not None:
                    click.echo(f"oped: {outcome.failure.reason}", err=True)
                    yield None
                else:
                    yield ArgumentMap.from_dict(json.loads(outcome.map)).article

    def _tasks(self) -> Iterator[Task]:
        for item in self.inputs:
            if isinstance(item, Task):
                yield item
            else:
                click.echo(f"oped: {item[1].reason}", err=True)


def _requests(parser: LanguageModelParser, article: Article | None) -> list[Request]:
    return [] if article is None else parser.requests_of(article)


def _digest(paths: Iterable[Path]) -> str:
    """Hash of some files, in whatever order they are named; empty where there are none."""
    digests = []
    for path in paths:
        with open(path, "rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest() if digests else ""


def spent_words(totals: Totals) -> str:
    """What was used of a language model so far, in a line."""
    price = "" if totals.price is None else f", {totals.price:,.2f}"
    stored = f", {totals.cached} answers from the cache" if totals.cached else ""
    return f"{totals.prompt_tokens:,} tokens sent, {totals.completion_tokens:,} answered{price}{stored}"
