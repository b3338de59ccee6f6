"""oped's own JSON: the map of the contract, or the short annotation of the annotation scheme.

A file holds one map (.json), or one on each line (.jsonl). An annotation gives `components` with the exact `text`, found
by scanning forward, or with `start` and `end` where the text may not be copied (then `text_sha256` names the text they
count in, and `texts` supplies it, and a source is given by its place in the text too).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import files_of, json_lines, read_json
from oped.formats.problems import Problem, Report
from oped.formats.texts import Texts
from oped.records import AUTHOR, FORMAT, ArgumentMap, Article, Attribution, Component


def read(path: Path, report: Report, *, texts: Texts | None = None) -> Iterator[ArgumentMap]:
    """Read maps or annotations from a file or folder.

    Args:
        texts: finds the article of an annotation that holds only offsets, by its id.
    """
    paths = files_of(path, ".json", ".jsonl")
    for file in paths:
        for place, data in _objects(file, len(paths) == 1, report):
            try:
                yield _one(data, file, place, texts, report)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                reason = f"no valid map or annotation: {repr(error) if isinstance(error, KeyError) else error}"
                if len(paths) == 1 and place == "file":
                    raise FormatError(reason, path=file, place=place) from None
                report(Problem(str(file), place, reason))


def _objects(file: Path, only: bool, report: Report) -> Iterator[tuple[str, Any]]:
    if file.suffix != ".jsonl":
        try:
            yield "file", read_json(file)
        except FormatError as error:
            if only:
                raise
            report(Problem(str(file), error.place or "file", error.reason))
        return
    yield from json_lines(file, report)


def _one(data: Mapping[str, Any], file: Path, place: str, texts: Texts | None, report: Report) -> ArgumentMap:
    if data.get("format") == FORMAT:
        return ArgumentMap.from_dict(data)
    article = _article(data, texts)
    draft = Draft(article, file)
    position = 0
    for item in data["components"]:
        span = _span(item, article.text, position)
        if span is None:
            reason = f"the text has no {item['text'][:50]!r} after position {position}"
            draft.problem(report, f"{place} ({item['id']})", reason)
            continue
        position = span.end
        draft.spans.append(span)
    for number, item in enumerate(data.get("relations", ()), start=1):
        draft.links.append(Link(item.get("id", f"r{number}"), item["source"], item["target"], item["type"]))
    return assemble(draft, report)


def _article(data: Mapping[str, Any], texts: Texts | None) -> Article:
    name = str(data["id"]) if isinstance(data["id"], int) else data["id"]
    article = Article.from_dict({**data, "id": name}) if "text" in data else texts(name) if texts else None
    if article is None:
        raise ValueError(f"the annotation of {data['id']} holds offsets only, and its text is not at hand")
    expected, found = data.get("text_sha256"), hashlib.sha256(article.text.encode()).hexdigest()
    if expected and expected != found:
        raise ValueError(
            f"the text of {data['id']} is not the annotated one: its sha256 is {found[:12]}…, not {expected[:12]}…"
        )
    return article


def _span(item: Mapping[str, Any], text: str, position: int) -> Span | None:
    quote = item.get("text")
    if "start" in item:
        start, end = item["start"], item["end"]
    else:
        start = text.find(item["text"], position)
        end = start + len(item["text"])
        if start < 0:
            return None
    who = _attribution(item.get("source", "author"), text)
    return Span(item["id"], start, end, item["type"], quote, risk=bool(item.get("risk")), attribution=who)


def _attribution(source: str | Mapping[str, int], text: str) -> Attribution:
    """Whose view: `author`, a name, or the place of the name in the text; empty where it is nowhere named."""
    if isinstance(source, str):
        return AUTHOR if source == "author" else Attribution("other", source or None)
    return Attribution("other", text[source["start"] : source["end"]])


def _place_of(name: str, part: Component, text: str) -> str | dict[str, int]:
    """Where a name stands in the text, nearest to the component; the empty string where it does not."""
    places = [match.start() for match in re.finditer(re.escape(name), text)] if name else []
    if not places:
        return ""
    start = min(places, key=lambda place: abs(place - part.start))
    return {"start": start, "end": start + len(name)}


def annotation(amap: ArgumentMap, *, with_text: bool = True) -> dict[str, Any]:
    """The least that an annotation file holds; without its text, offsets and the hash of the text stand in."""
    article = amap.article
    sha = hashlib.sha256(article.text.encode()).hexdigest()
    head: dict[str, Any] = article.to_dict() if with_text else {"id": article.id, "text_sha256": sha}
    components = []
    for part in amap.components:
        span = {"start": part.start, "end": part.end} | ({"text": part.text} if with_text else {})
        who = part.attribution
        name = "author" if who is None or who.holder == "author" else who.name or ""
        source = name if with_text or name == "author" else _place_of(name, part, article.text)
        components.append({"id": part.id, **span, "type": part.type, "risk": bool(part.risk), "source": source})
    relations = [{"source": link.source, "target": link.target, "type": link.type} for link in amap.relations]
    return {**head, "components": components, "relations": relations}


def dump(amap: ArgumentMap) -> str:
    """The map as JSON text."""
    return json.dumps(amap.to_dict(), ensure_ascii=False, indent=1) + "\n"


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write one map to a .json file, or all to a .jsonl file, a line each."""
    if path.suffix == ".jsonl":
        with open(path, "w", encoding="utf-8", newline="\n") as stream:
            for amap in maps:
                stream.write(json.dumps(amap.to_dict(), ensure_ascii=False) + "\n")
        return
    several = list(maps)
    if len(several) != 1:
        raise FormatError(f"a .json file holds one map, and there are {len(several)}: name a .jsonl file", path=path)
    path.write_text(dump(several[0]), encoding="utf-8", newline="\n")
