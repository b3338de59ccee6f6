"""What judges a comparison where no language model does: the matcher and the stance detector of a model."""

from pathlib import Path

from oped.neural.folder import ModelFolder
from oped.neural.layout import MATCHER, STANCES
from oped.neural.matcher.runtime import Matcher
from oped.neural.stances.runtime import StanceDetector
from oped.resources import DEFAULT_MODEL


def open_judges(model: str | Path) -> tuple[Matcher, StanceDetector]:
    """The matcher and the stance detector of a model; in the place of one that it lacks, the default model's.

    Args:
        model: name or folder.

    Raises:
        ModelError: there is no such model, or a part of it is torn.
    """
    own = ModelFolder.find(model)

    def having(part: str) -> ModelFolder:
        return own if own.has(part) else ModelFolder.find(DEFAULT_MODEL)

    return having(MATCHER).open_matcher(), having(STANCES).open_stances()
