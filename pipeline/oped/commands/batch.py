"""`oped batch`: many articles to maps and tables."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oped.commands.language_model import MODEL_HELP, bulk_options, given, language_model_options, with_samples
from oped.commands.options import SECONDS
from oped.parsers import is_language_model
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from oped.batch.run import Progress, Report
    from oped.llm.meter import Totals

PLAIN_SECONDS = 10.0


@click.command("batch")
@click.argument("sources", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the results.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that map; default: one a processor.")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Where they run."
)
@click.option("--ray-address", help="Address of a running Ray cluster; default: a local one.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help=MODEL_HELP)
@click.option("--scheme", help="Answer in this annotation scheme of the model.")
@click.option(
    "--column", "columns", multiple=True, metavar="NAME=COLUMN", help="The table's column for a known one: text=body."
)
@click.option("--html", "pages", is_flag=True, help="Make a page of each map too.")
@click.option("--no-entities", is_flag=True, help="Do not look for named entities.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True, help="What computes.")
@click.option(
    "--seconds",
    type=SECONDS,
    default=300.0,
    show_default=True,
    help="Time that one article may take.",
)
@click.option(
    "--memory", type=click.IntRange(min=64), default=4096, show_default=True, help="Megabytes that a worker may fill."
)
@click.option(
    "--max-characters", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Refuse a longer text."
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@bulk_options
@with_samples
@language_model_options
def command(
    sources: tuple[str, ...],
    output: Path | None,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    model: str,
    scheme: str | None,
    columns: tuple[str, ...],
    pages: bool,
    no_entities: bool,
    device: str,
    seconds: float,
    memory: int,
    max_characters: int,
    quiet: bool,
    dry_run: bool,
    requests: Path | None,
    replies: tuple[Path, ...],
    max_tokens_total: int | None,
    **options: Any,
) -> None:
    """Map all articles of INPUT: files, folders, patterns, tables (JSONL, CSV, Parquet), URLs that fsspec knows, folders
    that datasets saved, or hf:NAME[@SPLIT]. Run the same command again to go on where it was stopped.

    The output folder gets maps/**/*.json, the tables articles, components, relations and entities (.parquet),
    errors.jsonl, duplicates.jsonl and summary.json.
    """
    from oped.batch.inputs import Inputs
    from oped.batch.run import batch
    from oped.batch.tasks import Bounds, Engine, Settings

    if not all(sources):
        raise click.UsageError("INPUT: expected files, folders or patterns, found an empty name")
    if output is None and not (dry_run or (requests and not replies)):
        raise click.UsageError("Missing option '-o' / '--output'.")
    if output and any(Path(source).resolve() == output.resolve() for source in sources if "://" not in source):
        raise click.UsageError("the folder of the results can't be an input too")
    names = dict(_pair(column) for column in columns)
    bounds = Bounds(seconds, memory << 20)
    count = workers or _processors()

    def make(settings: Settings) -> Engine:
        if engine == "ray":
            from oped.batch.ray_engine import RayEngine

            return RayEngine(settings, bounds, workers=count, address=ray_address)
        from oped.batch.local import LocalEngine

        return LocalEngine(settings, bounds, workers=count)

    chosen = given({**options, "max_tokens_total": max_tokens_total})
    settings = Settings(model, scheme, max_characters, not no_entities, pages, device, chosen)
    inputs = Inputs(sources, columns=names, max_characters=max_characters)
    if is_language_model(model):
        if engine == "ray":
            raise click.UsageError("--engine ray: a language model is asked from one machine; leave it out")
        from oped.commands.batch_language_model import Asked, LanguageModelBatch

        asked = Asked(dry_run, requests, replies)
        with _progress(quiet) as shown:
            work = LanguageModelBatch(inputs, settings, bounds, count, asked, shown, quiet)
            status = work.run(output)
        sys.exit(status)
    if dry_run or requests or replies:
        raise click.UsageError(f"--dry-run, --requests, --replies: expected --model llm:NAME with them, found {model}")
    assert output is not None
    with _progress(quiet) as shown:
        summary = batch(inputs, output, settings, make, report=shown(None))
    if not quiet:
        click.echo(words_of(summary, output), err=True)
    sys.exit(1 if summary["failed"] or summary["pending"] else 0)


def _processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pair(column: str) -> tuple[str, str]:
    name, equals, value = column.partition("=")
    if not equals:
        raise click.UsageError(f"--column: expected NAME=COLUMN, found {column!r}")
    return name, value


Show = Callable[["Callable[[], Totals] | None"], "Report"]


@contextmanager
def _progress(quiet: bool) -> Iterator[Show]:
    """What makes a report of progress, given what says how much of a language model was used."""
    if quiet:
        yield lambda totals: lambda progress: None
    elif sys.stderr.isatty():
        with _bar() as show:
            yield show
    else:
        yield _lines


def _used(totals: "Callable[[], Totals] | None") -> str:
    if totals is None:
        return ""
    from oped.commands.batch_language_model import spent_words

    return f", {spent_words(totals())}"


@contextmanager
def _bar() -> Iterator[Show]:
    from oped.progress import progress_bar

    with progress_bar() as bar:
        task = bar.add_task("mapping", total=None)
        began = time.monotonic()

        def show(totals: "Callable[[], Totals] | None") -> "Report":
            def report(progress: "Progress") -> None:
                rate = progress.mapped / (time.monotonic() - began)
                failed = f", {progress.failed} failed" if progress.failed else ""
                text = f"{rate:.1f}/s{failed}{_used(totals)}"
                bar.update(task, total=progress.total, completed=progress.done, description=text)

            return report

        yield show


def _lines(totals: "Callable[[], Totals] | None" = None, seconds: float = PLAIN_SECONDS) -> "Report":
    began = last = time.monotonic()

    def report(progress: "Progress") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < seconds:
            return
        last = now
        rate = progress.mapped / (now - began)
        left = "" if progress.total is None or not rate else f", {(progress.total - progress.done) / rate:.0f} s left"
        total = "" if progress.total is None else f" of {progress.total}"
        text = f"{progress.done}{total} done, {progress.failed} failed, {rate:.2f}/s{left}{_used(totals)}"
        click.echo(text, err=True)

    return report


def words_of(summary: dict[str, Any], output: Path) -> str:
    """What became of a batch, in a line."""
    text = f"{summary['mapped']['articles']} of {summary['input']} articles mapped"
    if summary["duplicates"]:
        text += f", {summary['duplicates']} duplicates"
    if summary["pending"]:
        text += f", {summary['pending']} left for another run"
    if summary["failed"]:
        text += f", {summary['failed']} failed: see {output / 'errors.jsonl'}"
    return text
