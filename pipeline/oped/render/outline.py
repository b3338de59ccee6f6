"""A map as an outline in Markdown: each claim with what speaks for and against it indented below."""

import re
from collections.abc import Iterator

from oped.records import ArgumentMap, Component
from oped.render.certainty import DEFAULT_CERTAINTY, Certainty
from oped.render.forest import THESIS, Forest, grow_forest, is_con

_SYNTAX = re.compile(r"([\\`*_{}\[\]<>#|])")


def outline_of(amap: ArgumentMap, *, certainty: Certainty = DEFAULT_CERTAINTY) -> str:
    """The outline, from the thesis on; what uncertain relations joined stands at the margin."""
    forest = grow_forest(amap, least=certainty.relations)
    return "".join(f"{line}\n" for line in (*_head(amap, certainty), *_branches(amap, forest)))


def _head(amap: ArgumentMap, certainty: Certainty) -> Iterator[str]:
    article = amap.article
    yield f"# {_plain(article.title or article.id)}"
    yield ""
    known = " · ".join([*article.authors, *filter(None, [article.published, article.url])])
    for line in filter(None, [known, certainty.left_out(amap)]):
        yield _plain(line)
        yield ""


def _branches(amap: ArgumentMap, forest: Forest) -> Iterator[str]:
    parts = {part.id: part for part in amap.components}
    for root in forest.roots:
        for name, depth in forest.below(root):
            yield f"{'  ' * depth}- {_sign(parts[name], forest)}{_plain(parts[name].gist or parts[name].text)}{_remark(parts[name])}"


def _sign(part: Component, forest: Forest) -> str:
    if link := forest.parent.get(part.id):
        return "**Con:** " if is_con(link.type) else "**Pro:** "
    return "**Thesis:** " if part.type == THESIS else ""


def _remark(part: Component) -> str:
    who = part.attribution
    name = _plain(who.name or "another") if who and who.holder == "other" else None
    found = [*(["risk"] if part.risk else []), *([name] if name else [])]
    return f" *({', '.join(found)})*" if found else ""


def _plain(text: str) -> str:
    """Text on one line in which nothing is Markdown."""
    return _SYNTAX.sub(r"\\\1", " ".join(text.split()))
