"""Speech in prose: who is said to say something, by the words around a passage.

A speaker is the subject of a verb of saying ("Ana Ruiz said that", "said Ana Ruiz"), the name after "according to", or
the one who opens a quotation ("Ana Ruiz writes:", "Ana Ruiz:") or signs it ("— Ana Ruiz (@ana)").
"""

import re
from collections.abc import Sequence

from oped.records import Entity

VERBS = (
    r"(?:says?|said|saying|tells?|told|telling|argu(?:e|es|ed|ing)|warn(?:s|ed|ing)?|claim(?:s|ed|ing)?|stat(?:es|ed|ing)"
    r"|believ(?:e|es|ed|ing)|not(?:es|ed|ing)|add(?:s|ed|ing)|explain(?:s|ed|ing)?|insist(?:s|ed|ing)?|report(?:s|ed|ing)"
    r"|estimat(?:es|ed)|predict(?:s|ed|ing)?|suggest(?:s|ed|ing)?|announc(?:es|ed|ing)|declar(?:es|ed|ing)|maintain(?:s|ed)?"
    r"|point(?:s|ed|ing)? (?:out|to)|writ(?:es|ing)|wrote|found|finds|conclud(?:e|es|ed|ing)|show(?:s|ed)|conced(?:es|ed)"
    r"|admit(?:s|ted)?|acknowledg(?:e|es|ed)|emphasi[sz](?:e|es|ed|ing)|stress(?:es|ed|ing)?|complain(?:s|ed|ing)?"
    r"|observ(?:es|ed)|recall(?:s|ed)?|remark(?:s|ed)|fear(?:s|ed)|hop(?:es|ed)|promis(?:es|ed|ing)|vow(?:s|ed)|contend(?:s|ed)?"
    r"|assert(?:s|ed|ing)?|ask(?:s|ed|ing)?|tweet(?:s|ed|ing)?|post(?:s|ed)|comment(?:s|ed)|thinks?|thought|felt|feels|supposed"
    r"|cried|cries|cry|repl(?:y|ies|ied)|answer(?:s|ed)|den(?:y|ies|ied|ying)|accus(?:es|ed|ing)|describ(?:e|es|ed|ing)"
    r"|call(?:s|ed|ing)? (?:for|on|it)|criticiz(?:es|ed|ing)|criticis(?:es|ed|ing)|blam(?:es|ed|ing)|highlight(?:s|ed|ing)?"
    r"|underscor(?:es|ed|ing)|underlin(?:es|ed)|reveal(?:s|ed)?|unveil(?:s|ed)?|mention(?:s|ed)|demand(?:s|ed|ing)|urg(?:es|ed|ing)"
    r"|question(?:s|ed)|cit(?:es|ed)|express(?:es|ed)|justif(?:ies|ied)|agree(?:s|d)|lament(?:s|ed)?|wish(?:es|ed)|shar(?:es|ed))"
)
SPEAKING = frozenset({"PERSON", "ORG", "NORP", "GPE", "WORK_OF_ART", "LAW"})  # labels of entities that say things
_RANK = {"PERSON": 0, "GPE": 2, "NORP": 2, "LAW": 2}  # who is likelier to be the one that speaks; others: 1
_VERB = re.compile(rf"\b{VERBS}\b")
_ACCORDING = re.compile(
    r"\b(?:according to|in the (?:words|view|opinion) of|(?:reported|described|noted|explained|put|said|written) by)\s+"
    r"(?P<name>[^,.;:—–“”\"\n]{2,80}?)(?=\s+(?:who|which|in an?|at)\b|[,.;:—–”\"\n]|$)",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"^[\s”\"’]*[—–-]{1,2}\s*(?P<name>[^(@\n]{2,60}?)\s*(?=[(@,\n]|$)")
