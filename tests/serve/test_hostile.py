"""The service on hostile requests and in odd places."""

import ipaddress
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from oped.apart import resident_bytes
from oped.serve.fetch import is_public
from tests.batch.conftest import text_of
from tests.helpers.cli import call
from tests.serve.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("serve"))
    yield server
    server.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "\ud800"},
        {"title": "x" * 301},
        {"title": "\0"},
        {"text": "\udfff " + text_of("mill")},
        {"authors": ["\ud800"]},
        {"authors": ["Ann"] * 51},
        {"published": "\ud800"},
        {"url": "\ud800"},
        {"url": "x" * 2001},
    ],
    ids=str,
)
def test_what_no_library_can_hold_is_refused(server: Server, changes: dict[str, object]) -> None:
    body = json.dumps({"text": text_of("mill"), **changes})
    answer = server.client.post("/api/articles", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_the_form_refuses_it_too(server: Server) -> None:
    answer = server.client.post("/", data={"text": text_of("mill"), "title": "a\0b"})
    assert answer.status_code == 422
    assert server.client.post("/", data={"url": "x" * 5000}).status_code == 422


def test_many_large_bodies_at_once_are_bounded(server: Server) -> None:
    text = json.dumps({"text": "The old words again. " * 900_000})

    def post(number: int) -> int:
        with httpx.Client(base_url=server.address, timeout=120) as client:
            return client.post("/api/articles", content=text, headers={"content-type": "application/json"}).status_code

    before = resident_bytes(server.process.pid)
    peak = before
    with ThreadPoolExecutor(25) as pool:
        answers = [pool.submit(post, number) for number in range(25)]
        while not all(answer.done() for answer in answers):
            peak = max(peak, resident_bytes(server.process.pid))
    codes = {answer.result() for answer in answers}
    assert codes <= {202, 503}
    assert peak - before < 1 << 30


def test_a_port_in_use_is_told_before_the_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = call("serve", "--port", port, "--library", tmp_path / "l.sqlite")
    assert done.returncode == 1
    assert b"can't be listened on" in done.stderr
    assert b"http://" not in done.stderr and b"Traceback" not in done.stderr


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk " * 1000)
    done = call("serve", "--library", tmp_path / "junk")
    assert done.returncode == 1
    assert b"expected a library" in done.stderr and b"Traceback" not in done.stderr
    assert (tmp_path / "junk").read_bytes() == b"junk " * 1000


@pytest.mark.parametrize("token", ["a;b", "a b", "é", ""])
def test_a_token_that_no_cookie_can_hold_is_misuse(token: str) -> None:
    done = call("serve", "--token", token)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["192.0.0.9", "192.0.0.10", "192.0.0.1", "127.0.0.1", "169.254.169.254", "::1"])
def test_what_is_reserved_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
