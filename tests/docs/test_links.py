"""The links of README, docs and cards lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import name_of, pages, prose

MADE = "docs/gallery/"  # pages that the build of the site makes
CARDS = [
    *pages(), ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("*/*/README.md")), ROOT / "benchmarks" / "README.md",
]  # fmt: skip


@pytest.mark.parametrize("page", CARDS, ids=name_of)
def test_every_link_within_the_repository_leads_to_a_file_and_a_heading(page: Path) -> None:
    text = prose(page)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.is_relative_to(ROOT) or name_of(file).startswith(MADE):
            continue
        assert file.exists(), target
        if anchor:
            assert anchor in _anchors(file), target


@pytest.mark.parametrize("page", CARDS, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    """Paths in backticks that begin with a folder of the repository."""
    for path in re.findall(r"`((?:docs|corpora|configs|samples|benchmarks|models)/[\w./-]+)`", prose(page)):
        assert (ROOT / path).exists(), path


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the site and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-") for heading in headings}
