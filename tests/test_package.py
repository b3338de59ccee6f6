"""What is built and what is public."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import oped
from oped.resources import adapted_models, data_folder, shipped_models
from tests.conftest import ROOT

PUBLIC = [
    "ArgumentMap", "Article", "Attribution", "Component", "Entity", "ModelInfo", "OpedError", "Reading",
    "Relation", "__version__",
    "article_from_html", "article_from_text", "load", "map_article", "map_articles", "read_article", "read_table",
]  # fmt: skip


def test_the_public_names() -> None:
    assert oped.__all__ == PUBLIC == dir(oped)
    assert all(getattr(oped, name) is not None for name in PUBLIC)


def test_a_name_that_is_not_public() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        oped.nothing  # noqa: B018


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source distribution, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d"]
    subprocess.run([*build, str(folder), "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    source = next(folder.glob("*.tar.gz"))
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    unpacked = next(path for path in folder.iterdir() if path.is_dir())
    subprocess.run([*build, str(folder), "-t", "wheel"], cwd=unpacked, check=True, capture_output=True)
    return source, next(folder.glob("*.whl"))


def test_the_wheel_has_everything(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[1]).namelist())
    for name in (
        "model.safetensors",
        "encoder.onnx",
        "encoder.int8.onnx",
        "heads.onnx",
        "stances.json",
        "stances.onnx",
        "stances.safetensors",
        "tokenizer.json",
        "config.json",
        "README.md",
    ):
        assert f"oped/models/en_opinion_sm/{name}" in names
    assert {"oped/py.typed", "oped/schemas/argument-map-1.schema.json", "oped/render/assets/store.js"} <= names
    assert {
        "oped/corpora/opinions/train.jsonl",
        "oped/configs/en_opinion_sm.toml",
        "oped/samples/port-levy.md",
    } <= names
    assert {name.split("/")[0] for name in names} == {"oped", f"oped-{oped.__version__}.dist-info"}


def test_the_wheel_names_the_licences_of_all_its_parts(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        lines = archive.read(metadata).decode().partition("\n\n")[0].splitlines()
    assert "License-Expression: MIT AND Apache-2.0 AND CC-BY-4.0 AND CC-BY-NC-SA-4.0" in lines
    files = {line.removeprefix("License-File: ") for line in lines if line.startswith("License-File: ")}
    cards = {
        path.relative_to(ROOT).as_posix() for part in ("models", "corpora") for path in ROOT.glob(f"{part}/*/README.md")
    }
    assert files == {"LICENSE", *cards}


def test_the_wheel_works_on_its_own(built: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import oped; assert oped.__file__.startswith({str(tmp_path)!r}); print(len(oped.load()('Rents will rise because homes are few.')._.argument_map.components))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_inference_needs_no_torch() -> None:
    code = (
        "import sys\nclass No:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'torch', 'transformers', 'datasets', 'sklearn'}: raise ImportError(name)\n"
        "sys.meta_path.insert(0, No())\nimport oped\noped.load()('Rents will rise because homes are few.')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_every_file_of_a_model_is_in_the_wheel(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[1]).namelist())
    files = [path for path in (ROOT / "models").rglob("*") if path.is_file()]
    assert {f"oped/{path.relative_to(ROOT).as_posix()}" for path in files} <= names


def test_shipped_files_are_small_enough() -> None:
    for model in shipped_models():
        assert all(path.stat().st_size < 60_000_000 for path in model.iterdir())
    for model in adapted_models():
        assert sum(path.stat().st_size for path in model.iterdir()) < 30_000_000


def test_modules_stay_of_a_size_to_read() -> None:
    long = {
        path.name: count
        for path in (ROOT / "pipeline").rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_shipped_corpora_are_consistent() -> None:
    from oped.formats.statistics import check, statistics

    folder = data_folder("corpora") / "opinions"
    documents = 0
    for split in ("train", "dev", "test"):
        assert check(folder / f"{split}.jsonl", "oped") == []
        documents += statistics(folder / f"{split}.jsonl", "oped")["documents"]
    assert documents == 191
