"""The pinned output of the shipped model: what its maps, scores and comparison were when they were last looked at.

Regenerate after a change that is meant to change maps: `python -m tests.helpers.golden`, and look at the difference.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from oped.formats.registry import read_corpus
from oped.ingest.read import article_from_html, read_article
from oped.parsers import open_parser
from oped.records import ArgumentMap, Article
from oped.resources import data_folder

FILE = Path(__file__).parents[1] / "data" / "golden.json"
SHARED_ARTICLES = Path(__file__).parents[3] / "shared" / "articles" / "globalvoices.jsonl"
MOST_SHARED = 10


def own_articles() -> list[Article]:
    """The development articles of the opinion corpus, and the sample."""
    dev = read_corpus(data_folder("corpora") / "opinions" / "dev.jsonl", "oped")
    return [*(amap.article for amap in dev), read_article(data_folder("samples") / "port-levy.md")]


def shared_articles() -> list[Article]:
    """Articles of others, which are not in the project; none where they are not at hand."""
    if not SHARED_ARTICLES.is_file():
        return []
    with SHARED_ARTICLES.open(encoding="utf-8") as lines:
        return [article_from_html(json.loads(line)["html"]) for line, _ in zip(lines, range(MOST_SHARED), strict=False)]


def outline(amap: ArgumentMap) -> dict[str, Any]:
    """A map without its text: offsets, labels and probabilities, names as hashes."""
    return {
        "id": amap.article.id,
        "entities": [[part.start, part.end, part.label, _short(part.name)] for part in amap.entities],
        "components": [
            [
                *(part.start, part.end, part.type, part.probability, part.risk, part.risk_probability),
                None if part.attribution is None else [part.attribution.holder, _short(part.attribution.name)],
                list(part.entities),
            ]
            for part in amap.components
        ],
        "relations": [[link.source, link.target, link.type, link.probability] for link in amap.relations],
    }


def outlines(articles: Iterable[Article]) -> list[dict[str, Any]]:
    """The outlines of the shipped model's maps."""
    return [outline(amap) for amap in open_parser().pipe(articles)]


def _short(name: str | None) -> str | None:
    return None if name is None else hashlib.sha256(name.encode()).hexdigest()[:8]


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    data = {"own": outlines(own_articles()), "shared": outlines(shared_articles())}
    FILE.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
