"""Language models by the command line, over real HTTP: map, evaluate, suggest, and what restatements they give."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oped.commands import cli
from oped.compare.graph import merged_map
from oped.compare.statements import collect
from oped.errors import OpedError
from oped.formats.registry import find_format, read_corpus
from oped.records import ArgumentMap
from tests.batch.conftest import text_of
from tests.llm.readings import GISTS, lines_for, reading, topic_in
from tests.llm.service import Play, Service, completion, saying

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "transformers", "datasets", "accelerate", "gguf"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
from oped.commands import main
main()
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Service(answer=reading) as service:
        monkeypatch.setenv("OPED_LLM_ENDPOINT", service.endpoint)
        yield service


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "ferry.txt"
    path.write_text(text_of("ferry"), encoding="utf-8")
    return path


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def gold(path: Path) -> Path:
    """Two annotated articles, which say what a good reader says of them."""
    with open(path, "w", encoding="utf-8") as stream:
        for topic in ("ferry", "tram"):
            kinds = ("major_claim", "premise", "claim", "claim", "claim")
            quotes = [line.split("|")[3].partition(" …") for line in lines_for(topic).splitlines()]
            ends = [line.split("|")[3].rpartition("… ")[2] for line in lines_for(topic).splitlines()]
            text = text_of(topic)
            spans = [
                text[text.index(first) : text.index(end) + len(end)]
                for (first, _, _), end in zip(quotes, ends, strict=True)
            ]
            parts = [
                {"id": f"c{n}", "text": span, "type": kind}
                for n, (span, kind) in enumerate(zip(spans, kinds, strict=True), 1)
            ]
            stream.write(json.dumps({"id": topic, "text": text, "components": parts}) + "\n")
    return path


def test_an_article_is_mapped_where_neither_torch_nor_transformers_is_installed(
    service: Service, article: Path
) -> None:
    options = ["--model", "llm:tiny", "--endpoint", service.endpoint, "--cache", "none"]
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "map", str(article), *options],
        env={**os.environ, "OPED_LLM_ENDPOINT": ""}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    amap = ArgumentMap.from_dict(json.loads(done.stdout))
    assert len(amap.components) == 5 and amap.reading is not None and amap.reading.exact == 5
    assert any(entity.name == "Hallen" for entity in amap.entities)


def test_an_endpoint_that_gives_no_answer_is_an_error_of_one_line(service: Service, article: Path) -> None:
    service.refuse = lambda body: saying(401, "who are you")
    found = call("map", article, "--model", "llm:tiny").exception
    assert isinstance(found, OpedError)
    assert "OPED_LLM_API_KEY" in str(found) and "\n" not in str(found)


def test_gists_are_in_all_that_is_made_of_a_map(service: Service, article: Path, tmp_path: Path) -> None:
    maps = []
    for name in ("json", "graphml", "ttl", "csv"):
        out = tmp_path / f"map.{name}"
        done = call(
            "map", article, "--model", "llm:tiny", "--gist", "-o", out, *(["--format", "csv"] if name == "csv" else [])
        )
        assert done.exit_code == 0, done.exception
        form = {"json": "oped", "ttl": "rdf"}.get(name, name)
        maps += read_corpus(out, form)
    wanted = [gist.format(topic="ferry") for gist in GISTS]
    assert [[part.gist for part in amap.components] for amap in maps] == [wanted] * 4
    find_format("aif").write(maps[:1], tmp_path / "aif.json")  # type: ignore[misc]
    assert [part.gist for part in next(iter(read_corpus(tmp_path / "aif.json", "aif"))).components] == wanted
    tree = call("map", article, "--model", "llm:tiny", "--gist", "--format", "tree").stdout
    words = " ".join(tree.replace("│", " ").split())
    assert "its last shop 0.79 = The lower town could lose its last shop." in words
    assert len(service.requests) == 1
    statements = collect(maps[:1]).statements
    assert [statement.to_dict()["gist"] for statement in statements] == wanted
    result = {"statements": {one.id: {"article": "a", **one.to_dict()} for one in statements}, "relations": [], "key_points": [], "contested": []}  # fmt: skip
    assert [part.gist for part in merged_map(result).components] == wanted


def test_a_language_model_is_judged_on_annotated_articles(service: Service, tmp_path: Path) -> None:
    corpus = gold(tmp_path / "gold.jsonl")
    options = ["--format", "oped", "--samples", "0", "--json"]
    done = call("evaluate", "llm:tiny", corpus, *options)
    assert done.exit_code == 0, done.exception
    live = json.loads(done.stdout)
    assert (live["documents"], live["reading"]["requests"], live["reading"]["exact"]) == (2, 2, 10)
    assert live["metrics"]["overlap_typed_f1"] == 1 and "unusable" not in live

    service.requests.clear()
    asked = call("evaluate", "llm:tiny", corpus, *options, "--requests", tmp_path / "r.jsonl")
    assert asked.exit_code == 0 and not asked.stdout and "2 requests in" in asked.stderr
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    answered = [
        {"custom_id": one["custom_id"], "response": {"body": completion(reading(one["body"]))}} for one in lines
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, answered)))
    by_file = call("evaluate", "llm:tiny", corpus, *options, "--replies", tmp_path / "a.jsonl")
    assert json.loads(by_file.stdout) == live
    (tmp_path / "a.jsonl").write_text(json.dumps(answered[0]))
    half = call(
        "evaluate", "llm:tiny", corpus, *options, "--replies", tmp_path / "a.jsonl", "--requests", tmp_path / "s.jsonl"
    )
    assert (json.loads(half.stdout)["documents"], json.loads(half.stdout)["unanswered"]) == (1, 1)
    assert len((tmp_path / "s.jsonl").read_text().splitlines()) == 1 and not service.requests
    assert isinstance(call("evaluate", "llm:tiny", corpus, *options, "--scheme", "cdcp").exception, OpedError)


def test_an_article_with_no_usable_answer_counts_as_one_where_nothing_was_found(
    service: Service, tmp_path: Path
) -> None:
    service.answer = lambda body: "I'd rather not." if topic_in(body) == "tram" else reading(body)
    done = call("evaluate", "llm:tiny", gold(tmp_path / "gold.jsonl"), "--format", "oped", "--samples", "0", "--json")
    report = json.loads(done.stdout)
    assert (report["documents"], report["unusable"]) == (2, 1)
    found = report["counts"]["overlap_span_f1"]
    assert (found["gold"], found["predicted"]) == (10, 5)
    service.refuse = lambda body: saying(403, "no")
    failed = call("evaluate", "llm:other", tmp_path / "gold.jsonl", "--format", "oped", "--samples", "0").exception
    assert isinstance(failed, OpedError) and "wants a key" in str(failed)


def test_a_language_model_annotates_what_is_suggested(service: Service, article: Path, tmp_path: Path) -> None:
    for topic in ("tram", "mill"):
        (tmp_path / f"{topic}.txt").write_text(text_of(topic), encoding="utf-8")
    service.answer = lambda body: "No." if topic_in(body) == "mill" else reading(body)
    files = [tmp_path / f"{topic}.txt" for topic in ("ferry", "tram", "mill")]
    done = call("suggest", *files, "--model", "llm:tiny", "-o", tmp_path / "s.jsonl", "--to", "oped")
    assert done.exit_code == 1 and "mill" in done.stderr and "none that can be used" in done.stderr
    assert [Path(json.loads(line)["name"]).stem for line in done.stdout.splitlines()] != []
    maps = list(read_corpus(tmp_path / "s.jsonl", "oped"))
    assert sorted(Path(str(amap.article.source)).stem for amap in maps) == ["ferry", "tram"]
    assert {len(amap.components) for amap in maps} == {5}


def test_probabilities_are_those_of_tokens_where_they_are_asked_for_and_given(
    service: Service, article: Path, tmp_path: Path
) -> None:
    def play(body: dict[str, object]) -> Play:
        text = lines_for("ferry")
        tokens = [{"token": letter, "logprob": -0.25 if letter == "M" else 0.0} for letter in text]
        given = {"content": tokens} if body.get("logprobs") else None
        return Play(data=json.dumps(completion(text, logprobs=given)).encode())

    service.refuse = play
    settings = tmp_path / "m.toml"
    settings.write_text('[llm]\nmodel = "tiny"\nlogprobs = true\n', encoding="utf-8")
    asked, plain = (
        ArgumentMap.from_dict(json.loads(call("map", article, "--model", model).stdout))
        for model in (settings, "llm:tiny")
    )
    assert [body.get("logprobs") for body in service.requests] == [True, None]
    assert asked.components[0].probability == pytest.approx(0.7788, abs=1e-3)
    assert asked.components[3].probability > 0.99
    assert plain.components[0].probability < 0.75 and len({part.probability for part in plain.components}) == 3
