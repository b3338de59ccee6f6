"""The labels that a language model is asked for: the opinion scheme's, or those of a user's own scheme.

A scheme of one's own stands in a TOML file::

    [scheme]
    name = "policy"
    source = false
    [scheme.components]
    proposal = "something that ought to be done"
    reason = "why it ought to be done"
    [scheme.relations]
    for = "makes a proposal or a reason more acceptable"
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.errors import ConfigError

_LABEL = re.compile(r"[A-Za-z][\w-]*")
_KEYS = {"name": str, "components": dict, "relations": dict, "risk": bool, "source": bool, "tree": bool,
         "grounds": list, "thesis": str}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a scheme.

    Attributes:
        name: as maps have it.
        code: as answers have it, short.
        description: what it means, for the prompt.
    """

    name: str
    code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScheme:
    """What is asked of a language model.

    Attributes:
        name: of the scheme, as maps have it.
        components: the types of component; from what is argued for to what it rests on.
        relations: the types of relation; there may be none.
        risk, source: whether each component is asked for its risk and for whose view it is.
        tree: whether a component has at most one relation going out.
        grounds: names of the types that exist only to bear on another component.
        thesis: name of the type that states the position of the whole article.
    """

    name: str
    components: tuple[Label, ...]
    relations: tuple[Label, ...] = ()
    risk: bool = False
    source: bool = False
    tree: bool = True
    grounds: frozenset[str] = frozenset()
    thesis: str | None = None


OPINION_LABELS = LabelScheme(
    name="opinion",
    components=(
        Label("major_claim", "M", "the position that the article as a whole argues for; one, rarely two, an article"),
        Label("claim", "C", "a contestable statement put forward to be accepted: a judgement, an interpretation, "
              "a cause, a forecast, a recommendation"),
        Label("premise", "P", "what is given as ground for or against another component: a fact, a figure, an event, "
              "an example, a testimony, a quotation, common knowledge"),
    ),
    relations=(
        Label("support", "+", "makes the other more acceptable: a reason, evidence, an example"),
        Label("attack", "-", "makes the other less acceptable: a rebuttal, counter-evidence, the other side of a concession"),
    ),
    risk=True,
    source=True,
    grounds=frozenset(["premise"]),
    thesis="major_claim",
)  # fmt: skip


def read_scheme(path: str | Path) -> LabelScheme:
    """The scheme of the table `[scheme]` of a TOML file.

    Raises:
        ConfigError: the file can't be read, or the table is wrong.
    """
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected a TOML file with a table [scheme]; {error}") from None
    if not isinstance(data.get("scheme"), dict):
        raise ConfigError(f"{path}: expected a table [scheme], found none")
    return scheme_from(data["scheme"], str(path))


def scheme_from(table: Mapping[str, Any], place: str = "[scheme]") -> LabelScheme:
    """The scheme of a table: `components` and `relations` give each label a description.

    Args:
        place: what errors name as the table's place.

    Raises:
        ConfigError: an unknown key, a value of a wrong type, no component, or a label that is no plain word.
    """
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{place}: unknown key {key!r} in a scheme; expected one of {', '.join(_KEYS)}")
        if not isinstance(value, _KEYS[key]):
            raise ConfigError(f"{place}: {key}: expected {_KEYS[key].__name__}, found {type(value).__name__}")
    components = _labels(table.get("components", {}), f"{place}: components")
    if not components:
        raise ConfigError(f"{place}: components: expected at least one label with its description, found none")
    names = {label.name for label in components}
    for name in (*table.get("grounds", ()), *([table["thesis"]] if "thesis" in table else ())):
        if name not in names:
            raise ConfigError(f"{place}: {name!r} is no component label; expected one of {', '.join(sorted(names))}")
    return LabelScheme(
        name=table.get("name", "own"),
        components=components,
        relations=_labels(table.get("relations", {}), f"{place}: relations"),
        **{key: table.get(key, default) for key, default in (("risk", False), ("source", True), ("tree", True))},
        grounds=frozenset(table.get("grounds", ())),
        thesis=table.get("thesis"),
    )


def _labels(table: Mapping[str, Any], place: str) -> tuple[Label, ...]:
    for name, description in table.items():
        if not _LABEL.fullmatch(name):
            raise ConfigError(f"{place}: expected a label of letters, digits, '_' and '-', found {name!r}")
        if not isinstance(description, str):
            raise ConfigError(f"{place}: {name}: expected a description, found {type(description).__name__}")
    return tuple(Label(name, name, " ".join(text.split())) for name, text in table.items())
