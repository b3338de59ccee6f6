"""Label Studio JSON: tasks with regions (`labels`) and relations, as its export gives them and its import takes them.

Maps are written as pre-annotations (`predictions`), with a labelling configuration in `config.xml` beside the tasks.
Read is the first annotation of a task that was not skipped, and its predictions only in a file that is for import (such as
those written here); risk and attribution are the choices `risk` and the text area `source` of a region.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import files_of, read_json
from oped.formats.problems import Problem, Report
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component

TEXT, LABELS, RISK, SOURCE = "text", "label", "risk", "source"
REGIONS = ("labels", "hypertextlabels")
UNNAMED = "relation"


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read exported tasks from a file or folder."""
    for file in files_of(path, ".json"):
        tasks = read_json(file)
        if not isinstance(tasks, list):
            raise FormatError("expected a list of tasks", path=file)
        for number, task in enumerate(tasks, start=1):
            try:
                if amap := _one(task, file, f"task {number}", report):
                    yield amap
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                report(Problem(str(file), f"task {number}", f"no task of the JSON export with `text`: {error!r}"))


def _one(task: Mapping[str, Any], file: Path, place: str, report: Report) -> ArgumentMap | None:
    data = task["data"]
    known = {"title": data.get("title"), "published": data.get("published"), "url": data.get("url")}
    name, authors = str(data.get("id") or task.get("id") or place), data.get("authors") or ()
    authors = (authors,) if isinstance(authors, str) else tuple(authors)
    draft = Draft(Article(name, data[TEXT], authors=authors, source=file.name, **known), file)
    results = _results(task, draft, report)
    if results is None:
        return None
    spans: dict[str, Span] = {}
    for item in results:
        if item["type"] in REGIONS and (span := _span(item, draft, report)):
            spans[span.id] = span
    for number, item in enumerate(results, start=1):
        if item["type"] == "relation":
            _read_relation(item, f"r{number}", draft, report)
        elif item.get("id") in spans and item["type"] not in REGIONS:
            _read_facet(item, spans[item["id"]])
    draft.spans = list(spans.values())
    return assemble(draft, report)


def _results(task: Mapping[str, Any], draft: Draft, report: Report) -> list[Mapping[str, Any]] | None:
    """What the first annotator who did not skip the task found; predictions count where there is no place for annotations.

    None where nobody annotated it.
    """
    if "annotations" not in task:
        predictions = task.get("predictions") or ()
        return list(predictions[0]["result"]) if predictions else None
    done = [item for item in task["annotations"] if not (item.get("was_cancelled") or item.get("skipped"))]
    if not done:
        draft.problem(report, None, "nobody annotated the task, or it was skipped")
        return None
    if len(done) > 1:
        draft.problem(report, None, f"has {len(done)} annotations, of which the first is read", left_out=False)
    return list(done[0]["result"])


def _span(item: Mapping[str, Any], draft: Draft, report: Report) -> Span | None:
    value, score, place = item["value"], item.get("score"), str(item.get("id"))
    labels = value.get(item["type"]) or value.get("labels") or ()
    if not labels:
        draft.problem(report, place, "the region has no label")
        return None
    if not isinstance(value.get("start"), int):
        draft.problem(report, place, "the region counts in a page's HTML; label plain text, in a <Text> element")
        return None
    if len(labels) > 1:
        draft.problem(report, place, f"has the labels {', '.join(labels)}, of which the first is read", left_out=False)
    return Span(
        item["id"],
        value["start"],
        value["end"],
        labels[0],
        value.get("text"),
        risk=False,
        attribution=AUTHOR,
        probability=1.0 if score is None else score,
    )


def _read_relation(item: Mapping[str, Any], name: str, draft: Draft, report: Report) -> None:
    source, target, labels = item["from_id"], item["to_id"], item.get("labels") or [UNNAMED]
    if item.get("direction") == "bi":
        draft.problem(report, name, f"the relation of {source} and {target} goes both ways; one direction is needed")
        return
    if item.get("direction") == "left":
        source, target = target, source
    draft.links.append(Link(item.get("id") or name, source, target, labels[0]))


def _read_facet(item: Mapping[str, Any], span: Span) -> None:
    """Risk and attribution by the names of their controls; what other controls say of a region is kept as `extra`."""
    control, kind, value = item.get("from_name"), item["type"], item.get("value", {})
    found = value.get("text" if kind == "textarea" else kind)
    if control == RISK and kind == "choices":
        span.risk = "risk" in found
    elif control == SOURCE and kind == "textarea":
        if found:
            span.attribution = Attribution("other", (found if isinstance(found, str) else found[0]) or None)
    elif control and found not in (None, [], ""):
        span.extra[control] = found[0] if isinstance(found, list) and len(found) == 1 else found


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write tasks with pre-annotations, and the labelling configuration beside them, where there is none."""
    types, relations, tasks = dict[str, None](), dict[str, None](), []
    for amap in maps:
        types |= dict.fromkeys(part.type for part in amap.components)
        relations |= dict.fromkeys(link.type for link in amap.relations)
        tasks.append(task_of(amap))
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    configure(types, relations, path)


def configure(types: Iterable[str], relations: Iterable[str], path: Path) -> None:
    """Write the labelling configuration `config.xml` beside a file of tasks, where there is none."""
    if not (target := path.with_name("config.xml")).exists():
        target.write_text(labelling_config(types, relations), encoding="utf-8", newline="\n")


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
