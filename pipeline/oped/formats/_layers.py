"""Annotation layers of INCEpTION and WebAnno that hold a map: the features of a component and of a relation there.

Both tools let a project name its own layers. These are written as `webanno.custom.Component` (spans) and
`webanno.custom.Relation`; on reading, the first span layer with a custom name or the one so named is taken, and its
label is the feature `label`, or else the first feature that has a value.
"""

import json
from collections.abc import Mapping
from typing import Any

from oped.formats._draft import Link, Span
from oped.formats._rows import columns, parsed, row_of
from oped.records import Attribution, Component, Relation

SPAN_LAYER, RELATION_LAYER = "webanno.custom.Component", "webanno.custom.Relation"
SPAN_FEATURES = {
    "label": "type",
    "identifier": "id",
    "risk": "risk",
    "holder": "holder",
    "sourceName": "source_name",
    "probability": "probability",
    "riskProbability": "risk_probability",
    "extra": "extra",
}  # the features of a component, each with its column in a row
RELATION_FEATURES = {name: SPAN_FEATURES[name] for name in ("label", "identifier", "probability", "extra")}


def features_of(record: Component | Relation) -> dict[str, str | None]:
    """Values of `SPAN_FEATURES` for a component, of `RELATION_FEATURES` for a relation, as text."""
    names = SPAN_FEATURES if isinstance(record, Component) else RELATION_FEATURES
    row = row_of(record)
    return {feature: _text(row[column]) for feature, column in names.items()}


def _text(value: Any) -> str | None:
    if value is None or value == "{}":
        return None
    return value if isinstance(value, str) else repr(value).lower()


def span_of(values: Mapping[str, str | None], start: int, end: int, *, name: str, place: str) -> Span:
    """The component that a span annotation tells of.

    Raises:
        ValueError: a probability that is no number.
    """
    known = _known(values, SPAN_FEATURES)
    holder, who = known.pop("holder", None), known.pop("source_name", None)
    attribution = Attribution(holder, who) if holder else None
    return Span(known.pop("id", name), start, end, _label(values), place=place, attribution=attribution, **known)


def link_of(values: Mapping[str, str | None], source: str, target: str, *, name: str, place: str) -> Link:
    """The relation that a relation annotation tells of.

    Raises:
        ValueError: a probability that is no number.
    """
    known = _known(values, RELATION_FEATURES)
    return Link(known.pop("id", name), source, target, _label(values), place, **known)


def _known(values: Mapping[str, str | None], names: Mapping[str, str]) -> dict[str, Any]:
    """Values by column, without the label, of the features that have one."""
    kinds = columns(Component)
    given = {column: value for feature, column in names.items() if (value := values.get(feature)) and column != "type"}
    return {
        column: json.loads(value) if column == "extra" else parsed(kinds[column], value)
        for column, value in given.items()
    }


def _label(values: Mapping[str, str | None]) -> str:
    return values.get("label") or next((value for value in values.values() if value), "unknown")
