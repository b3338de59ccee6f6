"""The page of a comparison: in short what splits those compared and what they share, then who holds what, who contradicts
whom, who fears what, and each one's line of argument."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from markupsafe import Markup

from oped.render.forest import is_con
from oped.render.html import asset, content_policy, environment, script_json
from oped.render.in_short import (
    LIKELY,
    Part,
    contradictions,
    doubtful,
    holders_of,
    in_short,
    labels,
    names,
    on_question,
    question_by_statement,
    questions_of,
    uncertain_rows,
)
from oped.render.page import source_of
from oped.render.sharing import sharing

MOST_COLUMNS, MOST_ROWS = 100, 120
T = TypeVar("T")
MEASURES = ("claims", "premises", "risks")
STYLES, SCRIPTS = ("base", "frame", "comparison"), ("comparison",)


@dataclass(frozen=True, slots=True)
class Cell:
    """One group's part in one point: statements held as its own, and those it only reports."""

    group: str
    held: tuple[str, ...]
    reported: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rate and its interval, as percentages of the widest."""

    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A statement of a line of argument, and what bears on it."""

    statement: str
    con: bool
    below: "tuple[Branch, ...]"

    @property
    def size(self) -> int:
        """How many statements it holds."""
        return 1 + sum(branch.size for branch in self.below)


def render_comparison(
    result: Mapping[str, Any], *, maps: Mapping[str, str] | None = None, library: str | None = None
) -> str:
    """The page of a comparison, as HTML.

    Args:
        result: what `oped.compare.comparison.compare` returns.
        maps: addresses of the pages of the articles' maps, by the articles' ids, where a service has them.
        library: address of the page that the articles were chosen on.
    """
    groups = [group["name"] for group in result["groups"]]
    columns, unsure = groups[:MOST_COLUMNS], doubtful(result)
    # What is surest comes first, so that no bound on the rows leaves it out.
    points = sorted(result["key_points"], key=lambda point: point["id"] in unsure)
    contested = contradictions(result)
    questions, about = questions_of(result), question_by_statement(result)
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            result=result,
            statements=result["statements"],
            titles={article["id"]: article["title"] or article["id"] for article in result["articles"]},
            groups=groups,
            columns=columns,
            articles_of={group["name"]: group["articles"] for group in result["groups"]},
            questions=questions,
            summaries=_summaries(result, questions, about),
            labels=labels(result),
            names=names,
            holders_of=holders_of,
            unsure=unsure,
            likely=LIKELY,
            hidden=sum(count for _, count in uncertain_rows(result)),
            hidden_of=dict(uncertain_rows(result)),
            rows=[(point, _cells(point, columns, result["statements"])) for point in _fair(points, _of(about))],
            contested=_fair(contested, lambda item: about.get(item.statements[0])),
            contradictions=contested,
            risks=_fair(result["risks"], _of(about)),
            lines=_lines(result),
            sharing=sharing(result),
            most=MOST_ROWS,
            told="for" in result["thresholds"],
            bars={key: _bars(result["groups"], key) for key in MEASURES},
            library=library,
            policy=comparison_policy(),
            style=Markup(_style()),
            script=Markup(_script()),
            data=script_json(_data(result, maps or {})),
        )
    )


def _summaries(
    result: Mapping[str, Any], questions: Mapping[str, Sequence[str]], about: Mapping[str, str]
) -> list[tuple[str, list[Part]]]:
    """The summary of all, under no name, and where there are several questions that of each, under its own."""
    several = questions.items() if len(questions) > 1 else ()
    own = [(name, in_short(on_question(result, name, authors, about))) for name, authors in several]
    return [("", in_short(result)), *own]


def _of(about: Mapping[str, str]) -> Callable[[Mapping[str, Any]], str | None]:
    """What tells the question of a row by its first statement."""
    return lambda row: about.get(row["statements"][0])


def _fair(rows: Sequence[T], question: Callable[[T], str | None]) -> list[T]:
    """At most `MOST_ROWS` rows in their order, of each question as many as of any other while it has some."""
    ranks: Counter[str | None] = Counter()
    ranked = []
    for place, row in enumerate(rows):
        name = question(row)
        ranked.append((ranks[name], place))
        ranks[name] += 1
    return [rows[place] for place in sorted(place for _, place in sorted(ranked)[:MOST_ROWS])]


@cache
def comparison_policy() -> str:
    """The content-security policy of every page of a comparison."""
    return content_policy(_style(), _script())


@cache
def _style() -> str:
    return "".join(asset(f"{name}.css") for name in STYLES)


@cache
def _script() -> str:
    parts = "".join(asset(f"{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _data(result: Mapping[str, Any], maps: Mapping[str, str]) -> dict[str, Any]:
    """What the page's script needs: the passages, and where they stand."""
    named = labels(result)
    return {
        "statements": result["statements"],
        "articles": [
            {**article, "map": maps.get(article["id"]), "url": article["url"] if source_of(article["url"]) else None}
            for article in result["articles"]
        ],
        "points": [
            {"id": point["id"], "text": named[point["id"]], "by": point["held_by"], "probability": point["probability"]}
            for point in result["key_points"]
            if point["shared"]
        ],
    }


def _cells(point: Mapping[str, Any], columns: Sequence[str], statements: Mapping[str, Any]) -> list[Cell]:
    found: dict[tuple[str, bool], list[str]] = {}
    for name in point["statements"]:
        for group in statements[name]["by"]:
            found.setdefault((group, statements[name]["holder"] == "author"), []).append(name)
    return [Cell(name, tuple(found.get((name, True), ())), tuple(found.get((name, False), ()))) for name in columns]


def _lines(result: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, tuple[Branch, ...]]]]]:
    """The articles' lines of argument as trees, by who wrote them; articles without one have an empty tree."""
    found: dict[str, list[tuple[str, tuple[Branch, ...]]]] = {}
    for row in result.get("lines", ()):
        below: dict[str | None, list[Mapping[str, Any]]] = {}
        for step in row["steps"]:
            below.setdefault(step["to"], []).append(step)
        found.setdefault(", ".join(row["by"]), []).append((row["article"], _branches(below, None)))
    return list(found.items())


def _branches(below: Mapping[str | None, list[Mapping[str, Any]]], above: str | None) -> tuple[Branch, ...]:
    return tuple(
        Branch(step["statement"], is_con(step["type"] or ""), _branches(below, step["statement"]))
        for step in below.get(above, ())
    )


def _bars(groups: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, Bar]]:
    widest = max((group[key]["interval"][1] for group in groups), default=0) or 1.0
    return [
        (
            group["name"],
            Bar(
                100 * group[key]["rate"] / widest,
                100 * group[key]["interval"][0] / widest,
                100 * group[key]["interval"][1] / widest,
                f"{group[key]['rate']:.1f} [{group[key]['interval'][0]:.1f}, {group[key]['interval'][1]:.1f}]",
            ),
        )
        for group in groups[:MOST_COLUMNS]
    ]
