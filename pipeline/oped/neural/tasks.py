"""The tasks of training by name, and what `oped train` does: a run with its progress shown, and the part of a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oped.neural.entities.settings import EntitiesSettings
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENTITIES, MATCHER, PARSER, STANCES
from oped.neural.matcher.settings import MatcherSettings
from oped.neural.parser.settings import ParserSettings
from oped.neural.stances.settings import StancesSettings
from oped.progress import progress_bar
from oped.training.settings import RunSettings
from oped.training.toml import load_settings

TASKS: Mapping[str, type[RunSettings]] = {
    PARSER: ParserSettings,
    MATCHER: MatcherSettings,
    ENTITIES: EntitiesSettings,
    STANCES: StancesSettings,
}
MODEL_FOLDER = "model"


def read_settings(path: str | Path, overrides: Mapping[str, str] | None = None) -> RunSettings:
    """Read a training configuration; see `oped.training.toml.load_settings`."""
    return load_settings(path, TASKS, overrides)


def new_task(settings: RunSettings, *, base: Path = Path()) -> Any:
    """The task of settings, an `oped.training.task.Task`; its data are read.

    Args:
        base: the folder that relative paths in the settings count from.

    Raises:
        ConfigError, FormatError, ModelError: something that the settings name is missing or does not fit.
    """
    # torch is imported where a task is made, so that a configuration can be checked without it.
    if isinstance(settings, ParserSettings):
        from oped.neural.parser.task import ParserTask

        return ParserTask(settings, base=base)
    if isinstance(settings, MatcherSettings):
        from oped.neural.matcher.task import MatcherTask

        return MatcherTask(settings, base=base)
    if isinstance(settings, EntitiesSettings):
        from oped.neural.entities.task import EntitiesTask

        return EntitiesTask(settings, base=base)
    if isinstance(settings, StancesSettings):
        from oped.neural.stances.task import StancesTask

        return StancesTask(settings, base=base)
    raise TypeError(f"expected the settings of a task, found {type(settings).__name__}")


def train(settings: RunSettings, folder: Path, *, base: Path = Path(), quiet: bool = False) -> Path:
    """Train a part of a model, export, calibrate and describe it.

    Args:
        folder: of the run, made where it is missing; a run that was stopped in it goes on.
        base: the folder that relative paths in the settings count from.

    Returns:
        The model folder with the part.

    Raises:
        ConfigError, FormatError, ModelError: as `new_task`; or the folder holds another run.
    """
    from oped.training.checkpoint import RunFolder
    from oped.training.loop import Progress, train_task

    RunFolder(folder).claim(settings)  # before what takes long
    task = new_task(settings, base=base)
    with progress_bar(quiet=quiet) as progress:
        for note in task.notes:
            progress.console.print(f"oped: {note}", markup=False, highlight=False)
        shown = progress.add_task(settings.name, total=None)

        def show(step: Progress) -> None:
            text = f"{settings.name} epoch {step.epoch} loss {step.loss:.3f}"
            progress.update(shown, total=step.steps, completed=step.step, description=text)

        run = train_task(task, folder, show)
    model = folder / MODEL_FOLDER
    task.export(run, model)
    task.calibrate(run, model)
    task.describe(run, model)
    own_encoder = isinstance(settings, MatcherSettings) and settings.adapters is None
    ModelFolder(model).record(
        settings.task, version=settings.version, made_by=settings.made_by, own_encoder=own_encoder
    )
    return model
