"""`oped compare`: what the authors share, contest and fear."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from oped.resources import DEFAULT_MODEL


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
    help="Path or name of the model whose matcher and stance detector compare.",
)
@click.option("--mixed-models", is_flag=True, help="Compare maps that different models made.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def command(
    inputs: tuple[Path, ...],
    by: str,
    question: str,
    output: Path | None,
    tables: Path | None,
    graph: Path | None,
    graph_format: str | None,
    model: str,
    mixed_models: bool,
    quiet: bool,
) -> None:
    """Compare the authors of maps: files of oped's JSON or JSONL, folders of them, or the folder of a batch."""
    from oped.compare.comparison import compare
    from oped.compare.inputs import read_maps
    from oped.compare.tables import write_tables
    from oped.compare.write import check_output, write_comparison, write_graph
    from oped.neural.folder import ModelFolder
    from oped.neural.layout import STANCES

    check_output(output, graph, graph_format, inputs=inputs)
    folder = ModelFolder.find(model)
    judge, detector = folder.open_matcher(), folder.open_stances() if folder.has(STANCES) else None
    with _progress(quiet) as report:
        result = compare(
            read_maps(inputs), judge, detector=detector, by=by, question=question, mixed=mixed_models, report=report
        )
    write_comparison(result, output)
    if tables:
        write_tables(result, tables)
    if graph:
        write_graph(result, graph, graph_format)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    from oped.progress import progress_bar

    with progress_bar(quiet=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("comparing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
