"""The options of a language model do the same in every command that has them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from tests.batch.conftest import text_of
from tests.commands.test_language_model import gold
from tests.helpers.cli import call
from tests.llm.readings import reading
from tests.llm.service import Service
from tests.serve.server import Server


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(answer=reading) as service:
        yield service


@pytest.fixture
def elsewhere(service: Service) -> str:
    """The service under an address that is not known to be this machine's."""
    return service.endpoint.replace("127.0.0.1", "0.0.0.0")


@pytest.mark.parametrize("command", ["map", "batch", "suggest", "evaluate"])
def test_a_command_keeps_to_its_options(command: str, service: Service, elsewhere: str, tmp_path: Path) -> None:
    article = tmp_path / "ferry.txt"
    article.write_text(text_of("ferry"), encoding="utf-8")
    corpus = gold(tmp_path / "gold.jsonl")
    corpus.write_text(corpus.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    written = {
        "map": ["map", article, "--model", "llm:tiny", "-o", tmp_path / "map.json"],
        "batch": ["batch", article, "--model", "llm:tiny", "--workers", "1", "--quiet", "-o", tmp_path / "out"],
        "suggest": ["suggest", article, "--model", "llm:tiny", "-o", tmp_path / "maps.jsonl", "--to", "oped"],
        "evaluate": ["evaluate", "llm:tiny", corpus, "--format", "oped", "--json"],
    }[command]

    def asked(*more: str | Path) -> list[str]:
        """What the language model is asked in a run with more options."""
        service.requests.clear()
        done = call(*written, "--endpoint", elsewhere, *more)
        assert done.returncode == 0, done.stderr
        return [json.dumps(body) for body in service.requests]

    refused = call(*written, "--endpoint", elsewhere, "--cache", "none")
    assert refused.returncode == 1 and b"unencrypted" in refused.stderr and not service.requests
    kept = tmp_path / "cache"
    (first,) = asked("--insecure", "--cache", kept)
    assert asked("--insecure", "--cache", kept) == []
    (other,) = asked("--insecure", "--cache", kept, "--gist")
    assert other != first
    if command != "evaluate":  # whose samples are those of intervals
        assert len(asked("--insecure", "--cache", "none", "--samples", "2")) == 2


def test_a_service_keeps_to_its_options(service: Service, elsewhere: str, tmp_path: Path) -> None:
    refused = call("serve", "--model", "llm:tiny", "--endpoint", elsewhere, "--library", tmp_path / "l.sqlite")
    assert refused.returncode == 1 and b"unencrypted" in refused.stderr
    options = ["--endpoint", elsewhere, "--insecure", "--samples", "2", "--gist", "--cache", str(tmp_path / "cache")]
    server = Server(tmp_path, "--model", "llm:tiny", *options, "--seconds", "60")
    try:
        entry = server.client.post("/api/articles", json={"text": text_of("ferry")}).json()["id"]
        server.wait(entry)
        amap = ArgumentMap.from_dict(server.client.get(f"/api/articles/{entry}/map").json())
    finally:
        server.close()
    assert len(service.requests) == 2 and amap.reading is not None and amap.reading.samples == 2
    assert all(part.gist for part in amap.components) and list((tmp_path / "cache").rglob("*"))


def test_what_is_suggested_of_a_language_model_can_be_read(service: Service, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(text_of("ferry"), encoding="utf-8")
    made = tmp_path / "maps.jsonl"
    options = ["--model", "llm:tiny", "--endpoint", service.endpoint, "--cache", "none", "--gist"]
    assert call("suggest", tmp_path / "ferry.txt", *options, "-o", made, "--to", "oped").returncode == 0
    (amap,) = read_corpus(made, "oped")
    assert all(part.gist for part in amap.components)
