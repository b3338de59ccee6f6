import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oped.errors import InputError
from oped.ingest.tables import is_table, read_table
from tests.ingest.test_readers import BODY, PARAGRAPHS

ROWS = [
    {
        "id": "1",
        "text": BODY,
        "title": "On markets",
        "author": "Ana Ruiz",
        "date": "3 March 2022",
        "url": "https://example.org",
        "outlet": "The Example",
    },
    {
        "id": "2",
        "text": PARAGRAPHS[0],
        "title": "Again",
        "author": "Ana Ruiz; Tom Hale",
        "date": "2022-03-04",
        "url": None,
        "outlet": None,
    },
]


def write(folder: Path, kind: str) -> Path:
    path = folder / f"articles.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif kind == "csv":
        with open(path, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, ROWS[0])
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
        path.write_bytes(gzip.compress(lines) if kind.endswith("gz") else lines)
    return path


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "csv", "parquet"])
def test_each_kind_of_table_has_the_same_articles(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind)
    assert is_table(path)
    first, second = read_table(path)
    assert (first.id, first.text, first.title, first.authors, first.published) == (
        "1",
        BODY,
        "On markets",
        ("Ana Ruiz",),
        "2022-03-03",
    )
    assert first.url == "https://example.org" and first.extra["outlet"] == "The Example"
    assert second.authors == ("Ana Ruiz", "Tom Hale") and second.published == "2022-03-04"


def test_columns_can_be_renamed_and_html_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"body": f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>"}), encoding="utf-8")
    (article,) = read_table(path, columns={"html": "body"})
    assert article.text == BODY


def test_a_bad_row_is_reported_and_the_rest_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = ["{", json.dumps({"other": 1}), json.dumps({"text": " "}), "[1]", json.dumps({"text": BODY})]
    path.write_text("\n".join(rows), encoding="utf-8")
    failures: list[tuple[str, InputError]] = []
    articles = list(read_table(path, failed=lambda place, error: failures.append((place, error))))
    assert [article.text for article in articles] == [BODY]
    assert [place for place, _ in failures] == [f"a.jsonl line {number}" for number in (1, 2, 3, 4)]
    with pytest.raises(InputError, match="line 1: expected a JSON object"):
        list(read_table(path))


@pytest.mark.parametrize("kind", ["parquet", "jsonl.gz", "csv.gz"])
def test_a_torn_table_says_so(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(b"torn")
    with pytest.raises(InputError, match="expected a"):
        list(read_table(path))


def test_of_an_annotated_article_the_metadata_are_read(tmp_path: Path) -> None:
    row = {**ROWS[0], "extra": {"question": "markets"}, "components": [], "relations": [], "annotators": ["a1"]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (article,) = read_table(tmp_path / "a.jsonl")
    assert article.extra == {"outlet": "The Example", "question": "markets"}
