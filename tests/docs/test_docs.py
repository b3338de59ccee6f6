"""The documentation builds without a warning, and says what the program does."""

import subprocess
import sys
from pathlib import Path

import pytest

from oped.commands.reference import reference
from oped.neural.parser.settings import ParserSettings
from oped.neural.tasks import read_settings
from tests.commands.test_map import run as oped

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_of_commands_is_current() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference(), "python -m oped.commands.reference > docs/commands.md"


def test_the_site_builds_with_warnings_as_errors(tmp_path: Path) -> None:
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ArgumentMap" in (tmp_path / "site" / "python.html").read_text(encoding="utf-8")
    gallery = (tmp_path / "site" / "gallery.html").read_text(encoding="utf-8")
    for name in ("mapped", "dialogue", "verdict", "clinic", "history", "comparison"):
        assert f"gallery/{name}.html" in gallery
        page = (tmp_path / "site" / "gallery" / f"{name}.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>") and len(page) > 20_000


def test_the_tutorial_on_training_works(tmp_path: Path, tiny_encoder: Path, tiny_corpus: Path) -> None:
    pytest.importorskip("torch")
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    config = text.partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "tagger.toml"
    path.write_text(config, encoding="utf-8")
    settings = read_settings(path)
    assert isinstance(settings, ParserSettings) and settings.corpus[0].role == "both"
    (tmp_path / "annotations.jsonl").write_bytes(tiny_corpus.read_bytes())
    checked = oped("corpus", "check", tmp_path / "annotations.jsonl", "--format", "oped")
    assert checked.returncode == 0, checked.stderr
    small = ["--set", f"encoder={tiny_encoder}", "--set", "schedule.epochs=2"]
    trained = oped("train", path, "-o", tmp_path / "run", *small, "--quiet")
    assert trained.returncode == 0, trained.stderr
    model = Path(trained.stdout.decode().strip())
    assert (
        (model.parent / "learning.png").is_file()
        and (model.parent / "reliability-mine.png").is_file()
        and (model / "README.md").is_file()
    )
    (tmp_path / "article.md").write_text("The council must build the dam.", encoding="utf-8")
    mapped = oped("map", tmp_path / "article.md", "--model", model, "--format", "tree")
    assert mapped.returncode == 0, mapped.stderr


def test_the_tutorial_on_comparing_works(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    lines = (ROOT / "corpora" / "opinions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "articles.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    batch = oped("batch", tmp_path / "articles.jsonl", "-o", tmp_path / "out", "--workers", "1", "--quiet")
    assert batch.returncode == 0, batch.stderr
    compared = oped("compare", tmp_path / "out", "-o", tmp_path / "comparison.html")
    assert compared.returncode == 0, compared.stderr
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert "Who argues what" in page and '<select id="question">' in page
