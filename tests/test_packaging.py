import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from oped.errors import ConfigError
from oped.packaging import package_model
from oped.resources import find_model
from tests.helpers.cli import call

# spaCy, which writes the package, leaves a file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def test_the_wheel_installs_and_loads_by_name(tmp_path: Path) -> None:
    made = shutil.copytree(find_model("en_opinion_sm"), tmp_path / "made")
    done = call(
        "package",
        made,
        "-o",
        tmp_path / "dist",
        "--name",
        "en_harbour",
        "--version",
        "1.2.3",
        "--author",
        "Harbour Board",
    )
    assert done.returncode == 0, done.stderr
    wheel = Path(done.stdout.decode().strip())
    assert wheel.name == "en_harbour-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read("en_harbour-1.2.3.dist-info/METADATA").decode()
    assert "License: CC BY-NC-SA 4.0\n" in metadata and "Author: Harbour Board\n" in metadata
    assert "explosion" not in metadata.partition("\n\n")[0].lower()
    shutil.rmtree(made)
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(command, check=True)
    program = (
        "import spacy, oped\n"
        "text = 'The quay of Kazakhstan must be closed, because its piles may fail.'\n"
        "one = spacy.load('en_harbour')(text)._.argument_map\n"
        "two = oped.load('en_harbour')(text)._.argument_map\n"
        "assert one.components and one.components == two.components\n"
        "assert one.entities and one.entities == two.entities\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(site), "PATH": "/usr/bin"})


def test_a_name_that_can_not_be_imported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="after en_"):
        package_model("en_opinion_sm", tmp_path, name="my-model")
