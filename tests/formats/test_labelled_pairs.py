"""The script that turns readers' answers about pairs into a corpus, and reading pairs of articles that hold offsets alone."""

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oped.errors import FormatError
from oped.formats.pairs import OPPOSED, SAME
from oped.formats.registry import read_pairs
from oped.formats.statistics import check, statistics
from oped.formats.texts import article_texts
from oped.resources import data_folder
from tests.helpers.scripts import load_script

TEXTS = {
    "a1": "The island needs its ferry. The last boat was full.",
    "a2": "Nobody rides the ferry. Hallen can't do without a boat.",
}
SPANS = {
    ("a1", "needs"): "The island needs its ferry",
    ("a1", "full"): "The last boat was full",
    ("a2", "nobody"): "Nobody rides the ferry",
    ("a2", "without"): "Hallen can't do without a boat",
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("pairs")


def _span(article: str, name: str) -> dict[str, Any]:
    start = TEXTS[article].index(SPANS[article, name])
    return {"article": article, "start": start, "end": start + len(SPANS[article, name])}


def _lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def _pair(number: int, one: str, two: str, *, twice: bool = False) -> dict[str, Any]:
    about = {"number": number, "corpus": "readings", "question": "ferry", "chosen": "sides", "twice": twice}
    return about | {"a": _span("a1", one), "b": _span("a2", two)}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Two articles of offsets in corpora/readings, their texts beside them in articles.jsonl."""
    folder = tmp_path / "corpora" / "readings"
    folder.mkdir(parents=True)
    rows = []
    for article, text in TEXTS.items():
        parts = [_span(article, name) | {"id": name, "type": "claim"} for at, name in SPANS if at == article]
        sha = hashlib.sha256(text.encode()).hexdigest()
        rows.append({"id": article, "text_sha256": sha, "components": parts, "relations": []})
    _lines(folder / "train.jsonl", *rows)
    _lines(tmp_path / "articles.jsonl", *({"id": name, "text": text} for name, text in TEXTS.items()))
    return folder.parent


def _answers(folder: Path, *lines: str) -> Path:
    folder.mkdir()
    (folder / "001.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


INDEX = [_pair(1, "full", "nobody", twice=True), _pair(2, "needs", "without"), _pair(3, "needs", "nobody", twice=True)]
GOOD = (
    "1|opposed|sure|full boats / empty boats",
    "2|same|sure|no island without a boat",
    "3|unrelated|unsure|need, use",
)


def test_answers_become_pairs_of_offsets_that_read_as_the_texts_say(
    script: ModuleType, corpora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = _answers(corpora / "out", *GOOD)
    second = _answers(corpora / "out-b", "3|opposed|sure|need, no need", "1|opposed|sure|use")
    assert script.make(INDEX, first, second, corpora) == []
    path = corpora / "readings" / "pairs.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(row["label"], row["sure"], row["second"]) for row in rows] == [
        ("opposed", True, "opposed"), ("same", True, None), ("unrelated", False, "opposed"),
    ]  # fmt: skip
    assert rows[0]["why"] == "full boats / empty boats"
    assert not any(span in path.read_text("utf-8") for span in SPANS.values())
    texts = corpora.parent / "articles.jsonl"
    pairs = read_pairs(path, "oped-pairs", "train", texts=article_texts(texts))[:2]
    assert [(pair.first.text, pair.second.text, pair.label) for pair in pairs] == [
        ("The last boat was full", "Nobody rides the ferry", OPPOSED),
        ("The island needs its ferry", "Hallen can't do without a boat", SAME),
    ]
    whole = " ".join((pairs[0].first.before, pairs[0].first.text + pairs[0].first.after))
    assert whole.strip() in {" ".join(text.split()) for text in TEXTS.values()}
    assert check(path, "oped-pairs", texts=texts) == []
    assert statistics(path, "oped-pairs", texts=texts)["pairs"] == 3
    printed = capsys.readouterr().out
    assert '"opposed": 1' in printed
    assert '"opposed_f1": 0.6667' in printed


def test_pairs_of_offsets_say_that_the_texts_are_missing(script: ModuleType, corpora: Path) -> None:
    script.make(INDEX, _answers(corpora / "out", *GOOD), _answers(corpora / "b", *GOOD[::2]), corpora)
    path = corpora / "readings" / "pairs.jsonl"
    with pytest.raises(FormatError, match="no text of a1"):
        read_pairs(path, "oped-pairs")
    changed = _lines(corpora / "other.jsonl", *({"id": name, "text": f" {text}"} for name, text in TEXTS.items()))
    assert len(check(path, "oped-pairs", texts=changed)) == 3


def test_a_pair_outside_its_article_is_named(corpora: Path) -> None:
    row = {"split": "train", "a": _span("a1", "full"), "b": _span("a2", "nobody") | {"end": 900}, "label": "same"}
    path = _lines(corpora / "readings" / "pairs.jsonl", row)
    found = check(path, "oped-pairs", texts=corpora.parent / "articles.jsonl")
    assert [problem.reason for problem in found] == [
        f"expected a labelled pair, found 0-900, which lies outside the {len(TEXTS['a2'])} letters of a2"
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("3|perhaps|sure|need", "expected one of same, opposed, unrelated"),
        ("3|same|need", "expected NUMBER|label|certainty|why"),
        ("2|same|sure|again", "pair 2 is answered twice"),
        ("7|same|sure|who", "pair 7 is none that was asked"),
        ("", "no answer about pair 3"),
    ],
)
def test_nothing_is_written_while_an_answer_is_wrong(script: ModuleType, corpora: Path, line: str, fault: str) -> None:
    faults = script.make(
        INDEX, _answers(corpora / "out", *GOOD[:2], line), _answers(corpora / "b", *GOOD[::2]), corpora
    )
    assert any(fault in found for found in faults)
    assert not (corpora / "readings" / "pairs.jsonl").exists()


def test_a_pair_that_is_no_component_of_its_corpus_is_refused(script: ModuleType, corpora: Path) -> None:
    index = [INDEX[0] | {"a": _span("a1", "full") | {"end": 12}}, *INDEX[1:]]
    faults = script.make(index, _answers(corpora / "out", *GOOD), _answers(corpora / "b", *GOOD[::2]), corpora)
    assert faults == ["pair 1: a is no component of readings/train.jsonl"]


def test_clusters_are_of_five_to_fifteen_articles_of_the_train_part_each_in_one() -> None:
    folder = data_folder("corpora") / "readings"
    ids = [json.loads(line)["id"] for line in (folder / "train.jsonl").read_text("utf-8").splitlines()]
    clusters = [json.loads(line)["articles"] for line in (folder / "clusters.jsonl").read_text("utf-8").splitlines()]
    members = [name for cluster in clusters for name in cluster]
    assert all(5 <= len(cluster) <= 15 for cluster in clusters)
    assert len(set(members)) == len(members)
    assert set(members) <= set(ids)


@pytest.mark.parametrize("corpus", ["readings", "opinions"])
def test_the_shipped_pairs_are_components_of_two_articles_of_the_train_part(script: ModuleType, corpus: str) -> None:
    folder = data_folder("corpora") / corpus
    path = folder / script.FILES[corpus]
    if not path.is_file():
        pytest.skip("the corpus has no such pairs")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    index = [row | {"corpus": corpus, "number": place} for place, row in enumerate(rows)]
    assert script.misplaced(index, folder.parent) == []
    assert all(row["a"]["article"] != row["b"]["article"] for row in rows)
