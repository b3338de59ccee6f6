"""Readers of pair and sentence corpora, on small made files and, where they are at hand, on the real ones."""

import json
from pathlib import Path

import pytest

from oped.errors import FormatError
from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.formats.schemes import SCHEMES
from oped.formats.statistics import statistics
from oped.records import ArgumentMap


def read(path: Path, name: str, **more: str) -> list[ArgumentMap]:
    return list(read_corpus(path, name, **more))


def pairs(amap: ArgumentMap) -> list[tuple[str, str, str]]:
    texts = {part.id: part.text for part in amap.components}
    return [(texts[link.source], texts[link.target], link.type) for link in amap.relations]


def argkp(folder: Path) -> Path:
    (folder / "arguments_dev.csv").write_text(
        "arg_id,argument,topic,stance\na1,Cars kill.,Ban cars,1\na2,I like them.,Ban cars,-1\n"
    )
    (folder / "key_points_dev.csv").write_text(
        "key_point_id,key_point,topic,stance\nk1,Cars are dangerous,Ban cars,1\n"
    )
    (folder / "labels_dev.csv").write_text("arg_id,key_point_id,label\na1,k1,1\n")
    return folder


def test_argkp_groups_by_topic_and_stance(tmp_path: Path) -> None:
    against, in_favour = read(argkp(tmp_path), "argkp", split="dev")
    assert against.article.title == in_favour.article.title == "Ban cars"
    assert [part.type for part in in_favour.components] == ["key_point", "argument"]
    assert pairs(in_favour) == [("Cars kill.", "Cars are dangerous", "match")]


def test_argkp_with_a_pair_that_names_nothing(tmp_path: Path) -> None:
    (argkp(tmp_path) / "labels_dev.csv").write_text("arg_id,key_point_id,label\na9,k1,1\n")
    with pytest.raises(FormatError, match="a9, k1"):
        read(tmp_path, "argkp")


def test_perspectrum_reports_what_stands_twice(tmp_path: Path) -> None:
    pool = [{"pId": 1, "text": "It saves lives"}, {"pId": 2, "text": "Lives are saved"}, {"pId": 3, "text": "It costs"}]
    clusters = [
        {"pids": [1, 2], "stance_label_3": "SUPPORT", "stance_label_5": "SUPPORT"},
        {"pids": [3, 1], "stance_label_3": "UNDERMINE", "stance_label_5": "UNDERMINE"},
    ]
    (tmp_path / "perspective_pool_v1.0.json").write_text(json.dumps(pool))
    (tmp_path / "perspectrum_with_answers_v1.0.json").write_text(
        json.dumps([{"cId": 7, "text": "Vaccinate", "perspectives": clusters}])
    )
    problems: list[Problem] = []
    (amap,) = read_corpus(tmp_path, "perspectrum", report=problems.append)
    assert pairs(amap) == [
        ("It saves lives", "Vaccinate", "support"),
        ("Lives are saved", "Vaccinate", "support"),
        ("Lives are saved", "It saves lives", "equivalent"),
        ("It costs", "Vaccinate", "undermine"),
    ]
    assert [problem.place for problem in problems] == ["claim 7 perspective 1"]


def test_iam_claims_keep_the_sentences_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "dev.txt"
    path.write_text(
        'O\tPhones\tA heading\t4_1\t0\nC\tPhones\tPhones "distract" us.\t4_1\t-1\nO\tPhones\tElsewhere\t4_2\t0\n'
    )
    first, second = read(path, "iam-claims")
    assert first.article.text == 'A heading\n\nPhones "distract" us.'
    assert [(part.type, part.text) for part in first.components] == [("claim", 'Phones "distract" us.')]
    assert second.components == ()


def test_iam_stance_joins_claims_to_their_topic(tmp_path: Path) -> None:
    path = tmp_path / "dev.txt"
    path.write_text("C\tPhones\tThey help.\t4_1\t1\nC\tPhones\tThey harm.\t4_1\t-1\n")
    (amap,) = read(path, "iam-stance")
    assert pairs(amap) == [("They help.", "Phones", "support"), ("They harm.", "Phones", "contest")]


def test_starcon_tells_consequences_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "conseq.txt").write_text("Dams\tDams flood valleys\tCON\n")
    (tmp_path / "other.txt").write_text("Dams\tDams are cheap\tPRO\n")
    (tmp_path / "debate.txt").write_text("Dams\tDams flood valleys\tCON\nDams\tDams are cheap\tPRO\n")
    (amap,) = read(tmp_path, "starcon")
    assert {part.text: part.type for part in amap.components}["Dams flood valleys"] == "consequence"
    assert pairs(amap) == [("Dams flood valleys", "Dams", "CON"), ("Dams are cheap", "Dams", "PRO")]


def test_causalnews_spans_lie_in_the_unmarked_text(tmp_path: Path) -> None:
    path = tmp_path / "dev_subtask2_grouped.csv"
    marked = "<ARG1>Rates rose</ARG1> <SIG0>after</SIG0> <ARG0>prices did</ARG0> ."
    path.write_text(
        f'index,text,causal_text_w_pairs\nx1,"Rates rose after prices did .","[\'{marked}\']"\nx2,"Nothing .",[]\n'
    )
    amap, plain = read(path, "causalnews")
    assert amap.article.text == "Rates rose after prices did ."
    assert pairs(amap) == [("prices did", "Rates rose", "causes")]
    assert plain.components == ()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "normarg.csv"
    path.write_text("id,con\n1,x\n")
    with pytest.raises(FormatError, match="expected a column 'pre'"):
        read(path, "normarg")


REAL = [
    ("argkp", "kpa2021/kpm_data", {"argument": 6515, "key_point": 243}, {"match": 4998, "no_match": 19095}),
    ("perspectrum", "perspectrum/data/dataset", {"claim": 907}, {}),
    (
        "nixon-kennedy",
        "nixon_kennedy/political-campaign-corpus",
        {"argument": 2 * 1907},
        {"attack": 378, "support": 356},
    ),
    ("normarg", "normarg/annotation", {"claim": 1924}, {"sup": 474, "att": 488, "neu": 962}),
    ("iam-claims", "iam/claims", {}, {}),
    ("iam-stance", "iam/stance", {"claim": 4890}, {"support": 2613, "contest": 2277}),
    ("starcon", "starcon/data/datasets", {"consequence": 822, "other": 680}, {}),
    ("politicause", "politicause/data", {"causal": 5070, "not_causal": 12710}, {}),
    ("causalnews", "causalnews/data/V2", {"Cause": 2506, "Effect": 2506}, {"causes": 2506}),
    ("elecdeb-relations", "elecdeb/data/relations", {"Claim": 8583, "Premise": 5233}, {"Attack": 567, "Support": 2918}),
]


@pytest.mark.parametrize(("name", "path", "components", "relations"), REAL, ids=[row[0] for row in REAL])
def test_counts_of_the_real_corpora(
    shared: Path, name: str, path: str, components: dict[str, int], relations: dict[str, int]
) -> None:
    found = statistics(shared / "corpora" / path, name)
    assert {label: found["components"][label] for label in components} == components
    assert {label: found["relations"][label] for label in relations} == relations
    first = next(iter(read_corpus(shared / "corpora" / path, name)))
    SCHEMES[first.scheme].to_opinion(first)
