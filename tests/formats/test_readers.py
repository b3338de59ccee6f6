"""Readers on small made files, with the faults that real ones have."""

import json
from pathlib import Path

import pytest

from oped.errors import ConfigError, FormatError
from oped.formats.problems import Problem
from oped.formats.registry import FORMATS, read_corpus
from oped.formats.schemes import SCHEMES
from oped.records import ArgumentMap, Article, Component, Relation

TEXT = "The dam leaks. It must go. Ann said so."


def brat(folder: Path, lines: str, text: str = TEXT, name: str = "d1") -> Path:
    (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    (folder / f"{name}.ann").write_text(lines, encoding="utf-8", newline="")
    return folder


def read(path: Path, name: str) -> tuple[list[ArgumentMap], list[Problem]]:
    problems: list[Problem] = []
    return list(read_corpus(path, name, report=problems.append)), problems


GOOD = "T1\tMajorClaim 15 25\tIt must go\nT2\tPremise 0 13\tThe dam leaks\nA1\tStance T1 For\nR1\tsupports Arg1:T2 Arg2:T1\t\n"


def test_brat_reads_relations_to_major_claims_with_offsets(tmp_path: Path) -> None:
    (amap,), problems = read(brat(tmp_path, GOOD), "aae2-brat")
    assert problems == []
    assert [(part.id, part.start, part.end, part.type) for part in amap.components] == [
        ("T2", 0, 13, "Premise"),
        ("T1", 15, 25, "MajorClaim"),
    ]
    assert [(link.source, link.target, link.type) for link in amap.relations] == [("T2", "T1", "supports")]
    assert amap.components[1].extra == {"stance": "For"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("T3\tClaim 0 13\tThe dam leaked\n", "the file quotes 'The dam leaked'"),
        ("T3\tClaim 30 99\tx\n", "span 30-99 is not inside the text of 39 characters"),
        ("T3\tClaim 0 3;5 8\tThe dam\n", "discontinuous"),
        ("T1\tClaim 0 3\tThe\n", "the id T1 is used twice"),
        ("R2\tsupports Arg1:T2 Arg2:T9\t\n", "joins T9, which is no component"),
        ("R2\tsupports Arg1:T2 Arg2:T2\t\n", "joins T2 to itself"),
        ("R2\tattacks Arg1:T1 Arg2:T2\t\n", "cycle: "),
        ("T3\tClaim 8 14\tleaks.\n", "overlaps"),
        ("A7\tStance T9 For\n", "T9, which is no component"),
    ],
)
def test_inconsistencies_are_reported_with_their_line(tmp_path: Path, line: str, reason: str) -> None:
    _, problems = read(brat(tmp_path, GOOD + line), "brat")
    assert len(problems) == 1 and reason in problems[0].reason
    assert problems[0].path.endswith("d1.ann")


def test_a_malformed_line_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"d1.ann: line 2: expected 'T1<TAB>TYPE"):
        read(brat(tmp_path, "T2\tPremise 0 13\tThe dam leaks\nT3\tClaim zero 13\tx\n"), "brat")


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    brat(tmp_path, GOOD, name="d1")
    brat(tmp_path, "nonsense\n", name="d2")
    maps, problems = read(tmp_path, "brat")
    assert [amap.article.id for amap in maps] == ["d1"]
    assert len(problems) == 1 and "d2.ann" in problems[0].path


def test_offsets_in_bytes(tmp_path: Path) -> None:
    text = "Élan vital.\nIt must go."
    brat(tmp_path, "T1\tclaim 13 23\tIt must go\n", text)
    (amap,), problems = read(tmp_path, "cmv")
    assert problems == [] and amap.components[0].text == "It must go"


CONLL = (
    "1\tThe\t_\t_\tB-Premise:1:Support\n2\tdam\t_\t_\tI-Premise:1:Support\n3\t.\t_\t_\tO\n4\tGo\t_\t_\tB-Claim:For\n\n"
)


