"""`oped convert` on hostile input: nothing is lost, and what is wrong is one line."""

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oped.errors import OpedError, OutputError
from oped.formats.convert import convert
from oped.formats.registry import FORMATS, read_corpus
from oped.records import ArgumentMap, Article
from tests.commands.test_map import SAMPLE
from tests.helpers.cli import call
from tests.ingest.test_readers import BODY

FOLDERS = ["brat", "aif", "xaif", "sadface", "webanno", "rdf", "parquet", "csv"]


def written(folder: Path, amap: ArgumentMap, name: str = "a.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(amap.to_dict()) + "\n", encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def one_line(done: "subprocess.CompletedProcess[bytes]", *codes: int) -> str:
    text = done.stderr.decode()
    assert done.returncode in (codes or (1, 2)), text
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_file_is_not_converted_onto_itself(tmp_path: Path, article_map: ArgumentMap, name: str) -> None:
    path = written(tmp_path, article_map, name)
    before = path.read_bytes()
    assert "apart from the input" in one_line(call("convert", path, path), 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_not_converted_onto_itself(tmp_path: Path, article_map: ArgumentMap, name: str) -> None:
    write = FORMATS[name].write
    assert write is not None
    write([article_map], tmp_path / "in")
    before = contents(tmp_path / "in")
    with pytest.raises(OutputError, match="apart from the input"):
        convert(tmp_path / "in", tmp_path / "in", source_format=name, target_format=name)
    assert contents(tmp_path / "in") == before


@pytest.mark.parametrize("target", ["t.jsonl", "t.conll", "t.dot", "t.spacy"])
def test_a_run_that_fails_leaves_its_target(tmp_path: Path, article_map: ArgumentMap, target: str) -> None:
    (tmp_path / "in.json").write_text("no map", encoding="utf-8")
    (tmp_path / target).write_text("old", encoding="utf-8")
    one_line(call("convert", tmp_path / "in.json", tmp_path / target), 1)
    assert (tmp_path / target).read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["in.json", target])


@pytest.mark.parametrize("name", FOLDERS)
def test_two_maps_of_one_id_are_both_kept(tmp_path: Path, article_map: ArgumentMap, name: str) -> None:
    other = article_map.replace(article=Article(article_map.article.id, article_map.article.text, "Another title"))
    write = FORMATS[name].write
    assert write is not None
    write([article_map, other], tmp_path / "out")
    found = list(read_corpus(tmp_path / "out", name))
    assert len(found) == 2
    assert all(len(amap.components) == 3 for amap in found)


def test_a_long_id_is_a_name_of_a_file(tmp_path: Path) -> None:
    amap = ArgumentMap(Article("漢" * 100, BODY))
    write = FORMATS["brat"].write
    assert write is not None
    write([amap], tmp_path / "out")
    assert [one.article.text for one in read_corpus(tmp_path / "out", "brat")] == [BODY]


def test_a_type_system_that_is_there_stays(tmp_path: Path, article_map: ArgumentMap) -> None:
    pytest.importorskip("cassis")
    source = written(tmp_path, article_map)
    (tmp_path / "TypeSystem.xml").write_text("mine", encoding="utf-8")
    assert "another is there" in one_line(call("convert", source, tmp_path / "a.xmi"), 1)
    assert (tmp_path / "TypeSystem.xml").read_text(encoding="utf-8") == "mine"


def test_a_line_that_is_no_map_costs_itself_alone(tmp_path: Path, article_map: ArgumentMap) -> None:
    good = json.dumps(article_map.to_dict())
    lines = ["[" * 100_000, '{"format": ' + "9" * 5000 + "}", "3", good, "{", "null", '"\\ud800"']
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = call("convert", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    text = one_line(done, 1)
    assert all(f"line {number}" in text for number in (1, 2, 3, 5, 6, 7))
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == json.dumps(
        article_map.to_dict(), ensure_ascii=False
    ) + "\n"


def paths(data: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from paths(value, (*here, key))


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = changed(data[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("target", ["oped", "csv", "dot", "brat", "aif"])
def test_maps_of_wrong_types_cost_themselves_alone(tmp_path: Path, article_map: ArgumentMap, target: str) -> None:
    data = article_map.to_dict()
    odd = [None, 3, -1, 1e400, True, "x", "", "\ud800", "\0", [], [3], {}, {"a": []}, "9" * 5000]
    lines = [changed(data, path, value) for path in paths(data) for value in odd]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    done = call(
        "convert", tmp_path / "in.jsonl", tmp_path / f"out{'.jsonl' if target == 'oped' else ''}", "--to", target
    )
    assert "reading it failed" not in one_line(done, 1)
    assert list(tmp_path.glob("out*"))


def test_corpora_that_are_none_say_so(tmp_path: Path) -> None:
    for name, content in (("a.zip", b"no zip"), ("b.json", b"3"), ("c.csv", b"\xff"), ("d.xml", b"<"), ("e.ann", b"T")):
        (tmp_path / name).write_bytes(content)
        for item in FORMATS.values():
            if item.read is None:
                continue
            try:
                list(item.read(tmp_path / name, lambda problem: None))
            except Exception as error:  # only what says what is wrong
                assert isinstance(error, OpedError), (item.name, name, error)


def test_a_zip_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "S1 x" * 5_000_000)
        archive.writestr("a.ann", "T1\tS 0 1\tS1\n")
    text = one_line(call("convert", tmp_path / "a.zip", tmp_path / "out.jsonl", "--from", "news-discourse"), 1)
    assert "at most 10,000,000 bytes" in text


def test_a_long_cell_of_a_corpus_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "train.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", "text", "label"], ["1", "word " * 40_000, "1"]])
    done = call("convert", tmp_path / "train.csv", tmp_path / "out.jsonl", "--from", "politicause")
    assert "field larger" not in done.stderr.decode()


@pytest.mark.parametrize("line", ["3", "{", '{"id": 1}', '{"id": 1, "text": 3}', "[" * 100_000, "9" * 5000])
def test_texts_that_are_none_say_so(tmp_path: Path, article_map: ArgumentMap, line: str) -> None:
    source = written(tmp_path, article_map)
    (tmp_path / "texts.jsonl").write_text(line + "\n", encoding="utf-8")
    text = one_line(call("convert", source, tmp_path / "o.jsonl", "--texts", tmp_path / "texts.jsonl"), 1)
    assert "line 1" in text


def test_an_article_is_not_replaced_by_its_map(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY, encoding="utf-8")
    assert "apart from the input" in one_line(call("map", path, "-o", path), 1)
    assert path.read_text(encoding="utf-8") == BODY


@pytest.mark.parametrize(("arguments", "word"), [(["/dev/zero"], "at most"), (["-"], "at most")])
def test_an_endless_input_is_refused(arguments: list[str], word: str) -> None:
    with open("/dev/zero", "rb") as endless:
        command = ["map", *arguments, "--max-characters", "10000"]
        done = subprocess.run([sys.executable, "-m", "oped", *command], stdin=endless, capture_output=True, check=False)
    assert word in one_line(done, 1)


@pytest.mark.parametrize("closing", ["<&-", ">&-", "> /dev/full"])
def test_a_closed_stream_is_one_line(closing: str) -> None:
    source = "-" if closing == "<&-" else str(SAMPLE)
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m oped map {source} {closing}'], capture_output=True, check=False
    )
    assert one_line(done, 1).count("\n") == 1
