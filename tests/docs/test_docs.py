"""The documentation builds without a warning, and says what the program does."""

import subprocess
import sys
from pathlib import Path

import pytest

from oped.commands.reference import reference
from tests.conftest import ROOT


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
