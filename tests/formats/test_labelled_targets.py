"""The script that turns readers' answers about stances into a corpus, and reading stances in articles that hold offsets alone."""

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oped.errors import ConfigError
from oped.formats.registry import read_stances
from oped.formats.stances import AGAINST, FOR
from oped.formats.statistics import check, statistics
from oped.formats.texts import article_texts
from oped.resources import data_folder
from tests.helpers.scripts import load_script

TEXT = "Vera Holt kept the ferry running. Nordline let it rust, and Monday was the last day."
STATEMENTS = ("Vera Holt kept the ferry running", "Nordline let it rust, and Monday was the last day")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("targets")


def _place(words: str) -> list[int]:
    return [TEXT.index(words), TEXT.index(words) + len(words)]


def _target(number: int, statement: str, entity: str, label: str | None, *, twice: bool = False) -> dict[str, Any]:
    about = {"number": number, "article": "a1", "chosen": "random", "twice": twice, "label": label}
    return about | {"component": _place(statement), "entity": _place(entity)}


def _lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """An article of offsets in corpora/readings, its text beside them in articles.jsonl."""
    folder = tmp_path / "corpora"
    for name in ("readings", "stances"):
        (folder / name).mkdir(parents=True)
    places = [(f"c{place}", *_place(words)) for place, words in enumerate(STATEMENTS)]
    parts = [{"id": name, "type": "claim", "start": start, "end": end} for name, start, end in places]
    sha = hashlib.sha256(TEXT.encode()).hexdigest()
    _lines(folder / "readings" / "train.jsonl", {"id": "a1", "text_sha256": sha, "components": parts, "relations": []})
    _lines(tmp_path / "articles.jsonl", {"id": "a1", "text": TEXT})
    return folder


def _answers(folder: Path, *lines: str) -> Path:
    folder.mkdir()
    (folder / "001.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


INDEX = [
    _target(1, STATEMENTS[0], "Vera Holt", "PERSON", twice=True),
    _target(2, STATEMENTS[1], "Nordline", None, twice=True),
    _target(3, STATEMENTS[1], "Monday", None),
]
GOOD = ("1|for|sure|kept the ferry running", "2|against|unsure|let it rust", "3|none|sure|no entity")
AGAIN = ("1|for|sure|praise", "2|none|sure|a fact")


def test_answers_become_stances_of_offsets_that_read_as_the_texts_say(
    script: ModuleType, corpora: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.make(INDEX, _answers(corpora / "out", *GOOD), _answers(corpora / "b", *AGAIN), corpora) == []
    path = corpora / "stances" / "readings.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(row["stance"], row["sure"], row["second"]) for row in rows] == [
        ("for", True, "for"), ("against", False, "none"),
    ]  # fmt: skip
    assert not any(words in path.read_text("utf-8") for words in ("Vera", "Nordline"))
    texts = corpora.parent / "articles.jsonl"
    items, without = read_stances(path.parent, "readings", article_texts(texts))
    assert without == 0
    assert [(item.target.statement, item.stance) for item in items] == [(STATEMENTS[0], FOR), (STATEMENTS[1], AGAINST)]
    entities = [item.target.statement[item.target.start : item.target.end] for item in items]
    assert entities == ["Vera Holt", "Nordline"]
    assert items[1].target.before.startswith(STATEMENTS[0])
    assert check(path.parent, "oped-stances", split="readings", texts=texts) == []
    printed = capsys.readouterr().out
    assert '"left out, no entity": 1' in printed
    assert '"against_recall": 0.0' in printed


def test_stances_whose_texts_are_not_at_hand_are_left_out_and_counted(script: ModuleType, corpora: Path) -> None:
    script.make(INDEX, _answers(corpora / "out", *GOOD), _answers(corpora / "b", *AGAIN), corpora)
    with pytest.raises(ConfigError, match="expected targets in articles that are at hand"):
        read_stances(corpora / "stances", "readings")
    own = {"before": "", "statement": "Vera helped", "entity": [0, 4], "stance": "for"}
    with (corpora / "stances" / "readings.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(own)}\n")
    found = statistics(corpora / "stances", "oped-stances", split="readings")
    assert (found["targets"], found["without_text"]) == (1, 2)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("3|perhaps|sure|day", "expected one of for, against, none"),
        ("3|none|day", "expected NUMBER|stance|certainty|why"),
        ("3|for|sure|no entity", "expected none where there is no entity"),
        ("2|for|sure|again", "target 2 is answered twice"),
        ("7|for|sure|who", "target 7 is none that was asked"),
        ("", "no answer about target 3"),
    ],
)
def test_nothing_is_written_while_an_answer_is_wrong(script: ModuleType, corpora: Path, line: str, fault: str) -> None:
    faults = script.make(INDEX, _answers(corpora / "out", *GOOD[:2], line), _answers(corpora / "b", *AGAIN), corpora)
    assert any(fault in found for found in faults)
    assert not (corpora / "stances" / "readings.jsonl").exists()


def test_a_target_that_does_not_fit_its_corpus_is_refused(script: ModuleType, corpora: Path) -> None:
    index = [INDEX[0] | {"component": [0, 12]}, INDEX[1] | {"entity": _place("ferry")}, INDEX[2]]
    faults = script.make(index, _answers(corpora / "out", *GOOD), _answers(corpora / "b", *AGAIN), corpora)
    assert [fault.partition(":")[2] for fault in faults] == [
        " its statement is no component of readings/train.jsonl",
        " its entity 19-24 is outside its statement 34-83",
    ]


def test_the_shipped_stances_of_readings_stand_in_components_of_their_train_part(script: ModuleType) -> None:
    path = data_folder("corpora") / script.MADE
    if not path.is_file():
        pytest.skip("the corpus has no such stances")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    index = [row | {"number": place} for place, row in enumerate(rows)]
    assert script.misplaced(index, data_folder("corpora") / script.SOURCE) == []