def test_conll_with_relative_and_absolute_links_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text(CONLL, encoding="utf-8")
    absolute = "1\tThe\tB-Premise:4:Support\n2\tdam\tI-Premise:4:Support\n3\t.\tO\n4\tGo\tB-Claim:For\n\n"
    (tmp_path / "b.dat.abs").write_text(absolute, encoding="utf-8")
    (one,), _ = read(tmp_path / "a.dat", "aae2-conll")
    (two,), _ = read(tmp_path / "b.dat.abs", "aae2-conll")
    assert one.article.text == two.article.text == "The dam . Go"
    assert (one.components, one.relations) == (two.components, two.relations)
    assert [(link.source, link.target, link.type) for link in one.relations] == [("T1", "T2", "supports")]


def test_conll_is_written_as_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text(CONLL, encoding="utf-8")
    maps, _ = read(tmp_path / "a.dat", "aae2-conll")
    write = FORMATS["aae2-conll"].write
    assert write is not None
    write(maps, tmp_path / "b.dat")
    assert (tmp_path / "b.dat").read_text(encoding="utf-8") == CONLL


def test_an_opinion_map_is_written_as_conll_and_read_back(article_map: ArgumentMap, tmp_path: Path) -> None:
    write = FORMATS["aae2-conll"].write
    assert write is not None
    write([article_map], tmp_path / "a.dat")
    (amap,), problems = read(tmp_path / "a.dat", "aae2-conll")
    assert not problems
    assert [part.type for part in amap.components] == ["MajorClaim", "Claim", "Premise"]
    assert [(link.source, link.target, link.type) for link in amap.relations] == [
        ("T2", "T1", "supports"),
        ("T3", "T2", "attacks"),
    ]
    opinion = SCHEMES["aae2"].to_opinion(amap)
    assert [part.type for part in opinion.components] == [part.type for part in article_map.components]


def test_components_that_share_a_token_do_not_shift_the_links_of_others(tmp_path: Path) -> None:
    text = "Dams-fail. Walls fail too."
    parts = [(0, 4, "premise"), (5, 9, "claim"), (11, 25, "claim")]
    components = tuple(Component(f"c{n}", a, b, text[a:b], kind) for n, (a, b, kind) in enumerate(parts, start=1))
    links = (Relation("r1", "c1", "c3", "support"), Relation("r2", "c2", "c3", "support"))
    write = FORMATS["aae2-conll"].write
    assert write is not None
    write([ArgumentMap(Article("a", text), components, links)], tmp_path / "a.dat")
    (amap,), problems = read(tmp_path / "a.dat", "aae2-conll")
    assert not problems
    assert [(amap.components[0].id, amap.components[1].text)] == [("T1", "Walls fail too.")]
    assert [(link.source, link.target) for link in amap.relations] == [("T1", "T2")]


def test_labels_that_conll_does_not_have_are_refused_in_a_line(tmp_path: Path) -> None:
    amap = ArgumentMap(Article("a", "Dams fail"), (Component("c1", 0, 9, "Dams fail", "policy"),), scheme="cdcp")
    write = FORMATS["aae2-conll"].write
    assert write is not None
    with pytest.raises(FormatError, match="components Claim, MajorClaim, Premise, not 'policy'; --opinion"):
        write([amap], tmp_path / "a.dat")


def test_conll_with_a_wrong_label_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text(CONLL.replace("B-Claim:For", "B-Clam"), encoding="utf-8")
    with pytest.raises(FormatError, match=r"line 4: expected a label"):
        read(tmp_path / "a.dat", "aae2-conll")


