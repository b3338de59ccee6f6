"""The forms that an answer is asked for in: what the prompt says of them, how they are written, and how they are read."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from oped.llm.answer import Answer, AnswerLine, Link
from oped.llm.json_form import answer_schema, read_json
from oped.llm.lines import read_lines
from oped.llm.scheme import Label, LabelScheme

Form = Literal["lines", "links-last", "json"]
FORMS: tuple[Form, ...] = ("lines", "links-last", "json")

_JSON = re.compile(r"[\s`]*(?:json\s*)?[{\[]", re.IGNORECASE)
_WORDS = (
    "the first four or five words of the stretch, then …, then its last three or four words, all copied letter for letter "
    "from the paragraph; a stretch of ten words or fewer is copied whole"
)
_GIST = (
    "the statement once more in at most fifteen words of your own that are understood without the article, "
    "with names in the place of pronouns"
)


def read_answer(text: str, scheme: LabelScheme, form: Form, *, gist: bool = False, cut: bool = False) -> Answer:
    """Read an answer, whichever form it turns out to have; the form that was asked for is tried first.

    Args:
        gist: whether gists were asked for.
        cut: whether the answer was cut off.
    """
    as_json = read_json(text, scheme, gist=gist, cut=cut)
    usable = bool(as_json.lines or as_json.relinked or as_json.nothing or as_json.faults)
    if usable and (form == "json" or _JSON.match(text)):
        return as_json
    answer = read_lines(text, scheme, gist=gist, late=form == "links-last", cut=cut)
    return answer if answer.lines or answer.relinked or answer.removed or not as_json.lines else as_json


def write_answer(
    lines: Sequence[AnswerLine], scheme: LabelScheme, form: Form, *, gist: bool = False, relations: bool = True
) -> str:
    """Lines in a form, as a model should give them.

    Args:
        relations: whether to write the relations, where the scheme has them.
    """
    if form == "json":
        return json.dumps({"components": [_item(line, scheme, gist=gist) for line in lines]}, ensure_ascii=False)
    inside = relations and form == "lines"
    rows = [_row(line, scheme, gist=gist, relations=inside) for line in lines]
    if form == "links-last" and relations and scheme.relations:
        rows += ["", *(f"{line.number}|{_targets(line.links, scheme)}" for line in lines if line.links)]
    return "\n".join(rows)


def describe(scheme: LabelScheme, form: Form, *, gist: bool = False) -> str:
    """What a prompt says of the answer's form."""
    return _describe_json(scheme, gist=gist) if form == "json" else _describe_lines(scheme, form, gist=gist)


def describe_labels(scheme: LabelScheme) -> str:
    """What a prompt says of the labels of components."""
    return "\n".join(f"- {_named(label)}: {label.description}" for label in scheme.components)


def _describe_lines(scheme: LabelScheme, form: Form, *, gist: bool) -> str:
    codes = [label.code for label in scheme.components]
    fields = {
        "NUMBER": "counts the components from 1",
        "TYPE": f"{', '.join(codes[:-1])} or {codes[-1]}" if len(codes) > 1 else codes[0],
        "PARAGRAPH": "the number in front of the paragraph",
        "FIRST WORDS … LAST WORDS": _WORDS,
    }
    fields |= {"RISK": "r where the component states a risk, else nothing"} if scheme.risk else {}
    fields |= {"SOURCE": "whose view it is; nothing where it is the author's"} if scheme.source else {}
    inside = scheme.relations and form == "lines"
    fields |= {"RELATION": f"{_describe_relations(scheme)}; nothing where there is none"} if inside else {}
    fields |= {"GIST": _GIST} if gist else {}
    parts = [
        "ANSWER with one line for each component, in the order in which they stand in the article, and nothing else:",
        "|".join(fields),
        *(f"- {name}: {meaning}" for name, meaning in fields.items()),
    ]
    if scheme.relations and form == "links-last":
        parts.append(
            "When all components have their line, leave a line empty and give one line for each relation, NUMBER|RELATION: "
            f"the number of the component that it goes out from, then {_describe_relations(scheme)}."
        )
    return "\n".join([*parts, "An article without any component is answered with the one word none."])


def _describe_relations(scheme: LabelScheme) -> str:
    example = _write_link(Link(scheme.relations[0].name, 5), scheme)
    kinds = "; ".join(f"{_named(label)}: {label.description}" for label in scheme.relations)
    many = "" if scheme.tree else "; several are parted by commas"
    return f"the kind of relation and the number of the component that it goes to, such as {example} ({kinds}){many}"


def _named(label: Label) -> str:
    return f"{label.code} ({label.name})" if label.code != label.name else label.name


def _describe_json(scheme: LabelScheme, *, gist: bool) -> str:
    parts = [
        'ANSWER with one JSON object {"components": […]} and nothing else. It lists the components in the order in which they '
        "stand in the article, each with these fields:",
        "- number: counts the components from 1",
        f"- type: {', '.join(label.name for label in scheme.components)}",
        "- paragraph: the number in front of the paragraph",
        f"- quote: {_WORDS}",
    ]
    parts += ["- risk: true where the component states a risk, else false"] if scheme.risk else []
    parts += ['- source: whose view it is; "author" where it is the author\'s'] if scheme.source else []
    if scheme.relations:
        kinds = "; ".join(f"{label.name}: {label.description}" for label in scheme.relations)
        parts.append(
            '- relations: a list of {"type", "target"}: the kind of relation and the number of the component that it goes '
            f"to ({kinds}){'; at most one' if scheme.tree else ''}"
        )
    parts += [f"- gist: {_GIST}"] if gist else []
    return "\n".join([*parts, 'An article without any component is answered with {"components": []}.'])


def _row(line: AnswerLine, scheme: LabelScheme, *, gist: bool, relations: bool) -> str:
    code = next(label.code for label in scheme.components if label.name == line.type)
    cells = [str(line.number), code, str(line.paragraph), line.quote]
    cells += [("r" if line.risk else "")] if scheme.risk else []
    cells += [line.source] if scheme.source else []
    cells += [_targets(line.links, scheme)] if relations and scheme.relations else []
    return "|".join([*cells, *([line.gist or ""] if gist else [])])


def _targets(links: Iterable[Link], scheme: LabelScheme) -> str:
    return ", ".join(_write_link(link, scheme) for link in links)


def _write_link(link: Link, scheme: LabelScheme) -> str:
    code = next(label.code for label in scheme.relations if label.name == link.type)
    return f"{code}{'' if not code[-1].isalnum() else ' '}{link.target}"


def _item(line: AnswerLine, scheme: LabelScheme, *, gist: bool) -> dict[str, Any]:
    item: dict[str, Any] = {"number": line.number, "type": line.type, "paragraph": line.paragraph, "quote": line.quote}
    item |= {"risk": line.risk} if scheme.risk else {}
    item |= {"source": line.source or "author"} if scheme.source else {}
    if scheme.relations:
        item["relations"] = [{"type": link.type, "target": link.target} for link in line.links]
    return item | ({"gist": line.gist or ""} if gist else {})


def schema_of(scheme: LabelScheme, form: Form, *, gist: bool = False) -> dict[str, Any] | None:
    """The JSON Schema that an endpoint is asked to hold the answer to; None where the answer is lines."""
    return answer_schema(scheme, gist=gist) if form == "json" else None
