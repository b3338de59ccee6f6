"""Corrected maps over HTTP: kept where they are maps of the very article, refused where they are anything else."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oped.records import ArgumentMap
from tests.serve.server import Server

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("serve"), "--max-megabytes", "1")
    yield server
    server.close()


@pytest.fixture
def entry(server: Server, article_map: ArgumentMap, tmp_path: Path) -> str:
    """A new article with a map, by its id."""
    text = "The quay must close, because its piles may fail. Ann Lee says that they may not."
    answer = server.client.post("/api/articles", json={"text": text, "title": "Quay"})
    return str(server.wait(answer.json()["id"])["id"])


def risky(amap: dict[str, Any]) -> dict[str, Any]:
    """The map with one component more, a risk."""
    amap = copy.deepcopy(amap)
    text = amap["article"]["text"]
    start = text.index("its piles may fail")
    amap["components"] = [
        {
            "id": "c1",
            "start": start,
            "end": start + 18,
            "text": "its piles may fail",
            "type": "major_claim",
            "risk": True,
        }
    ]
    return amap | {"relations": [], "entities": [], "model": None}


def test_a_corrected_map_is_kept_and_can_be_undone(server: Server, entry: str) -> None:
    path = f"/api/articles/{entry}/map"
    first = server.client.get(path)
    answer = server.client.put(path, json=risky(first.json()), headers={"if-match": first.headers["etag"]})
    assert answer.status_code == 200
    state = answer.json()
    assert (state["corrected"], state["risks"], state["thesis"]) == (True, 1, "its piles may fail")
    now = server.client.get(path)
    assert now.json()["components"][0]["risk"] is True and now.headers["etag"] == answer.headers["etag"]
    assert server.client.get(path, params={"machine": True}).json() == first.json()
    warned = server.client.get("/api/articles", params={"warns": "piles", "thesis": "found"}).json()
    assert entry in [row["id"] for row in warned]
    assert server.client.delete(f"/api/articles/{entry}/correction").json()["corrected"] is False
    assert server.client.get(path).json() == first.json()
    assert server.client.delete(f"/api/articles/{entry}/correction").status_code == 409


def test_who_corrects_an_old_state_is_told(server: Server, entry: str) -> None:
    path = f"/api/articles/{entry}/map"
    first = server.client.get(path)
    old = {"if-match": first.headers["etag"]}
    assert server.client.put(path, json=risky(first.json()), headers=old).status_code == 200
    assert server.client.put(path, json=first.json(), headers=old).status_code == 412
    assert server.client.put(path, json=first.json(), headers={"if-match": "*"}).status_code == 200


def _set(*keys: str | int, value: Any) -> Change:
    def change(amap: dict[str, Any]) -> None:
        place: Any = amap
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (_set("article", "text", value="Another text, in which its piles may fail."), 422),
        (_set("article", "id", value="another"), 409),
        (_set("article", "title", value="Another"), 409),
        (_set("format", value="other"), 422),
        (_set("components", 0, "start", value=0), 422),
        (_set("components", 0, "end", value=10**30), 422),
        (_set("components", 0, "probability", value=7), 422),
        (_set("components", 0, "type", value=None), 422),
        (_set("components", value={}), 422),
        (_set("relations", value=[{"id": "r", "source": "c1", "target": "c9", "type": "support"}]), 422),
        (_set("article", value=None), 422),
        (lambda amap: amap.pop("article"), 422),
        (lambda amap: amap.clear(), 422),
    ],
)
def test_only_a_map_of_the_very_article_is_kept(server: Server, entry: str, change: Change, status: int) -> None:
    path = f"/api/articles/{entry}/map"
    amap = risky(server.client.get(path).json())
    change(amap)
    answer = server.client.put(path, json=amap)
    assert answer.status_code == status, answer.text
    assert isinstance(answer.json()["detail"], str) and "\n" not in answer.json()["detail"]
    assert server.client.get(f"/api/articles/{entry}").json()["corrected"] is False


def test_a_map_of_another_text_is_refused_although_it_is_whole(server: Server, entry: str) -> None:
    amap = server.client.get(f"/api/articles/{entry}/map").json()
    amap |= {"components": [], "relations": [], "entities": []}
    amap["article"]["text"] += " More."
    assert server.client.put(f"/api/articles/{entry}/map", json=amap).status_code == 409


@pytest.mark.parametrize("odd", [b"NaN", b'"\\ud800"', b"1e999"])
def test_what_no_file_can_hold_is_refused(server: Server, entry: str, odd: bytes) -> None:
    amap = server.client.get(f"/api/articles/{entry}/map").json()
    amap["article"]["extra"] = {"odd": "HERE"}
    body = json.dumps(amap).encode().replace(b'"HERE"', odd)
    answer = server.client.put(f"/api/articles/{entry}/map", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert server.client.get("/").status_code == 200


def test_who_may_correct(server: Server, entry: str) -> None:
    path = f"/api/articles/{entry}/map"
    amap = server.client.get(path).json()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert server.client.put(path, json=amap, headers=headers).status_code == 403
        assert server.client.delete(f"/api/articles/{entry}/correction", headers=headers).status_code == 403
    assert server.client.put(path, content=b"x" * (2 << 20)).status_code == 413
    assert server.client.put("/api/articles/none/map", json=amap).status_code == 404
    broken = server.client.post("/api/files", files={"file": ("x.pdf", b"%PDF-1.7 none")}).json()["id"]
    server.wait(broken, "failed")
    assert server.client.put(f"/api/articles/{broken}/map", json=amap).status_code == 409
