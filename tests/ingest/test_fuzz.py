"""Readers on random damage, with a fixed seed: an article or a row, or an error that says why; never anything else."""

import io
import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from oped.errors import OpedError
from oped.formats.registry import FORMATS
from oped.ingest.read import article_from_bytes
from oped.ingest.tables import read_table
from oped.records import ArgumentMap, Article, Component
from tests.ingest.test_readers import BODY

PAGE = f"<html><head><title>On markets</title></head><body><h1>On markets</h1><p>{BODY}</p></body></html>"
MARKDOWN = f"---\ntitle: On markets\n---\n# On *markets*\n\nBy Ana Ruiz\n\n> {BODY}\n\n- one\n  - two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
TABLE = f'id,text,date\n1,"{BODY}",2022-03-03\n2,two,\n'
LINES = json.dumps({"id": 1, "text": BODY, "authors": ["Ana Ruiz"]}) + "\n" + json.dumps({"html": PAGE}) + "\n"
SCRAPS = [b"", b" ", b"\n", b'"', b"<", b"</", b"<!--", b"&", b"&#", b"[", b"]", b"(", b"*", b"`", b"---", b">", b",", b"\0", b"\xff", b"\xed\xa0\x80",
          b"{", b"}", b":", b"9" * 40, b"-1", b"null", b"\\ud800", b"obj", b"endobj", b"<<", b">>", b"stream", b"R", b"T1\t", b"R1\t", b"\t", b"1e999",
          b"\xe2\x80\xa8", b"<div>", b"<p ", b"xmlns", b"|", b"#", b"B-", b"\r"]  # fmt: skip
FUZZ = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@cache
def pdf() -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    for line in BODY.split("\n\n"):
        canvas.drawString(60, 700, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


@st.composite
def damage(draw: st.DrawFn) -> list[tuple[int, int, bytes]]:
    """Places, in thousandths of a file, with how many bytes go and what comes there."""
    edit = st.tuples(st.integers(0, 1000), st.sampled_from([0, 0, 1, 7, 300]), st.sampled_from(SCRAPS))
    return draw(st.lists(edit, min_size=1, max_size=6))


def damaged(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, gone, scrap in edits:
        start = place * len(data) // 1000
        data = data[:start] + scrap + data[start + gone :]
    return data


@pytest.mark.parametrize("kind", ["text", "markdown", "html", "pdf"])
@settings(FUZZ, max_examples=80)
@given(edits=damage())
def test_articles(kind: str, edits: list[tuple[int, int, bytes]]) -> None:
    data = {"text": BODY.encode(), "markdown": MARKDOWN.encode(), "html": PAGE.encode(), "pdf": pdf()}[kind]
    with suppress(OpedError):
        article = article_from_bytes(damaged(data, edits), kind=kind, name="a")
        assert article.text.encode()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@settings(FUZZ, max_examples=80)
@given(edits=damage())
def test_tables(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    with TemporaryDirectory() as folder, suppress(OpedError):
        path = Path(folder) / name
        path.write_bytes(damaged((TABLE if name == "a.csv" else LINES).encode(), edits))
        for article in read_table(path, failed=lambda place, error: None):
            assert article.text.encode()


WRITTEN = {
    "oped": "a.json", "brat": "a", "aae2-conll": "a.dat", "label-studio": "a.json", "conll": "a.conll", "webanno": "a.tsv",
    "aif": "a.json", "xaif": "a.json", "sadface": "a.json", "csv": "a", "graphml": "a.graphml", "rdf": "a.ttl", "cas": "a.xmi",
}  # fmt: skip


@cache
def files(name: str) -> dict[str, bytes]:
    """A small map in a format, file by file."""
    quote = BODY[: BODY.index(",")]
    amap = ArgumentMap(Article("1", BODY), (Component("c1", 0, len(quote), quote, "claim"),))
    with TemporaryDirectory() as folder:
        write = FORMATS[name].write
        assert write is not None
        try:
            write([amap], Path(folder) / WRITTEN[name])
        except OpedError:
            pytest.skip("an extra is not installed")
        found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", WRITTEN)
@settings(FUZZ, max_examples=25)
@given(edits=damage(), number=st.integers(0, 3))
def test_maps(name: str, edits: list[tuple[int, int, bytes]], number: int) -> None:
    contents = dict(files(name))
    chosen = sorted(contents)[number % len(contents)]
    contents[chosen] = damaged(contents[chosen], edits)
    with TemporaryDirectory() as folder, suppress(OpedError):
        for file, data in contents.items():
            path = Path(folder) / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        read = FORMATS[name].read
        assert read is not None
        for amap in read(Path(folder) / WRITTEN[name], lambda problem: None):
            assert isinstance(amap, ArgumentMap)
