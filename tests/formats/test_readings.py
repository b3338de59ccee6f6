"""The corpus of readings: offsets that fit the articles, nothing of the articles' text, and the script that makes it."""

import hashlib
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oped.formats.registry import read_corpus
from oped.formats.statistics import check
from oped.formats.texts import article_texts
from oped.resources import data_folder
from tests.helpers.scripts import load_script

TEXT = (
    "## The ferry\n\n"
    "The island needs its ferry. According to Ada Moll, the last boat was full on every day of March.\n\n"
    'The board of Hallen says that "nobody rides it". That is wrong, and without it the school may close.'
)
HALLEN = TEXT.index("Hallen")
ANSWER = [
    "1|M|2|The island needs its ferry|||",
    "2|P|2|the last boat was full … day of March||Ada Moll|+1",
    "3|C|3|nobody rides it||the Board of Hallen|-1",
    "4|C|3|That is wrong|||-3",
    "6|C|3|without it the school may close|r|author|+1",
]


def _article(name: str = "a1", text: str = TEXT, site: str = "ann/essays") -> dict[str, Any]:
    sha = hashlib.sha256(text.encode()).hexdigest()
    about = {"commit": "0" * 40, "url": "https://example.org/ferry", "title": "The ferry", "licence": "CC BY 4.0"}
    return {"id": name, "source": f"{site}:{name}.md", "text": text, "text_sha256": sha, **about}


