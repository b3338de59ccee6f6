"""The pages of the documentation, and the examples in them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

NEEDS = "# needs: "
_FENCE = re.compile(r"^```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """README and every page of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced block of a page.

    Attributes:
        language: what stands after the fence.
        needs: what its first line says that it needs; empty: nothing.
    """

    language: str
    text: str

    @property
    def needs(self) -> str:
        first = self.text.partition("\n")[0]
        return first.removeprefix(NEEDS) if first.startswith(NEEDS) else ""

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block that do something."""
        return [line for line in self.text.splitlines() if line.strip() and not line.startswith("#")]


def examples(page: Path, language: str | None = None) -> list[Example]:
    """The blocks of a page, those of one language or all."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    blocks = [Example(block["language"], block["text"]) for block in found]
    return [block for block in blocks if language in (None, block.language)]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))
