"""One self-contained page of a map: summary, map, outline, walk and article, to be read, corrected and taken away.

Everything from the article is escaped; the page carries a content-security policy that lets in nothing but its own
script and style, by their hashes.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from markupsafe import Markup

from oped.records import ArgumentMap
from oped.render.blocks import blocks_of
from oped.render.certainty import DEFAULT_CERTAINTY, Certainty
from oped.render.html import asset, content_policy, environment, script_json

STYLES = ("base", "frame", "page", "text", "map", "views", "print")
SCRIPTS = (
    "tools",
    "store",
    "forest",
    "scene",
    "address",
    "layout",
    "drawing",
    "camera",
    "minimap",
    "sheet",
    "map",
    "text",
    "find",
    "outline",
    "walk",
    "summary",
    "correction",
    "editing",
    "drag",
    "export",
    "keeping",
    "main",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article stands on the web."""

    address: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Addresses of the service that keeps a map.

    Attributes:
        library: the page that lists its articles.
        save: takes a corrected map (PUT, with the edition that was corrected as If-Match).
        restore: gives the machine's map back (DELETE).
        edition: of the map that is shown.
        corrected: whether that is a corrected one.
    """

    library: str
    save: str
    restore: str
    edition: str
    corrected: bool


def render_page(amap: ArgumentMap, *, certainty: Certainty = DEFAULT_CERTAINTY, keeper: Keeper | None = None) -> str:
    """The page of a map, as HTML.

    Args:
        certainty: below which relations and components are hidden at first.
        keeper: the service that shows the page and keeps its corrections; None: a page that stands alone.
    """
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            map=amap,
            title=amap.article.title or "Argument map",
            source=source_of(amap.article.url),
            corrected_from=amap.article.extra.get("corrected_from"),
            blocks=blocks_of(amap),
            certainty=certainty,
            keeper=keeper,
            data=script_json(amap.to_dict()),
            style=Markup(_style()),
            script=Markup(_script()),
            policy=page_policy(keeps=keeper is not None),
        )
    )


def source_of(url: str | None) -> Source | None:
    """The address of an article, where it is one of the web that a reader can follow."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or url is None:
        return None
    return Source(url, host.removeprefix("www."))


@cache
def page_policy(*, keeps: bool = False) -> str:
    """The content-security policy of every page of a map.

    Args:
        keeps: whether a service keeps the map, to which the page then may talk.
    """
    return content_policy(_style(), _script(), connects=keeps)


@cache
def _style() -> str:
    return "".join(asset(f"{name}.css") for name in STYLES)


@cache
def _script() -> str:
    """All parts of the script, in one scope of their own."""
    parts = "".join(asset(f"{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'