def test_cdcp_ranges_of_sources(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("A. B. C.", encoding="utf-8")
    data = {
        "prop_offsets": [[0, 2], [3, 5], [6, 8]],
        "prop_labels": ["fact", "value", "policy"],
        "reasons": [[[0, 1], 2]],
        "evidences": [],
    }
    (tmp_path / "1.ann.json").write_text(json.dumps(data), encoding="utf-8")
    (amap,), problems = read(tmp_path, "cdcp")
    assert problems == [] and [(link.source, link.target) for link in amap.relations] == [("T1", "T3"), ("T2", "T3")]


MICROTEXT = """<?xml version='1.0' encoding='UTF-8'?>
<arggraph id="m1" topic_id="dams" stance="pro">
<edu id="e1"><![CDATA[It leaks.]]></edu><edu id="e2"><![CDATA[It must go]]></edu><edu id="e3"><![CDATA[but not now.]]></edu>
<adu id="a1" type="pro"/><adu id="a2" type="pro"/><adu id="a3" type="opp"/>
<edge id="c1" src="a1" trg="a2" type="sup"/><edge id="c2" src="a3" trg="c1" type="und"/>
<edge id="c3" src="e1" trg="a1" type="seg"/><edge id="c4" src="e2" trg="a2" type="seg"/><edge id="c5" src="e3" trg="a3" type="seg"/>
</arggraph>"""


def test_an_undercut_is_aimed_at_the_source_of_its_edge(tmp_path: Path) -> None:
    (tmp_path / "m1.xml").write_text(MICROTEXT, encoding="utf-8")
    (amap,), problems = read(tmp_path, "microtexts")
    assert problems == []
    assert [(link.source, link.target, link.type) for link in amap.relations] == [
        ("a1", "a2", "sup"),
        ("a3", "a1", "und"),
    ]
    assert amap.relations[1].extra == {"edge": "c1"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<arggraph>", "malformed XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><arggraph>&b;</arggraph>', "document type"),
        ("<other/>", "expected <arggraph>"),
    ],
)
def test_bad_xml_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "m1.xml").write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=reason):
        read(tmp_path / "m1.xml", "microtexts")


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"nodes": 1}', '{"format": "oped/argument-map", "version": 1}', "null"]
)
@pytest.mark.parametrize("name", ["oped", "aif"])
def test_bad_json_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=r"a\.json"):
        read(tmp_path / "a.json", name)


def test_a_format_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="expected a format, one of"):
        list(read_corpus("x", "nothing"))


def test_nothing_at_the_path(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="found nothing"):
        list(read_corpus(tmp_path / "none", "brat"))


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("name", "file", "content", "reason"),
    [
        ("webanno", "m.tsv", "1-1\t0-3\tThe\n", "#FORMAT=WebAnno TSV 3"),
        (
            "webanno",
            "m.tsv",
            "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.C|label\n\n#Text=The\nnonsense\n",
            "line 5",
        ),
        ("webanno", "m.tsv", "#FORMAT=WebAnno TSV 3.3\n\n#Text=The\n1-1\t0-3\tThe\n", "span layer"),
        (
            "webanno",
            "m.tsv",
            "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.C|label\n\n#Text=The\n1-1\t0-9\tThe\tx\n",
            "0-9",
        ),
        ("cas", "m.xmi", "<x/>", "TypeSystem.xml"),
        ("cas", "m.json", "[1]", "malformed CAS"),
        ("cas", "m.json", "{", "malformed CAS"),
        ("sadface", "m.json", '{"nodes": []}', "SADFace"),
        ("rdf", "m.ttl", "this is no turtle", "malformed turtle"),
        ("rdf", "m.ttl", "<urn:a> <urn:b> <urn:c> .", "oped:ArgumentMap"),
        ("rdf", "m.rdf", BOMB, "document type"),
    ],
)
def test_malformed_files_name_themselves(tmp_path: Path, name: str, file: str, content: str, reason: str) -> None:
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        list(read_corpus(tmp_path / file, name))
    assert file in str(caught.value)
    assert reason in str(caught.value)


