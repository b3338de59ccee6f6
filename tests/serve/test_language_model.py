"""The service over a language model: it asks the endpoint that its operator named and no other, and says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from oped.commands import cli
from oped.errors import ConfigError
from oped.llm.settings import LanguageModelSettings
from oped.records import ArgumentMap
from tests.batch.conftest import text_of
from tests.llm.readings import reading
from tests.llm.service import KEY, Service
from tests.serve.server import Server


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OPED_LLM_API_KEY", KEY)
    with Service(answer=reading) as service:
        yield service


def test_articles_go_to_the_endpoint_of_the_operator_and_the_page_says_so(service: Service, tmp_path: Path) -> None:
    server = Server(tmp_path, "--model", "llm:tiny", "--endpoint", service.endpoint)
    try:
        home = server.client.get("/").text
        origin = service.endpoint.removesuffix("/v1")
        assert f"The title and text of each article are sent to the language model tiny at {origin}." in home
        with Service(answer=reading) as other:
            body = {"text": text_of("ferry"), "title": "Ferry", "endpoint": other.endpoint, "model": "llm:evil"}
            assert server.client.post("/api/articles", json=body).status_code == 422
            entries = [
                server.client.post("/api/articles", json={"text": text_of(topic), "title": topic}).json()["id"]
                for topic in ("ferry", "tram")
            ]
            for entry in entries:
                server.wait(entry)
            assert not other.requests
        amap = ArgumentMap.from_dict(server.client.get(f"/api/articles/{entries[0]}/map").json())
        assert amap.model is not None and amap.model.name == "llm:tiny" and len(amap.components) == 5
        assert len(service.requests) == 2
        compared = server.client.get("/compare", params={"id": entries, "by": "author"})
        assert compared.status_code == 200
        pages = [home, compared.text, server.client.get(f"/articles/{entries[0]}").text]
        assert KEY not in "".join(pages)
    finally:
        server.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_what_stays_on_this_machine_is_said_too() -> None:
    assert (
        LanguageModelSettings(model="m.gguf").notice
        == "Articles are read by the language model m.gguf on this machine."
    )


def test_wrong_settings_are_told_before_the_service_starts(tmp_path: Path) -> None:
    arguments = ["serve", "--library", str(tmp_path / "l.sqlite"), "--model", "llm:tiny"]
    with pytest.raises(ConfigError, match="unencrypted"):
        cli.main([*arguments, "--endpoint", "http://models.example.org/v1"], standalone_mode=False)
    with pytest.raises(ConfigError, match="TOML file"):
        cli.main([*arguments, "--endpoint", "http://127.0.0.1:1/v1", "--scheme", "cdcp"], standalone_mode=False)
