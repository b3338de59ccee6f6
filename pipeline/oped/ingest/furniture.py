"""Telling the body of an article from its furniture: title, byline, date, notices, captions, author box.

What is recognized as metadata is used; what is recognized as furniture is dropped; everything else is body. The rules
look at a block's form and place only where it is short, so that no paragraph of the argument is lost.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from oped.ingest.blocks import Block, Source
from oped.ingest.dates import DATE, date_in_url, date_starts, find_date, parse_date

SHORT = 30
HEAD_BLOCKS = 12
TAIL_BLOCKS = 6
_NAME = r"(?:[A-ZÀ-Þ][\w'’.-]*|de|da|di|del|della|der|van|von|den|bin|al|el|la|le|du|dos|y|ter|ten)"
_NAMES = rf"{_NAME}(?: {_NAME}){{0,5}}"
_BYLINE = re.compile(
    rf"(?:(?:Written|Posted|Published|Reported|Story|Article|Words|Opinion|Commentary|Column|Essay)\s+)?(?:by|By|BY)[:\s]\s*(?P<names>{_NAMES}(?:(?:, | and | & |, and ){_NAMES})*)\.?"
)
_AUTHOR_FIELD = re.compile(r"(?:Authors?|Writer|Byline)\s*:\s*(?P<names>.{2,120})", re.IGNORECASE)
_ANY_NAME = re.compile(_NAME, re.IGNORECASE)
_MOST_NAMES = 6  # words of one name
_BEFORE_DATE = ",|•·–—-"
_AFTER_DATE = 20
_DATE_ONLY = re.compile(
    rf"(?:(?:Published|Posted|Updated|Last updated|Date|First published|on)\s*+:?+\s*+)*+{DATE.pattern}(?:[ ,|•·–—-]+(?:at )?\d{{1,2}}[:.]\d\d.{{0,25}})?",
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
_PRESENTS = "is|was|has been|works|teaches|writes|serves|holds"
_GENERIC = re.compile(r"The (?:author|writer) (?:is|works|teaches)\b")
MOST_AUTHORS = 50  # that a closing biography is looked for
_NO_LETTERS = re.compile(r"[\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_CUT_WORD = re.compile(r"[a-z]-$")
_TERMINAL = (".", "!", "?", "…", ":", ";", '"', "”", "’", "'", ")", "»")
_SPLIT_NAMES = re.compile(r" ?(?:,|;| and | & ) ?(?:and )?")


def clean(source: Source) -> Source:
    """The source with its metadata completed from the text and only the body left in its blocks."""
    blocks = [block for block in source.blocks if block.text]
    source = replace(source, title=source.title or _title(blocks))
    blocks = _cut_tail(blocks)
    blocks = _drop_running_heads(blocks, source.title)
    head, body = _split_head(blocks)
    source, head = _read_head(source, head)
    authors = {_key(name) for name in source.authors}
    blocks = [block for block in [*head, *body] if not _is_furniture(block, authors)]
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
    patterns = (_BYLINE, _AUTHOR_FIELD, _DATE_ONLY, _URL)
    return (
        any(pattern.fullmatch(text) for pattern in patterns)
        or bool(_names_before_date(text))
        or _NOTICE.match(text) is not None
    )


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
    return _NO_LETTERS.sub(" ", text).strip().lower()


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
        elif names := _names_before_date(text):
            authors, published = authors or _names(names), published or find_date(text)
        elif match := _BYLINE.match(text) or _AUTHOR_FIELD.fullmatch(text):
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


def _names_before_date(text: str) -> str | None:
    """The names of "Ana Ruiz and Tom Hale, 3 March 2022"; None where a text is no such line."""
    for start in reversed(date_starts(text)):
        match = DATE.match(text, start)
        names = text[:start].rstrip()
        if match and len(text) - match.end() <= _AFTER_DATE and names.endswith(tuple(_BEFORE_DATE)):
            names = names[:-1].rstrip()
            if _is_names(names):
                return names
    return None


def _is_names(text: str) -> bool:
    """Whether a text is names of up to six words each, joined by a comma, "and" or "&".

    "and" may be a word of a name too, so all readings are followed at once: a regular expression would try them one by one.
    """
    lengths = {0}  # of the name at hand, in every reading
    for word in text.split(" "):
        core, comma = word.removesuffix(","), word.endswith(",")
        following = {length + 1 for length in lengths if length < _MOST_NAMES} if _ANY_NAME.fullmatch(core) else set()
        if comma:
            following = {0} if following else set()
        elif word.lower() in ("and", "&") and lengths - {0}:
            following.add(0)
        lengths = following
    return bool(lengths - {0})


def _names(text: str) -> tuple[str, ...]:
    found = (_capitalized(part.strip()) for part in _SPLIT_NAMES.split(text))
    return tuple(name for name in found if len(name) > 1)


def _capitalized(name: str) -> str:
    """A name in usual capitals, where it is written in capitals alone."""
    return _LETTERS.sub(lambda match: match[0].capitalize(), name) if name.isupper() else name


def _is_furniture(block: Block, authors: Set[str]) -> bool:
    if block.words > 2 * SHORT:
        return False
    text = block.text
    if _NOTICE.match(text) or _URL.fullmatch(text) or _PAGE.fullmatch(text):
        return True
    if block.words <= SHORT and (_BYLINE.fullmatch(text) or _DATE_ONLY.fullmatch(text) or _ABOUT.fullmatch(text)):
        return True
    return _key(text) in authors


def _drop_biography(blocks: list[Block], source: Source) -> list[Block]:
    """Drop closing blocks that present the author: "NAME is a lecturer at …"."""
    surnames = [name.split()[-1] for name in source.authors if name.split()]
    names = "|".join(map(re.escape, surnames[:MOST_AUTHORS])) or r"\Z."
    presents = re.compile(rf"(?:[^.]{{0,60}}\b)?(?:{names})\b,? (?:{_PRESENTS})\b")
    end = len(blocks)
    while end > 1:
        block = blocks[end - 1]
        if block.words > 3 * SHORT or not (presents.match(block.text) or _GENERIC.match(block.text)):
            break
        end -= 1
    return blocks[:end]


def _mend(blocks: list[Block]) -> list[Block]:
    """Join a paragraph that furniture or a page end had broken: the first part ends no sentence, the second begins none."""
    mended: list[tuple[Block, list[str]]] = []
    for block in blocks:
        if not mended or not _goes_on(*mended[-1], block):
            mended.append((block, [block.text]))
            continue
        parts = mended[-1][1]
        if _CUT_WORD.search(parts[-1]):
            parts[-1] = parts[-1][:-1]
            parts.append(block.text)
        else:
            parts.append(f" {block.text}")
    return [replace(block, text="".join(parts)) for block, parts in mended]


def _goes_on(first: Block, parts: list[str], block: Block) -> bool:
    """Whether a block goes on with the paragraph of another one, of which these parts are known."""
    if first.level or block.level or first.quoted != block.quoted:
        return False
    return not parts[-1].endswith(_TERMINAL) and block.text[:1].islower()
