"""Random maps go out in every format that holds them whole, and come back unchanged."""

import string
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oped.formats.registry import FORMATS, read_corpus
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, Entity, ModelInfo, Relation

WHOLE = {
    "oped": "m.json",
    "aif": "m.json",
    "xaif": "m.json",
    "graphml": "m.graphml",
    "parquet": "m",
    "csv": "m",
    "docbin": "m.spacy",
    "sadface": "m.json",
    "rdf": "m.ttl",
}
LETTERS = string.ascii_letters + "  \n\t.,;'\"“”<>&{}[]|\\/#@%é漢👩" + "\u200f"
SHARES = st.floats(0, 1).map(lambda share: round(share, 4))


@st.composite
def maps(draw: st.DrawFn) -> ArgumentMap:
    words = draw(st.lists(st.text(LETTERS, min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=12))
    text, places = "", []
    for word in words:
        places.append((len(text), len(text) + len(word)))
        text += word + draw(st.sampled_from([" ", "\n\n", ". "]))
    text += "end"
    holders = st.sampled_from([AUTHOR, None, Attribution("other"), Attribution("other", "Ann “X” Lee")])
    chosen = [place for place in places if draw(st.booleans())]
    components = tuple(
        Component(f"c{n}", start, end, text[start:end], draw(st.sampled_from(["major_claim", "claim", "premise"])), draw(SHARES),
                  draw(st.sampled_from([True, False, None])), draw(st.one_of(st.none(), SHARES)), draw(holders))
        for n, (start, end) in enumerate(chosen, start=1)
    )  # fmt: skip
    links = draw(
        st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from(["support", "attack"])), max_size=8)
    )
    pairs = [(one, two, kind) for one, two, kind in links if one != two and max(one, two) <= len(components)]
    relations = tuple(
        Relation(f"r{n}", f"c{one}", f"c{two}", kind, draw(SHARES)) for n, (one, two, kind) in enumerate(pairs, start=1)
    )
    start, end = places[0]
    entities = (Entity("e1", start, end, text[start:end], "ORG", "A name"),) if draw(st.booleans()) else ()
    article = Article(
        "id-1", text, draw(st.sampled_from([None, "A <title> & more"])), ("Ann Lee",), "2024-01-02", None, "a.md"
    )
    model = draw(st.sampled_from([None, ModelInfo("m", "1")]))
    return ArgumentMap(article, components, relations, entities, model)


@pytest.mark.parametrize("name", sorted(WHOLE))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amap=maps())
def test_nothing_is_lost(name: str, amap: ArgumentMap) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / WHOLE[name]
        write = FORMATS[name].write
        assert write is not None
        write([amap], path)
        assert list(read_corpus(path, name)) == [amap]


@pytest.mark.parametrize("suffix", [".nt", ".jsonld", ".rdf"])
def test_every_syntax_of_rdf_holds_a_map(suffix: str, tmp_path: Path) -> None:
    text = "Dams fail, and “people” <drown>.\n\nSo inspect them."
    end = text.index("\n")
    parts = (
        Component("c1", 0, end, text[:end], "premise", 0.5, True, 0.7, Attribution("other", "Ann")),
        Component("c2", end + 2, len(text), text[end + 2 :], "claim"),
    )
    amap = ArgumentMap(Article("a/b c", text), parts, (Relation("r1", "c1", "c2", "attack", 0.25),))
    path = tmp_path / f"m{suffix}"
    write = FORMATS["rdf"].write
    assert write is not None
    write([amap], path)
    assert list(read_corpus(path, "rdf")) == [amap]


@pytest.mark.parametrize(("name", "file"), [("webanno", "m.tsv"), ("cas", "m.xmi"), ("cas", "m.json")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amap=maps())
def test_layers_of_inception_keep_components_and_relations_whole(name: str, file: str, amap: ArgumentMap) -> None:
    with TemporaryDirectory() as folder:
        write = FORMATS[name].write
        assert write is not None
        write([amap], Path(folder) / file)
        (again,) = read_corpus(Path(folder) / file, name)
    assert [replace(part, entities=(), start=0, end=0, text="") for part in again.components] == [
        replace(part, entities=(), start=0, end=0, text="") for part in amap.components
    ]
    assert again.relations == tuple(sorted(amap.relations, key=lambda link: again.relations.index(link)))
    assert ["".join(part.text.split()) for part in again.components] == [
        "".join(part.text.split()) for part in amap.components
    ]
    if name == "cas":
        assert (again.article.text, again.components) == (amap.article.text, amap.components)


@pytest.mark.parametrize(("name", "file"), [("brat", "m"), ("label-studio", "m/tasks.json")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amap=maps())
def test_annotation_tools_keep_spans_types_facets_and_relations(name: str, file: str, amap: ArgumentMap) -> None:
    with TemporaryDirectory() as folder:
        write = FORMATS[name].write
        assert write is not None
        path = Path(folder) / file
        path.parent.mkdir(exist_ok=True)
        write([amap], path)
        (again,) = read_corpus(path, name)
    assert again.article.text == amap.article.text

    def core(one: ArgumentMap) -> list[tuple[object, ...]]:
        return [(p.start, p.end, p.type, bool(p.risk), p.attribution or AUTHOR, p.probability) for p in one.components]

    def ends(one: ArgumentMap) -> list[tuple[object, ...]]:
        order = {part.id: place for place, part in enumerate(one.components)}
        return [(order[link.source], order[link.target], link.type) for link in one.relations]

    assert core(again) == core(amap)
    assert ends(again) == ends(amap)
