"""What `oped train` does: a run with its progress shown, and the finished model beside it."""

from pathlib import Path

from oped.metrics.spans import calibration_cases
from oped.neural.entities.training import EntityRun, export_entities
from oped.neural.folder import ModelFolder
from oped.neural.matcher.export import export_matcher
from oped.neural.matcher.training import MatcherRun
from oped.neural.parser.calibrate import calibrate
from oped.neural.parser.export import ExportCheck, check_export, export_model
from oped.neural.parser.network import ParserNetwork
from oped.neural.parser.training import Progress as Step
from oped.neural.parser.training import Run
from oped.neural.stances.export import export_stances
from oped.neural.stances.training import StanceRun
from oped.neural.trained import TrainedParser
from oped.progress import progress_bar
from oped.training.card import write_card
from oped.training.config import AnyConfig, EntityConfig, MatcherConfig, StanceConfig
from oped.training.plots import plot_confusion, plot_learning, plot_reliability

MODEL_FOLDER = "model"
CHECKED = 20  # texts on which exported files and network are compared


def train(config: AnyConfig, folder: Path, *, base: Path, quiet: bool = False) -> Path:
    """Train, export, calibrate on the dev parts, draw what happened, and write the model's card.

    Returns:
        The folder of the finished model, or of the finished matcher; for entities the file of their recognizer.
    """
    with progress_bar(quiet=quiet) as progress:
        task = progress.add_task(config.name, total=None)

        def show(step: Step) -> None:
            text = f"{config.name} epoch {step.epoch} loss {step.loss:.3f}"
            progress.update(task, total=step.steps, completed=step.step, description=text)

        if isinstance(config, MatcherConfig):
            return export_matcher(MatcherRun(config, folder, base=base, report=show), folder / MODEL_FOLDER)
        if isinstance(config, EntityConfig):
            return export_entities(EntityRun(config, folder, base=base, report=show))
        if isinstance(config, StanceConfig):
            detector = StanceRun(config, folder, base=base, report=show)
            for note in detector.notes:
                progress.console.print(f"oped: {note}", markup=False, highlight=False)
            return export_stances(detector, folder / MODEL_FOLDER)
        run = Run(config, folder, base=base, report=show)
        for note in run.notes:
            progress.console.print(f"oped: {note}", markup=False, highlight=False)
        network = run.run()
    model = folder / MODEL_FOLDER
    export_model(network, run.encoder.tokenizer, model)
    check = _check(run, network, model)
    plot_learning(run.state.history, folder / "learning.png")
    scorer = ModelFolder(model).open_parser()
    for scheme in sorted({amap.scheme for _, amap in run.dev}):
        gold = [amap for _, amap in run.dev if amap.scheme == scheme]
        calibrate(model, scorer, gold, scheme)
        found = [TrainedParser(scorer, scheme=scheme).parse(amap.article) for amap in gold]
        types = scorer.config.schemes[scheme].types
        pairs = list(zip(gold, found, strict=True))
        plot_confusion(pairs, types, folder / f"confusion-{scheme}.png")
        cases = [case for pair in pairs for case in calibration_cases(*pair)]
        plot_reliability(cases, folder / f"reliability-{scheme}.png")
    write_card(config, run, model, check)
    return model


def _check(run: Run, network: ParserNetwork, model: Path) -> ExportCheck:
    """Compare the exported files with the network on the first texts of the default scheme."""
    scheme = run.parser_config.default_scheme
    maps = [amap for corpus in run.corpora if corpus.scheme == scheme for amap in (*corpus.dev, *corpus.train)]
    texts = [amap.article.text for amap in maps[:CHECKED]]
    return check_export(network, run.encoder.tokenizer, model, texts, scheme)
