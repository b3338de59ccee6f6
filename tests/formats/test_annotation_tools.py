"""What annotation tools export, as they export it, and what they need to show our pre-annotations."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from oped.errors import ConfigError
from oped.formats.problems import Problem
from oped.formats.registry import FORMATS, read_corpus
from oped.records import ArgumentMap

TEXT = "The dam must be built. Rain fell for a week."


def region(name: str = "a", start: int = 0, end: int = 21, label: str = "policy", **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label], "text": TEXT[start:end]} | more
    return {"id": name, "type": "labels", "from_name": "label", "to_name": "text", "value": value}


def link(direction: str = "right", **more: Any) -> dict[str, Any]:
    return {"type": "relation", "from_id": "b", "to_id": "a", "direction": direction, **more}


PAIR = [region(), region("b", 23, 43, "fact")]


def read(tmp_path: Path, *results: Iterable[dict[str, Any]], **changes: Any) -> tuple[list[ArgumentMap], list[str]]:
    data = {"text": TEXT} | changes.pop("data", {})
    task = {"id": 7, "data": data, "annotations": [{"result": list(result)} for result in results]} | changes
    (tmp_path / "export.json").write_text(json.dumps([task]), encoding="utf-8")
    problems: list[Problem] = []
    maps = list(read_corpus(tmp_path / "export.json", "label-studio", report=problems.append))
    return maps, [problem.reason for problem in problems]


@pytest.mark.parametrize(("direction", "ends"), [("right", ("b", "a")), ("left", ("a", "b"))])
def test_a_relation_goes_where_its_arrow_goes(tmp_path: Path, direction: str, ends: tuple[str, str]) -> None:
    (amap,), problems = read(tmp_path, [*PAIR, link(direction, labels=["backs"])])
    assert [(found.source, found.target, found.type) for found in amap.relations] == [(*ends, "backs")]
    assert not problems


def test_a_relation_both_ways_is_left_out_and_told(tmp_path: Path) -> None:
    (amap,), problems = read(tmp_path, [*PAIR, link("bi")])
    assert not amap.relations and "goes both ways" in problems[0]


def test_a_relation_without_a_label_is_not_called_support(tmp_path: Path) -> None:
    (amap,), _ = read(tmp_path, [*PAIR, link()])
    assert [found.type for found in amap.relations] == ["relation"]


@pytest.mark.parametrize(
    "annotations", [[], [{"was_cancelled": True, "result": []}], [{"skipped": True, "result": PAIR}]]
)
def test_what_nobody_annotated_is_no_gold(tmp_path: Path, annotations: list[object]) -> None:
    maps, problems = read(tmp_path, annotations=annotations, predictions=[{"result": PAIR}])
    assert not maps and "nobody annotated" in problems[0]


def test_a_second_annotation_is_told(tmp_path: Path) -> None:
    (amap,), problems = read(tmp_path, PAIR, PAIR[:1])
    assert len(amap.components) == 2 and "2 annotations, of which the first" in problems[0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [({"labels": []}, "no label"), ({"labels": ["policy", "value"]}, "policy, value"), ({"start": "/p[1]"}, "HTML")],
)
def test_a_region_that_can_not_be_taken_whole_costs_itself_alone(
    tmp_path: Path, value: dict[str, Any], reason: str
) -> None:
    (amap,), problems = read(tmp_path, [region("c") | {"value": region()["value"] | value}, PAIR[1]])
    assert "b" in {part.id for part in amap.components} and reason in problems[0]


def test_only_the_named_controls_are_risk_and_source(tmp_path: Path) -> None:
    base = {"id": "a", "to_name": "text"}
    more = [
        base | {"type": "textarea", "from_name": "remark", "value": {"text": ["unclear"]}},
        base | {"type": "choices", "from_name": "tone", "value": {"choices": ["angry"]}},
        base | {"type": "choices", "from_name": "risk", "value": {"choices": ["risk"]}},
    ]
    (amap,), _ = read(tmp_path, [*more, *PAIR])
    (part, _) = amap.components
    assert part.risk and part.attribution and part.attribution.holder == "author"
    assert part.extra == {"remark": "unclear", "tone": "angry"}


def test_one_author_may_stand_as_text(tmp_path: Path) -> None:
    (amap,), _ = read(tmp_path, PAIR, data={"authors": "Ann Lee"})
    assert amap.article.authors == ("Ann Lee",)


def test_a_configuration_has_all_labels_and_leaves_the_users_own_alone(tmp_path: Path) -> None:
    configure = FORMATS["label-studio"].configure
    assert configure
    configure(["policy", "fact"], ["backs"], tmp_path / "tasks.json")
    labels = [item.get("value") for item in ElementTree.parse(tmp_path / "config.xml").iter("Label")]
    assert labels == ["policy", "fact"]
    (tmp_path / "config.xml").write_text("<View/>", encoding="utf-8")
    configure(["policy"], [], tmp_path / "tasks.json")
    assert (tmp_path / "config.xml").read_text(encoding="utf-8") == "<View/>"


def test_brat_gets_its_configuration(tmp_path: Path) -> None:
    configure = FORMATS["brat"].configure
    assert configure
    configure(["policy", "fact"], ["backs"], tmp_path / "new")
    text = (tmp_path / "new" / "annotation.conf").read_text(encoding="utf-8")
    assert "[entities]\npolicy\nfact\n" in text and "backs\tArg1:policy|fact, Arg2:policy|fact\n" in text


def test_equal_names_in_subfolders_stay_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(TEXT, encoding="utf-8")
        (tmp_path / folder / "a.ann").write_text("T1\tfact 0 7\tThe dam\n", encoding="utf-8")
    assert [amap.article.id for amap in read_corpus(tmp_path, "brat")] == ["one/a", "two/a"]


def test_a_file_that_is_another_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.dat").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="no part 'dev'"):
        list(read_corpus(tmp_path / "train.dat", "aae2-conll", split="dev"))
