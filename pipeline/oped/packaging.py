"""A model as a package that pip installs and spaCy loads by name."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from oped import __version__
from oped.api import load
from oped.errors import ConfigError, OpedError
from oped.neural.folder import ModelFolder

# In a process of its own, because setuptools changes much of the one that it runs in.
_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def package_model(
    model: str, output: Path, *, name: str | None = None, version: str | None = None, author: str = ""
) -> Path:
    """Build a wheel of a model's pipeline, entities included; `spacy.load(NAME)` and `oped.load(NAME)` load it.

    Args:
        output: folder for the wheel.
        name: of the package, such as `en_mine`; default: the model's.
        version: default: the model's.
        author: who stands in the package's metadata.

    Returns:
        The wheel.

    Raises:
        ConfigError: a name that Python can't import or that does not begin with the language.
        OpedError: setuptools fails, or can't write the wheel.
    """
    config = ModelFolder.find(model).config
    wanted, language = name or config.name, f"{config.language}_"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", wanted) or not wanted.startswith(language):
        raise ConfigError(f"--name: expected small letters, digits and _ after {language}, found {wanted!r}")
    from spacy.cli.package import package

    nlp = load(model)
    inside = f"{nlp.meta['lang']}_{nlp.meta['name']}"
    names = {"name": inside, **{key: nlp.meta[key] for key in ("url", "license", "author")}}
    nlp.meta.update(
        name=wanted.removeprefix(language),
        version=version or config.version,
        description="Argument maps of articles, by oped",
        author=author,
        email="",
        url="",
        license=config.licence or "not stated",
        requirements=[f"oped>={__version__}"],
        sources=[*(nlp.meta.get("sources") or ()), *([names] if "ner" in nlp.pipe_names else [])],
    )
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pipeline, source = Path(folder) / "pipeline", Path(folder) / "source"
        nlp.to_disk(pipeline)
        source.mkdir()
        package(pipeline, source, create_sdist=False, create_wheel=False, silent=True)
        (project,) = source.iterdir()
        wheel = _build_wheel(project, Path(folder) / "wheels")
        return Path(shutil.move(wheel, output / wheel.name))


def _build_wheel(project: Path, wheels: Path) -> Path:
    """The wheel of a project, built by setuptools in a new folder."""
    command = [sys.executable, "-c", _BUILD, str(wheels)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        last = next(reversed(done.stderr.strip().splitlines()), f"exit code {done.returncode}")
        raise OpedError(f"expected a wheel of {project.name}, but setuptools failed: {last}")
    (wheel,) = wheels.iterdir()
    return wheel
