"""Pairs of statements, from corpora of pairs and from annotated articles."""

import json
from pathlib import Path

import pytest

from oped.errors import ConfigError, FormatError
from oped.formats.pairs import NOT_SAME, OPPOSED, SAME, UNRELATED, Pair
from oped.formats.passages import Passage
from oped.formats.registry import FORMATS, CorpusKind, read_corpus, read_pairs
from oped.formats.statistics import check, statistics
from oped.resources import data_folder

TEXT = "The dam must be built. We need that dam. No dam is needed."


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def span(start: int, end: int, article: str = "a") -> dict[str, object]:
    return {"article": article, "start": start, "end": end}


def labelled(folder: Path) -> Path:
    parts = [{"id": "c1", "text": "The dam must be built", "type": "claim"}]
    parts += [{"id": "c2", "text": "We need that dam", "type": "premise"}, {"id": "c3", "text": "No dam is needed", "type": "claim"}]  # fmt: skip
    relations = [
        {"source": "c2", "target": "c1", "type": "support"},
        {"source": "c3", "target": "c1", "type": "attack"},
    ]
    write(folder / "dev.jsonl", {"id": "a", "text": TEXT, "components": parts, "relations": relations})
    pair = {"split": "dev", "a": span(0, 21), "b": span(23, 39), "label": "same"}
    return write(folder / "pairs.jsonl", pair, pair | {"b": span(41, 57), "label": "opposed"}, pair | {"split": "test"})


def test_spans_of_articles_beside_the_pairs(tmp_path: Path) -> None:
    first = Passage("The dam must be built", "", "", ". We need that dam. No dam is needed.")
    assert read_pairs(labelled(tmp_path), "oped-pairs", "dev") == [
        Pair(first, Passage("We need that dam", "", "The dam must be built.", ". No dam is needed."), SAME),
        Pair(first, Passage("No dam is needed", "", "The dam must be built. We need that dam.", "."), OPPOSED),
    ]
    assert statistics(tmp_path / "pairs.jsonl", "oped-pairs") == {"pairs": 3, "labels": {"same": 2, "opposed": 1}}


def test_what_supports_a_component_does_not_repeat_it(tmp_path: Path) -> None:
    labelled(tmp_path)
    assert [pair.label for pair in read_pairs(tmp_path, "oped", "dev")] == [NOT_SAME, OPPOSED]


def test_contrasts_join_each_side_and_set_the_two_against_each_other(tmp_path: Path) -> None:
    write(tmp_path / "dev.jsonl", {"id": "m", "one": ["yes", "aye"], "other": ["no"], "beside": ["so"]})
    assert read_pairs(tmp_path, "oped-contrasts", "dev") == [
        Pair.alone("yes", "aye", SAME),
        *(Pair.alone(text, "so", UNRELATED) for text in ("yes", "aye", "no")),
        Pair.alone("yes", "no", OPPOSED),
        Pair.alone("aye", "no", OPPOSED),
    ]


def test_a_check_lists_every_line_that_is_no_pair(tmp_path: Path) -> None:
    path = labelled(tmp_path)
    good = json.loads(path.read_text("utf-8").splitlines()[0])
    write(path, good, good | {"label": "like"}, good | {"a": span(0, 1, "b")}, "x")
    assert [problem.place for problem in check(path, "oped-pairs")] == ["line 2", "line 3", "line 4"]
    with pytest.raises(FormatError, match=r"pairs.jsonl: line 2: expected a labelled pair"):
        read_pairs(path, "oped-pairs")


def test_a_split_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "dev.jsonl", {"id": "m", "one": ["yes"], "other": ["no"], "beside": []})
    with pytest.raises(ConfigError, match=r"expected a split \(dev\), found 'test'"):
        read_pairs(tmp_path, "oped-contrasts", "test")


def test_a_file_without_a_pair_of_the_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no pair of split 'train'"):
        read_pairs(labelled(tmp_path), "oped-pairs", "train")


def test_a_format_that_holds_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"one of oped, oped-pairs.*which hold pairs; found cdcp, which holds maps"):
        read_pairs(Path(), "cdcp")
    with pytest.raises(ConfigError, match=r"which hold maps; found oped-pairs, which holds pairs"):
        list(read_corpus(Path(), "oped-pairs"))


def test_every_corpus_says_what_it_holds() -> None:
    kinds = {name: item.kind for name, item in FORMATS.items() if item.kind is not CorpusKind.MAPS}
    assert kinds == {
        "oped-pairs": CorpusKind.PAIRS,
        "oped-contrasts": CorpusKind.PAIRS,
        "oped-stances": CorpusKind.STANCES,
        "argkp": CorpusKind.KEY_POINTS,
    }


def test_the_shipped_pairs_are_whole() -> None:
    corpora = data_folder("corpora")
    for file in sorted((corpora / "opinions").glob("pairs*.jsonl")):
        assert check(file, "oped-pairs") == []
    assert check(corpora / "contrasts", "oped-contrasts", split="train") == []