_LABEL = re.compile(r"^(?P<name>[A-Z][^\n:.!?“”\"]{1,60})(?:\s*\([A-Z]{1,6}\))?:\s*[“\"]?$")
_CLAUSE = re.compile(r"[.!?;:“”\"\n—–]|,\s+(?:but|and|while|though|although)\s|\b(?:that|because)\s")
_BARE = re.compile(
    r"(?:^|[,\s])(?P<name>(?:(?:the|an?|some|many|most|other|several|certain|my|our|one)\s+)"
    r"(?:[\w’'-]+\s+){0,5}?[\w’'-]+|[A-Z]?[a-z]+s)\s*,?\s*$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r",\s+(?:who|whose|which|a|an|the|from|of|now|then|also|one)\b[^,.;:]{0,90},\s")
_NO_SPEAKER = re.compile(
    r"(?:all|have|it|who|whom|which|whether|what|this|that|there|if|as|these|those|is|was|does|lets|things|ways|reasons|words|times)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|be|being)\s+(?:\w+ly\s+)?$")
AUXILIARIES = 200  # letters before a verb that may be such words
_AUXILIARY = re.compile(
    r"(?<!\s)(?:\s+(?:has|have|had|also|then|once|already|now|often|even|further|later|who|will|would|may|might|could|to"
    r"|was|is|are|were|been|be|not|never|tends?|themselves|himself|herself|\w+ly),?)+$"
)
PRONOUN = re.compile(
    r"(?:he|she|they|it|who|i|we|you|this|that|which|there|one|these|those|his|her|their|its|what|some|others?)$",
    re.IGNORECASE,
)
UNNAMED = re.compile(r"(?:he|she|they|it|who|which|what|that|this|there|i|we|you|have|whether|if)\b", re.IGNORECASE)
PERSONAL = re.compile(r"\b(?:he|she)$", re.IGNORECASE)
PLURAL = re.compile(r"\b(?:they|it)$", re.IGNORECASE)
AHEAD = 70  # code points after a verb within which an inverted subject begins ("said Ana Ruiz")


def speaker_before(text: str, start: int, end: int, entities: Sequence[Entity], *, last: bool = True) -> str | None:
    """The subject of a verb of saying within a stretch of text: an entity's name, a bare noun phrase or a pronoun.

    Args:
        start, end: the stretch; code points, end exclusive.
        last: look at the last verb, or at the first.
    """
    verbs = list(_VERB.finditer(text, start, end))
    for verb in reversed(verbs) if last else verbs:
        if _PASSIVE.search(text, start, verb.start()) and not verb[0].endswith("ing"):
            continue
        if name := _subject(text, start, verb.start(), entities):
            return name
    return None


def speaker_after(text: str, start: int, end: int, entities: Sequence[Entity]) -> str | None:
    """Who is named behind a passage: "said Ana Ruiz", "Ana Ruiz said", "according to Ana Ruiz", "— Ana Ruiz"."""
    if match := _ACCORDING.search(text, start, end) or _SIGNED.match(text[start:end]):
        return match["name"].strip()
    verb = _VERB.search(text, start, end)
    if verb is None:
        return None
    if name := _subject(text, start, verb.start(), entities):
        return name
    for entity in entities:
        if verb.end() <= entity.start <= min(end, verb.end() + AHEAD) and entity.label in SPEAKING:
            return entity.text
    match = re.match(
        r"\s+(?P<name>(?:the|an?|one|some|my)\s+[^,.;:—–“”\"\n]{2,60}?)(?=[,.;:—–”\"\n]|$)", text[verb.end() : end]
    )
    return match["name"] if match else None


def according(text: str, start: int, end: int) -> str | None:
    """The name after "according to" and its like."""
    match = _ACCORDING.search(text, start, end)
    return match["name"].strip() if match else None


def introduced_by(text: str, start: int, end: int, entities: Sequence[Entity]) -> str | None:
    """Who is named by a line that ends in a colon."""
    if match := _LABEL.match(text[start:end].strip()):
        name = match["name"].strip()
        if not _VERB.search(name) and len(name.split()) <= 5:
            return name
    return speaker_before(text, start, end, entities) or next(
        (entity.text for entity in entities if start <= entity.start < end and entity.label in ("PERSON", "ORG")), None
    )


def _subject(text: str, start: int, verb: int, entities: Sequence[Entity]) -> str | None:
    """What stands before a verb within its clause, relative clauses left out."""
    begin = max([start, *(match.end() for match in _CLAUSE.finditer(text, start, verb))])
    apart = [match.span() for match in _RELATIVE.finditer(text, begin, verb)]
    clause = _RELATIVE.sub(" ", text[begin:verb])
    clause = clause.rstrip(" ,")
    stripped = clause[:-AUXILIARIES] + _AUXILIARY.sub("", clause[-AUXILIARIES:])
    if PERSONAL.search(stripped) or PLURAL.search(stripped):
        return stripped.rsplit(maxsplit=1)[-1]
    inside = [
        entity
        for entity in entities
        if begin <= entity.start
        and entity.end <= verb
        and entity.label in SPEAKING
        and not any(left <= entity.start < right for left, right in apart)
    ]
    if inside:
        ranked = sorted(inside, key=lambda entity: (_RANK.get(entity.label, 1), -entity.start))
        return ranked[0].text
    match = _BARE.search(stripped)
    return match["name"].strip() if match and not _NO_SPEAKER.match(match["name"]) else None
