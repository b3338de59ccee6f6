"""Fetching by address, from a real server on this machine; what is public is decided by the test."""

import gzip
import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from oped.errors import InputError
from oped.serve.fetch import Address, fetch, is_public

PAGE = b"<html><body><p>The quay must close.</p></body></html>"
HERE: Callable[[Address], bool] = lambda address: str(address) == "127.0.0.1"  # noqa: E731


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        headers, data, status = {"Content-Type": "text/html; charset=utf-8"}, PAGE, 200
        if self.path.startswith("/to/"):
            status, headers["Location"] = 302, self.path.removeprefix("/to/")
        elif self.path == "/loop":
            status, headers["Location"] = 302, "/loop"
        elif self.path == "/odd":
            status, headers["Location"] = 302, "http://[x/"
        elif self.path == "/twice":
            data, headers["Content-Encoding"] = gzip.compress(gzip.compress(b"x" * 1_000_000)), "gzip, gzip"
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        elif self.path == "/packed":
            data, headers["Content-Encoding"] = gzip.compress(b"x" * 1_000_000), "gzip"
        elif self.path == "/image":
            headers["Content-Type"] = "image/png"
        elif self.path == "/none":
            status = 404
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_page_is_fetched(site: str) -> None:
    page = fetch(f"{site}/article", max_bytes=10_000, allowed=HERE)
    assert (page.data, page.suffix, page.url) == (PAGE, ".html", f"{site}/article")


def test_redirections_are_followed_and_checked(site: str) -> None:
    assert fetch(f"{site}/to//article", max_bytes=10_000, allowed=HERE).data == PAGE
    for target in ("http://127.0.0.2/", "file:///etc/passwd", "http://10.0.0.1/"):
        with pytest.raises(InputError, match=r"public address|begins with http"):
            fetch(f"{site}/to/{target}", max_bytes=10_000, allowed=HERE)
    with pytest.raises(InputError, match="at most 5 redirections"):
        fetch(f"{site}/loop", max_bytes=10_000, allowed=HERE)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/twice", "packed once at most"),
        ("/odd", "expected a page, found"),
        ("/packed", "at most 10,000 bytes"),
        ("/image", "found 'image/png'"),
        ("/none", "found status 404"),
    ],
)
def test_what_is_no_article_is_refused(site: str, path: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        fetch(f"{site}{path}", max_bytes=10_000, allowed=HERE)


def test_a_dripping_answer_is_cut_at_the_deadline(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oped.serve.fetch.SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(InputError, match="none within 1 seconds"):
        fetch(f"{site}/slow", max_bytes=10_000, allowed=HERE)
    assert time.monotonic() - began < 3


def test_names_travel_in_their_own_form() -> None:
    with pytest.raises(InputError, match="no host 'xn--"):
        fetch("http://пример.invalid/", max_bytes=10_000)


def test_this_machine_is_not_asked(site: str) -> None:
    with pytest.raises(InputError, match="no public address"):
        fetch(f"{site}/article", max_bytes=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "quay",
        "ftp://example.org/",
        "http://ann@example.org/",
        "http://:pw@example.org/",
        "http://[x/",
        "http://x:y/",
    ],
)
def test_a_malformed_address_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        fetch(url, max_bytes=10_000)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
        ("64:ff9b:1::a00:1", False),
        ("::7f00:1", False),
        ("::ffff:0:a00:1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("192.88.99.1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
