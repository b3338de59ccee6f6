import gzip
import io
import json
from pathlib import Path

import datasets
import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import oped
from oped.batch.inputs import Inputs
from oped.batch.local import LocalEngine
from oped.batch.run import batch
from oped.batch.tasks import Bounds, Engine, Settings, Task
from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from tests.batch.conftest import TOPICS, run, text_of
from tests.helpers.cli import call

SETTINGS = Settings("en_opinion_sm")


def local(settings: Settings) -> Engine:
    return LocalEngine(settings, Bounds(), workers=1)


def tasks(*sources: Path | str, **options: object) -> list[Task]:
    found = list(Inputs(map(str, sources), **options))  # type: ignore[arg-type]
    assert all(isinstance(item, Task) for item in found), found
    return [item for item in found if isinstance(item, Task)]


def test_each_article_has_its_map_in_a_shard(undisturbed: Path) -> None:
    paths = sorted((undisturbed / "maps").rglob("*.json"))
    maps = [ArgumentMap.from_dict(json.loads(path.read_bytes())) for path in paths]
    assert len(maps) == len(TOPICS)
    assert {str(path.relative_to(undisturbed)).count("/") for path in paths} == {3}
    assert {amap.article.source for amap in maps} >= {"ferry.txt", "more/library.txt"}
    assert all(amap.model is not None and amap.components for amap in maps)


def test_a_map_is_the_same_as_that_of_the_single_command(undisturbed: Path, articles: Path) -> None:
    alone = oped.map_article(oped.read_article(articles / "ferry.txt"))
    maps = [json.loads(path.read_bytes()) for path in (undisturbed / "maps").rglob("*.json")]
    assert alone.to_dict() in maps


def test_articles_that_failed_and_duplicates_are_listed(undisturbed: Path) -> None:
    errors = [json.loads(line) for line in (undisturbed / "errors.jsonl").read_text().splitlines()]
    assert [error["article"] for error in errors] == ["broken.pdf", "empty.txt"]
    assert errors[1]["error"] == "EmptyInputError"
    assert all("expected" in error["reason"] for error in errors)
    duplicates = [json.loads(line) for line in (undisturbed / "duplicates.jsonl").read_text().splitlines()]
    assert duplicates == [{"article": "zz-again.txt", "same_as": "ferry.txt"}]


def test_the_summary_counts(undisturbed: Path) -> None:
    summary = json.loads((undisturbed / "summary.json").read_text())
    assert summary["input"] == 13
    assert summary["mapped"]["articles"] == 10
    assert (summary["duplicates"], summary["failed"]) == (1, 2)
    assert sum(summary["failures"].values()) == 2
    table = pq.read_table(undisturbed / "components.parquet")
    assert summary["mapped"]["components"] == table.num_rows


def test_what_reads_parquet_reads_the_tables(undisturbed: Path) -> None:
    path = str(undisturbed / "articles.parquet")
    assert polars.read_parquet(path).height == 10
    assert len(datasets.load_dataset("parquet", data_files=path, split="train")) == 10
    assert duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall() == [(10,)]


def test_the_folder_is_a_corpus_in_the_format_parquet(undisturbed: Path) -> None:
    from_tables = {amap.article.id: amap for amap in read_corpus(undisturbed, "parquet")}
    for path in (undisturbed / "maps").rglob("*.json"):
        amap = ArgumentMap.from_dict(json.loads(path.read_bytes()))
        assert from_tables[amap.article.id] == amap


def test_tables_in_every_packing(tmp_path: Path) -> None:
    rows = [{"id": str(number), "body": text_of(topic), "outlet": "Hallen Post"} for number, topic in enumerate(TOPICS)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "c.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet")
    datasets.Dataset.from_list(rows).save_to_disk(tmp_path / "e")
    contents = {
        name: [(task.content, task.id) for task in tasks(tmp_path / name, columns={"text": "body"})]
        for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet", "e")
    }
    assert len(contents["a.jsonl"]) == len(TOPICS)
    assert all(found == contents["a.jsonl"] for found in contents.values())
    assert [task.content for task in tasks(f"file://{tmp_path}/a.jsonl", columns={"text": "body"})] == [
        content for content, _ in contents["a.jsonl"]
    ]


