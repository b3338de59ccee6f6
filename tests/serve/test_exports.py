"""What can be taken out of the library."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oped.formats.registry import read_corpus
from oped.records import ArgumentMap
from oped.serve.exports import EXPORTS, export
from tests.serve.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("serve"))
    for title in ("Über die Fähre", "The quay"):
        text = f"{title}: it must close, because its piles may fail. Ann Lee says that they may not."
        server.wait(server.client.post("/api/articles", json={"text": text, "title": title}).json()["id"])
    yield server
    server.close()


def ids_of(server: Server) -> list[str]:
    return [entry["id"] for entry in server.client.get("/api/articles").json()]


def test_maps_leave_as_lines_and_as_files(server: Server) -> None:
    ids = ids_of(server)
    lines = server.client.get("/api/export", params={"id": ids})
    assert 'filename="maps.jsonl"' in lines.headers["content-disposition"]
    maps = [json.loads(line) for line in lines.text.splitlines()]
    assert maps == [server.client.get(f"/api/articles/{entry}/map").json() for entry in ids]
    files = server.client.get("/api/export", params={"id": ids, "format": "zip"})
    with zipfile.ZipFile(io.BytesIO(files.content)) as archive:
        names = archive.namelist()
        assert sorted(json.loads(archive.read(name))["article"]["title"] for name in names) == [
            "The quay",
            "Über die Fähre",
        ]
        assert all(name.startswith("maps/") and name.isascii() for name in names)


def test_tables_leave_as_parquet(server: Server, tmp_path: Path) -> None:
    answer = server.client.get("/api/export", params={"id": ids_of(server), "format": "parquet"})
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "tables")
    assert {amap.article.title for amap in read_corpus(tmp_path / "tables", "parquet")} == {
        "The quay",
        "Über die Fähre",
    }


def test_what_can_not_leave_is_refused(server: Server) -> None:
    (one, *_) = ids_of(server)
    assert server.client.get("/api/export").status_code == 422
    assert server.client.get("/api/export", params={"id": [one], "format": "exe"}).status_code == 422
    assert server.client.get("/api/export", params={"id": [one, "none"]}).status_code == 404
    assert (
        server.client.get("/api/export", params={"id": [one]}, headers={"sec-fetch-site": "cross-site"}).status_code
        == 403
    )


@pytest.mark.parametrize("format", EXPORTS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_format_holds_one_map_and_several_whatever_they_are_called(
    format: str, count: int, article_map: ArgumentMap, tmp_path: Path
) -> None:
    names = ("../../up", "b/ä\\..")[:count]
    maps = {
        f"e{number}": article_map.replace(article=replace(article_map.article, id=name, title=name)).to_dict()
        for number, name in enumerate(names)
    }
    (tmp_path / "out").mkdir()
    path = export(maps, format, tmp_path / "out")
    assert path.is_file() and path.stat().st_size > 0 and path.suffix
    assert path.parent == tmp_path / "out" and [found.name for found in tmp_path.iterdir()] == ["out"]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            assert not any(name.startswith("/") or ".." in name.split("/") for name in archive.namelist())
