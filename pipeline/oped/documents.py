"""An argument map in a spaCy Doc: the Doc's extensions and span groups.

* `doc._.article`: the `Article` the Doc was made from; set it before the pipeline runs to give metadata.
* `doc._.argument_map`: the `ArgumentMap`; None before there is one.
* `doc.spans["components"]`, labelled by type, and `doc.spans["risks"]`, labelled `risk`.
"""

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from oped.ingest.read import article_id
from oped.records import ArgumentMap, Article

_MAP, _ARTICLE = "oped.argument_map", "oped.article"
COMPONENTS, RISKS = "components", "risks"


def _get_article(doc: Doc) -> Article:
    known = doc.user_data.get(_ARTICLE)
    return (
        Article.from_dict({**known, "text": doc.text})
        if known
        else Article(article_id(doc.text), doc.text, language=doc.lang_ or "en")
    )


def _set_article(doc: Doc, article: Article) -> None:
    if article.text != doc.text:
        raise ValueError("the article's text is not the Doc's")
    doc.user_data[_ARTICLE] = _without_text(article.to_dict())


def _get_map(doc: Doc) -> ArgumentMap | None:
    data = doc.user_data.get(_MAP)
    return ArgumentMap.from_dict({**data, "article": {**data["article"], "text": doc.text}}) if data else None


def _set_map(doc: Doc, amap: ArgumentMap) -> None:
    data = amap.to_dict()
    doc.user_data[_MAP] = {**data, "article": _without_text(data["article"])}


def _without_text(article: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in article.items() if key != "text"}


Doc.set_extension("article", getter=_get_article, setter=_set_article, force=True)
Doc.set_extension("argument_map", getter=_get_map, setter=_set_map, force=True)


def make_doc(nlp: Language, article: Article) -> Doc:
    """A Doc of an article that carries its metadata."""
    doc = nlp.make_doc(article.text)
    doc._.article = article
    return doc


def annotate(doc: Doc, amap: ArgumentMap) -> None:
    """Write a map and its span groups to a Doc of its article; a span that cuts a token takes it whole."""
    doc._.argument_map = amap
    spans = [
        doc.char_span(part.start, part.end, label=part.type, span_id=part.id, alignment_mode="expand")
        for part in amap.components
    ]
    doc.spans[COMPONENTS] = [span for span in spans if span is not None]
    risks = {part.id for part in amap.components if part.risk}
    doc.spans[RISKS] = [
        Span(doc, span.start, span.end, label="risk", span_id=span.id)
        for span in doc.spans[COMPONENTS]
        if span.id_ in risks
    ]
