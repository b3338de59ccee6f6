"""Articles that are made to hang, to grow or to lose what they hold."""

import io
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from oped.apart import Limits, run_apart
from oped.errors import InputError, OpedError
from oped.ingest.read import Step, article_from_bytes
from oped.words import split_words

SENTENCE = "The council should act, and nobody will miss the old market of the town when it is gone. "
SECONDS = 5.0


def read(text: str, kind: str) -> str:
    return article_from_bytes(text.encode(), kind=kind, name="a").text


def seconds(function: Callable[[], object]) -> float:
    began = time.process_time()
    function()
    return time.process_time() - began


@pytest.mark.parametrize(
    "text",
    [
        "on " * 24 + "x\n\nThe council should act.",
        "Subscribe " + "and a " * 60 + "\n\nThe council should act.",
        "Ann and " * 20_000 + "\n\nThe council should act.",
        "Ann, " * 20_000 + "3 March 2022\n\nThe council should act.",
        SENTENCE + "\n\na" * 10_000,
        SENTENCE + "-\n" * 20_000,
        SENTENCE + " \n\t" * 20_000,
        SENTENCE + "1\n\n" * 10_000,
    ],
)
@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_text_is_read_in_linear_time(text: str, kind: str) -> None:
    with suppress(InputError):
        assert seconds(lambda: read(text, kind)) < SECONDS


@pytest.mark.parametrize("text", ["---" + "\n" * 100_000 + SENTENCE, "---\n" * 30_000 + SENTENCE])
def test_front_matter_is_found_in_linear_time(text: str) -> None:
    assert seconds(lambda: read(text, "markdown")) < SECONDS


@pytest.mark.parametrize("unit", ['"', "'", "(", "—", "€", "'s", "a", "🙂", "_"])
def test_a_run_without_blanks_is_cut_into_words_in_linear_time(unit: str) -> None:
    text = unit * (30_000 // len(unit))
    assert seconds(lambda: split_words(text)) < SECONDS
    assert "".join(text[start:end] for start, end in split_words(text)) == text


def test_words_of_prose_are_as_spacy_cuts_them() -> None:
    import spacy

    text = SENTENCE + "--------- “It's …” (https://example.org/a?b=c) " * 5
    words = [(token.idx, token.idx + len(token)) for token in spacy.blank("en")(text) if not token.is_space]
    assert split_words(text) == words


@pytest.mark.parametrize("unit", [" ", "&nbsp;", "<br>", "</div>", "&amp", "<b>"])
def test_a_fragment_of_html_is_read_in_linear_time(unit: str) -> None:
    page = f"<p>{SENTENCE}</p>" + unit * 10_000
    assert seconds(lambda: read(page, "html")) < SECONDS


def test_of_deeply_nested_html_nothing_is_lost() -> None:
    texts = [f"{SENTENCE}It says so for the time number {number}." for number in range(200)]
    page = "<html><body>" + "<div>" * 300 + "".join(f"<p>{text}</p>" for text in texts) + "</body></html>"
    found = read(page, "html")
    assert all(text in found for text in texts)


@pytest.mark.parametrize("mark", [">", "> ", "- "])
def test_of_deeply_nested_markdown_nothing_is_lost(mark: str) -> None:
    for depth in (15, 40, 300):
        found = read(f"{mark * depth} {SENTENCE}\n\nThat is what the traders of the town say about it.", "markdown")
        assert SENTENCE.strip() in found


# PDF


def pdf(*objects: str | bytes) -> bytes:
    """A document of numbered objects, the first of which is its catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + (content if isinstance(content, bytes) else content.encode()) + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        data
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, len(data))
    )


def packed(content: bytes, more: str = "") -> bytes:
    data = zlib.compress(content, 9)
    head = b"<< /Length %d /Filter /FlateDecode %s >>\n" % (len(data), more.encode())
    return head + b"stream\n" + data + b"\nendstream"


def page(content: str | bytes, *more: str | bytes, resources: str = "/Font << /F1 5 0 R >>") -> bytes:
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << {resources} >> >>",
        content,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>",
        *more,
    )


FORM = "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X {} 0 R >> >>"
FORMS = [packed(b"/X Do " * 10, FORM.format(7 + number)) for number in range(12)]
WITH_FORM = "/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>"
HOSTILE = {
    "a stream that unpacks to a gigabyte": page(packed(b" " * (1 << 30))),
    "a form that draws itself": page(packed(b"/X Do"), packed(b"/X Do /X Do", FORM.format(6)), resources=WITH_FORM),
    "forms that draw one another, ten times each": page(packed(b"/X Do"), *FORMS, resources=WITH_FORM),
    "pages that hold themselves": pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] >>"),
    "a stream as long as itself says": page(b"<< /Length 4 0 R >>\nstream\nabc\nendstream"),
    "an object that is itself": page("4 0 R"),
    "arrays in arrays": page("[" * 100_000),
    "a table of objects without an end": b"%PDF-1.4\nxref\n0 2000000000\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF",
    "tables of objects in a circle": b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer << /Prev 9 >>\nstartxref\n9\n%%EOF",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_refused_within_bounds(name: str) -> None:
    def reading(step: Step) -> object:
        return article_from_bytes(HOSTILE[name], kind="pdf", name="a.pdf", step=step)

    began = time.monotonic()
    with pytest.raises(InputError, match=r"a\.pdf: .*"):
        run_apart(reading, name="a.pdf", limits=Limits(seconds=2.0, memory=1 << 30))
    assert time.monotonic() - began < 60


def report(pages: int) -> bytes:
    """A long report whose paragraphs stand without a gap."""
    stream = io.BytesIO()
    style = getSampleStyleSheet()["Normal"]
    parts = [Paragraph(SENTENCE * 4 + f"({number})", style) for number in range(pages * 14)]
    SimpleDocTemplate(stream, invariant=1).build(parts)
    return stream.getvalue()


def test_a_long_pdf_is_put_together_in_linear_time() -> None:
    from oped.ingest import pdf as module

    lines = [
        module.Line(SENTENCE.strip(), 60, 540, 700 - 12 * (number % 50), 710 - 12 * (number % 50), 10, number // 50)
        for number in range(300 * 50)
    ]
    assert seconds(lambda: list(module._blocks(lines, 10.0))) < SECONDS


def test_each_page_of_a_pdf_is_a_step() -> None:
    steps = []
    article_from_bytes(report(6), kind="pdf", name="a.pdf", step=lambda: steps.append(1))
    assert len(steps) >= 5


def test_a_pdf_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oped.ingest.pdf.MOST_PAGES", 2)
    with pytest.raises(OpedError, match="at most 2 pages"):
        article_from_bytes(report(4), kind="pdf", name="a.pdf")
