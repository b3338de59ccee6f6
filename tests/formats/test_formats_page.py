"""The page on formats says what the registry says."""

from pathlib import Path

import pytest

from oped.formats.registry import FORMATS, Format

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("item", FORMATS.values(), ids=list(FORMATS))
def test_each_format_stands_in_the_table(item: Format) -> None:
    loses = ", ".join(item.loses) if item.write else ""
    assert f"| `{item.name}` | {item.summary} | {item.kind} | {item.ways} | {loses} |" in PAGE


def test_only_what_is_written_loses_something() -> None:
    assert all(item.write for item in FORMATS.values() if item.loses)
