"""Telling the body of an article from its furniture: title, byline, date, notices, captions, author box.

What is recognized as metadata is used; what is recognized as furniture is dropped; everything else is body. The rules
look at a block's form and place only where it is short, so that no paragraph of the argument is lost.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from oped.ingest.blocks import Block, Source
from oped.ingest.dates import DATE, date_in_url, find_date, parse_date

SHORT = 30
HEAD_BLOCKS = 12
TAIL_BLOCKS = 6
_NAME = r"(?:[A-ZÀ-Þ][\w'’.-]*|de|da|di|del|della|der|van|von|den|bin|al|el|la|le|du|dos|y|ter|ten)"
_NAMES = rf"{_NAME}(?: {_NAME}){{0,5}}"
_BYLINE = re.compile(
    rf"(?:(?:Written|Posted|Published|Reported|Story|Article|Words|Opinion|Commentary|Column|Essay)\s+)?(?:by|By|BY)[:\s]\s*(?P<names>{_NAMES}(?:(?:, | and | & |, and ){_NAMES})*)\.?"
)
_AUTHOR_FIELD = re.compile(r"(?:Authors?|Writer|Byline)\s*:\s*(?P<names>.{2,120})", re.IGNORECASE)
_NAME_DATE = re.compile(
    rf"(?P<names>{_NAMES}(?:(?:, | and | & ){_NAMES})*)\s*[,|•·–—-]\s*(?P<date>{DATE.pattern}).{{0,20}}", re.IGNORECASE
)
_DATE_ONLY = re.compile(
    rf"(?:(?:Published|Posted|Updated|Last updated|Date|First published|on)\s*:?\s*(?:on )?)*{DATE.pattern}(?:[ ,|•·–—-]+(?:at )?\d{{1,2}}[:.]\d\d.{{0,25}})?",
    re.IGNORECASE,
)
_URL = re.compile(r"<?(https?://[^\s<>]+)>?")
_NOTICE = re.compile(
    r"(?:this (?:pdf|page|document) (?:is|was) (?:auto|automatically)|for all formal use|all rights reserved|©|\(c\) \d{4}|copyright\b"
    r"|subscribe\b|sign up\b|newsletter|share (?:this|on)\b|follow (?:us|me)\b|click here|read (?:more|also|next)\b|also read\b|related:"
    r"|more from\b|advertisement\b|sponsored\b|continue reading|listen to this|download (?:the )?pdf|print this|email this|support (?:our|us)\b"
    r"|photo(?:graph)?s? (?:by|courtesy|via|credit)|(?:photo|image|picture|illustration|credit|caption|source|figure|screenshot|screen capture)s?\s*(?:\d+\s*)?[:|]|image (?:by|via|credit|courtesy|from|source)"
    r"|(?:screenshot|screen capture|still) (?:from|of|by)\b|\d+ min(?:ute)?s? read|estimated reading time|tags?:|filed under|posted in\b|comments? \(?\d|leave a comment"
    r"|page \d+ of \d+|cite this|doi:|the views expressed|disclaimer\b|republished|reprinted|originally published|this (?:article|post|story|piece) (?:was|is|first|originally) .{0,40}(?:published|appeared|republished|part of))",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:about the authors?|about (?:the )?(?:writer|columnist|contributor)s?|author(?:'s|’s)? (?:bio(?:graphy)?|note|information)|notes on (?:the )?contributors?|author bio(?:graphy)?)\s*:?",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:notes|references|bibliography|works cited|endnotes|footnotes|further reading(?: on e-international relations)?|related (?:articles|posts|stories)|comments|share this|you may also like|more on this)\s*:?",
    re.IGNORECASE,
)
_PAGE = re.compile(r"[-–—\s]*(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_TERMINAL = (".", "!", "?", "…", ":", ";", '"', "”", "’", "'", ")", "»")
_SPLIT_NAMES = re.compile(r"\s*(?:,|;| and | & )\s*(?:and )?")


def clean(source: Source) -> Source:
    """The source with its metadata completed from the text and only the body left in its blocks."""
    blocks = [block for block in source.blocks if block.text]
    source = replace(source, title=source.title or _title(blocks))
    blocks = _cut_tail(blocks)
    blocks = _drop_running_heads(blocks, source.title)
    head, body = _split_head(blocks)
    source, head = _read_head(source, head)
    blocks = [block for block in [*head, *body] if not _is_furniture(block, source)]
    blocks = _drop_biography(blocks, source)
    published = source.published and (parse_date(source.published) or source.published)
    if published is None and source.url:
        published = date_in_url(source.url)
    return replace(source, blocks=_mend(blocks), published=published)


def _title(blocks: Sequence[Block]) -> str | None:
    """The first heading near the top; in plain text a short first block without a full stop."""
    for block in blocks[:HEAD_BLOCKS]:
        if block.level and block.words <= SHORT and not _ABOUT.fullmatch(block.text):
            return block.text
    first = blocks[0] if len(blocks) > 1 else None
    if first and first.words <= 20 and not first.text.endswith((".", ";", ",")) and not _is_meta(first.text):
        return first.text
    return None


def _is_meta(text: str) -> bool:
    patterns = (_BYLINE, _AUTHOR_FIELD, _NAME_DATE, _DATE_ONLY, _URL)
    return any(pattern.fullmatch(text) for pattern in patterns) or _NOTICE.match(text) is not None


def _cut_tail(blocks: list[Block]) -> list[Block]:
    """Drop the author box and what follows it, and closing sections that are no body."""
    for place, block in enumerate(blocks):
        beyond_half = place >= len(blocks) / 2
        starts_box = _ABOUT.match(block.text) is not None and (block.words <= 6 or place >= len(blocks) - TAIL_BLOCKS)
        ends_body = _END.fullmatch(block.text) is not None and block.words <= 6
        if beyond_half and (starts_box or ends_body):
            return blocks[:place]
    return blocks


def _drop_running_heads(blocks: list[Block], title: str | None) -> list[Block]:
    """Drop the title wherever it stands alone, page numbers, and short blocks that come again and again."""
    keys = [_key(block.text) for block in blocks]
    counts = Counter(keys)
    own = _key(title) if title else None

    def runs(block: Block, key: str) -> bool:
        if key == own or _PAGE.fullmatch(block.text):
            return True
        repeated = counts[key] > 1 and block.words <= SHORT and not _BYLINE.fullmatch(block.text)
        return repeated and (block.level > 0 or not block.text.endswith((".", "!", "?", "”", '"')))

    return [block for block, key in zip(blocks, keys, strict=True) if not runs(block, key)]


def _key(text: str) -> str:
    return re.sub(r"[\W\d_]+", " ", text).strip().lower()


def _split_head(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Blocks before the first paragraph of the body, and the rest."""
    for place, block in enumerate(blocks):
        if place >= HEAD_BLOCKS or (block.words > SHORT and not _NOTICE.match(block.text)):
            return blocks[:place], blocks[place:]
    return blocks[:HEAD_BLOCKS], blocks[HEAD_BLOCKS:]


