"""The queries of docs/batch.md, run on a real batch."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ROOT

QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/batch.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("query", QUERIES)
def test_query(query: str, undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(undisturbed)
    result = duckdb.sql(query)
    assert len(result.columns) >= 2
    result.fetchall()


def test_there_are_queries_for_the_usual_questions() -> None:
    assert len(QUERIES) == 4
