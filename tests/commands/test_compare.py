"""`oped compare` from the command line, with the shipped matcher: its options on three small maps."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from oped.compare.tables import TABLES
from oped.formats.registry import read_corpus
from oped.records import ArgumentMap, ModelInfo
from tests.compare.test_compare import BAN, NOISE, made
from tests.helpers.cli import call


def write(path: Path, *maps: ArgumentMap) -> Path:
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in maps), encoding="utf-8")
    return path


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    one = {"outlet": "Herald", "matter": "phones"}
    return write(
        tmp_path / "maps.jsonl",
        made("a", "Ann", [("claim", BAN), ("premise", NOISE)], [(2, 1, "support")], published="2024-05-01", extra=one),
        made("b", "Bo", [("claim", BAN)], published="2024-05-02", extra={"outlet": "Post", "matter": "phones"}),
        made("c", "Bo", [("claim", NOISE)], published="2024-06-03", extra=one),
    )


@pytest.mark.parametrize(
    ("by", "groups"), [("author", ["Ann", "Bo"]), ("date", ["2024-05", "2024-06"]), ("outlet", ["Herald", "Post"])]
)
def test_authors_months_or_fields_are_compared(maps: Path, by: str, groups: list[str]) -> None:
    done = call("compare", maps, "--by", by, "--question", "matter", "--quiet")
    assert done.returncode == 0 and done.stderr == b""
    result = json.loads(done.stdout)
    assert sorted(row["name"] for row in result["groups"]) == groups
    assert {row["question"] for row in result["articles"]} == {"phones"}


def test_a_page_tables_and_graphs_are_written(maps: Path, tmp_path: Path) -> None:
    page, tables, graph = tmp_path / "c.html", tmp_path / "tables", tmp_path / "all.json"
    more = ["--tables", tables, "--graph", graph, "--graph-format", "aif"]
    done = call("compare", maps, "-o", page, *more, "--model", "en_opinion_sm", "--quiet")
    assert (done.returncode, done.stdout) == (0, b"")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert {path.stem for path in tables.iterdir()} == set(TABLES)
    assert pq.read_table(tables / "groups.parquet")["name"].to_pylist() == ["Bo", "Ann"]  # by their words
    (merged,) = read_corpus(graph, "aif")
    assert sorted(part.text for part in merged.components) == sorted([BAN, BAN, NOISE, NOISE])
    assert "support" in {link.type for link in merged.relations}


def test_maps_of_different_models_are_compared_where_that_is_asked_for(tmp_path: Path) -> None:
    maps = write(tmp_path / "m.jsonl", made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", BAN)], model=ModelInfo("m", "2")))  # fmt: skip
    refused = call("compare", maps)
    assert refused.returncode == 1 and b"--mixed-models" in refused.stderr
    assert call("compare", maps, "--mixed-models", "--quiet").returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--model", "none"], 1, "no model at 'none'"),
        (["-o", "x.txt"], 2, "ends in .html or .json"),
        (["--graph", "x.dot", "--graph-format", "none"], 2, "expected one of"),
        (["--by", "none"], 1, "--by none: expected a field"),
    ],
)
def test_what_can_not_be_done_is_one_line(maps: Path, options: list[str], code: int, message: str) -> None:
    done = call("compare", maps, *options, "--quiet")
    assert done.returncode == code and message in done.stderr.decode()
