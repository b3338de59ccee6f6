from pathlib import Path

import pytest

from oped.errors import (
    EmptyInputError,
    EncodingError,
    InputError,
    LanguageError,
    TooLongError,
    UnsupportedInputError,
)
from oped.ingest import article_from_html, article_from_text, read_article
from oped.ingest.read import article_from_bytes

BODY = (
    "The council wants to close the market in the spring, and it says that nobody will miss it.\n\n"
    "That is not what the traders say. They have stood there for ninety years, and most of them live from it."
)
PARAGRAPHS = BODY.split("\n\n")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_plain_text_with_a_head(tmp_path: Path) -> None:
    text = f"Leave the market alone\n\nBy Ana Ruiz and Tom O’Neill\n\n3 March 2022\n\n{BODY}\n"
    article = read_article(write(tmp_path, "a.txt", text))
    assert article.text == BODY
    assert article.title == "Leave the market alone"
    assert article.authors == ("Ana Ruiz", "Tom O’Neill")
    assert article.published == "2022-03-03"


def test_lines_broken_by_an_editor_become_one_paragraph(tmp_path: Path) -> None:
    wrapped = "The council wants to close the mar-\nket in the spring, and it says that\nnobody will miss it, which is a thing\nthat councils say.\n"
    article = read_article(write(tmp_path, "a.txt", wrapped))
    assert (
        article.text
        == "The council wants to close the market in the spring, and it says that nobody will miss it, which is a thing that councils say."
    )


def test_markdown_keeps_the_words_and_drops_the_marks(tmp_path: Path) -> None:
    text = "# Leave the *market* alone\n\nBy Ana Ruiz\n\nThe council wants **to close** the [market](https://x.org) for \\$3 in the spring, and it says that nobody will miss it, which is a thing that it often says about old things.\n"
    article = read_article(write(tmp_path, "a.md", text))
    assert article.title == "Leave the market alone"
    assert article.text.startswith("The council wants to close the market for $3")


def test_front_matter_gives_metadata(tmp_path: Path) -> None:
    text = f"---\ntitle: Leave it\nauthors: [Ana Ruiz, Tom Hale]\ndate: 2021-02-03\nurl: https://example.org/x\n---\n\n{BODY}\n"
    article = read_article(write(tmp_path, "a.md", text))
    assert (article.title, article.authors, article.published) == ("Leave it", ("Ana Ruiz", "Tom Hale"), "2021-02-03")
    assert (article.url, article.text) == ("https://example.org/x", BODY)


def test_a_repeated_title_block_is_no_body_and_breaks_no_paragraph(tmp_path: Path) -> None:
    text = (
        "# On markets\n\nWritten by Ana Ruiz\n\nANA RUIZ, AUG 4 2023\n\n"
        f"{PARAGRAPHS[0]}\n\nThe traders of the old quarter have petitioned\n\n## **On markets**\n\nWritten by Ana Ruiz\n\n"
        f"the council three times without an answer of any kind, they say.\n\n{PARAGRAPHS[1]}\n\n"
        "### About the author:\n\nAna Ruiz is a lecturer at a university.\n"
    )
    article = read_article(write(tmp_path, "a.md", text))
    joined = "The traders of the old quarter have petitioned the council three times without an answer of any kind, they say."
    assert article.text == "\n\n".join([PARAGRAPHS[0], joined, PARAGRAPHS[1]])
    assert article.published == "2023-08-04"
    assert article.authors == ("Ana Ruiz",)


def test_names_in_capitals_get_usual_ones(tmp_path: Path) -> None:
    article = read_article(write(tmp_path, "a.txt", f"On markets\n\nPIERRE-OLIVIER BUSSIÈRES, AUG 4 2023\n\n{BODY}"))
    assert article.authors == ("Pierre-Olivier Bussières",)


def test_captions_and_notices_are_no_body() -> None:
    text = f"{PARAGRAPHS[0]}\n\nPhoto: the market in 1920, by nobody.\n\nRead more: Ten markets you must see\n\n{PARAGRAPHS[1]}\n\nSubscribe to our newsletter"
    assert article_from_text(text).text == BODY


def test_a_closing_biography_is_no_body() -> None:
    text = f"By Ana Ruiz\n\n{BODY}\n\nAna Ruiz is the author of three books on markets."
    assert article_from_text(text).text == BODY


def test_html_page() -> None:
    page = (
        '<html><head><title>Leave the market alone</title><meta name="author" content="Ana Ruiz">'
        '<meta property="article:published_time" content="2022-03-03"></head><body><nav><a href="/">Home</a> <a href="/b">Sport</a></nav>'
        f"<article><h1>Leave the market alone</h1><p>{PARAGRAPHS[0]}</p><figure><img src='x.png'><figcaption>The market at dawn</figcaption></figure>"
        f"<p>{PARAGRAPHS[1]}</p></article><footer>All rights reserved</footer></body></html>"
    )
    article = article_from_html(page)
    assert article.text == BODY
    assert article.published == "2022-03-03"
    assert "Ana Ruiz" in article.authors


def test_windows_1252_is_read(tmp_path: Path) -> None:
    text = "The council’s plan – “a modest one” – would close Café Zoë and the market; nobody asked the traders who have been there for years."
    assert read_article(write(tmp_path, "a.txt", text.encode("cp1252"))).text == text


