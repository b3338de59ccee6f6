"""`oped batch` with a language model: what it costs, its requests as a file, and maps from an endpoint or from replies."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
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
from oped.commands.dry_run import Nobody, stored_by
from oped.errors import UnansweredError
from oped.llm.meter import Meter, Totals, estimate_prompt, estimate_tokens
from oped.llm.settings import LanguageModelSettings, read_settings
from oped.parsers import open_language_model_parser, refuse_scheme
from oped.records import ArgumentMap, Article

UNANSWERED = UnansweredError.__name__
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
class LanguageModelBatch:
    """A batch that a language model reads.

    Attributes:
        workers: processes that take files apart.
        show: makes what shows progress, given what was used so far.
        quiet: whether nothing is said of what went well.
    """

    inputs: Iterable[Item]
    settings: Settings
    bounds: Bounds
    workers: int
    asked: Asked
    show: Callable[[Callable[[], Totals] | None], Report]
    quiet: bool = False

    def run(self, output: Path | None) -> int:
        """Do what was asked for; returns the exit status.

        Args:
            output: folder of the results; None where nothing is mapped.

        Raises:
            OpedError: see `oped.batch.run.batch` and `oped.parsers.open_language_model_parser`.
        """
        refuse_scheme(self.settings.scheme)
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

            def make(settings: Settings) -> Engine:
                parser = open_language_model_parser(chosen, meter=meter, language_model=by_file)
                engines.append(LanguageModelEngine(settings, self.bounds, parser=parser, workers=self.workers))
                return engines[-1]

            summary = batch(
                self.inputs,
                output,
                settings,
                make,
                report=self.show(meter.totals),
                spent=None if by_file else lambda: {"language_model": meter.totals().to_dict()},
            )
        for engine in engines:
            if engine.stopped:
                click.echo(f"oped: {engine.stopped}", err=True)
        if not self.quiet:
            spent = "" if by_file else f"; {spent_words(meter.totals())}"
            click.echo(f"{words_of(summary, output)}{spent}", err=True)
        written_down = 0 if self.asked.replies or not self.asked.requests else summary["failures"].get(UNANSWERED, 0)
        return 1 if summary["failed"] > written_down or summary["pending"] else 0

    def _write_requests(self, chosen: LanguageModelSettings, path: Path) -> int:
        """Write down what is asked first; a part of a long article is asked for when the parts before it have replies."""
        failed = 0
        with asked_by_file(self.settings.model, self.settings.options, path, ()) as nobody:
            parser = open_language_model_parser(chosen, language_model=nobody)
            for article in self._articles():
                failed += article is None
                if article is not None:
                    with suppress(UnansweredError):
                        parser.parse(article, entities=())
        return 1 if failed else 0

    def _dry_run(self, chosen: LanguageModelSettings) -> int:
        parser = open_language_model_parser(chosen, language_model=Nobody(chosen.model, chosen.window))
        stored = stored_by(chosen)
        articles = failed = requests = known = sent = answered = 0
        for article in self._articles():
            failed += article is None
            if article is not None:
                asked = parser.requests_of(article)
                new = [request for request in asked if not stored(request)]
                articles, requests, known = articles + 1, requests + len(asked), known + len(asked) - len(new)
                sent += sum(map(estimate_prompt, new))
                whole = ANSWER_SHARE * estimate_tokens(article.text) * chosen.samples
                answered += round(whole * len(new) / max(1, len(asked)))
        paid = f", {known} of them answered already" if known else ""
        click.echo(
            f"{articles} articles, {requests} requests{paid}, about {sent:,} tokens sent and {answered:,} answered"
        )
        if chosen.prices:
            click.echo(f"about {chosen.prices.of(sent, answered):,.2f} at the prices given")
        click.echo("Nothing was sent. Requests that correct answers come on top, at most one for each.")
        return 1 if failed else 0

    def _articles(self) -> Iterator[Article | None]:
        """The articles of the input, each once; None for one that can't be read, which is named on stderr."""
        unreadable: list[None] = []
        with closing(
            LocalEngine(replace(self.settings, entities=False), self.bounds, workers=self.workers, serve=serve_articles)
        ) as engine:
            for outcome in engine.run(self._tasks(unreadable)):
                if outcome.failure is not None:
                    click.echo(f"oped: {outcome.failure.reason}", err=True)
                    yield None
                else:
                    yield ArgumentMap.from_dict(json.loads(outcome.map)).article
        yield from unreadable

    def _tasks(self, unreadable: list[None]) -> Iterator[Task]:
        seen: set[bytes] = set()
        for item in self.inputs:
            if not isinstance(item, Task):
                click.echo(f"oped: {item[1].reason}", err=True)
                unreadable.append(None)
            elif (short := bytes.fromhex(item.content)) not in seen:
                seen.add(short)
                yield item


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
