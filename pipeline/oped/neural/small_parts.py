"""Other parts of a model than its parser in the small form of the model: put into it, and made whole again.

The small form has of a part what was trained alone (`Part.trained` in `layout.py`), and says in `adapters.json` who made it.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from oped.errors import ModelError
from oped.formats.registry import read_pairs
from oped.neural.folder import ModelFolder
from oped.neural.layout import ADAPTERS_WEIGHTS_FILE, ENTITIES, MATCHER, PARTS, WEIGHTS_FILE
from oped.neural.parser.adapted import AdaptedParser, AdaptedPart
from oped.resources import data_folder


def adopt_part(part: str, run: Path, small: Path) -> AdaptedPart:
    """Put a part that a run trained into the small form of the model that it was trained on.

    Args:
        part: its name.
        run: the run's model folder.
        small: folder of the small form.

    Returns:
        What the small form says of the part.

    Raises:
        ModelError: there is no such part, it was not recorded, or it belongs to other weights than the small form makes.
    """
    adapted, model = AdaptedParser.load(small), ModelFolder(run)
    model.require(part)
    record = model.parts.get(part)
    if record is None or record.weights is None:
        raise ModelError(f"{run}: expected a part {part} that is recorded and stands on the parser's encoder")
    others = {other.weights for name, other in adapted.parts.items() if name != part} - {""}
    if others - {record.weights} or not _is_whole_of(model, small):
        raise ModelError(f"{run}: its {part} belong to other weights than {small} makes; train it on those")
    _copy(part, run, small)
    adopted = AdaptedPart(record.version, record.made_by, record.weights)
    replace(adapted, parts={**adapted.parts, part: adopted}).save(small)
    return adopted


def _is_whole_of(model: ModelFolder, small: Path) -> bool:
    """Whether a model was merged of a small form: its heads, which the adapters were trained with, are the same."""
    files = small / ADAPTERS_WEIGHTS_FILE, model.path / WEIGHTS_FILE
    try:
        with safe_open(files[0], "numpy") as trained, safe_open(files[1], "numpy") as whole:
            heads = {name for name in sorted(trained.keys()) if not name.startswith("encoder.")}
            return heads <= set(whole.keys()) and all(
                np.array_equal(trained.get_tensor(name), whole.get_tensor(name)) for name in heads
            )
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{files[0]} and {files[1]}: expected weights in safetensors: {error}") from None


def _copy(part: str, source: Path, target: Path) -> None:
    for name in PARTS[part].trained:
        (target / name).parent.mkdir(exist_ok=True)
        try:
            shutil.copyfile(source / name, target / name)
        except OSError as error:
            raise ModelError(f"{source / name}: expected a file of the part {part}: {error.strerror}") from None


def add_parts(small: Path, model: ModelFolder, *, int8: bool, say: Callable[[str], None]) -> None:
    """Give a model that was merged of its small form the other parts of that, and open each once.

    Args:
        int8: whether the matcher judges in int8.
        say: takes lines on what is done.

    Raises:
        ModelError: a part is missing or torn, or does not fit the model.
    """
    parts = AdaptedParser.load(small).parts
    for name in (name for name in PARTS if name in parts):
        say(f"adding the part {name}")
        _copy(name, small, model.path)
        if name == ENTITIES:
            model.open_entities()
        if name == MATCHER:
            _complete_matcher(model, int8=int8)
        model.record(name, version=parts[name].version, made_by=parts[name].made_by)


def _complete_matcher(model: ModelFolder, *, int8: bool) -> None:
    """Make a matcher's graphs; pairs of the shipped corpus show what its judgement leaves in float32."""
    from oped.neural.matcher.export import complete_matcher

    corpus = data_folder("corpora") / "opinions" / "pairs.jsonl"
    complete_matcher(model.path, read_pairs(corpus, "oped-pairs", "train") if int8 else [])
    model.open_matcher()
