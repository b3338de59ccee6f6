"""The programs that our formats are made for accept what we write, and we read what they write.

`make test` installs those in Python, `make test-all` the others too.
"""

import dataclasses
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oped.formats.registry import FORMATS, read_corpus
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, ModelInfo, Relation

FOLDER = Path(os.environ.get("OPED_CONSUMERS", Path(__file__).parents[2] / ".consumers")).resolve()
TEXT = (
    'The dam is unsafe, engineers say. It could fail [soon] and drown "the" <valley>; so close it.\n\n'
    "But the town needs its water 💧 & power."
)


@pytest.fixture
def amap() -> ArgumentMap:
    def part(name: str, quote: str, kind: str, **more: object) -> Component:
        start = TEXT.index(quote)
        return Component(name, start, start + len(quote), quote, kind, **more)  # type: ignore[arg-type]

    parts = (
        part("c1", "The dam is unsafe", "premise", attribution=Attribution("other", "engineers"), probability=0.9),
        part("c2", 'It could fail [soon] and drown "the" <valley>', "premise", risk=True, risk_probability=0.8),
        part("c3", "close it", "major_claim"),
        part("c4", "But the town needs its water 💧 & power", "claim", risk=False),
    )
    links = (
        Relation("r1", "c1", "c2", "support", 0.7),
        Relation("r2", "c2", "c3", "support"),
        Relation("r3", "c4", "c3", "attack"),
    )
    article = Article("dam-1", TEXT, 'The "<dam>"', ("Ann Lee",))
    return ArgumentMap(article, parts, links, model=ModelInfo("m", "1"))


