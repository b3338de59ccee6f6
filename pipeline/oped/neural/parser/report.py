"""What a parser's run leaves beside the model: pictures of its learning and its errors, and the model's card."""

from pathlib import Path
from typing import TYPE_CHECKING

from oped.metrics.spans import calibration_cases
from oped.neural.folder import ModelFolder
from oped.neural.layout import CARD_FILE
from oped.neural.parser.export import ExportCheck, check_export
from oped.neural.parser.network import ParserNetwork
from oped.neural.trained import TrainedParser
from oped.training.card import facts, score_lines, table
from oped.training.plots import plot_confusion, plot_learning, plot_reliability
from oped.training.task import Trained

if TYPE_CHECKING:
    from oped.neural.parser.task import ParserTask

CHECKED = 20  # texts on which exported files and network are compared


def describe_parser(task: "ParserTask", run: Trained[ParserNetwork], model: Path) -> None:
    """Draw what happened, compare the exported files with the network, and write the card."""
    plot_learning(run.state.history, run.folder / "learning.png")
    scorer = ModelFolder(model).open_parser()
    for scheme in sorted({amap.scheme for amap in task.dev}):
        gold = [amap for amap in task.dev if amap.scheme == scheme]
        parser = TrainedParser(scorer, scheme=scheme)
        pairs = [(amap, parser.parse(amap.article)) for amap in gold]
        plot_confusion(pairs, scorer.config.schemes[scheme].types, run.folder / f"confusion-{scheme}.png")
        cases = [case for pair in pairs for case in calibration_cases(*pair)]
        plot_reliability(cases, run.folder / f"reliability-{scheme}.png")
    scheme = task.config.default_scheme
    maps = [amap for corpus in task.corpora if corpus.scheme == scheme for amap in (*corpus.dev, *corpus.train)]
    texts = [amap.article.text for amap in maps[:CHECKED]]
    check = check_export(run.network, task.encoder.tokenizer, model, texts, scheme)
    (model / CARD_FILE).write_text("\n".join(_card(task, run, check)) + "\n", encoding="utf-8")


def _card(task: "ParserTask", run: Trained[ParserNetwork], check: ExportCheck) -> list[str]:
    settings = task.settings
    schemes = [
        (name, ", ".join(scheme.types), ", ".join(scheme.arc_labels) or "none")
        for name, scheme in task.config.schemes.items()
    ]
    corpora = [
        (corpus.settings.path, corpus.settings.format, corpus.scheme, len(corpus.train), len(corpus.dev))
        for corpus in task.corpora
    ]
    return [
        f"# {settings.name} {settings.version}",
        "",
        settings.description or "An argument parser trained with oped.",
        "",
        *facts(settings, encoder=task.encoder.source),
        "",
        "## Schemes",
        "",
        *table(("scheme", "components", "relations"), schemes),
        "",
        "## Trained on",
        "",
        *table(("corpus", "format", "scheme", "training documents", "dev documents"), corpora),
        *(["", *(f"- {note}" for note in task.notes)] if task.notes else []),
        "",
        f"The exported files find {check.spans:.2%} of the components that the network finds in its first texts, with "
        f"{check.arcs:.2%} of their relations the same; no word's state differs by more than {check.largest:.1e}.",
        *score_lines(run.state),
    ]
