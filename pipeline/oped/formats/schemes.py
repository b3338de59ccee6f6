"""Annotation schemes: each corpus' own labels, and the declared mapping of each onto the opinion scheme.

A scheme's labels stay as they are in every record read from its corpus. Where another scheme is wanted (to train one
head on two corpora, to score a model against a corpus that it has no head for), `Scheme.to_opinion` is applied, or a
mapping of the user's own (`load_scheme` reads one from TOML).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from oped.errors import ConfigError
from oped.records import ArgumentMap, Component, Relation

MAJOR_CLAIM, CLAIM, PREMISE = "major_claim", "claim", "premise"
SUPPORT, ATTACK = "support", "attack"


@dataclass(frozen=True, slots=True)
class Scheme:
    """The labels of one annotation scheme and what they mean in the opinion scheme.

    Attributes:
        components: each component label with its opinion type; None: it is no component there.
        relations: each relation label with its opinion type; None: it is no relation there.
        stances: labels that a component may carry towards the root (AAE's For and Against).
        risks: component labels that imply a risk.
        limits: least and most components of a type in one article, by type.
        tree: whether each component has at most one outgoing relation.
    """

    name: str
    components: Mapping[str, str | None]
    relations: Mapping[str, str | None] = field(default_factory=dict)
    stances: tuple[str, ...] = ()
    risks: frozenset[str] = frozenset()
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tree: bool = True

    def to_opinion(self, amap: ArgumentMap) -> ArgumentMap:
        """The map in the labels of the opinion scheme; what has no counterpart there is left out."""
        if self.name == OPINION.name:
            return amap
        components = tuple(
            replace(part, type=kind, risk=part.type in self.risks if self.risks else part.risk)
            for part in amap.components
            if (kind := self._component(part)) is not None
        )
        kept = {part.id for part in components}
        relations = tuple(
            replace(link, type=kind)
            for link in amap.relations
            if link.source in kept and link.target in kept and (kind := self._relation(link)) is not None
        )
        return amap.replace(components=components, relations=relations, scheme=OPINION.name)

    def _component(self, part: Component) -> str | None:
        try:
            return self.components[part.type]
        except KeyError:
            raise ConfigError(f"scheme {self.name} has no component label {part.type!r}") from None

    def _relation(self, link: Relation) -> str | None:
        try:
            return self.relations[link.type]
        except KeyError:
            raise ConfigError(f"scheme {self.name} has no relation label {link.type!r}") from None


def _same(*labels: str) -> dict[str, str | None]:
    return {label: label for label in labels}


OPINION = Scheme("opinion", _same(MAJOR_CLAIM, CLAIM, PREMISE), _same(SUPPORT, ATTACK), limits={MAJOR_CLAIM: (1, 2)})
AAE = Scheme(
    "aae2",
    {"MajorClaim": MAJOR_CLAIM, "Claim": CLAIM, "Premise": PREMISE},
    {"supports": SUPPORT, "attacks": ATTACK},
    stances=("For", "Against"),
)
CDCP = Scheme(
    "cdcp",
    {"policy": CLAIM, "value": CLAIM, "fact": PREMISE, "testimony": PREMISE, "reference": PREMISE},
    {"reason": SUPPORT, "evidence": SUPPORT},
    tree=False,
)
ABSTRCT = Scheme(
    "abstrct",
    {"MajorClaim": MAJOR_CLAIM, "Claim": CLAIM, "Premise": PREMISE},
    {"Support": SUPPORT, "Attack": ATTACK, "Partial-Attack": ATTACK},
    tree=False,
)
MICROTEXTS = Scheme(
    "microtexts",
    {"pro": CLAIM, "opp": CLAIM},
    {"sup": SUPPORT, "exa": SUPPORT, "add": SUPPORT, "reb": ATTACK, "und": ATTACK},
)
CMV = Scheme(
    "cmv",
    {"main_claim": MAJOR_CLAIM, "claim": CLAIM, "premise": PREMISE},
    {
        "support": SUPPORT,
        "agreement": SUPPORT,
        "partial_agreement": SUPPORT,
        "understand": None,
        "attack": ATTACK,
        "rebuttal": ATTACK,
        "rebuttal_attack": ATTACK,
        "undercutter": ATTACK,
        "undercutter_attack": ATTACK,
        "partial_attack": ATTACK,
        "partial_disagreement": ATTACK,
        "disagreement": ATTACK,
    },
    tree=False,
)
ELECDEB = Scheme(
    "elecdeb",
    {"Claim": CLAIM, "Premise": PREMISE},
    {"Support": SUPPORT, "Attack": ATTACK, "Equivalent": None, "no_relation": None},
    tree=False,
)
AIF = Scheme("aif", {"I": CLAIM}, {"RA": SUPPORT, "CA": ATTACK, "MA": None}, tree=False)
NEWS_DISCOURSE = Scheme(
    "news_discourse",
    {
        "Main": None,
        "Main_Consequence": None,
        "Cause_General": None,
        "Cause_Specific": None,
        "Distant_Anecdotal": None,
        "Distant_Evaluation": CLAIM,
        "Distant_Expectations_Consequences": CLAIM,
        "Distant_Historical": None,
        "Speech": None,
        "NA": None,
    },
)
ARGKP = Scheme("argkp", {"argument": CLAIM, "key_point": CLAIM}, {"match": None, "no_match": None}, tree=False)
PERSPECTRUM = Scheme(
    "perspectrum",
    {"claim": CLAIM, "perspective": CLAIM},
    {"support": SUPPORT, "undermine": ATTACK, "equivalent": None},
    tree=False,
)
NIXON_KENNEDY = Scheme(
    "nixon_kennedy", {"argument": CLAIM}, {"support": SUPPORT, "attack": ATTACK, "no_relation": None}, tree=False
)
NORMARG = Scheme("normarg", {"claim": CLAIM, "statement": PREMISE}, {"sup": SUPPORT, "att": ATTACK, "neu": None})
IAM = Scheme("iam", {"topic": CLAIM, "claim": CLAIM}, {"support": SUPPORT, "contest": ATTACK})
STARCON = Scheme("starcon", {"topic": CLAIM, "consequence": CLAIM, "other": CLAIM}, {"PRO": SUPPORT, "CON": ATTACK})
POLITICAUSE = Scheme("politicause", {"causal": None, "not_causal": None})
CAUSALNEWS = Scheme("causalnews", {"Cause": None, "Effect": None}, {"causes": None})

_CORPORA = (AAE, CDCP, ABSTRCT, MICROTEXTS, CMV, ELECDEB, AIF, NEWS_DISCOURSE)
_STATEMENTS = (ARGKP, PERSPECTRUM, NIXON_KENNEDY, NORMARG, IAM, STARCON, POLITICAUSE, CAUSALNEWS)
SCHEMES = {scheme.name: scheme for scheme in (OPINION, *_CORPORA, *_STATEMENTS)}


def load_scheme(path: str | Path) -> Scheme:
    """A user's own scheme or mapping, from TOML with the tables `components` and `relations`.

    A label that maps to the empty string has no counterpart in the opinion scheme.

    Raises:
        ConfigError: no such file, malformed TOML, an unknown key, or a value that is no label of the opinion scheme.
    """
    try:
        with open(path, "rb") as stream:
            data = tomllib.load(stream)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: malformed TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: expected a scheme: {error.strerror}") from None
    if unknown := set(data) - {"name", "components", "relations", "stances", "risks", "tree"}:
        raise ConfigError(f"{path}: unknown key {min(unknown)!r} in a scheme")
    return Scheme(
        name=data.get("name", Path(path).stem),
        components=_mapping(data.get("components", {}), OPINION.components, path),
        relations=_mapping(data.get("relations", {}), OPINION.relations, path),
        stances=tuple(data.get("stances", ())),
        risks=frozenset(data.get("risks", ())),
        tree=data.get("tree", True),
    )


def _mapping(table: Mapping[str, str], allowed: Mapping[str, str | None], path: str | Path) -> dict[str, str | None]:
    for label, target in table.items():
        if target and target not in allowed:
            raise ConfigError(f"{path}: {label} = {target!r}: expected one of {', '.join(allowed)} or the empty string")
    return {label: target or None for label, target in table.items()}
