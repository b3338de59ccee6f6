"""Annotation layers of INCEpTION and WebAnno that hold a map: the features of a component and of a relation there.

Both tools let a project name its own layers. These are written as `webanno.custom.Component` (spans) and
`webanno.custom.Relation`; on reading, the first span layer with a custom name or the one so named is taken, and its
label is the feature `label`, or else the first feature that has a value.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oped.formats._draft import Link, Span
from oped.formats._rows import columns, parsed, row_of
from oped.records import Attribution, Component, Relation


@dataclass(frozen=True, slots=True)
class Layer:
    """An annotation layer: its name, and its features, each with its column in a row."""

    name: str
    features: Mapping[str, str]


_FACETS = {"risk": "risk", "holder": "holder", "sourceName": "source_name"}
_SURE = {"probability": "probability", "riskProbability": "risk_probability"}
SPAN = Layer("webanno.custom.Component", {"label": "type", "identifier": "id", **_FACETS, **_SURE, "extra": "extra"})
RELATION = Layer(
    "webanno.custom.Relation", {name: SPAN.features[name] for name in ("label", "identifier", "probability", "extra")}
)


def features_of(record: Component | Relation) -> dict[str, str | None]:
    """Values of the features of a component or relation, as text."""
    layer, row = SPAN if isinstance(record, Component) else RELATION, row_of(record)
    return {feature: _text(row[column]) for feature, column in layer.features.items()}


def _text(value: Any) -> str | None:
    if value is None or value == "{}":
        return None
    return value if isinstance(value, str) else repr(value).lower()


def span_of(values: Mapping[str, str | None], start: int, end: int, *, name: str, place: str) -> Span:
    """The component that a span annotation tells of.

    Raises:
        ValueError: a probability that is no number.
    """
    known = _known(values, SPAN)
    holder, who = known.pop("holder", None), known.pop("source_name", None)
    attribution = Attribution(holder, who) if holder else None
    return Span(known.pop("id", name), start, end, _label(values), place=place, attribution=attribution, **known)


def link_of(values: Mapping[str, str | None], source: str, target: str, *, name: str, place: str) -> Link:
    """The relation that a relation annotation tells of.

    Raises:
        ValueError: a probability that is no number.
    """
    known = _known(values, RELATION)
    return Link(known.pop("id", name), source, target, _label(values), place, **known)


def _known(values: Mapping[str, str | None], layer: Layer) -> dict[str, Any]:
    """Values by column, without the label, of the features that have one."""
    kinds = columns(Component)
    given = {
        column: value
        for feature, column in layer.features.items()
        if (value := values.get(feature)) and column != "type"
    }
    return {
        column: json.loads(value) if column == "extra" else parsed(kinds[column], value)
        for column, value in given.items()
    }


def _label(values: Mapping[str, str | None]) -> str:
    return values.get("label") or next((value for value in values.values() if value), "unknown")
