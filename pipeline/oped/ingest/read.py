"""Reading one article: which kind it is, its text, its metadata."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from oped.errors import EmptyInputError, InputError, TooLongError, UnsupportedInputError
from oped.headings import HEADINGS
from oped.ingest.blocks import Source
from oped.ingest.encoding import decode, well_formed
from oped.ingest.furniture import clean
from oped.ingest.html import read_html
from oped.ingest.language import check_language
from oped.ingest.markdown import read_markdown
from oped.ingest.plain import read_plain
from oped.quotations import QUOTATIONS
from oped.records import Article

DEFAULT_MAX_CHARACTERS = 1_000_000
PARAGRAPH_BREAK = "\n\n"
BYTES_PER_CHARACTER = 40  # markup and fonts weigh more than text
KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
}
Step = Callable[[], None]


def no_step() -> None:
    """Nothing: for readers that nobody watches."""


_READERS: dict[str, Callable[[str], Source]] = {"text": read_plain, "markdown": read_markdown, "html": read_html}


def read_article(
    path: str | Path,
    *,
    kind: str | None = None,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    name: str | None = None,
    step: Step = no_step,
) -> Article:
    """Read one article from a file.

    Args:
        path: text, Markdown, HTML or PDF.
        kind: `text`, `markdown`, `html` or `pdf`; by default the file's ending and first bytes tell.
        max_characters: a longer text is refused.
        name: of the source in the article's record and in messages; default: the file's name.
        step: is called after each page.

    Raises:
        InputError: the file is missing, or can't be read as an article; the message says why.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise UnsupportedInputError(f"{path}: expected a file, found a folder; use oped batch for many articles")
        with open(path, "rb") as stream:
            data = read_bounded(stream, str(path), max_characters)
    except OSError as error:
        raise InputError(f"{path}: expected an article, but the file can't be read: {error.strerror}") from None
    return article_from_bytes(
        data, kind=kind or kind_of(path, data), name=name or path.name, max_characters=max_characters, step=step
    )


def read_bounded(stream: IO[bytes], name: str, max_characters: int = DEFAULT_MAX_CHARACTERS) -> bytes:
    """All bytes of a file, or of a stream that may be endless.

    Raises:
        TooLongError: there are more than an article of that many characters can have.
    """
    limit = BYTES_PER_CHARACTER * max_characters
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLongError(_too_long(name, f"more than {limit:,} bytes", max_characters))
    return data


def article_from_bytes(
    data: bytes, *, kind: str, name: str, max_characters: int = DEFAULT_MAX_CHARACTERS, step: Step = no_step
) -> Article:
    """Read one article from the bytes of a file.

    Args:
        step: is called after each page.

    Raises:
        InputError: see `read_article`.
    """
    if not data.strip():
        raise EmptyInputError(f"{name}: expected an article, found nothing")
    if kind == "pdf":
        from oped.ingest.pdf import read_pdf

        return _article(read_pdf(data, name, step), name, max_characters)
    if kind not in _READERS:
        raise UnsupportedInputError(f"{name}: expected a kind out of text, markdown, html, pdf; found {kind!r}")
    return _article(_READERS[kind](_limited(decode(data, name), name, kind, max_characters)), name, max_characters)


def article_from_text(
    text: str,
    *,
    id: str | None = None,
    name: str = "text",
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    **known: object,
) -> Article:
    """An article from plain text at hand; `known` metadata goes before what the text's head says."""
    return _article(_with(read_plain(_limited(text, name, "text", max_characters)), known), name, max_characters, id)


def article_from_html(
    html: str,
    *,
    id: str | None = None,
    name: str = "html",
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    **known: object,
) -> Article:
    """An article from HTML at hand; `known` metadata goes before what the page says."""
    return _article(_with(read_html(_limited(html, name, "html", max_characters)), known), name, max_characters, id)


def _with(source: Source, known: dict[str, object]) -> Source:
    for key, value in known.items():
        if value:
            setattr(source, key, value)
    return source


def kind_of(path: str | Path, data: bytes) -> str:
    """The kind of a file, by its first bytes and its ending.

    Raises:
        UnsupportedInputError: it is named as a PDF and is none.
    """
    path = Path(path)
    if data.startswith(b"%PDF-"):
        return "pdf"
    known = KINDS.get(path.suffix.lower())
    if known and known != "pdf":
        return known
    start = data[:1000].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "html"
    if known == "pdf":
        raise UnsupportedInputError(f"{path.name}: expected a PDF, found a file that does not begin as one")
    return "text"


def _limited(text: str, name: str, kind: str, max_characters: int) -> str:
    limit = max_characters * (BYTES_PER_CHARACTER if kind == "html" else 1)
    if len(text) > limit:
        raise TooLongError(_too_long(name, f"{len(text):,}", max_characters))
    return text


def _too_long(name: str, found: str, limit: int) -> str:
    return f"{name}: expected at most {limit:,} characters, found {found}; raise the limit with --max-characters"


def _article(source: Source, name: str, max_characters: int, id: str | None = None) -> Article:
    cleaned = clean(source)
    text = well_formed(PARAGRAPH_BREAK.join(block.text for block in cleaned.blocks))
    if not any(letter.isalpha() for letter in text):
        raise EmptyInputError(f"{name}: expected an article, found no text in it")
    if len(text) > max_characters:
        raise TooLongError(_too_long(name, f"{len(text):,}", max_characters))
    check_language(text, name)
    return Article(
        id=well_formed(id) if id else article_id(text),
        text=text,
        title=well_formed(cleaned.title),
        authors=well_formed(cleaned.authors),
        published=well_formed(cleaned.published),
        url=well_formed(cleaned.url),
        source=well_formed(name),
        extra=well_formed(_with_marks(cleaned)),
    )


def _with_marks(source: Source) -> dict[str, object]:
    """The source's other metadata, and where the headings and quoted blocks that the file marks stand in the text, if any."""
    found, start = dict[str, list[list[int]]](), 0
    for block in source.blocks:
        for name, marked in ((HEADINGS, block.level > 0), (QUOTATIONS, block.quoted)):
            if marked:
                found.setdefault(name, []).append([start, start + len(block.text)])
        start += len(block.text) + len(PARAGRAPH_BREAK)
    return {**source.extra, **found}


def article_id(text: str) -> str:
    """An id that depends on the text alone."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
