"""`oped compare --judge`: a comparison judged by a language model: what it costs, its requests as a file, or the comparison."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from oped.commands.batch_files import asked_by_file
from oped.commands.batch_language_model import Asked, spent_words
from oped.commands.dry_run import Nobody, stored_by
from oped.compare.comparison import compare
from oped.compare.inputs import read_maps
from oped.compare.judge.opening import open_judge
from oped.compare.statements import collect
from oped.errors import UnansweredError
from oped.llm.meter import Meter, estimate_prompt
from oped.llm.settings import LanguageModelSettings, read_settings

ANSWER_SHARE = 0.2  # tokens of answer for each token of a request, by readings of the development articles


@dataclass(frozen=True, slots=True)
class JudgedComparison:
    """A comparison that a language model judges.

    Attributes:
        judge: llm:NAME or a TOML file.
        options: of the language model.
        how: `by`, `question` and `mixed`, as `oped.compare.comparison.compare` takes them.
        report: is called with the requests done and known of.
    """

    inputs: Iterable[Path]
    judge: str
    options: Mapping[str, Any]
    asked: Asked
    how: Mapping[str, Any]
    report: Callable[[int, int], None]
    quiet: bool = False

    def run(self) -> dict[str, Any] | None:
        """The comparison; None where requests are only counted or written.

        Raises:
            OpedError: see `oped.compare.comparison.compare` and `oped.compare.judge.opening.open_judge`.
        """
        chosen = read_settings(self.judge, options=self.options)
        if self.asked.dry_run:
            self._dry_run(chosen)
            return None
        meter = Meter(chosen.prices, chosen.max_tokens_total)
        files = (self.asked.requests, self.asked.replies)
        with asked_by_file(self.judge, self.options, *files, option="--judge") as by_file:
            judge = open_judge(chosen, meter=meter, language_model=by_file)
            try:
                result = compare(read_maps(self.inputs), judge, report=self.report, **self.how)
            except UnansweredError:
                if self.asked.requests is None:
                    raise
                result = None
        if not self.quiet and by_file is None:
            click.echo(spent_words(meter.totals()), err=True)
        return result if self.asked.replies or not self.asked.requests else None

    def _dry_run(self, chosen: LanguageModelSettings) -> None:
        collection = collect(read_maps(self.inputs), **self.how)
        asked = open_judge(chosen, language_model=Nobody(chosen.model, chosen.window)).requests_of(collection)
        stored = stored_by(chosen)
        new = [request for request in asked if not stored(request)]
        sent = sum(map(estimate_prompt, new))
        answered = round(ANSWER_SHARE * sent)
        paid = f", {len(asked) - len(new)} of them answered already" if len(new) < len(asked) else ""
        click.echo(
            f"{len(collection.articles)} articles, {len(asked)} requests{paid}, about {sent:,} tokens sent and "
            f"{answered:,} answered"
        )
        if chosen.prices:
            click.echo(f"about {chosen.prices.of(sent, answered):,.2f} at the prices given")
        click.echo(
            "Nothing was sent. Requests that correct answers come on top, at most one for each, and where a question takes "
            "several requests, some that join their points."
        )
