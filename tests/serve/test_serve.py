"""The service as its users meet it: over HTTP, in a browser, after a kill, under load, and from a hostile page."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from oped.commands.serve import is_local
from oped.records import ArgumentMap
from oped.serve.library import Library
from tests.batch.conftest import text_of
from tests.helpers.cli import call, run
from tests.render.test_page import EVIL
from tests.serve.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("serve"), "--max-megabytes", "2", "--max-characters", "50000")
    yield server
    server.close()


def test_an_article_becomes_a_map(server: Server) -> None:
    answer = server.client.post(
        "/api/articles", json={"text": text_of("ferry"), "title": "Ferry", "authors": ["Ann Lee"]}
    )
    assert answer.status_code == 202
    state = server.wait(answer.json()["id"])
    assert (state["title"], state["authors"]) == ("Ferry", ["Ann Lee"])
    amap = ArgumentMap.from_dict(server.client.get(f"/api/articles/{state['id']}/map").json())
    assert amap.components
    page = server.client.get(f"/articles/{state['id']}")
    assert page.text.startswith("<!doctype html>")
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    found = server.client.get("/api/articles", params={"q": "ferry council"}).json()
    assert state["id"] in [entry["id"] for entry in found]
    assert server.client.get("/api/articles", params={"q": "zeppelin"}).json() == []
    assert server.client.delete(f"/api/articles/{state['id']}").status_code == 204
    assert server.client.get(f"/api/articles/{state['id']}/map").status_code == 404


def test_every_kind_of_file_is_taken_and_what_is_none_is_refused(server: Server) -> None:
    html = f"<html><body><article><h1>Tram</h1><p>{text_of('tram')}</p></article></body></html>"
    files = {"a.md": f"# Mill\n\n{text_of('mill')}", "b.html": html, "c.txt": text_of("quarry")}
    entries = [
        server.client.post("/api/files", files={"file": (name, content.encode())}).json()["id"]
        for name, content in files.items()
    ]
    assert all(server.wait(entry)["status"] == "done" for entry in entries)
    bad = server.client.post("/api/files", files={"file": ("a.exe", b"MZ")})
    assert bad.status_code == 415
    broken = server.client.post("/api/files", files={"file": ("../../x.pdf", b"%PDF-1.7 none")}).json()
    state = server.wait(broken["id"], "failed")
    assert state["name"] == "x.pdf"
    assert "expected" in str(state["reason"])
    assert server.client.get(f"/api/articles/{broken['id']}/map").status_code == 409


@pytest.mark.parametrize(
    "body", [{}, {"text": "a", "html": "b"}, {"text": "a", "unknown": 1}, {"text": 5}, [], "text", {"text": ""}]
)
def test_a_wrong_body_is_refused(server: Server, body: object) -> None:
    assert server.client.post("/api/articles", json=body).status_code == 422


def test_limits(server: Server) -> None:
    large = server.client.post("/api/articles", json={"text": "x" * (3 << 20)})
    assert large.status_code == 413
    chunks = server.client.post("/api/articles", content=(b"x" * 100_000 for _ in range(40)))
    assert chunks.status_code == 413
    long = server.client.post("/api/articles", json={"text": "The quay must close. " * 5_000}).json()
    assert "expected at most 50,000 characters" in str(server.wait(long["id"], "failed")["reason"])


def test_foreign_pages_and_hosts_are_turned_away(server: Server) -> None:
    foreign = {"origin": "https://evil.example"}
    assert server.client.post("/api/articles", json={"text": "a"}, headers=foreign).status_code == 403
    cross = {"sec-fetch-site": "cross-site"}
    assert server.client.post("/", data={"text": "a"}, headers=cross).status_code == 403
    assert server.client.get("/", headers={"host": "evil.example"}).status_code == 421
    for path in ("/assets/../app.py", "/assets/%2e%2e%2fapp.py", "/assets/base.html.j2"):
        assert server.client.get(path).status_code == 404
    headers = server.client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_token_guards_every_route(tmp_path: Path) -> None:
    server = Server(tmp_path, "--token", "s3cret")
    try:
        for path in ("/", "/api/articles", "/assets/app.js", "/openapi.json"):
            assert server.client.get(path).status_code == 401
        assert server.client.get("/api/articles", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert server.client.get("/api/articles", headers={"authorization": "Bearer s3cret"}).status_code == 200
        assert server.client.get("/?token=s3cret").status_code == 200
        assert server.client.get("/api/articles").status_code == 200  # by the cookie
    finally:
        server.close()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_was_queued_survives_its_end(tmp_path: Path, blow: signal.Signals) -> None:
    server = Server(tmp_path)
    ids = [
        server.client.post("/api/articles", json={"text": text_of(f"quay {number}")}).json()["id"]
        for number in range(4)
    ]
    server.close(blow)
    again = Server(tmp_path)
    try:
        assert all(again.wait(entry)["status"] == "done" for entry in ids)
    finally:
        again.close()


def test_fifty_clients_at_once_lose_nothing(server: Server) -> None:
    def hand_in(number: int) -> str:
        with httpx.Client(base_url=server.address, timeout=60) as client:
            answer = client.post(
                "/api/articles", json={"text": text_of(f"bridge {number}"), "title": f"Bridge {number}"}
            )
            assert answer.status_code == 202
            assert client.get("/").status_code == 200
            entry: str = answer.json()["id"]
            return entry

    with ThreadPoolExecutor(50) as pool:
        ids = list(pool.map(hand_in, range(50)))
    assert len(set(ids)) == 50
    assert {server.wait(entry)["title"] for entry in ids} == {f"Bridge {number}" for number in range(50)}
    resident = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 400 << 20


def test_what_failed_for_want_of_time_can_be_tried_again(tmp_path: Path) -> None:
    server = Server(tmp_path, "--memory", "64")
    try:
        entry = server.client.post("/api/articles", json={"text": text_of("mine") * 20}).json()["id"]
        assert server.wait(entry, "failed")["again"] is True
        assert "Try again" in server.client.get(f"/articles/{entry}").text
    finally:
        server.close()
    again = Server(tmp_path)
    try:
        assert again.client.post(f"/api/articles/{entry}/retry").status_code == 202
        again.wait(entry)
        assert again.client.post(f"/api/articles/{entry}/retry").status_code == 409
        assert again.client.post("/api/articles/none/retry").status_code == 404
    finally:
        again.close()


def test_two_services_do_not_share_a_library(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        second = run("serve", "--port", 1, "--library", tmp_path / "l.sqlite")
        assert second.returncode == 1 and b"another oped serve" in second.stderr
    finally:
        server.close()


def test_a_model_without_the_scheme_is_refused_at_once(tmp_path: Path) -> None:
    done = call("serve", "--scheme", "none", "--library", tmp_path / "l.sqlite")
    assert done.returncode == 2 and b"not in 'none'" in done.stderr


def test_maps_that_can_not_be_read_leave_the_library_as_it_was(tmp_path: Path, article_map: ArgumentMap) -> None:
    library = Library(tmp_path / "l.sqlite")

    def torn() -> Iterator[ArgumentMap]:
        yield article_map
        raise OSError

    with pytest.raises(OSError):
        library.take_in(torn())
    assert library.search() == []
    assert library.take_in([article_map]) == 1
    library.close()


def test_odd_requests_are_answered(server: Server) -> None:
    post = server.client.post
    for body in (b'{"text": NaN}', b'{"text": 1, "\\ud800": 2}', b'{"title": "\\ud800"}', b"{"):
        assert post("/api/articles", content=body, headers={"content-type": "application/json"}).status_code == 422
    for headers in ({"host": "[x"}, {"origin": "http://[x"}):
        assert server.client.get("/", headers=headers).status_code == 400
    assert server.client.get("/api/queue", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    refused = post("/", data={"url": "x" * 3000})
    assert refused.status_code == 422 and "Back to the library" in refused.text
    assert post("/", data={}).status_code == 422
    long = post("/", data={"text": "x" * 1_500_000}, follow_redirects=False)
    assert long.status_code == 303


def test_of_several_files_all_or_none_are_taken(server: Server) -> None:
    files = [("file", (name, text_of(name).encode())) for name in ("barge.txt", "tug.txt")]
    assert server.client.post("/", files=[*files, ("file", ("x.exe", b"MZ"))]).status_code == 415
    assert server.client.get("/api/articles", params={"q": "barge.txt"}).json() == []
    assert server.client.post("/", files=files, follow_redirects=False).headers["location"] == "/"


def test_an_address_that_others_reach_wants_a_token(tmp_path: Path) -> None:
    server = Server(tmp_path, "--host", "0.0.0.0")
    try:
        assert server.client.get("/api/articles").status_code == 401
    finally:
        server.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_not_this_machines_is_refused(tmp_path: Path, host: str) -> None:
    done = call("serve", "--host", host, "--library", tmp_path / "l.sqlite")
    assert done.returncode == 1 and b"--host" in done.stderr and b"http://" not in done.stderr


def test_another_services_cookie_hides_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path, "--token", "s3cret")
    try:
        cookie = {"cookie": 'theme={"a": 1}; a/b=1; oped-token=s3cret'}
        assert server.client.get("/api/queue", headers=cookie).status_code == 200
    finally:
        server.close()


def test_the_openapi_document_names_every_route(server: Server) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    articles = {"/api/articles", "/api/files", "/api/addresses", "/api/articles/{id}", "/api/articles/{id}/map"}
    more = {"/api/queue", "/api/comparison", "/api/export", "/api/articles/{id}/retry", "/api/articles/{id}/correction"}
    assert set(paths) == articles | more
    assert set(paths["/api/articles/{id}/map"]) == {"get", "put"}


def test_the_queue_is_counted(server: Server) -> None:
    entry = server.client.post("/api/articles", json={"text": text_of("depot")}).json()["id"]
    server.wait(entry)
    counts = server.client.get("/api/queue").json()
    assert set(counts) == {"queued", "running", "done", "failed", "current", "failures", "problem"}
    assert counts["done"] >= 1 and counts["problem"] is None


def test_no_address_is_fetched_unless_switched_on(server: Server) -> None:
    assert server.client.post("/api/addresses", json={"url": "http://example.org/"}).status_code == 403
    assert "or an address" not in server.client.get("/").text


def test_no_private_address_is_fetched(tmp_path: Path) -> None:
    server = Server(tmp_path, "--fetch")
    try:
        for url in (f"{server.address}/openapi.json", "http://localhost/", "file:///etc/passwd", "http://[::1]/", "x"):
            answer = server.client.post("/api/addresses", json={"url": url})
            assert answer.status_code == 400, url
        assert "or an address" in server.client.get("/").text
        assert server.client.get("/api/articles").json() == []
    finally:
        server.close()


def test_a_folder_of_maps_is_a_library(tmp_path: Path, article_map: ArgumentMap) -> None:
    folder = tmp_path / "batch" / "maps" / "ab"
    folder.mkdir(parents=True)
    (folder / "a1.json").write_text(json.dumps(article_map.to_dict()))
    for _ in range(2):
        server = Server(tmp_path, "--maps", str(tmp_path / "batch"))
        try:
            (entry,) = server.client.get("/api/articles", params={"q": "quay"}).json()
            assert (entry["status"], entry["title"]) == ("done", "On the quay")
            assert server.client.get(f"/api/articles/{entry['id']}/map").json() == article_map.to_dict()
        finally:
            server.close()


def test_a_long_library_is_shown_page_by_page(tmp_path: Path, article_map: ArgumentMap) -> None:
    maps = [
        replace(article_map, article=replace(article_map.article, id=f"a{number}", title=f"Quay {number}"))
        for number in range(60)
    ]
    path = tmp_path / "maps.jsonl"
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in maps))
    server = Server(tmp_path, "--maps", str(path))
    try:
        first, second = (server.client.get("/", params={"offset": offset}).text for offset in (0, 50))
        assert (first.count('name="id"'), second.count('name="id"')) == (50, 10)
        assert ("Older" in first, "Newer" in first, "Older" in second, "Newer" in second) == (True, False, False, True)
    finally:
        server.close()


def test_what_can_not_be_compared_is_refused(server: Server) -> None:
    entry = server.client.post("/api/articles", json={"text": text_of("weir")}).json()["id"]
    server.wait(entry)
    broken = server.client.post("/api/files", files={"file": ("x.pdf", b"%PDF-1.7 none")}).json()["id"]
    server.wait(broken, "failed")
    assert server.client.get("/api/comparison", params={"id": [entry]}).status_code == 422
    assert server.client.get("/api/comparison", params={"id": [entry, entry]}).status_code == 409
    assert server.client.get("/api/comparison", params={"id": [entry, "none"]}).status_code == 404
    assert server.client.get("/api/comparison", params={"id": [entry, broken]}).status_code == 409


def test_a_person_compares_two_maps(server: Server, browser: Browser) -> None:
    for author, place in (("Ann Lee", "lock"), ("Bo Marsh", "canal")):
        article = {"text": text_of(place), "title": f"The {place} of {author}", "authors": [author]}
        server.wait(server.client.post("/api/articles", json=article).json()["id"])
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server.address)
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Choose The lock of Ann Lee").check()
    page.get_by_label("Choose The canal of Bo Marsh").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?*", timeout=60_000)
    assert {"Ann Lee", "Bo Marsh"} <= set(page.locator("table th").all_inner_texts())
    assert problems == []
    page.close()


def test_a_person_pastes_a_hostile_article_and_sees_its_map(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server.address)
    page.get_by_role("textbox", name="Title", exact=True).fill(EVIL)
    page.get_by_role("textbox", name="Text", exact=True).fill(
        f"{text_of('ferry')}\n\nThe mayor must go, since {EVIL} was said."
    )
    page.get_by_role("button", name="Map it").click()
    page.wait_for_selector("svg#map", timeout=60_000)
    assert page.evaluate("window.hacked") is None
    page.goto(server.address)
    page.get_by_role("searchbox", name="Find").fill("hacked")
    page.get_by_role("button", name="Search").click()
    assert page.locator("tbody tr").count() == 1
    assert page.evaluate("window.hacked") is None
    assert problems == []
    page.close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("example.org", False),
    ],
)
def test_which_addresses_are_local(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_maps_are_plain_json_of_the_schema(server: Server) -> None:
    entry = server.client.post("/api/articles", json={"text": text_of("orchard")}).json()["id"]
    server.wait(entry)
    amap = server.client.get(f"/api/articles/{entry}/map")
    assert json.loads(amap.content)["format"] == "oped/argument-map"