def write(amap: ArgumentMap, name: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = FORMATS[name].write
    assert writer is not None
    writer([amap], path)
    return path


def run_python(package: str, code: str, *arguments: object) -> str:
    """What a program prints that uses a package: in an environment of its own, or in ours where it fits in there."""
    python = FOLDER / package / "bin" / "python"
    if not python.exists():
        python = Path(sys.executable)
        if importlib.util.find_spec(package.replace("-", "_")) is None:
            pytest.skip(f"{package} is not installed in {FOLDER}; make test installs it")
    done = subprocess.run([python, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def node_tool(*parts: str) -> str:
    path = FOLDER / "node_modules" / Path(*parts)
    if not path.exists() or not shutil.which("node"):
        pytest.skip(f"{parts[-1]} is not installed in {FOLDER}; make test-all installs it")
    return str(path)


ARGUEBUF = """
import sys, json, arguebuf
graph = getattr(arguebuf.load, sys.argv[1])(json.load(open(sys.argv[2])))
kinds = sorted(type(node.scheme).__name__ for node in graph.scheme_nodes.values())
print(json.dumps([sorted(str(node.text) for node in graph.atom_nodes.values()), kinds, len(graph.edges)]))
"""


@pytest.mark.parametrize("name", ["aif", "xaif", "sadface"])
def test_arguebuf_loads_the_graph(name: str, amap: ArgumentMap, tmp_path: Path) -> None:
    found = json.loads(run_python("arguebuf", ARGUEBUF, name, write(amap, name, tmp_path / "m.json")))
    texts, kinds, edges = found
    assert texts == sorted(part.text for part in amap.components)
    assert kinds == ["Attack", "Support", "Support"]
    assert edges == 2 * len(amap.relations)


ARGUEBUF_AGAIN = """
import sys, json, arguebuf
graph = getattr(arguebuf.load, sys.argv[1])(json.load(open(sys.argv[2])))
print(json.dumps(getattr(arguebuf.dump, sys.argv[1])(graph)))
"""


@pytest.mark.parametrize("name", ["aif", "xaif"])
def test_what_arguebuf_writes_is_read(name: str, amap: ArgumentMap, tmp_path: Path) -> None:
    written = run_python("arguebuf", ARGUEBUF_AGAIN, name, write(amap, name, tmp_path / "m.json"))
    (tmp_path / "again.json").write_text(written, encoding="utf-8")
    (found,) = read_corpus(tmp_path / "again.json", name)
    assert [part.text for part in found.components] == [part.text for part in amap.components]
    assert ends(found) == ends(amap)
    assert [link.type for link in found.relations] == ["RA", "RA", "CA"]


def ends(amap: ArgumentMap) -> list[tuple[str, str]]:
    """Words of what each relation joins."""
    texts = {part.id: part.text for part in amap.components}
    return [(texts[link.source], texts[link.target]) for link in amap.relations]


XAIF = """
import sys, json
from xaif.xaif import AIF
graph = AIF(json.load(open(sys.argv[1])))
assert graph.is_valid_json_aif() and graph.is_json_aif_dialog()
table = graph.get_csv("argument-relation")
related = table[table["relation"].notna() & (table["relation"] != "None")]
print(json.dumps([sorted(related["relation"]), int(graph.get_next_max_id("nodes", "nodeID"))]))
"""


def test_xaif_reads_its_relations_and_can_go_on_numbering(amap: ArgumentMap, tmp_path: Path) -> None:
    relations, following = json.loads(run_python("xaif", XAIF, write(amap, "xaif", tmp_path / "m.json")))
    assert relations == ["Default Conflict", "Default Inference", "Default Inference"]
    nodes = json.loads((tmp_path / "m.json").read_text())["AIF"]["nodes"]
    assert following == len(nodes) + 1


LABEL_STUDIO = """
import sys, json
from label_studio_sdk.label_interface import LabelInterface
interface = LabelInterface(open(sys.argv[1]).read())
tasks = json.load(open(sys.argv[2]))
errors = [error for task in tasks for one in task["predictions"] for error in interface.validate_prediction(one, return_errors=True)]
print(json.dumps([bool(interface.is_valid), errors]))
"""


def test_label_studio_accepts_the_pre_annotations(amap: ArgumentMap, tmp_path: Path) -> None:
    tasks = write(amap, "label-studio", tmp_path / "tasks.json")
    valid, errors = json.loads(run_python("label-studio-sdk", LABEL_STUDIO, tmp_path / "config.xml", tasks))
    assert valid
    assert errors == []


ANNOTATED = """
import sys, json
from label_studio_sdk.label_interface import LabelInterface
from label_studio_sdk.label_interface.objects import AnnotationValue
interface = LabelInterface(open(sys.argv[1]).read())
tasks = json.load(open(sys.argv[2]))
for task in tasks:
    found = task.pop("predictions")[0]["result"]
    task["annotations"] = [AnnotationValue(result=found, completed_by=1).model_dump()]
    assert interface.validate_annotation(task["annotations"][0])
print(json.dumps(tasks))
"""


def test_an_annotation_that_label_studio_writes_is_read(amap: ArgumentMap, tmp_path: Path) -> None:
    tasks = write(amap, "label-studio", tmp_path / "tasks.json")
    written = run_python("label-studio-sdk", ANNOTATED, tmp_path / "config.xml", tasks)
    (tmp_path / "export.json").write_text(written, encoding="utf-8")
    (found,) = read_corpus(tmp_path / "export.json", "label-studio")

    def said(one: ArgumentMap) -> list[tuple[object, ...]]:
        return [(part.start, part.end, part.type, bool(part.risk), part.attribution) for part in one.components]

    expected = amap.replace(
        components=tuple(dataclasses.replace(part, attribution=part.attribution or AUTHOR) for part in amap.components)
    )
    assert said(found) == said(expected)
    assert ends(found) == ends(amap)
    assert [link.type for link in found.relations] == [link.type for link in amap.relations]


def test_argdown_parses_the_statements_and_relations(amap: ArgumentMap, tmp_path: Path) -> None:
    tool = node_tool(".bin", "argdown")
    source = write(amap, "argdown", tmp_path / "m.argdown")
    done = subprocess.run([tool, "json", source, tmp_path / "json"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    parsed = json.loads((tmp_path / "json" / "m.json").read_text())
    assert len(parsed["statements"]) == len(amap.components)
    kinds = sorted(relation["relationType"] for relation in parsed["relations"])
    assert kinds == ["attack", "support", "support"]


MERMAID = """
import { JSDOM } from 'jsdom';
import fs from 'fs';
const dom = new JSDOM('');
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import('mermaid');
console.log((await mermaid.parse(fs.readFileSync(process.argv[2], 'utf8'))).diagramType);
"""


def test_mermaid_parses_the_flowchart(amap: ArgumentMap, tmp_path: Path) -> None:
    node_tool("mermaid")
    source = write(amap, "mermaid", tmp_path / "m.mmd")
    script = FOLDER / "parse-mermaid.mjs"  # beside node_modules, where node looks for packages
    script.write_text(MERMAID)
    done = subprocess.run(["node", script, source], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("flowchart")


def test_dot_draws_the_graph(amap: ArgumentMap, tmp_path: Path) -> None:
    dot = shutil.which("dot")
    if dot is None:
        pytest.skip("graphviz is not installed")
    done = subprocess.run(
        [dot, "-Tsvg", write(amap, "dot", tmp_path / "m.dot")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('class="node"') == len(amap.components)
    assert done.stdout.count('class="edge"') == len(amap.relations)


def test_rdflib_answers_a_query_in_terms_of_the_aif_ontology(amap: ArgumentMap, tmp_path: Path) -> None:
    rdflib = pytest.importorskip("rdflib", reason="rdflib is not installed")
    graph = rdflib.Graph().parse(write(amap, "rdf", tmp_path / "m.ttl"))
    query = """
        PREFIX aif: <http://www.arg.dundee.ac.uk/aif#>
        SELECT ?why WHERE { ?s a aif:RA-node ; aif:Premise ?p ; aif:Conclusion ?c .
                            ?p aif:claimText ?why . ?c aif:claimText "close it" }"""
    assert [str(row.why) for row in graph.query(query)] == [amap.components[1].text]
