"""The annotation layers of INCEpTION and WebAnno that hold a map: which features a component and a relation have there.

Both tools let a project name its own layers. These are written as `webanno.custom.Component` (spans) and
`webanno.custom.Relation`; on reading, the first span layer with a custom name or the one so named is taken, and its
label is the feature `label`, or else the first feature that has a value.
"""

import json
from collections.abc import Mapping
from typing import Any

from oped.formats._draft import Link, Span
from oped.records import Attribution, Component, Relation

SPAN_LAYER, RELATION_LAYER = "webanno.custom.Component", "webanno.custom.Relation"
SPAN_FEATURES = ("label", "identifier", "risk", "holder", "sourceName", "probability", "riskProbability", "extra")
RELATION_FEATURES = ("label", "identifier", "probability", "extra")


def span_features(part: Component) -> dict[str, str | None]:
    """Values of `SPAN_FEATURES` for a component, as text."""
    who = part.attribution
    return {
        "label": part.type,
        "identifier": part.id,
        "risk": None if part.risk is None else str(part.risk).lower(),
        "holder": None if who is None else who.holder,
        "sourceName": None if who is None else who.name,
        "probability": repr(part.probability),
        "riskProbability": None if part.risk_probability is None else repr(part.risk_probability),
        "extra": _extra(part.extra),
    }


def relation_features(link: Relation) -> dict[str, str | None]:
    """Values of `RELATION_FEATURES` for a relation, as text."""
    values = {"label": link.type, "identifier": link.id, "probability": repr(link.probability)}
    return {**values, "extra": _extra(link.extra)}


def span_of(values: Mapping[str, str | None], start: int, end: int, *, name: str, place: str) -> Span:
    """The component that a span annotation tells of.

    Raises:
        ValueError: a probability that is no number.
    """
    holder = values.get("holder")
    risk_probability = values.get("riskProbability")
    return Span(
        values.get("identifier") or name,
        start,
        end,
        _label(values),
        place=place,
        risk=None if not values.get("risk") else values["risk"] == "true",
        attribution=Attribution(holder, values.get("sourceName")) if holder else None,
        probability=float(values.get("probability") or 1.0),
        risk_probability=float(risk_probability) if risk_probability else None,
        extra=json.loads(values.get("extra") or "{}"),
    )


def link_of(values: Mapping[str, str | None], source: str, target: str, *, name: str, place: str) -> Link:
    """The relation that a relation annotation tells of."""
    return Link(
        values.get("identifier") or name,
        source,
        target,
        _label(values),
        place,
        float(values.get("probability") or 1.0),
        json.loads(values.get("extra") or "{}"),
    )


def _label(values: Mapping[str, str | None]) -> str:
    return values.get("label") or next((value for value in values.values() if value), "unknown")


def _extra(extra: Mapping[str, Any]) -> str | None:
    return json.dumps(dict(extra), ensure_ascii=False, sort_keys=True) if extra else None