def _read_head(source: Source, head: list[Block]) -> tuple[Source, list[Block]]:
    """Take authors, date and URL from the blocks of the head; what told something is dropped."""
    authors, published, url, rest = source.authors, source.published, source.url, []
    for block in head:
        text = block.text
        if match := _URL.fullmatch(text):
            url = url or match[1].rstrip(".,")
        elif match := _NAME_DATE.fullmatch(text) or _BYLINE.match(text) or _AUTHOR_FIELD.fullmatch(text):
            if _BYLINE.match(text) and len(text) > match.end() + 60:
                rest.append(block)
                continue
            authors = authors or _names(match["names"])
            published = published or find_date(text)
        elif _DATE_ONLY.fullmatch(text):
            published = published or find_date(text)
        elif authors and _key(text) in {_key(name) for name in authors}:
            continue
        else:
            rest.append(block)
    return replace(source, authors=authors, published=published, url=url), rest


def _names(text: str) -> tuple[str, ...]:
    found = (_capitalized(part.strip()) for part in _SPLIT_NAMES.split(text))
    return tuple(name for name in found if len(name) > 1)


def _capitalized(name: str) -> str:
    """A name in usual capitals, where it is written in capitals alone."""
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name) if name.isupper() else name


def _is_furniture(block: Block, source: Source) -> bool:
    if block.words > 2 * SHORT:
        return False
    text = block.text
    if _NOTICE.match(text) or _URL.fullmatch(text) or _PAGE.fullmatch(text):
        return True
    if block.words <= SHORT and (_BYLINE.fullmatch(text) or _DATE_ONLY.fullmatch(text) or _ABOUT.fullmatch(text)):
        return True
    return any(_key(text) == _key(name) for name in source.authors)


def _drop_biography(blocks: list[Block], source: Source) -> list[Block]:
    """Drop closing blocks that present the author: "NAME is a lecturer at …"."""
    surnames = [name.split()[-1] for name in source.authors if name.split()]
    while len(blocks) > 1:
        text = blocks[-1].text
        presents = any(
            re.match(
                rf"(?:[^.]{{0,60}}\b)?{re.escape(name)}\b,? (?:is|was|has been|works|teaches|writes|serves|holds)\b",
                text,
            )
            for name in surnames
        )
        generic = re.match(r"(?:The (?:author|writer) (?:is|works|teaches)\b)", text)
        if not (presents or generic) or blocks[-1].words > 3 * SHORT:
            break
        blocks = blocks[:-1]
    return blocks


def _mend(blocks: list[Block]) -> list[Block]:
    """Join a paragraph that furniture or a page end had broken: the first part ends no sentence, the second begins none."""
    mended: list[Block] = []
    for block in blocks:
        before = mended[-1] if mended else None
        if (
            before
            and not (before.level or block.level)
            and not before.text.endswith(_TERMINAL)
            and block.text[:1].islower()
        ):
            hyphen = re.search(r"[a-z]-$", before.text)
            text = before.text[:-1] + block.text if hyphen else f"{before.text} {block.text}"
            mended[-1] = replace(before, text=text)
        else:
            mended.append(block)
    return mended
