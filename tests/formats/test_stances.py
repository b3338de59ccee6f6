"""Annotated stances: the shipped ones fit their articles, and what is no such annotation is said."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from oped.commands import cli
from oped.errors import ConfigError, FormatError
from oped.formats.registry import read_corpus, read_stances
from oped.formats.statistics import check, statistics
from oped.resources import data_folder


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_stances_are_towards_entities_in_annotated_components(part: str) -> None:
    corpora = data_folder("corpora")
    maps = {amap.article.id: amap for amap in read_corpus(corpora / "opinions" / f"{part}.jsonl", "oped")}
    rows = [json.loads(line) for line in (corpora / "stances" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        (first, last), (start, end) = row["component"], row["entity"]
        assert first <= start < end <= last and row["stance"] in ("for", "against", "none")
        assert (row.get("second") in ("for", "against", "none")) == (part != "train")
        if row["corpus"] == "opinions":
            assert (first, last) in {(item.start, item.end) for item in maps[row["article"]].components}


GOOD = {"before": "It rained.", "statement": "Vera helped", "entity": [0, 4], "label": "PERSON", "stance": "for"}


def corpus(folder: Path, *rows: object) -> Path:
    (folder / "dev.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return folder


def test_each_stance_is_counted(tmp_path: Path) -> None:
    path = corpus(tmp_path, GOOD, GOOD, GOOD | {"stance": "none"})
    found = statistics(path, "oped-stances", split="dev")
    assert found == {"targets": 3, "labels": {"for": 2, "none": 1}, "without_text": 0}


def test_a_check_lists_every_line_that_is_no_target(tmp_path: Path) -> None:
    path = corpus(tmp_path, GOOD, GOOD | {"stance": "loud"}, [1], GOOD | {"entity": [9, 99]})
    problems = check(path, "oped-stances", split="dev")
    assert [problem.place for problem in problems] == ["line 2", "line 3", "line 4"]
    assert "expected one of for, against, none, found 'loud'" in problems[0].reason


def test_without_a_check_the_first_such_line_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"dev.jsonl: line 2: expected one of for"):
        read_stances(corpus(tmp_path, GOOD, GOOD | {"stance": "loud"}), "dev")


def test_an_unknown_split_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a split \(dev\), found ''"):
        statistics(corpus(tmp_path, GOOD), "oped-stances")


def test_the_command_counts_and_checks_the_shipped_stances() -> None:
    path = str(data_folder("corpora") / "stances" / "written.jsonl")
    counted = CliRunner().invoke(cli, ["corpus", "stats", path, "--format", "oped-stances"])
    assert counted.exit_code == 0 and "targets: 3046" in counted.output
    assert CliRunner().invoke(cli, ["corpus", "check", path, "--format", "oped-stances"]).exit_code == 0
