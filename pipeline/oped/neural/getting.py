"""Getting a model that oped ships without its encoder: fetch the encoder, merge, add the other parts, quantize, install."""

import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from oped.errors import ModelError
from oped.formats.registry import read_corpus
from oped.neural.fetch import fetch_encoder
from oped.neural.folder import ModelFolder
from oped.neural.layout import CONFIG_FILE
from oped.neural.parser.adapted import AdaptedParser
from oped.neural.small_parts import add_parts
from oped.resources import adapted_models, data_folder, find_adapted, user_models

SHOWN = 30  # articles that show which channels stay in float32


def get_model(
    name: str, *, source: str = "", int8: bool = True, force: bool = False, say: Callable[[str], None] = print
) -> ModelFolder:
    """Install a model in the user's folder of models; where this version of it is there, nothing is done.

    Args:
        name: of a model that ships without its encoder, or the folder of such a one.
        source: of the encoder; see `oped.neural.fetch.fetch_encoder`.
        int8: whether it computes in int8.
        force: whether to make it anew, and to replace another model of its name.
        say: takes lines on what is done.

    Raises:
        ModelError: there is no such model, no source has its encoder, or another model has its name.
    """
    small = find_adapted(name)
    if small is None:
        known = ", ".join(folder.name for folder in adapted_models()) or "none"
        raise ModelError(f"expected a model that ships without its encoder, found {name!r}; there are: {known}")
    adapted = AdaptedParser.load(small)
    target = user_models() / adapted.parser.name
    if _is_there(target, adapted.parser.version, force=force):
        installed = ModelFolder(target)
        missing = [f"the part {name}" for name in sorted(adapted.parts) if not installed.has(name)]
        without = f", without {' and '.join(missing)}" if missing else ""
        say(f"version {adapted.parser.version} is there already{without}; --force makes it anew")
        return installed
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".oped-", dir=target.parent) as folder:
        work = Path(folder)
        weights = fetch_encoder(adapted.encoder, source, work, say)
        made = _make(small, weights, work, int8=int8, say=say)
        if target.exists():
            target.rename(work / "before")
        made.rename(target)
    return ModelFolder(target)


def _is_there(target: Path, version: str, *, force: bool) -> bool:
    """Whether this version of a model is installed and stays.

    Raises:
        ModelError: another model or folder has its place, and is not to be replaced.
    """
    if force or not target.exists():
        return False
    found = ModelFolder(target).config.version if (target / CONFIG_FILE).is_file() else "no model"
    if found != version:
        raise ModelError(f"{target}: expected version {version} or nothing, found {found}; --force replaces it")
    return True


def _make(small: Path, weights: Path, work: Path, *, int8: bool, say: Callable[[str], None]) -> Path:
    """The whole model, in a new folder within `work`."""
    from oped.neural.parser.int8 import quantize
    from oped.neural.parser.merging import merge_model

    say("merging the encoder with what was trained")
    model = merge_model(small, weights, work / "float32")
    add_parts(small, model, int8=int8, say=say)
    whole = model.path
    if not int8:
        return whole
    say(f"making the encoder in int8, by {SHOWN} articles")
    articles = read_corpus(data_folder("corpora") / "opinions" / "train.jsonl", "oped")
    quantize(whole, work / "int8", [amap.article.text for amap in islice(articles, SHOWN)])
    return work / "int8"
