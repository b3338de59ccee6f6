"""A model as a package that pip installs and spaCy loads by name."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from oped import __version__
from oped.api import load
from oped.errors import ConfigError, MissingExtraError
from oped.neural.folder import ModelFolder


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
        MissingExtraError: setuptools is not installed.
    """
    config = ModelFolder.find(model).config
    wanted, language = name or config.name, f"{config.language}_"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", wanted) or not wanted.startswith(language):
        raise ConfigError(f"--name: expected small letters, digits and _ after {language}, found {wanted!r}")
    try:
        import setuptools  # noqa: F401
    except ImportError:
        raise MissingExtraError("train", "oped package") from None
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
        wheels = Path(folder) / "wheels"
        options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(wheels)]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(project)], check=True)
        (wheel,) = wheels.iterdir()
        return Path(shutil.move(wheel, output / wheel.name))
