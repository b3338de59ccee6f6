"""Tables with a cell, a row or a quotation mark that is wrong: it costs itself alone, and is named."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from oped.errors import InputError, TooLongError
from oped.ingest.csv_rows import read_csv
from oped.ingest.tables import read_table, table_rows
from tests.ingest.test_readers import BODY


def rows(path: Path, **options: Any) -> list[tuple[str, Any]]:
    return list(table_rows(path, **options))


def cells(content: str | bytes, limit: int = 1000) -> list[Any]:
    data = content if isinstance(content, bytes) else content.encode()
    return [row for _, row in read_csv(io.BufferedReader(io.BytesIO(data)), "a.csv", limit)]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2], pa.timestamp("ns")),
        pa.array([1, 2**62], pa.timestamp("us")),
        pa.array([1, -(2**62)], pa.timestamp("ms")),
        pc.cast(pa.array([1, 2], pa.int64()), pa.timestamp("us", "Nowhere/Atlantis")),
        pa.array([1, 2**62], pa.duration("s")),
        pa.array([1, 2**31 - 1], pa.date32()),
        pa.array([[1, 2], [2**62]], pa.list_(pa.timestamp("ms"))),
    ],
    ids=str,
)
def test_a_cell_that_python_can_not_hold_costs_no_article(tmp_path: Path, column: Any) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [BODY, BODY], "published": column}), path)
    articles = list(read_table(path))
    assert [article.text for article in articles] == [BODY, BODY]


def test_large_rows_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [str(number) * 2_000_000 for number in range(5)]}), path)
    before = pa.total_allocated_bytes()
    for _, row in rows(path):
        assert len(row["text"]) == 2_000_000
        assert pa.total_allocated_bytes() - before < 10_000_000


def test_a_row_that_is_nested_deeply_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    deep = json.dumps({"text": BODY}).replace("}", ', "x": ' + "[" * 900 + "]" * 900 + "}")
    path.write_text(f"{deep}\n{json.dumps({'text': BODY})}\n")
    first, second = rows(path)
    assert "nested over 50 deep" in str(first[1])
    assert second[1] == {"text": BODY}


@pytest.mark.parametrize("line", ['{"text": ' + "9" * 5000 + "}", "[" * 100_000, '{"text"', "3", "\\xff"])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{line}\n{json.dumps({'text': BODY})}\n")
    first, second = rows(path)
    assert isinstance(first[1], InputError) and "a.jsonl line 1" in str(first[1])
    assert second[1] == {"text": BODY}


def test_a_quotation_mark_that_is_never_closed_costs_its_row_alone() -> None:
    table = "id,text\n1,one\n" + '2,"two\n' + "".join(f"{number},row\n" for number in range(3, 203))
    found = cells(table, 1_000_000)
    assert "not closed" in str(found[1])
    assert [row["id"] for row in found if isinstance(row, dict)] == ["1", *map(str, range(3, 203))]


def test_a_quotation_mark_that_another_row_closes_costs_its_row_alone() -> None:
    found = cells('id,text\n1,"one\n2,"two"\n3,"three"\n')
    assert isinstance(found[0], InputError)
    assert found[1:] == [{"id": "2", "text": "two"}, {"id": "3", "text": "three"}]


def test_cells_of_several_lines_and_sloppy_marks_are_read() -> None:
    table = 'id,text\r\n1,"one\r\n\r\n""line"" two"\r\n\r\n2,5" wide\r\n3,"a"b\r\n4\r\n5,x,y\r\n'
    assert cells(table) == [
        {"id": "1", "text": 'one\r\n\r\n"line" two'},
        {"id": "2", "text": '5" wide'},
        {"id": "3", "text": "ab"},
        {"id": "4", "text": None},
        {"id": "5", "text": "x"},
    ]


def test_a_row_that_is_too_long_costs_itself_alone() -> None:
    found = cells("id,text\n1," + "x" * 5000 + '\n2,two\n3,"' + "y\n" * 2000 + '"\n4,four\n')
    assert isinstance(found[0], TooLongError)
    assert found[1] == {"id": "2", "text": "two"}
    assert isinstance(found[2], InputError)
    assert found[-1] == {"id": "4", "text": "four"}


def test_a_byte_that_is_no_utf_8_costs_its_row_alone() -> None:
    found = cells(b"id,text\n1,caf\xe9\n2,two\n")
    assert "found byte 0xe9" in str(found[0])
    assert found[1] == {"id": "2", "text": "two"}


def test_a_cell_may_be_longer_than_the_csv_module_likes() -> None:
    (row,) = cells("text\n" + "x" * 200_000 + "\n", 1_000_000)
    assert len(row["text"]) == 200_000


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_line_without_an_end_is_given_up(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(30):
            stream.write(b"x" * 1_000_000)
    with pytest.raises(InputError, match="the rest is not read"):
        rows(path, max_characters=10_000)


def test_half_a_character_costs_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"text": f"{BODY} \ud83d"}, {"text": BODY, "x": [{"\udfff": 1}]}, {"text": f"{BODY} 🙂"}]
    path.write_text("\n".join(map(json.dumps, rows)))
    failures: list[tuple[str, InputError]] = []
    (article,) = read_table(path, failed=lambda place, error: failures.append((place, error)))
    assert article.text == f"{BODY} 🙂"
    assert [place for place, _ in failures] == ["a.jsonl line 1", "a.jsonl line 2"]