def test_rows_that_hold_no_article_are_reported_and_the_rest_mapped(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text(
        json.dumps({"id": "1", "text": text_of("ferry")})
        + "\n{torn\n"
        + json.dumps({"id": "2", "title": "no text"})
        + "\n"
        + json.dumps({"id": "1", "text": text_of("tram"), "author": "Ann Lee"})
        + "\n"
    )
    summary = batch(Inputs([str(table), str(tmp_path / "none.txt")]), tmp_path / "out", SETTINGS, local)
    assert (summary["mapped"]["articles"], summary["failed"]) == (2, 3)
    errors = [json.loads(line)["article"] for line in (tmp_path / "out/errors.jsonl").read_text().splitlines()]
    assert errors == ["t.jsonl line 2", "t.jsonl line 3", "none.txt"]
    ids = pq.read_table(tmp_path / "out/articles.parquet")["article_id"].to_pylist()
    assert ids == ["1", "1~2"]


def test_changed_articles_are_mapped_again_and_lost_ones_leave(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for topic in ("ferry", "tram", "mill"):
        (folder / f"{topic}.txt").write_text(text_of(topic))
    out = tmp_path / "out"
    assert batch(Inputs([str(folder)]), out, SETTINGS, local)["times"]["mapped_now"] == 3
    assert batch(Inputs([str(folder)]), out, SETTINGS, local)["times"]["mapped_now"] == 0
    (folder / "tram.txt").write_text(text_of("tram") + " It must stay.")
    (folder / "mill.txt").unlink()
    summary = batch(Inputs([str(folder)]), out, SETTINGS, local)
    assert summary["times"]["mapped_now"] == 1
    assert summary["mapped"]["articles"] == len(list((out / "maps").rglob("*.json"))) == 2
    assert batch(Inputs([str(folder)]), out, Settings("en_opinion_sm", "aae2"), local)["times"]["mapped_now"] == 2


def test_a_large_table_becomes_a_folder_of_parts(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps({"id": topic, "text": text_of(topic)}) + "\n" for topic in TOPICS[:5]))
    batch(Inputs([str(table)]), tmp_path / "out", SETTINGS, local, part_articles=2)
    parts = sorted(path.name for path in (tmp_path / "out/articles.parquet").iterdir())
    assert parts == ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]
    assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/out/articles.parquet/*.parquet'").fetchall() == [(5,)]
    assert pq.read_table(tmp_path / "out/articles.parquet")["article_id"].to_pylist() == list(TOPICS[:5])


def test_pages_on_demand_and_maps_without_entities(tmp_path: Path, articles: Path) -> None:
    done = run(articles / "ferry.txt", "-o", tmp_path / "out", "--html", "--no-entities", "--workers", "1", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    (page,) = (tmp_path / "out/pages").rglob("*.html")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    (path,) = (tmp_path / "out/maps").rglob("*.json")
    assert json.loads(path.read_text())["entities"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none*.txt"], "match the pattern, found none"),
        (["ferry.txt", "--model", "none"], "found no model at 'none'"),
        (["ferry.txt", "--column", "text"], "expected NAME=COLUMN"),
    ],
)
def test_misuse_is_one_line(articles: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    done = call("batch", articles / arguments[0], *arguments[1:], "-o", tmp_path / "out", "--quiet")
    assert done.returncode in (1, 2)
    assert message in done.stderr.decode()


def test_progress_in_plain_lines() -> None:
    from contextlib import redirect_stderr

    from oped.batch.run import Progress
    from oped.commands import batch as command

    stream = io.StringIO()
    with redirect_stderr(stream):
        report = command._lines(seconds=0.0)
        report(Progress(seen=4, done=2, mapped=2, failed=0, total=4))
    assert "2 of 4 done" in stream.getvalue()
    assert "s left" in stream.getvalue()


def test_rows_of_any_type_are_taken(tmp_path: Path) -> None:
    import datetime

    rows = [
        {"title": 1984, "url": ["a"], "text": text_of("ferry"), "seen": datetime.datetime(2024, 5, 1), "raw": b"x"},
        {"title": "b", "url": None, "text": text_of("tram"), "seen": None, "raw": None},
    ]
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
    pq.write_table(
        pa.Table.from_pylist([{**row, "title": str(row["title"]), "url": "u"} for row in rows]), tmp_path / "t.parquet"
    )
    summary = batch(Inputs([str(table), str(tmp_path / "t.parquet")]), tmp_path / "out", SETTINGS, local)
    assert (summary["mapped"]["articles"] + summary["duplicates"], summary["failed"]) == (4, 0)


def test_half_characters_and_bad_bytes_cost_their_row_alone(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    good = json.dumps({"id": "g", "text": text_of("ferry")}).encode()
    half = b'{"id": "\\ud83d", "text": "The quay \\ud83d must be closed, since its piles rot."}'
    table.write_bytes(b"\n".join([half, b'{"text": "\xff"}', good]))
    summary = batch(Inputs([str(table)]), tmp_path / "out", SETTINGS, local)
    assert (summary["mapped"]["articles"], summary["failed"]) == (1, 2)


def test_texts_that_stand_twice_are_mapped_once_and_not_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(text_of("ferry"))
    (folder / "b.md").write_text(text_of("ferry"))
    first = batch(Inputs([str(folder)]), tmp_path / "out", SETTINGS, local)
    assert (first["mapped"]["articles"], first["duplicates"]) == (1, 1)
    assert len(list((tmp_path / "out/maps").rglob("*.json"))) == 1
    assert batch(Inputs([str(folder)]), tmp_path / "out", SETTINGS, local)["times"]["mapped_now"] == 0


def test_pages_and_output_folders_do_not_come_back_as_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"))
    done = run(tmp_path, "-o", tmp_path / "out", "--html", "--workers", "1", "--quiet")
    assert done.returncode == 0
    assert [task.name for task in tasks(tmp_path)] == ["a.txt"]
    assert run(tmp_path, "-o", tmp_path / "out", "--workers", "1", "--quiet").returncode == 0
    assert not list((tmp_path / "out/pages").rglob("*.html"))
    assert run(tmp_path / "out", "-o", tmp_path / "out").returncode == 2


def test_nothing_is_forgotten_while_a_source_is_away(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text(json.dumps({"text": text_of("ferry")}) + "\n")
    sources = [str(table)]
    batch(Inputs(sources), tmp_path / "out", SETTINGS, local)
    table.rename(tmp_path / "away.jsonl")
    summary = batch(Inputs(sources), tmp_path / "out", SETTINGS, local)
    assert (summary["mapped"]["articles"], summary["failed"]) == (0, 1)
    (tmp_path / "away.jsonl").rename(table)
    assert batch(Inputs(sources), tmp_path / "out", SETTINGS, local)["times"]["mapped_now"] == 0


def test_bounds_of_one_article_cost_it_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"))
    (tmp_path / "b.txt").write_text(text_of("tram") * 10)
    options = ["--max-characters", "1000", "--memory", "4096", "--workers", "1"]
    done = call("batch", tmp_path, "-o", tmp_path / "out", *options)
    assert done.returncode == 1 and b"1 of 2 articles mapped, 1 failed" in done.stderr
    (error,) = (json.loads(line) for line in (tmp_path / "out/errors.jsonl").read_text().splitlines())
    assert (error["article"], error["error"]) == ("b.txt", "TooLongError")
    (tmp_path / "long.txt").write_text(text_of("ferry") * 40)  # long enough to be looked at while it is mapped
    small = call(
        "batch", tmp_path / "long.txt", "-o", tmp_path / "small", "--memory", "64", "--workers", "1", "--quiet"
    )
    (error,) = (json.loads(line) for line in (tmp_path / "small/errors.jsonl").read_text().splitlines())
    assert small.returncode == 1 and "more than 64 MB" in error["reason"]


def test_a_device_that_is_not_there_is_one_line(articles: Path, tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("there is a graphics card")
    done = call("batch", articles / "ferry.txt", "-o", tmp_path / "out", "--device", "cuda", "--workers", "1")
    assert done.returncode == 1 and b"cuda" in done.stderr
