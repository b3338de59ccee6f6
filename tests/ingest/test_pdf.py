"""PDFs are made here, with the faults that real ones have."""

import io
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from oped.errors import EmptyInputError, EncryptedError
from oped.ingest.read import article_from_bytes

WIDTH, HEIGHT = A4
WORDS = [
    "The",
    "council",
    "wants",
    "to",
    "close",
    "the",
    "market",
    "in",
    "the",
    "spring",
    "and",
    "it",
    "says",
    "that",
    "nobody",
    "will",
    "miss",
    "it",
    "though",
    "the",
    "traders",
    "who",
    "stand",
    "there",
    "in",
    "all",
    "weathers",
    "have",
    "not",
    "been",
    "asked",
    "and",
    "the",
    "people",
    "who",
    "buy",
    "from",
    "them",
    "have",
    "not",
    "been",
    "asked",
    "either",
    "which",
    "is",
    "strange",
]


def pdf(draw: Callable[[Canvas], None], **options: object) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, **options)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


def lines(words: list[str], letters: int) -> list[str]:
    result = [""]
    for word in words:
        if len(result[-1]) + len(word) > letters:
            result.append("")
        result[-1] += f" {word}" if result[-1] else word
    return result


def column(canvas: Canvas, text: list[str], x: float, y: float, size: int = 10) -> float:
    canvas.setFont("Times-Roman", size)
    for line in text:
        canvas.drawString(x, y, line)
        y -= size * 1.2
    return y


def test_columns_are_read_one_after_the_other() -> None:
    left, right = ["Alpha", *WORDS], ["Beta", *WORDS]

    def draw(canvas: Canvas) -> None:
        column(canvas, [*lines(left, 40)[:-1], lines(left, 40)[-1] + "."], 60, 700)
        column(canvas, [*lines(right, 40)[:-1], lines(right, 40)[-1] + "."], 320, 700)

    text = article_from_bytes(pdf(draw), kind="pdf", name="a.pdf").text
    assert " ".join(text.split()) == f"{' '.join(left)}. {' '.join(right)}."


def test_running_heads_feet_and_page_numbers_are_dropped() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 4):
            column(canvas, ["The Daily Example, 3 March 2022"], 60, 810, 8)
            column(canvas, [*lines([f"Page-{'abc'[page - 1]}", *WORDS], 80)[:-1], lines(WORDS, 80)[-1] + "."], 60, 700)
            column(canvas, [f"{page}"], 300, 30, 8)
            column(canvas, [f"example.org - printed copy {page}"], 60, 30, 8)
            canvas.showPage()

    text = article_from_bytes(pdf(draw), kind="pdf", name="a.pdf").text
    assert "Daily Example" not in text
    assert "printed copy" not in text
    assert not any(part.strip().isdigit() for part in text.split("\n"))
    assert all(f"Page-{letter}" in text for letter in "abc")


def test_a_paragraph_goes_on_over_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        column(
            canvas,
            [
                "The council wants to close the market and it says that nobody",
                "will miss it at all because the traders have",
            ],
            60,
            700,
        )
        canvas.showPage()
        column(
            canvas,
            ["other places to go to and the people who buy there are few", "and poor and will not complain of it."],
            60,
            700,
        )

    text = article_from_bytes(pdf(draw), kind="pdf", name="a.pdf").text
    assert "traders have other places" in text
    assert "\n" not in text


def test_hyphenation_is_undone() -> None:
    def draw(canvas: Canvas) -> None:
        column(
            canvas,
            [
                "The council wants to close the mar-",
                "ket in the spring and it says that no-",
                "body will miss it when it is gone.",
            ],
            60,
            700,
        )

    text = article_from_bytes(pdf(draw), kind="pdf", name="a.pdf").text
    assert (
        text
        == "The council wants to close the market in the spring and it says that nobody will miss it when it is gone."
    )


def test_title_author_and_headings() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("Leave the market alone")
        canvas.setAuthor("Ana Ruiz")
        column(canvas, ["Leave the market alone"], 60, 780, 20)
        column(canvas, [*lines(WORDS, 80)[:-1], lines(WORDS, 80)[-1] + "."], 60, 700)

    article = article_from_bytes(pdf(draw), kind="pdf", name="a.pdf")
    assert article.title == "Leave the market alone"
    assert article.authors == ("Ana Ruiz",)
    assert article.text == " ".join(WORDS) + "."


def test_a_protected_pdf_is_refused() -> None:
    data = pdf(lambda canvas: canvas.drawString(60, 700, "secret"), encrypt="password")
    with pytest.raises(EncryptedError, match="password"):
        article_from_bytes(data, kind="pdf", name="a.pdf")


def test_a_scan_is_refused() -> None:
    data = pdf(lambda canvas: canvas.rect(60, 60, 400, 600, fill=1))
    with pytest.raises(EmptyInputError, match="OCR"):
        article_from_bytes(data, kind="pdf", name="a.pdf")