def test_utf_16_is_read(tmp_path: Path) -> None:
    assert read_article(write(tmp_path, "a.txt", BODY.encode("utf-16"))).text == BODY


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.txt", b"", EmptyInputError, "found nothing"),
        ("a.txt", b" \n\t ", EmptyInputError, "found nothing"),
        ("a.md", b"---\n\n***\n", EmptyInputError, "no text"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00" * 9, UnsupportedInputError, "binary"),
        ("a.txt", bytes(range(128, 256)) * 9, EncodingError, "no encoding that can be told"),
        ("a.pdf", b"this is no PDF at all", UnsupportedInputError, "does not begin as one"),
        ("a.pdf", b"%PDF-1.7\n" + b"garbage " * 99, UnsupportedInputError, "damaged"),
    ],
)
def test_what_can_not_be_read_says_so(
    tmp_path: Path, name: str, content: bytes, error: type[InputError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_article(write(tmp_path, name, content))


def test_a_text_that_is_not_english_is_refused(tmp_path: Path) -> None:
    spanish = "El gobierno de la ciudad quiere cerrar el mercado en la primavera y dice que nadie lo va a echar de menos, aunque los vendedores no piensan lo mismo."
    with pytest.raises(LanguageError, match="'es'"):
        read_article(write(tmp_path, "a.txt", spanish))


def test_a_long_text_is_refused_with_its_limit(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "The same old words again. " * 100)
    with pytest.raises(
        TooLongError, match=r"at most 1,000 characters, found 2,600; raise the limit with --max-characters"
    ):
        read_article(path, max_characters=1000)
    assert len(read_article(path, max_characters=3000).text) == 2599


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_article(tmp_path / "none.txt")


def test_a_folder_is_no_article(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInputError, match="oped batch"):
        read_article(tmp_path)


def test_the_same_text_has_the_same_id() -> None:
    assert article_from_text(BODY).id == article_from_text(BODY).id != article_from_text(PARAGRAPHS[0]).id


def test_nul_and_halves_of_characters_are_replaced() -> None:
    article = article_from_text(f"{BODY} So it is\0, they \ud800 say.", title="On \udfff", authors=("Ana\0",))
    assert article.text == f"{BODY} So it is\ufffd, they \ufffd say."
    assert (article.title, article.authors) == ("On \ufffd", ("Ana\ufffd",))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("markdown", "# The quay\n\n{body}\n\n## Who will pay?\n\n{body}\n"),
        (
            "html",
            "<html><body><article><h1>The quay</h1><p>{body}</p><h2>Who will pay?</h2><p>{body}</p></article></body></html>",
        ),
    ],
)
def test_headings_that_the_file_marks_are_known(kind: str, data: str) -> None:
    body = (
        "The council met on Tuesday and decided nothing at all, as it has done for many years now, and will go on so."
    )
    article = article_from_bytes(data.format(body=body).encode(), kind=kind, name="quay")
    assert [article.text[start:end] for start, end in article.extra["headings"]] == ["Who will pay?"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("markdown", "# The quay\n\n{body}\n\n> We were never asked.\n>\n> > Nor were we.\n\n{body}\n"),
        (
            "html",
            "<html><body><article><h1>The quay</h1><p>{body}</p><blockquote><p>We were never asked.</p><p>Nor were we.</p>"
            "</blockquote><p>{body}</p></article></body></html>",
        ),
        (
            "html",
            "<p>{body}</p>" + 300 * "<div>" + "<blockquote>We were never asked.<p>Nor were we.</blockquote><p>{body}",
        ),
    ],
)
def test_quoted_blocks_are_known(kind: str, data: str) -> None:
    body = (
        "The council met on Tuesday and decided nothing at all, as it has done for many years now, and will go on so."
    )
    article = article_from_bytes(data.format(body=body).encode(), kind=kind, name="quay")
    quoted = [article.text[start:end] for start, end in article.extra["quotations"]]
    assert quoted == ["We were never asked.", "Nor were we."]


@pytest.mark.parametrize(
    "data",
    [
        "{body}\n\n> We were never asked\n\nso said the mayor, and I think that he is wrong about it.\n",
        "{body}\n\nThe mayor said that\n\n> we were never asked by anybody about it.\n",
    ],
)
def test_a_quoted_block_and_what_goes_on_after_it_are_not_joined(data: str) -> None:
    body = (
        "The council met on Tuesday and decided nothing at all, as it has done for many years now, and will go on so."
    )
    article = article_from_bytes(data.format(body=body).encode(), kind="markdown", name="quay")
    ((start, end),) = article.extra["quotations"]
    assert article.text[start:end].lower().startswith("we were never asked")
    assert "mayor" not in article.text[start:end]


def test_preformatted_text_is_not_quoted() -> None:
    body = "The council met on Tuesday, and decided nothing at all, as it has done for many years.\n"
    page = f"<html><body><article><h1>The quay</h1><pre>{10 * body}</pre></article></body></html>"
    assert "quotations" not in article_from_bytes(page.encode(), kind="html", name="quay").extra


def test_an_article_without_headings_says_nothing_of_them() -> None:
    body = (
        "The council met on Tuesday and decided nothing at all, as it has done for many years now, and will go on so."
    )
    assert "headings" not in article_from_text(body).extra
