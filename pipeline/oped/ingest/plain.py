"""Plain text: paragraphs apart by blank lines, by indents, or a line each."""

import re

from oped.ingest.blocks import Block, Source

_SPACE = re.compile(r"\s+")
_BLANK = re.compile(r"\n[ \t\u00a0]*\n\s*")
_HYPHEN = re.compile(r"(?<=[a-z])-\n[ \t]*(?=[a-z])")
_INDENT = re.compile(r"\n(?=[ \t]{2,}\S)")
WRAPPED = 100


def read_plain(text: str) -> Source:
    """Blocks of a plain text."""
    text = text.replace("\f", "\n\n").replace("\N{ZERO WIDTH SPACE}", "")
    return Source([Block(part) for chunk in _BLANK.split(text) for part in _paragraphs(chunk)])


def _paragraphs(chunk: str) -> list[str]:
    lines = [line for line in chunk.split("\n") if line.strip()]
    if not lines:
        return []
    if _is_wrapped(lines):
        parts = _INDENT.split(_HYPHEN.sub("", chunk.strip("\n"))) if lines[-1][:1] not in " \t" else [chunk]
    else:
        parts = lines
    folded = (_SPACE.sub(" ", _HYPHEN.sub("", part)).strip() for part in parts)
    return [part for part in folded if part]


def _is_wrapped(lines: list[str]) -> bool:
    """Whether the lines are one paragraph broken by an editor: none is long, and most do not end a sentence."""
    if len(lines) < 2 or max(map(len, lines)) > WRAPPED:
        return False
    inner = lines[:-1]
    return sum(not line.rstrip().endswith((".", "!", "?", "”", '"', ":")) for line in inner) > len(inner) / 3
