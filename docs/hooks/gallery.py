"""Makes the pages of the gallery when the site is built, by what the program itself would write."""

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from oped.api import load, map_article
from oped.compare.comparison import compare
from oped.formats.registry import read_corpus
from oped.ingest.read import read_article
from oped.neural.folder import ModelFolder
from oped.records import ArgumentMap
from oped.render.comparison import render_comparison
from oped.render.page import render_page

ROOT = Path(__file__).resolve().parents[2]
MODEL = "en_opinion_sm"
SAMPLE = ROOT / "samples" / "port-levy.md"
ANNOTATED = {
    "dialogue": "castellane-sanctions",
    "verdict": "nakamura-basic-income",
    "clinic": "ferrante-sanctions",
    "history": "trelawney-compulsory-voting",
}
QUESTION = "sanctions"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name, page in _pages():
        files.append(File.generated(config, f"gallery/{name}.html", content=page))
    return files


def _pages() -> Any:
    yield "mapped", render_page(map_article(read_article(SAMPLE), nlp=load(MODEL)))
    maps = {amap.article.id: amap for amap in read_corpus(ROOT / "corpora" / "opinions" / "test.jsonl", "oped")}
    for name, article in ANNOTATED.items():
        yield name, render_page(maps[article])
    asked = [amap for amap in maps.values() if _question(amap) == QUESTION]
    model = ModelFolder.find(MODEL)
    yield "comparison", render_comparison(compare(asked, model.open_matcher(), detector=model.open_stances()))


def _question(amap: ArgumentMap) -> object:
    return amap.article.extra.get("question")
