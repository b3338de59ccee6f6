"""Corpora of others in the form in which they are distributed, a few invented sentences each: what is read, exactly."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.formats.schemes import SCHEMES
from oped.records import ArgumentMap

Rows = list[tuple[str, ...]]


def placed(root: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8", newline="")
    return root


def read(path: Path, name: str, split: str | None = None) -> tuple[list[ArgumentMap], list[Problem]]:
    problems: list[Problem] = []
    return list(read_corpus(path, name, split=split, report=problems.append)), problems


def components(amap: ArgumentMap) -> Rows:
    """Id, label and text of each component; its text is what stands at its offsets."""
    assert all(amap.article.text[part.start : part.end] == part.text for part in amap.components)
    return [(part.id, part.type, part.text) for part in amap.components]


def relations(amap: ArgumentMap) -> Rows:
    return [(link.id, link.source, link.target, link.type) for link in amap.relations]


def in_opinion_scheme(amap: ArgumentMap) -> tuple[list[str], list[str]]:
    mapped = SCHEMES[amap.scheme].to_opinion(amap)
    return [part.type for part in mapped.components], [link.type for link in mapped.relations]


TRIAL = (
    "Tea against sleep. Thirty nurses drank tea. They slept less. Tea keeps nurses awake. It may not keep others so.\n"
)
TRIAL_MARKS = """T1\tPremise 44 59\tThey slept less
T2\tClaim 61 83\tTea keeps nurses awake
T3\tMajorClaim 85 110\tIt may not keep others so
R1\tSupport Arg1:T1 Arg2:T2\t
R2\tPartial-Attack Arg1:T3 Arg2:T2\t
"""


def test_abstrct_is_read_by_part_from_the_folders_of_its_diseases(tmp_path: Path) -> None:
    files = {f"train/tea_train/1.{end}": content for end, content in (("txt", TRIAL), ("ann", TRIAL_MARKS))}
    files |= {"test/rest_test/2.txt": "It rained.", "test/rest_test/2.ann": "T1\tClaim 0 9\tIt rained\n"}
    (amap,), problems = read(placed(tmp_path, files), "abstrct", "train")
    assert problems == [] and (amap.article.id, amap.article.text, amap.scheme) == ("1", TRIAL, "abstrct")
    assert components(amap) == [
        ("T1", "Premise", "They slept less"),
        ("T2", "Claim", "Tea keeps nurses awake"),
        ("T3", "MajorClaim", "It may not keep others so"),
    ]
    assert relations(amap) == [("R1", "T1", "T2", "Support"), ("R2", "T3", "T2", "Partial-Attack")]
    assert in_opinion_scheme(amap) == (["premise", "claim", "major_claim"], ["support", "attack"])
    (other,), _ = read(tmp_path, "abstrct", "test")
    assert components(other) == [("T1", "Claim", "It rained")]


DEBATE = "LEE: We need a ferry. It is late, as you know, every day.\nODUYA: The road is enough.\n"
DEBATE_MARKS = """T1\tClaim 5 20\tWe need a ferry
T2\tPremise 22 32;47 56\tIt is late every day
T3\tClaim 65 83\tThe road is enough
R1\tAttack Arg1:T3 Arg2:T1\t
R2\tSupport Arg1:T2 Arg2:T1\t
"""


def test_elecdeb_is_read_whole_but_for_spans_with_a_gap(tmp_path: Path) -> None:
    (amap,), problems = read(placed(tmp_path, {"9_1999.txt": DEBATE, "9_1999.ann": DEBATE_MARKS}), "elecdeb")
    assert components(amap) == [("T1", "Claim", "We need a ferry"), ("T3", "Claim", "The road is enough")]
    assert relations(amap) == [("R1", "T3", "T1", "Attack")]
    assert in_opinion_scheme(amap) == (["claim", "claim"], ["attack"])
    assert [problem.place for problem in problems] == ["line 2", "line 5 (R2)"]
    assert "discontinuous" in problems[0].reason and "T2, which is no component" in problems[1].reason


def test_elecdeb_relations_are_an_article_a_row(tmp_path: Path) -> None:
    table = (
        "date,relation,relation_type,subject,subject_type,object,object_type\n"
        '03May_1999,True,Support,"It is late, every day",Premise,We need a ferry,Claim\n'
        "03May_1999,False,,The road is enough,Claim,We need a ferry,Claim\n"
    )
    (first, second), problems = read(placed(tmp_path, {"rows.csv": table}), "elecdeb-relations")
    assert problems == [] and first.article.text == "It is late, every day\n\nWe need a ferry"
    assert (first.article.id, first.article.title) == ("rows-1", "03May_1999")
    assert components(first) == [("s1", "Premise", "It is late, every day"), ("s2", "Claim", "We need a ferry")]
    assert relations(first) == [("r1", "s1", "s2", "Support")]
    assert components(second) == [("s1", "Claim", "The road is enough"), ("s2", "Claim", "We need a ferry")]
    assert relations(second) == []


def test_nixon_kennedy_joins_the_second_argument_to_the_first(tmp_path: Path) -> None:
    table = (
        "pair_id\ttopic\trelation\targument1\targument2\tsource_arg_1\tsource_arg_2\n"
        '0007\tferries\tattack\tThe "ferry" is safe .\tIt sank , twice .\tLee_May_3\tOduya_May_4\n'
        "0008\tferries\tno_relation\tRain fell .\tBread rose .\tLee_May_3\tLee_May_3\n"
    )
    (first, second), problems = read(placed(tmp_path, {"deep/full_dataset.tsv": table}), "nixon-kennedy")
    assert problems == [] and (first.article.id, first.article.title) == ("pair-0007", "ferries")
    assert components(first) == [("s1", "argument", 'The "ferry" is safe .'), ("s2", "argument", "It sank , twice .")]
    assert [part.extra for part in first.components] == [{"speech": "Lee_May_3"}, {"speech": "Oduya_May_4"}]
    assert relations(first) == [("r1", "s2", "s1", "attack")]
    assert relations(second) == [("r1", "s2", "s1", "no_relation")]
    assert (in_opinion_scheme(first)[1], in_opinion_scheme(second)[1]) == (["attack"], [])


def test_politicause_is_an_article_a_sentence(tmp_path: Path) -> None:
    table = ',text,label\n17,"Rents rose, as homes are few.",1\n4,I thank  you all.,0\n'
    (causal, other), problems = read(placed(tmp_path, {"val.csv": table}), "politicause", "dev")
    assert problems == [] and (causal.article.id, other.article.id) == ("val-1", "val-2")
    assert components(causal) == [("s1", "causal", "Rents rose, as homes are few.")]
    assert components(other) == [("s1", "not_causal", "I thank you all.")]
    assert in_opinion_scheme(causal) == ([], [])


NEWS = """URL https://example.org/quay

