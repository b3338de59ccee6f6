"""Where shipped data lies: beside the package when installed, at the root of a checkout otherwise."""

import os
from importlib.util import find_spec
from pathlib import Path

from oped.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent
DEFAULT_MODEL = "en_opinion_sm"


def data_folder(kind: str) -> Path:
    """The folder of `models`, `corpora`, `configs` or `samples`."""
    installed = _PACKAGE / kind
    return installed if installed.is_dir() else _PACKAGE.parents[1] / kind


def shipped_models() -> list[Path]:
    """The folders of the models that come with oped, by name."""
    return sorted(config.parent for config in data_folder("models").glob("*/config.json"))


def adapted_models() -> list[Path]:
    """The folders of the models of which oped has only what was trained, by name; `oped models get` brings the rest."""
    return sorted(record.parent for record in data_folder("models").glob("*/adapters.json"))


def find_adapted(name: str | Path) -> Path | None:
    """The folder with what was trained of a model, given its path or the name of a shipped one; None: there is none."""
    folders = (Path(name), data_folder("models") / name)
    return next((folder for folder in folders if (folder / "adapters.json").is_file()), None)


def user_models() -> Path:
    """The folder in which a user's own models are looked up by name."""
    home = os.environ.get("OPED_MODELS")
    return Path(home) if home else Path.home() / ".local" / "share" / "oped" / "models"


def find_model(name: str | Path) -> Path:
    """The folder of a model, given its path, or the name of a shipped, user's or pip-installed one.

    Raises:
        ModelError: there is no such model, or its encoder was not got yet.
    """
    candidates = [Path(name), data_folder("models") / name, user_models() / name]
    for folder in candidates:
        if (folder / "adapters.json").is_file():  # without its encoder
            continue
        if any((folder / part).is_file() for part in ("config.json", "matcher/config.json")):
            return folder
    if str(name).isidentifier() and (spec := find_spec(str(name))) and spec.origin:
        for config in sorted(Path(spec.origin).parent.rglob("oped_arguments/config.json")):
            return config.parent
    if find_adapted(name):
        raise ModelError(f"expected the whole model {name}, found it without its encoder: run oped models get {name}")
    known = ", ".join(folder.name for folder in shipped_models()) or "none"
    raise ModelError(f"expected the path or name of a model, found no model at {str(name)!r}; shipped models: {known}")
