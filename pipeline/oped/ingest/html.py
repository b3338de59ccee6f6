"""HTML, through trafilatura: the body without navigation, captions and boxes."""

import re
from dataclasses import replace
from typing import Any, cast

from oped.ingest.blocks import Block, Source
from oped.ingest.snapshot import snapshot

_PAGE = re.compile(r"<(html|head|body)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_PRUNED = [
    "//figure",
    "//figcaption",
    "//aside",
    "//nav",
    "//footer",
    "//form",
    *(
        f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
        for name in (
            "wp-caption",
            "wp-caption-text",
            "caption",
            "factbox",
            "contributors",
            "newsletter",
            "related",
            "share",
            "author-box",
            "author-bio",
        )
    ),
]
_BLOCKS = {"p", "head", "quote", "list", "item", "table", "row", "code", "lb"}
ENOUGH = 0.5
MOST_NESTED = 200  # elements in one another; of a deeper page the parser of the extractor would drop what is inmost


def read_html(html: str) -> Source:
    """Blocks of a page or fragment, with the page's metadata.

    A page whose elements are nested too deeply for the extractor is read whole, paragraph by paragraph.
    """
    import trafilatura

    is_page = _is_page(html)
    document = trafilatura.bare_extraction(
        html,
        with_metadata=is_page,
        include_comments=False,
        include_tables=False,
        favor_recall=True,
        prune_xpath=_PRUNED,
        # What an extensive search adds are dates of the prose, at some seconds a process.
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    document = cast(Any, document)
    blocks = _blocks(document.body) if document is not None else []
    whole = snapshot(html)
    set_apart = {text for text, quoted in whole.paragraphs if quoted}
    blocks = [replace(block, quoted=block.text in set_apart) for block in blocks]
    if whole.depth > MOST_NESTED or (_length(blocks) < ENOUGH * len(whole.text) and not is_page):
        blocks = [Block(text, quoted=quoted) for text, quoted in whole.paragraphs]
    return Source(blocks, **(_metadata(document) if document is not None and is_page else {}))


def _is_page(html: str) -> bool:
    """Whether this is a page with a head, not a fragment of one."""
    return _PAGE.search(html[:5000]) is not None


def _length(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _metadata(document: Any) -> dict[str, Any]:
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    extra = {"outlet": document.sitename} if document.sitename else {}
    return {
        "title": document.title,
        "authors": authors,
        "published": document.date,
        "url": document.url,
        "extra": extra,
    }


def _blocks(body: Any) -> list[Block]:
    blocks: list[Block] = []
    for element in body:
        _collect(element, blocks)
    return blocks


def _collect(element: Any, blocks: list[Block]) -> None:
    """Blocks of an element: those of its block children, or itself."""
    if element.tag in ("quote", "list", "table", "row", "div") and any(child.tag in _BLOCKS for child in element):
        if element.text and element.text.strip():
            blocks.append(Block(_fold(element.text)))
        for child in element:
            _collect(child, blocks)
            if child.tail and child.tail.strip():
                blocks.append(Block(_fold(child.tail)))
        return
    text = _fold("".join(_texts(element)))
    if text:
        level = int(element.get("rend", "h2")[1:2] or 2) if element.tag == "head" else 0
        blocks.append(Block(text, level))


def _texts(element: Any) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        parts += [" "] if child.tag == "lb" else _texts(child)
        parts.append(child.tail or "")
    return parts


def _fold(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
