"""Paths and models that a training configuration names."""

import os
from pathlib import Path

from oped.errors import ConfigError
from oped.resources import find_model


def resolve(path: str, base: Path) -> Path:
    """A path of a configuration: environment variables filled in, relative ones from its folder.

    Args:
        base: the configuration's folder.

    Raises:
        ConfigError: an environment variable is not set.
    """
    expanded = os.path.expandvars(path)
    if "$" in expanded:
        name = expanded.partition("$")[2].strip("{").partition("/")[0].rstrip("}")
        raise ConfigError(
            f"{path}: the environment variable {name} is not set; it names the folder where the corpus lies"
        )
    return base / Path(expanded).expanduser()


def resolve_model(name: str, base: Path) -> Path:
    """The folder of a model that a configuration names: a path, from the configuration's folder or from here, or a name.

    Raises:
        ConfigError: an environment variable is not set.
        ModelError: there is no such model.
    """
    path = resolve(name, base)
    return path if path.exists() else find_model(Path(os.path.expandvars(name)).expanduser())
