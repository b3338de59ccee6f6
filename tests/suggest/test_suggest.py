"""Ranking by hand-made doubts; and the command on real files with the shipped model."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from spacy.language import Language

from oped.formats.registry import read_corpus
from oped.language.components import ArgumentTagger
from oped.neural.trained import TrainedParser
from oped.suggest.ranking import Doubt, rank
from oped.suggest.ranking import doubt as doubt_of
from oped.words import Words
from tests.batch.conftest import text_of
from tests.helpers.cli import call


def doubt(nats: float, *vector: float, words: int = 10) -> Doubt:
    return Doubt(nats, words, np.array(vector, dtype=np.float32))


def places(*doubts: Doubt, known: tuple[Doubt, ...] = (), **options: bool) -> list[int]:
    return [item.place for item in rank(doubts, known=known, **options)]


def test_the_most_doubtful_article_comes_first() -> None:
    assert places(doubt(1, 0, 1), doubt(5, 1, 0), doubt(3, -1, -1)) == [1, 2, 0]


def test_what_is_like_a_chosen_one_comes_later() -> None:
    twin, other = doubt(4.9, 1, 0.01), doubt(2, 0, 5)
    assert places(doubt(5, 1, 0), twin, other) == [0, 2, 1]


def test_what_is_like_an_annotated_one_comes_later() -> None:
    assert places(doubt(5, 1, 0), doubt(4, 0, 1)) == [0, 1]
    assert places(doubt(5, 1, 0), doubt(4, 0, 1), known=(doubt(1, 1, 0.01),)) == [1, 0]


def test_doubt_counts_by_word_where_asked() -> None:
    long, short = doubt(9, 1, 0, words=100), doubt(5, 0, 1, words=10)
    assert places(long, short) == [0, 1]
    assert places(long, short, per_word=True) == [1, 0]


def test_gains_fall_and_no_article_stands_twice() -> None:
    generator = np.random.default_rng(1)
    doubts = [doubt(float(generator.random()), *generator.normal(size=4)) for _ in range(30)]
    found = rank(doubts, count=12)
    assert len({item.place for item in found}) == 12
    assert [item.gain for item in found] == sorted((item.gain for item in found), reverse=True)
    assert rank([]) == []


@pytest.mark.parametrize(("name", "to"), [("tasks.json", "label-studio"), ("brat", "brat"), ("maps.jsonl", "oped")])
def test_the_command_writes_a_first_annotation(tmp_path: Path, name: str, to: str) -> None:
    for place in ("ferry", "tram", "mill"):
        (tmp_path / f"{place}.txt").write_text(text_of(place), encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    output = tmp_path / name
    done = call("suggest", tmp_path, "--count", 2, "-o", output, "--to", to)
    assert done.returncode == 1 and b"empty.txt" in done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["rank"] for row in rows] == [1, 2]
    assert rows[0]["gain"] >= rows[1]["gain"] > 0
    maps = list(read_corpus(output, to))
    assert len(maps) == 2 and all(amap.components for amap in maps)


def test_the_annotation_tool_knows_labels_that_were_not_predicted(tmp_path: Path) -> None:
    (tmp_path / "rain.txt").write_text("Rain fell.", encoding="utf-8")
    done = call("suggest", tmp_path / "rain.txt", "-o", tmp_path / "new" / "tasks.json")
    assert done.returncode == 0, done.stderr
    labels = {item.get("value") for item in ElementTree.parse(tmp_path / "new" / "config.xml").iter("Label")}
    assert labels == {"major_claim", "claim", "premise"}


def test_doubt_is_the_entropy_of_what_is_decided(nlp: Language) -> None:
    tagger = nlp.get_pipe("oped_arguments")
    assert isinstance(tagger, ArgumentTagger)
    parser = tagger.parser
    assert isinstance(parser, TrainedParser)

    def of(text: str) -> Doubt:
        return doubt_of(text, Words.of(text), parser.scorer, parser.scheme)

    nothing, short, long = of(""), of(text_of("ferry")), of("\n\n".join(map(text_of, ("ferry", "tram", "mill"))))
    assert (nothing.nats, nothing.words) == (0, 0)
    assert 0 < short.nats < long.nats
    # With three tags to a word, a component's types and targets, doubt has a bound.
    assert short.nats < short.words * (np.log(3) + np.log(3) + np.log(short.words))


def test_a_file_that_breaks_its_parser_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"), encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(
        b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj trailer << /Root 1 0 R >>"
    )
    done = call("suggest", tmp_path)
    assert done.returncode == 1 and b"b.pdf" in done.stderr
    assert [Path(json.loads(line)["name"]).name for line in done.stdout.splitlines()] == ["a.txt"]


def test_an_annotation_without_documents_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"), encoding="utf-8")
    (tmp_path / "known.jsonl").write_text("", encoding="utf-8")
    done = call("suggest", tmp_path / "a.txt", "--known", tmp_path / "known.jsonl")
    assert done.returncode == 1 and b"expected annotated documents" in done.stderr


def test_what_is_annotated_already_is_left_out(tmp_path: Path) -> None:
    paths = [tmp_path / f"{place}.txt" for place in ("ferry", "tram")]
    for path in paths:
        path.write_text(text_of(path.stem), encoding="utf-8")
    known = tmp_path / "known.jsonl"
    assert call("suggest", paths[0], "-o", known, "--to", "oped").returncode == 0
    done = call("suggest", *paths, "--known", known)
    assert [Path(json.loads(line)["name"]).name for line in done.stdout.splitlines()] == ["tram.txt"]
    again = call("suggest", paths[0], "--known", known)
    assert again.returncode == 1 and b"not annotated already" in again.stderr


def test_doubt_per_word_in_the_scheme_of_essays(tmp_path: Path) -> None:
    long, short = "\n\n".join(map(text_of, ("ferry", "tram", "mill"))), text_of("quarry")
    for name, text in (("long", long), ("short", short)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")

    def first(*options: str) -> dict[str, object]:
        done = call("suggest", tmp_path, "--scheme", "aae2", "--count", 1, "-o", tmp_path / "made.jsonl", "--to", "oped", *options)  # fmt: skip
        assert done.returncode == 0, done.stderr
        row: dict[str, object] = json.loads(done.stdout)
        return row

    assert Path(str(first()["name"])).name == "long.txt"
    (amap,) = read_corpus(tmp_path / "made.jsonl", "oped")
    assert {part.type for part in amap.components} <= {"MajorClaim", "Claim", "Premise"}
    (tmp_path / "made.jsonl").unlink()
    assert float(str(first("--per-word")["gain"])) < 10


def test_what_is_annotated_by_offsets_or_in_another_format_is_left_out_too(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for topic in ("ferry", "tram", "mill"):
        (folder / f"{topic}.txt").write_text(text_of(topic), encoding="utf-8")
    bare = {"id": "f", "components": [{"id": "c1", "start": 0, "end": 11, "type": "claim"}], "relations": []}
    (tmp_path / "bare.jsonl").write_text(json.dumps(bare) + "\n", encoding="utf-8")
    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "f", "text": text_of("ferry")}) + "\n", encoding="utf-8")
    (tmp_path / "t.txt").write_text(text_of("tram"), encoding="utf-8")
    (tmp_path / "t.ann").write_text("T1\tclaim 0 11\tThe council\n", encoding="utf-8")
    for options, known in (
        (["--known", tmp_path / "bare.jsonl", "--texts", tmp_path / "texts.jsonl"], "ferry.txt"),
        (["--known", tmp_path / "t.ann", "--known-format", "brat"], "tram.txt"),
    ):
        done = call("suggest", folder, *options)
        names = {Path(json.loads(line)["name"]).name for line in done.stdout.splitlines()}
        assert names == {"ferry.txt", "tram.txt", "mill.txt"} - {known}, done.stderr
