"""oped: argument maps of opinion articles.

import oped

nlp = oped.load()
doc = nlp(text)
doc._.argument_map
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from oped.records import draw_in_notebooks

if TYPE_CHECKING:
    from oped.api import load, map_article, map_articles
    from oped.errors import OpedError
    from oped.ingest.read import article_from_html, article_from_text, read_article
    from oped.ingest.tables import read_table
    from oped.records import ArgumentMap, Article, Attribution, Component, Entity, ModelInfo, Reading, Relation

__version__ = "0.1.0"
_HOMES = {
    "load": "oped.api",
    "map_article": "oped.api",
    "map_articles": "oped.api",
    "OpedError": "oped.errors",
    "article_from_html": "oped.ingest.read",
    "article_from_text": "oped.ingest.read",
    "read_article": "oped.ingest.read",
    "read_table": "oped.ingest.tables",
    "ArgumentMap": "oped.records",
    "Article": "oped.records",
    "Attribution": "oped.records",
    "Component": "oped.records",
    "Entity": "oped.records",
    "ModelInfo": "oped.records",
    "Reading": "oped.records",
    "Relation": "oped.records",
}
__all__ = [
    "ArgumentMap",
    "Article",
    "Attribution",
    "Component",
    "Entity",
    "ModelInfo",
    "OpedError",
    "Reading",
    "Relation",
    "__version__",
    "article_from_html",
    "article_from_text",
    "load",
    "map_article",
    "map_articles",
    "read_article",
    "read_table",
]


def _framed(amap: "ArgumentMap") -> str:
    from oped.render.notebook import framed

    return framed(amap)


draw_in_notebooks(_framed)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'oped' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
