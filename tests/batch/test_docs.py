"""The queries of docs/batch.md: on a real batch they run, and on a map that is known they find what is in it."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from oped.formats.registry import FORMATS
from oped.records import ArgumentMap, Entity
from tests.conftest import ROOT

QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/batch.md").read_text(encoding="utf-8"), re.DOTALL)
FOUND: list[list[tuple[Any, ...]]] = [
    [("Maren Oduya", 1, 0.33)],
    [("The quay must be closed", 1)],
    [("author", "Ann Lee", 1)],
    [("the piles", "PRODUCT", 1)],
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_runs_on_a_batch(query: str, undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(undisturbed)
    assert len(duckdb.sql(query).columns) >= 2


@pytest.mark.parametrize(("query", "rows"), list(zip(QUERIES, FOUND, strict=True)))
def test_a_query_finds_what_is_in_the_map(
    query: str, rows: list[tuple[Any, ...]], article_map: ArgumentMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = article_map.article.text.index("piles")
    first, last = article_map.entities
    piles = Entity("e3", start, start + len("piles"), "piles", "PRODUCT", "the piles")
    write = FORMATS["parquet"].write
    assert write is not None
    write([article_map.replace(entities=(first, piles, last))], tmp_path)
    monkeypatch.chdir(tmp_path)
    assert duckdb.sql(query).fetchall() == rows
