"""UIMA CAS as XMI (with its TypeSystem.xml) or JSON, as INCEpTION exports and imports it, through dkpro-cassis.

Components and relations are the layers of `_layers`; a relation is an annotation with `Governor` (the reason) and
`Dependent` (what it bears on). dkpro-cassis counts UTF-16 units in files and code points in Python. An exported zip
holds an .xmi or .json beside its TypeSystem.xml; unpack it first. XML with a document type is refused before
dkpro-cassis sees it.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import optional, reader, write_each
from oped.formats._layers import RELATION, SPAN, features_of, link_of, span_of
from oped.formats._xml import parse_xml
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_STRING = "uima.cas.String"
_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_TYPE_SYSTEM = "TypeSystem.xml"


def _cassis() -> Any:
    return optional("cassis", "UIMA CAS")


def _type_system() -> Any:
    cassis = _cassis()
    types = cassis.TypeSystem()
    for layer in (SPAN, RELATION):
        kind = types.create_type(layer.name, "uima.tcas.Annotation")
        for feature in layer.features:
            types.create_feature(kind, feature, _STRING)
    for end in ("Dependent", "Governor"):
        types.create_feature(types.get_type(RELATION.name), end, SPAN.name)
    metadata = types.create_type(_METADATA, "uima.tcas.DocumentAnnotation")
    for feature in ("documentTitle", "documentId"):
        types.create_feature(metadata, feature, _STRING)
    return types


def cas_of(amap: ArgumentMap) -> Any:
    """The map as a `cassis.Cas`."""
    types = _type_system()
    cas = _cassis().Cas(types, sofa_string=amap.article.text, sofa_mime="text/plain")
    article = amap.article
    known = {"documentTitle": article.title, "documentId": article.id, "language": article.language}
    cas.add(types.get_type(_METADATA)(begin=0, end=len(article.text), **known))
    span, relation = types.get_type(SPAN.name), types.get_type(RELATION.name)
    spans = {part.id: span(begin=part.start, end=part.end, **features_of(part)) for part in amap.components}
    for annotation in spans.values():
        cas.add(annotation)
    for link in amap.relations:
        source, target = spans[link.source], spans[link.target]
        ends = {"Governor": source, "Dependent": target}
        cas.add(relation(begin=target.begin, end=target.end, **ends, **features_of(link)))
    return cas


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write each map: JSON where the path says so, else XMI with the type system beside it."""
    write_each(maps, path, ".xmi", _write_one)


def _write_one(amap: ArgumentMap, path: Path) -> None:
    cas = cas_of(amap)
    if path.suffix == ".json":
        cas.to_json(path, pretty_print=True)
    else:
        cas.to_xmi(path, pretty_print=True)
        cas.typesystem.to_xml(path.parent / _TYPE_SYSTEM)


def _read_one(path: Path, report: Report) -> ArgumentMap:
    cas = _load(path)
    text = cas.sofa_string
    if text is None:
        raise FormatError("the CAS has no text", path=path)
    try:
        draft = Draft(_article(cas, text, path), path)
        spans = _annotations(cas, relation=False)
        names: dict[int, str] = {}
        for number, annotation in enumerate(spans, start=1):
            span = _span(annotation, number)
            names[id(annotation)] = span.id
            draft.spans.append(span)
        draft.links = list(_links(_annotations(cas, relation=True), names))
    except (AttributeError, TypeError, ValueError) as error:
        raise FormatError(f"expected the layers of an annotated article: {error}", path=path) from None
    return assemble(draft, report)


def _load(path: Path) -> Any:
    cassis = _cassis()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an offset outside the text, which is checked below
            return _load_with(cassis, path)
    except (OSError, KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, SyntaxError) as error:
        raise FormatError(f"malformed CAS: {error!r}", path=path) from None
    except cassis.typesystem.TypeNotFoundError as error:
        raise FormatError(f"a type is missing from the type system: {error}", path=path) from None


def _load_with(cassis: Any, path: Path) -> Any:
    if path.suffix == ".json":
        with open(path, "rb") as stream:
            return cassis.load_cas_from_json(stream)
    beside = path.parent / _TYPE_SYSTEM
    if not beside.is_file():
        raise FormatError(f"expected {_TYPE_SYSTEM} beside it, found none", path=path)
    parse_xml(path)
    parse_xml(beside)
    with open(beside, "rb") as types, open(path, "rb") as stream:
        return cassis.load_cas_from_xmi(stream, typesystem=cassis.load_typesystem(types))


def _article(cas: Any, text: str, path: Path) -> Article:
    found = next(iter(_of_type(cas, _METADATA)), None)
    name, title = (getattr(found, key, None) for key in ("documentId", "documentTitle"))
    return Article(name or path.stem, text, title, source=path.name, language=getattr(found, "language", None) or "en")


def _of_type(cas: Any, name: str) -> list[Any]:
    return list(cas.select(name)) if cas.typesystem.contains_type(name) else []


def _annotations(cas: Any, *, relation: bool) -> list[Any]:
    """Those of our layer, or else of all layers with a custom name."""
    own = _of_type(cas, (RELATION if relation else SPAN).name)
    if own:
        return own
    return [
        item
        for item in cas.select_all_annotations()
        if item.type.name.startswith("webanno.custom.") and (getattr(item, "Governor", None) is not None) == relation
    ]


def _features(annotation: Any) -> Mapping[str, str | None]:
    skipped = ("begin", "end", "sofa", "Governor", "Dependent")
    values = {item.name: getattr(annotation, item.name, None) for item in annotation.type.all_features}
    return {
        name: None if value is None else str(value)
        for name, value in values.items()
        if name not in skipped and (value is None or isinstance(value, str | int | float | bool))
    }


def _span(annotation: Any, number: int) -> Span:
    place = f"annotation {annotation.xmiID}"
    return span_of(_features(annotation), annotation.begin, annotation.end, name=f"T{number}", place=place)


def _links(annotations: list[Any], names: Mapping[int, str]) -> Iterator[Link]:
    for number, annotation in enumerate(annotations, start=1):
        source, target = (names.get(id(getattr(annotation, end, None)), "?") for end in ("Governor", "Dependent"))
        place = f"annotation {annotation.xmiID}"
        yield link_of(_features(annotation), source, target, name=f"R{number}", place=place)


read = reader(_read_one, ".xmi", ".json")
