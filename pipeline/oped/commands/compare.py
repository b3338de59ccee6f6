"""`oped compare`: what the authors share, contest and fear."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oped.commands.language_model import bulk_options, endpoint_options, given
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from oped.commands.batch_language_model import Asked


@click.command("compare")
@click.argument("inputs", metavar="DIR_OR_MAPS...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--by", default="author", show_default=True, help="author, date (the month), or a metadata field.")
@click.option(
    "--question", default="question", show_default=True, help="Metadata field that names an article's question."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A .html page or .json; default: JSON on the standard output.",
)
@click.option(
    "--tables", type=click.Path(path_type=Path), help="Also write every table as CSV and Parquet to this folder."
)
@click.option(
    "--graph",
    type=click.Path(path_type=Path),
    help="Also write the statements of all authors as one graph: .graphml, .dot, .ttl, …",
)
@click.option("--graph-format", help="Any format of maps, such as aif; default: by the graph's ending.")
@click.option(
    "--model",
    default=DEFAULT_MODEL,
    show_default=True,
    help=f"Path or name of the model whose matcher and stance detector compare; for one that it lacks, {DEFAULT_MODEL}'s.",
)
@click.option(
    "--judge", metavar="llm:NAME", help="A language model that judges in their place: llm:NAME or a TOML file."
)
@click.option("--mixed-models", is_flag=True, help="Compare maps that different models made.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@bulk_options
@endpoint_options
def command(
    inputs: tuple[Path, ...],
    by: str,
    question: str,
    output: Path | None,
    tables: Path | None,
    graph: Path | None,
    graph_format: str | None,
    model: str,
    judge: str | None,
    mixed_models: bool,
    quiet: bool,
    dry_run: bool,
    requests: Path | None,
    replies: tuple[Path, ...],
    **options: Any,
) -> None:
    """Compare the authors of maps: files of oped's JSON or JSONL, folders of them, or the folder of a batch."""
    from oped.compare.tables import write_tables

    check_output(output, graph, graph_format, inputs=inputs)
    how = {"by": by, "question": question, "mixed": mixed_models}
    chosen = given(options)
    if judge is None:
        if dry_run or requests or replies or chosen:
            raise click.UsageError(
                "--dry-run, --requests, --replies, --endpoint …: expected --judge llm:NAME with them"
            )
        result = _by_model(inputs, model, how, quiet)
    else:
        from oped.commands.batch_language_model import Asked

        found = _by_language_model(inputs, judge, chosen, Asked(dry_run, requests, replies), how, quiet)
        if found is None:  # requests were counted or written; with replies a comparison was wanted
            sys.exit(1 if replies and not dry_run else 0)
        result = found
    write_comparison(result, output)
    if tables:
        write_tables(result, tables)
    if graph:
        write_graph(result, graph, graph_format)
    if unanswered := result.get("judge", {}).get("unanswered"):
        click.echo(f"oped: {unanswered} requests have no answer that can be used; the comparison lacks them", err=True)
        sys.exit(1)


def _by_model(inputs: Iterable[Path], model: str, how: Mapping[str, Any], quiet: bool) -> dict[str, Any]:
    """The comparison by the matcher and the stance detector of a trained model."""
    from oped.compare.comparison import compare
    from oped.compare.inputs import read_maps
    from oped.compare.opening import open_judges

    maps = read_maps(inputs)  # in a process of its own, which begins small: before the model is there
    matcher, detector = open_judges(model)
    with _progress(quiet) as report:
        return compare(maps, matcher, detector=detector, report=report, **how)


def _by_language_model(
    inputs: Iterable[Path], judge: str, options: Mapping[str, Any], asked: "Asked", how: Mapping[str, Any], quiet: bool
) -> dict[str, Any] | None:
    """The comparison by a language model; None where it is not asked for one."""
    from oped.llm.settings import is_language_model

    if not is_language_model(judge):
        raise click.UsageError(f"--judge: expected llm:NAME or a TOML file, found {judge!r}")
    from oped.commands.compare_judge import JudgedComparison

    with _progress(quiet) as report:
        return JudgedComparison(inputs, judge, options, asked, how, report, quiet).run()


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    from oped.progress import progress_bar

    with progress_bar(quiet=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("comparing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def check_output(
    output: Path | None, graph: Path | None, graph_format: str | None, *, inputs: Iterable[Path] = ()
) -> None:
    """Refuse what can't be written before anything is computed.

    Raises:
        click.UsageError: an ending that is neither .html nor .json, or no format of graphs.
        OutputError: a file of maps that is one of the inputs.
    """
    from oped.compare.inputs import MAP_FILES, maps_at
    from oped.files import refuse_input

    for path in (output, graph):
        if path is not None and path.suffix in MAP_FILES:
            refuse_input(path, [maps_at(one) for one in inputs])
    if output is not None and output.suffix.lower() not in (".html", ".htm", ".json"):
        raise click.UsageError(f"-o: expected a name that ends in .html or .json, found {output.name!r}")
    if graph is not None:
        from oped.commands.write import check_format

        check_format(graph_format, graph)


def write_comparison(result: Mapping[str, Any], output: Path | None) -> None:
    """Write a comparison as its ending says; as JSON to the standard output where no file is named."""
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        from oped.commands.write import put_out

        put_out(text.encode())
        return
    if output.suffix.lower() != ".json":
        from oped.render.comparison import render_comparison

        text = render_comparison(result)
    from oped.files import write_beside

    with write_beside(output) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def write_graph(result: Mapping[str, Any], path: Path, format_name: str | None = None) -> None:
    """Write all statements as one map in any format of maps."""
    from oped.commands.write import check_format, write_map
    from oped.compare.graph import merged_map

    write_map(merged_map(result), path, check_format(format_name, path))