DATE/ AUTHOR 2024-05-03\tAUTHORS: Ann Lee

H Quay shut in Hallen

S1 HALLEN, May 3 -- The quay was shut.
S2 Boats wait.

S3 It may sink, an engineer said.
"""
ROLES = "T1\tMain 80 82\tS1\nE1\tMain:T1 \nT2\tSpeech 150 152\tS3\nE2\tSpeech:T2 \nT3\tNA 0 2\tS9\nE3\tNA:T3 \n"


def test_news_discourse_gives_each_sentence_of_a_zip_its_role(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "validation.zip", "w") as archive:
        archive.writestr("validation/quay.txt", NEWS)
        archive.writestr("validation/quay.ann", ROLES)
        archive.writestr("__MACOSX/validation/._quay.ann", b"\0\xff")
    (amap,), problems = read(tmp_path, "news-discourse", "dev")
    assert amap.article.text == "HALLEN, May 3 -- The quay was shut. Boats wait.\n\nIt may sink, an engineer said."
    assert components(amap) == [
        ("S1", "Main", "HALLEN, May 3 -- The quay was shut."),
        ("S3", "Speech", "It may sink, an engineer said."),
    ]
    assert relations(amap) == [] and amap.scheme == "news_discourse"
    assert [problem.place for problem in problems] == ["quay S9"]


def test_normarg_joins_each_statement_to_its_claim(tmp_path: Path) -> None:
    table = (
        "id,con,pre,rel,con_polar,pre_senti,pre_jtype\n"
        '1#2_1#3,Close the quay.,"Its piles, all of them, rot.",sup,advocate,negative,consequence\n'
        "1#2_1#4,Close the quay.,It was rebuilt.,att,advocate,,\n"
    )
    (first, second), problems = read(placed(tmp_path, {"normarg.csv": table}), "normarg")
    assert problems == [] and first.article.id == "1#2_1#3"
    assert components(first) == [
        ("s1", "claim", "Close the quay."),
        ("s2", "statement", "Its piles, all of them, rot."),
    ]
    assert first.components[1].extra == {"sentiment": "negative", "justification": "consequence"}
    assert relations(first) == [("r1", "s2", "s1", "sup")] and relations(second) == [("r1", "s2", "s1", "att")]
    assert second.components[1].extra == {} and in_opinion_scheme(second) == (["claim", "premise"], ["attack"])


@pytest.mark.parametrize(("source", "target"), [("T3", "T1"), ("T1", "T3")])
def test_cmv_counts_bytes_and_keeps_its_modes(tmp_path: Path, source: str, target: str) -> None:
    text = "Naïve — really? It must go, I say.\n"
    marks = (
        "T1\tmain_claim 19 29\tIt must go\nT3\tclaim 0 10\tNaïve —\nA1\tType1 T3 evaluation\n"
        f"R1\trebuttal_attack Arg1:{source} Arg2:{target}\t\n"
    )
    (amap,), problems = read(placed(tmp_path, {"negative/1.txt": text, "negative/1.ann": marks}), "cmv")
    assert problems == [] and components(amap) == [("T3", "claim", "Naïve —"), ("T1", "main_claim", "It must go")]
    assert amap.components[0].extra == {"type1": "evaluation"}
    assert relations(amap) == [("R1", source, target, "rebuttal_attack")]
