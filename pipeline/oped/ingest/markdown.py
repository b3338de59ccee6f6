"""Markdown, through markdown-it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from oped.ingest.blocks import Block, Source
from oped.ingest.plain import read_plain

_SPACE = re.compile(r"\s+")
MOST_NESTED = 60  # elements in one another
_ENDS = ("---", "...")
_FIELD = re.compile(r"^(\w[\w -]*):[ \t]*(.*)$")


def read_markdown(text: str) -> Source:
    """Blocks of a Markdown text; YAML front matter gives metadata.

    A text whose lists and quotations are nested more than `MOST_NESTED` deep is read as plain text, since the parser would
    leave out what is inmost.
    """
    from markdown_it import MarkdownIt

    front, body = _front_matter(text)
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": MOST_NESTED}).enable("table")
    tokens = parser.parse(body)
    deep = any(token.level >= MOST_NESTED - 1 for token in tokens)
    return Source(read_plain(body).blocks if deep else list(_blocks(tokens)), **_metadata(front))


def _front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    lines = text.split("\n")
    ends = (number for number, line in enumerate(lines) if number > 1 and line.rstrip() in _ENDS)
    end = next(ends, None) if lines[0].rstrip() == "---" else None
    if end is None:
        return {}, text
    fields: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:end]:
        if found := _FIELD.match(line):
            key = found[1].strip().lower()
            value = found[2].strip()
            items = value[1:-1].split(",") if value.startswith("[") else [value]
            fields[key] = [item.strip().strip("\"'") for item in items if item.strip()]
        elif key and line.strip().startswith("- "):
            fields[key].append(line.strip()[2:].strip().strip("\"'"))
    return fields, "\n".join(lines[end + 1 :])


def _metadata(front: dict[str, list[str]]) -> dict[str, Any]:
    def first(*names: str) -> str | None:
        return next((front[name][0] for name in names if front.get(name)), None)

    authors = tuple(front.get("authors") or front.get("author") or ())
    return {
        "title": first("title"),
        "authors": authors,
        "published": first("date", "published"),
        "url": first("url", "link", "canonical"),
    }


def _blocks(tokens: Sequence[Any]) -> Iterator[Block]:
    level, rule, row, cell, quoting = 0, False, list[str](), False, 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "hr":
            rule = True
        elif token.type in ("blockquote_open", "blockquote_close"):
            quoting += token.nesting
        elif token.type == "tr_open":
            row = []
        elif token.type in ("td_open", "th_open", "td_close", "th_close"):
            cell = token.type.endswith("open")
        elif token.type == "inline":
            text = _SPACE.sub(" ", _inline(token.children or ())).strip()
            if cell:
                row.append(text)
            elif text:
                yield Block(text, level, rule, quoting > 0)
                rule = False
            level = 0
        elif token.type == "tr_close" and any(row):
            yield Block(" | ".join(row), 0, rule, quoting > 0)
            rule = False


def _inline(children: Sequence[Any]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)
