"""The comparison as data: one JSON document with everything that the page and the tables show."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from oped.compare import findings
from oped.compare.bounds import MOST_GROUPS
from oped.compare.candidates import Judge
from oped.compare.entities import entities
from oped.compare.judgement import Assessor, PairAssessor
from oped.compare.lines import lines
from oped.compare.rates import rate, share
from oped.compare.stances import Detector
from oped.compare.statements import AUTHOR, Collection, collect
from oped.compare.view import LIKELY, View
from oped.records import ArgumentMap

FORMAT, VERSION = "oped/comparison", 1
TYPES = {"major_claims": "major_claim", "claims": "claim", "premises": "premise"}


def compare(
    maps: Iterable[ArgumentMap],
    judge: Judge | Assessor,
    *,
    detector: Detector | None = None,
    by: str = AUTHOR,
    question: str = "question",
    mixed: bool = False,
    report: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Compare the authors of maps, or whatever the maps are to be grouped by.

    Args:
        judge: what tells whether two statements make one point, such as `oped.neural.matcher.runtime.Matcher`; or what judges
            all of them, as a language model does: `oped.compare.judge.assessor.LanguageModelJudge`.
        detector: what tells whether a statement is for or against an entity; None: that is left out. One that judges all
            statements needs none.
        by: `author`, `date` (the month), or a field of the articles' metadata.
        question: the metadata field that names what an article is about.
        mixed: take maps of different models together.
        report: is called with the pairs judged and in all, then so with the statements on entities; or with the requests.

    Returns:
        The comparison; docs/compare.md describes it, `oped/schemas/comparison-1.schema.json` validates it.

    Raises:
        ConfigError: no map, one article twice, or maps of several models.
        EndpointError: a language model judges, and gives no answer to anything that it is asked.
        MissingExtraError: the extra `compare` is not installed.
    """
    collection = collect(maps, by=by, question=question, mixed=mixed)
    assessor = judge if isinstance(judge, Assessor) else PairAssessor(judge, detector)
    judgement = assessor.assess(collection, report=report)
    for place, names in judgement.named.items():
        collection.name(place, names)
    view = View.of(collection, judgement)
    words = _words(collection)
    result: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "by": by,
        "models": dict(sorted(collection.models.items())),
        **({} if judgement.told is None else {"judge": dict(judgement.told)}),
        "thresholds": dict(judgement.thresholds),
        "notes": [],
        "groups": _groups(view, words),
        "articles": [
            {
                "id": item.id,
                "title": item.title,
                "by": list(item.groups),
                "published": item.published,
                "url": item.url,
                "question": item.question,
                "words": item.words,
            }
            for item in collection.articles
        ],
        "key_points": findings.key_points(view),
        "contested": findings.contested(view),
        "changes": findings.changes(view),
        "shared_evidence": findings.shared_evidence(view),
        "same_conclusion": findings.same_conclusion(view),
        "attacks": findings.attacks(view),
        "risks": findings.risk_register(view),
        "entities": entities(view, words),
        "lines": lines(view),
    }
    result["notes"] = [*judgement.notes, *_notes(collection, result), *_left_out(view, result)]
    result["statements"] = _statements(view, result)
    result["relations"] = _relations(view, result["statements"])
    return result


def _words(collection: Collection) -> Mapping[str, int]:
    words: Counter[str] = Counter()
    for article in collection.articles:
        for name in article.groups:
            words[name] += article.words
    return words


def _groups(view: View, words: Mapping[str, int]) -> list[dict[str, Any]]:
    """What each group wrote, as rates; types and risks of what it holds itself."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in words}
    for article in view.collection.articles:
        for name in article.groups:
            counts[name]["articles"] += 1
    shared = {
        place
        for point in view.points
        if view.meets(view.held(point))
        for place in point.members
        if view.statement(place).held
    }
    for place, part in enumerate(view.collection.statements):
        own = ["held", part.type, *(["risks"] if part.risk else [])]
        kinds = ["statements", *(own if part.held else ["reported"])]
        kinds += ["shared"] if place in shared else []
        for name in part.groups:
            counts[name].update(kinds)
    return [
        {
            "name": name,
            "articles": count["articles"],
            "words": words[name],
            "statements": rate(count["statements"], words[name]),
            **{plural: rate(count[single], words[name]) for plural, single in TYPES.items()},
            "risks": rate(count["risks"], words[name]),
            "reported": share(count["reported"], count["statements"]),
            "shared": share(count["shared"], count["held"]),
        }
        for name, count in sorted(counts.items(), key=lambda item: (-item[1]["articles"], item[0]))
    ]


def _notes(collection: Collection, result: Mapping[str, Any]) -> list[str]:
    """What a reader must know before trusting the rest."""
    notes = []
    if collection.nameless:
        count = len(collection.nameless)
        notes.append(f"{count} article(s) do not say their {result['by']}; each stands for itself.")
    if len(result["groups"]) == 1:
        notes.append("There is one group alone, so nothing is compared across; what it says against itself is shown.")
    elif not any(point["shared"] for point in result["key_points"]):
        notes.append(
            "These groups share no point: no statement of one was found to say what a statement of another says."
        )
    if len(result["groups"]) > 1 and not any(row["kind"] == "across" for row in result["contested"]):
        notes.append("No statement of one group was found to oppose one of another.")
    if result["contested"] and max(row["probability"] for row in result["contested"]) < LIKELY:
        notes.append(
            "No opposition is likelier than not; what is listed as contested is where to look first, and answers nothing."
        )
    if collection.unattributed:
        notes.append(
            f"{collection.unattributed} statement(s) do not say whose view they are; they count as their author's."
        )
    if len(collection.models) > 1:
        notes.append("The maps come from different models, which may label alike things differently.")
    return notes


def _left_out(view: View, result: Mapping[str, Any]) -> list[str]:
    """What `oped.compare.bounds` left out or joined."""
    notes = []
    if crowded := len(view.collection.crowded):
        notes.append(f"{crowded} article(s) have more than {MOST_GROUPS} authors or the like, who count as one group.")
    if missing := sum(map(view.is_across_articles, view.oppositions)) - len(result["contested"]):
        notes.append(f"{missing:,} pairs of contested points are left out; the surest are listed.")
    if missing := len({name for _, name, _ in view.collection.mentions}) - len(result["entities"]):
        notes.append(f"{missing:,} entities are left out; those that most groups name are listed.")
    return notes


def _statements(view: View, result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All statements that the findings name, by id."""
    known = {part.id: part for part in view.collection.statements}
    named = set[str]()
    for value in (row for key in result if isinstance(result[key], list) for row in result[key]):
        named.update(_ids_in(value, known))
    articles = view.collection.articles
    return {
        name: {"article": articles[known[name].article].id, **known[name].to_dict()} for name in known if name in named
    }


def _relations(view: View, named: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The relations within the articles between statements that the findings name."""
    ends = ((view.statement(one).id, view.statement(two).id, kind, p) for one, two, kind, p in view.collection.links)
    return [
        {"source": source, "target": target, "type": kind, "probability": probability}
        for source, target, kind, probability in ends
        if source in named and target in named
    ]


def _ids_in(value: Any, known: Mapping[str, Any]) -> Iterable[str]:
    if isinstance(value, str):
        if value in known:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _ids_in(item, known)
    elif isinstance(value, list):
        for item in value:
            yield from _ids_in(item, known)