@pytest.fixture(scope="module")
def readings() -> ModuleType:
    return load_script("readings")


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (data_folder("corpora") / "readings" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_an_answer_becomes_offsets_that_the_texts_are_joined_to(readings: ModuleType, tmp_path: Path) -> None:
    articles, path = tmp_path / "articles.jsonl", tmp_path / "readings.jsonl"
    articles.write_text(json.dumps(_article()), encoding="utf-8")
    path.write_text(json.dumps(readings.Reading.of(_article(), ANSWER).to_dict()), encoding="utf-8")

    assert check(path, "oped", texts=articles) == []
    (amap,) = read_corpus(path, "oped", texts=article_texts(articles))
    assert [part.text for part in amap.components] == [
        "The island needs its ferry",
        "the last boat was full on every day of March",
        "nobody rides it",
        "That is wrong",
        "without it the school may close",
    ]
    assert [part.attribution.name for part in amap.components if part.attribution] == [
        None, "Ada Moll", "The board of Hallen", None, None,
    ]  # fmt: skip
    assert [bool(part.risk) for part in amap.components] == [False, False, False, False, True]
    assert [(link.source, link.target, link.type) for link in amap.relations] == [
        ("c2", "c1", "support"), ("c3", "c1", "attack"), ("c4", "c3", "attack"), ("c5", "c1", "support"),
    ]  # fmt: skip


def test_a_line_of_the_corpus_holds_no_words_of_the_article(readings: ModuleType) -> None:
    line = json.dumps(readings.Reading.of(_article(), ANSWER).to_dict())
    assert not [words for words in ("island", "boat", "Ada Moll", "Hallen", "ferry", "CC BY") if words in line]


def test_a_source_that_the_article_does_not_name_has_no_place(readings: ModuleType) -> None:
    row = readings.Reading.of(_article(), ["1|C|2|The island needs its ferry||the harbour master|"]).to_dict()
    assert row["components"][0]["source"] == ""


@pytest.mark.parametrize(
    ("name", "text", "near", "found"),
    [
        ("he", "The chef said he cooks", 0, "he"),
        ("the Record", "in _The Record_ of May", 0, "The Record"),
        ("Lee", "Lee spoke. Then Ann Lee left", 26, "Lee"),
    ],
)
def test_a_name_is_found_as_whole_words_nearest_to_its_component(
    readings: ModuleType, name: str, text: str, near: int, found: str
) -> None:
    place = readings.place_of_name(name, readings.fold(text), near)
    assert text[place["start"] : place["end"]] == found
    assert place["start"] == max(at for at in range(len(text)) if text.startswith(found, at))


def test_single_lines_are_changed_after_another_look(readings: ModuleType) -> None:
    mends = [
        {"line": 4, "drop": True},
        {"line": 6, "type": "premise", "relation": "-3"},
        {"line": 3, "source": {"start": HALLEN, "end": HALLEN + 6}},
        {"line": 2, "source": "author", "relation": ""},
    ]
    row = readings.Reading.of(_article(), ANSWER, mends).to_dict()
    assert [part["type"] for part in row["components"]] == ["major_claim", "premise", "claim", "premise"]
    assert row["components"][1]["source"] == "author"
    assert row["components"][2]["source"] == {"start": HALLEN, "end": HALLEN + 6}
    assert {(link["source"], link["target"]) for link in row["relations"]} == {("c3", "c1"), ("c4", "c3")}


def test_whole_sources_are_held_out_and_never_a_large_one(readings: ModuleType) -> None:
    sizes = {"big": 900, "one": 40, "two": 40, "three": 20}
    rows = [_article(f"{site}{number}", "", site) for site, size in sizes.items() for number in range(size)]
    away = readings.held_out(rows)
    assert away == readings.held_out(reversed(rows))
    assert "big" not in away and 50 <= sum(sizes[site] for site in away) <= 100


def test_articles_to_read_again_come_from_all_sources_in_proportion(readings: ModuleType) -> None:
    rows = [_article(f"{site}{number}", "", site) for site, size in (("a", 60), ("b", 30)) for number in range(size)]
    chosen = readings.draw(rows, 9, "seed")
    assert Counter(readings.site_of(row) for row in chosen) == {"a": 6, "b": 3}
    assert chosen == readings.draw(reversed(rows), 9, "seed") != readings.draw(rows, 9, "another")


def test_what_the_guideline_makes_unlikely_is_counted(readings: ModuleType, tmp_path: Path) -> None:
    articles, path = tmp_path / "articles.jsonl", tmp_path / "readings.jsonl"
    articles.write_text(json.dumps(_article()), encoding="utf-8")
    answer = ["1|C|1|The ferry|||", "2|P|2|The island needs … every day of March||it|", "3|C|3|nobody rides it|||-1"]
    path.write_text(json.dumps(readings.Reading.of(_article(), answer).to_dict()), encoding="utf-8")
    (amap,) = read_corpus(path, "oped", texts=article_texts(articles))
    odd = readings.oddities(amap)
    expected = {"articles_without_thesis": 1, "lone_premises": 1, "spans_of_two_sentences": 1, "spans_in_headings": 1}
    assert {name: odd[name] for name in expected} == expected
    assert not odd["articles_without_attack"] and odd["sources_that_are_pronouns"] == 1


def test_train_and_dev_share_neither_article_nor_source() -> None:
    train, dev = _rows("train.jsonl"), _rows("dev.jsonl")
    for what in (lambda row: row["id"], lambda row: row["text_sha256"], lambda row: row["source"].split(":")[0]):
        assert not set(map(what, train)) & set(map(what, dev))
    assert len({row["id"] for row in (*train, *dev)}) == len(train) + len(dev) == 1282


@pytest.mark.parametrize(
    "name", ["train.jsonl", "dev.jsonl", "agreement/sample-2-second.jsonl", "agreement/sample-3-third.jsonl"]
)
def test_shipped_readings_hold_offsets_alone_and_are_consistent(name: str) -> None:
    for row in _rows(name):
        parts, ids = row["components"], {part["id"] for part in row["components"]}
        assert not {"text", "title", "author", "url", "licence"} & set(row)
        assert all(set(part) == {"id", "start", "end", "type", "risk", "source"} for part in parts)
        assert all(one["end"] <= two["start"] for one, two in pairwise(parts))
        assert all(part["source"] in ("author", "") or set(part["source"]) == {"start", "end"} for part in parts)
        assert all({link["source"], link["target"]} <= ids for link in row["relations"])
        if name in ("train.jsonl", "dev.jsonl"):
            out = {link["source"] for link in row["relations"]}
            assert all(part["id"] in out for part in parts if part["type"] == "premise")


def test_no_shipped_row_has_eight_words_in_a_row() -> None:
    folder = data_folder("corpora") / "readings"
    names = [*(f"{part}.jsonl" for part in ("train", "dev", "nothing")), *map(str, folder.glob("agreement/*.jsonl"))]
    values = {value for name in names for row in _rows(name) for value in row.values() if isinstance(value, str)}
    assert len(values) > 1000
    assert max(len(re.findall(r"\w+", value)) for value in values) < 8


@pytest.mark.parametrize("sample", ["sample-1", "sample-2"])
def test_both_readings_of_a_sample_are_of_the_same_articles(sample: str) -> None:
    first, second = (_rows(f"agreement/{sample}-{which}.jsonl") for which in ("first", "second"))
    assert [(row["id"], row["text_sha256"]) for row in first] == [(row["id"], row["text_sha256"]) for row in second]


@pytest.mark.parametrize("name", ["train.jsonl", "dev.jsonl", "nothing.jsonl"])
def test_every_hash_and_offset_fits_the_articles_where_they_are_at_hand(shared: Path, name: str) -> None:
    lines = (shared / "readings" / "articles.jsonl").read_text(encoding="utf-8").split("\n")
    texts = {row["id"]: row["text"] for row in map(json.loads, filter(str.strip, lines))}
    for row in _rows(name):
        text = texts[row["id"]]
        assert hashlib.sha256(text.encode()).hexdigest() == row["text_sha256"]
        for part in row.get("components", ()):
            words = text[part["start"] : part["end"]]
            assert words and words == words.strip() and "\n\n" not in words


def test_the_dev_part_is_read_without_a_problem_where_its_articles_are_at_hand(shared: Path) -> None:
    path = data_folder("corpora") / "readings" / "dev.jsonl"
    assert check(path, "oped", texts=shared / "readings" / "articles.jsonl") == []
