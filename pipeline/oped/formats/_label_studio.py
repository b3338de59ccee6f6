"""Label Studio JSON: tasks with regions (`labels`) and relations, as its export gives them and its import takes them.

Maps are written as pre-annotations (`predictions`), with a labelling configuration in `config.xml` beside the tasks.
Read are the annotations of a task, or its predictions where nobody annotated it; risk and attribution are choices and
text areas of a region.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Problem, Report, Span, assemble
from oped.formats._files import files_of, read_json
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component

TEXT, LABELS, RISK, SOURCE = "text", "label", "risk", "source"


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read exported tasks from a file or folder."""
    for file in files_of(path, ".json"):
        tasks = read_json(file)
        if not isinstance(tasks, list):
            raise FormatError("expected a list of tasks", path=file)
        for number, task in enumerate(tasks, start=1):
            try:
                yield _one(task, file, f"task {number}", report)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                report(Problem(str(file), f"task {number}", f"no task with a text and regions: {error!r}"))


def _one(task: Mapping[str, Any], file: Path, place: str, report: Report) -> ArgumentMap:
    data = task["data"]
    known = {"title": data.get("title"), "published": data.get("published"), "url": data.get("url")}
    name = str(data.get("id") or task.get("id") or place)
    article = Article(name, data[TEXT], authors=tuple(data.get("authors") or ()), source=file.name, **known)
    draft = Draft(article, file)
    spans: dict[str, Span] = {}
    for number, item in enumerate(_results(task), start=1):
        _read_result(item, number, spans, draft)
    draft.spans = list(spans.values())
    return assemble(draft, report)


def _results(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for annotation in [*(task.get("annotations") or ()), *(task.get("predictions") or ())]:
        if not annotation.get("was_cancelled"):
            return list(annotation["result"])
    return []


def _read_result(item: Mapping[str, Any], number: int, spans: dict[str, Span], draft: Draft) -> None:
    kind, value = item["type"], item.get("value", {})
    if kind == "relation":
        labels = item.get("labels") or ["support"]
        draft.links.append(Link(item.get("id") or f"r{number}", item["from_id"], item["to_id"], labels[0]))
    elif kind == "labels":
        score = item.get("score")
        spans[item["id"]] = Span(
            item["id"],
            value["start"],
            value["end"],
            value["labels"][0],
            value.get("text"),
            risk=False,
            attribution=AUTHOR,
            probability=1.0 if score is None else score,
        )
    elif kind == "choices" and item["id"] in spans:
        spans[item["id"]].risk = "risk" in value["choices"]
    elif kind == "textarea" and item["id"] in spans and value["text"]:
        spans[item["id"]].attribution = Attribution("other", value["text"][0] or None)


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write tasks with pre-annotations, and the labelling configuration beside them."""
    types, relations, tasks = dict[str, None](), dict[str, None](), []
    for amap in maps:
        types |= dict.fromkeys(part.type for part in amap.components)
        relations |= dict.fromkeys(link.type for link in amap.relations)
        tasks.append(task_of(amap))
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    path.with_name("config.xml").write_text(labelling_config(types, relations), encoding="utf-8", newline="\n")


def task_of(amap: ArgumentMap) -> dict[str, Any]:
    """A map as a task with one prediction."""
    article = amap.article
    data = {"id": article.id, TEXT: article.text, "title": article.title, "authors": list(article.authors)}
    result = [item for part in amap.components for item in _regions(part)]
    for link in amap.relations:
        ends = {"from_id": link.source, "to_id": link.target}
        result.append({"type": "relation", "id": link.id, **ends, "direction": "right", "labels": [link.type]})
    model = f"{amap.model.name} {amap.model.version}" if amap.model else "by hand"
    more = {"published": article.published, "url": article.url}
    return {"data": data | more, "predictions": [{"model_version": model, "result": result}]}


def _regions(part: Component) -> Iterator[dict[str, Any]]:
    span = {"start": part.start, "end": part.end, "text": part.text}
    base = {"id": part.id, "to_name": TEXT}
    yield base | {
        "from_name": LABELS,
        "type": "labels",
        "value": span | {"labels": [part.type]},
        "score": part.probability,
    }
    if part.risk:
        yield base | {"from_name": RISK, "type": "choices", "value": span | {"choices": ["risk"]}}
    if part.attribution and part.attribution.holder == "other":
        yield base | {"from_name": SOURCE, "type": "textarea", "value": span | {"text": [part.attribution.name or ""]}}


def labelling_config(types: Iterable[str], relations: Iterable[str]) -> str:
    """The labelling interface for such tasks, as Label Studio's XML."""
    labels = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in types)
    links = "".join(f"    <Relation value={quoteattr(name)}/>\n" for name in relations)
    return (
        "<View>\n"
        f'  <Relations>\n{links}  </Relations>\n  <Labels name="{LABELS}" toName="{TEXT}">\n{labels}  </Labels>\n'
        f'  <Text name="{TEXT}" value="${TEXT}" granularity="word"/>\n'
        f'  <Choices name="{RISK}" toName="{TEXT}" choice="multiple" perRegion="true">\n    <Choice value="risk"/>\n  </Choices>\n'
        f'  <TextArea name="{SOURCE}" toName="{TEXT}" perRegion="true" placeholder="whose view, if not the author\'s"/>\n'
        "</View>\n"
    )
