"""The page of a comparison: who holds which point, what is contested, who fears what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from oped.render.html import asset, content_policy, environment, script_json

MOST_COLUMNS, MOST_ROWS = 100, 120
MEASURES = ("claims", "premises", "risks")


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


def render_comparison(result: Mapping[str, Any]) -> str:
    """The page of a comparison, as HTML.

    Args:
        result: what `oped.compare.comparison.compare` returns.
    """
    statements = result["statements"]
    groups = [group["name"] for group in result["groups"]]
    columns = groups[:MOST_COLUMNS]
    titles = {article["id"]: article["title"] or article["id"] for article in result["articles"]}
    questions = sorted({article["question"] for article in result["articles"] if article["question"]})
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(
            result=result,
            statements=statements,
            titles=titles,
            groups=groups,
            columns=columns,
            articles_of={group["name"]: group["articles"] for group in result["groups"]},
            questions=questions,
            rows=[(point, _cells(point, columns, statements)) for point in result["key_points"][:MOST_ROWS]],
            most=MOST_ROWS,
            told="for" in result["thresholds"],
            bars={key: _bars(result["groups"], key) for key in MEASURES},
            policy=comparison_policy(),
            style=Markup(asset("comparison.css")),
            script=Markup(asset("comparison.js")),
            data=script_json({"statements": statements, "articles": result["articles"]}),
        )
    )


@cache
def comparison_policy() -> str:
    """The content-security policy of every page of a comparison."""
    return content_policy(asset("comparison.css"), asset("comparison.js"))


def _cells(point: Mapping[str, Any], columns: Sequence[str], statements: Mapping[str, Any]) -> list[Cell]:
    return [
        Cell(
            name,
            tuple(_of(point["statements"], statements, name, held=True)),
            tuple(_of(point["statements"], statements, name, held=False)),
        )
        for name in columns
    ]


def _of(names: Iterable[str], statements: Mapping[str, Any], group: str, *, held: bool) -> Iterable[str]:
    for name in names:
        if group in statements[name]["by"] and (statements[name]["holder"] == "author") is held:
            yield name


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