def test_an_entity_bomb_in_xmi_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "m.xmi").write_text(BOMB)
    (tmp_path / "TypeSystem.xml").write_text("<typeSystemDescription/>")
    with pytest.raises(FormatError, match="document type"):
        list(read_corpus(tmp_path / "m.xmi", "cas"))


WEBANNO = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Unit|kind
#T_RL=webanno.custom.Link|role|BT_webanno.custom.Unit


#Text=Dams 💧 fail.
1-1\t0-4\tDams\tfact[1]\t_\t_\t
1-2\t5-7\t💧\tfact[1]\t_\t_\t
1-3\t8-12\tfail\tfact[1]\t_\t_\t
1-4\t12-13\t.\t_\t_\t_\t

#Text=Stop
2-1\t15-19\tStop\tpolicy\treason\t1-1[1_0]\t
"""


def test_webanno_as_other_projects_name_their_layers(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text(WEBANNO, encoding="utf-8")
    (amap,), problems = read(tmp_path / "m.tsv", "webanno")
    assert problems == []
    assert amap.article.text == "Dams 💧 fail.\n\nStop"
    assert [(part.type, part.text) for part in amap.components] == [("fact", "Dams 💧 fail"), ("policy", "Stop")]
    source, target = amap.components
    assert [(link.source, link.target, link.type) for link in amap.relations] == [(source.id, target.id, "reason")]


def test_file_names_of_written_corpora_stay_in_their_folder(tmp_path: Path) -> None:
    maps = [ArgumentMap(Article(name, TEXT)) for name in ("../up", "a/b", "plain")]
    for name in ("brat", "aif", "sadface"):
        write = FORMATS[name].write
        assert write is not None
        write(maps, tmp_path / "in" / name)
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {
        tmp_path / "in" / n for n in ("brat", "aif", "sadface")
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"start": "0"}, "start: expected a whole number, found '0'"),
        ({"type": None}, "type: expected text, found null"),
        ({"type": "cla\ud800im"}, "type: expected well-formed Unicode"),
        ({"id": 7}, "id: expected text, found 7"),
    ],
)
def test_an_annotated_component_of_the_wrong_type_is_left_out_and_named(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    parts = [
        {"id": "c1", "start": 0, "end": 13, "type": "claim"},
        {"id": "c2", "start": 15, "end": 25, "type": "claim"},
    ]
    data = {"id": "a", "text": TEXT, "components": [parts[0] | change, parts[1]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(data), encoding="utf-8")
    maps, problems = read(tmp_path / "a.jsonl", "oped")
    assert [part.id for amap in maps for part in amap.components] == ["c2"]
    assert len(problems) == 1 and reason in problems[0].reason


@pytest.mark.parametrize(("line", "left"), [("A1\tProbability T1 7", [0, 2]), ("A1\tAttribution T1 nobody", [2])])
def test_a_value_that_no_component_can_have_is_told(tmp_path: Path, line: str, left: list[int]) -> None:
    folder = brat(tmp_path, f"T1\tclaim 0 13\tThe dam leaks\n{line}\n", name="d1")
    maps, problems = read(brat(folder, GOOD, name="d2"), "brat")
    assert [len(amap.components) for amap in maps] == left and "d1.ann" in problems[0].path


def test_a_text_with_nul_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"d1.ann: article: text: expected text without NUL, found one at 3"):
        read(brat(tmp_path, "", "The\0dam."), "brat")


def test_a_line_that_is_no_json_costs_itself_alone(tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": TEXT, "components": []})
    deep, long = "[" * 100_000, '{"id": ' + "9" * 5000 + "}"
    (tmp_path / "a.jsonl").write_text("\n".join((deep, good, long)), encoding="utf-8")
    maps, problems = read(tmp_path / "a.jsonl", "oped")
    assert [amap.article.id for amap in maps] == ["a"]
    assert [problem.place for problem in problems] == ["line 1", "line 3"]
