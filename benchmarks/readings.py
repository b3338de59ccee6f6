"""A corpus of readings: a language model's answers about articles, made into offsets, counted, and drawn to be read again.

An answer is a line per component (`NUMBER|TYPE|PARAGRAPH|FIRST WORDS … LAST WORDS|RISK|SOURCE|RELATION`), as `oped.llm`
reads it. What is written holds nothing of the articles but where components and the names of their sources stand.

    python benchmarks/readings.py make --articles A.jsonl --answers B.jsonl    writes corpora/readings
    python benchmarks/readings.py check --articles A.jsonl                     prints what is odd in it
    python benchmarks/readings.py draw --articles A.jsonl --number 64          prints articles to read again

A row of A.jsonl has `id`, `source` (repository:path), `commit`, `url`, `title`, `licence`, `text` and `text_sha256`; one of
B.jsonl has `id` and either `answer`, a list of lines, or `none`, why nothing was marked.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.llm.answer import Answer, links_in
from oped.llm.draft import Draft, DraftComponent, draft_of
from oped.llm.folding import Folded, fold
from oped.llm.lines import read_lines
from oped.llm.paragraphs import paragraphs_of
from oped.llm.scheme import OPINION_LABELS
from oped.records import ArgumentMap

FOLDER = Path(__file__).resolve().parent.parent / "corpora" / "readings"
HELD_OUT = 0.05  # of the articles, at least, are in the dev part
LARGEST = 0.1  # of the articles: a source with more is never held out
HUB = 10  # components that bear on one
LONG = 400  # characters of a span
Row = Mapping[str, Any]
Rows = Mapping[str, Row]

_HEADING = re.compile(r"(?:^|\n)[ \t]*#{1,6} [^\n]*$")
_SHORTENED = r"(?<!\b[A-Za-z])(?<!\b(?:Mr|Ms|Dr|St|vs))(?<!\b(?:Mrs|Sen|Rep|Gov|Gen|Rev|Hon|e\.g|i\.e))"
_SENTENCE = re.compile(rf"(?:{_SHORTENED}\.|[!?])[\"”’')\]]*\s+[\"“‘'(\[]*[A-Z]")
_PRONOUNS = frozenset(["he", "she", "they", "we", "you", "it", "his", "her", "their", "this", "that", "who", "one"])


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of an article.

    Attributes:
        row: the article's.
        draft: components found in its text.
    """

    row: Row
    draft: Draft

    @classmethod
    def of(cls, row: Row, lines: Sequence[str], mends: Sequence[Row] = ()) -> "Reading":
        """The components of an answer, found in the article.

        Args:
            mends: what another look at single lines changed; see `mended`.
        """
        answer = read_lines("\n".join(lines), OPINION_LABELS)
        for mend in mends:
            answer = mended(answer, mend, row["text"])
        return cls(row, draft_of(row["text"], paragraphs_of(row["text"]), answer, OPINION_LABELS))

    def to_dict(self) -> dict[str, Any]:
        """The annotation with offsets in the place of text."""
        parts = self.draft.components
        names = {part.number: f"c{place}" for place, part in enumerate(parts, start=1)}
        folded = fold(self.row["text"])
        return {
            **_origin(self.row),
            "annotators": 1,
            "components": [_component(part, names[part.number], folded) for part in parts],
            "relations": [
                {"source": names[part.number], "target": names[link.target], "type": link.type}
                for part in parts
                for link in part.links
            ],
        }


def mended(answer: Answer, mend: Row, text: str) -> Answer:
    """An answer with one of its lines changed.

    Args:
        mend: the number of the `line`, and of what changes: `drop` (true), `type`, `relation` (`+5`; empty: none), or
            `source` (`author`, or where the name stands in the text).
    """
    changes: dict[str, Any] = {"type": mend["type"]} if "type" in mend else {}
    if "relation" in mend:
        changes["links"] = links_in(mend["relation"], OPINION_LABELS)
    if "source" in mend:
        name = mend["source"]
        changes["source"] = "" if name == "author" else text[name["start"] : name["end"]]
    lines = (replace(line, **changes) if line.number == mend["line"] else line for line in answer.lines)
    return replace(answer, lines=tuple(line for line in lines if not (line.number == mend["line"] and "drop" in mend)))


def _origin(row: Row) -> dict[str, Any]:
    """Which article it is. Paths and addresses repeat the title's words, so only their hashes are kept."""
    site, _, path = row["source"].partition(":")
    hashed = {"path": path, "url": row["url"], "title": row["title"]}
    return {
        **{key: row[key] for key in ("id", "text_sha256", "commit")},
        "source": site,
        **{f"{key}_sha256": _hash(value) for key, value in hashed.items()},
    }


def _component(part: DraftComponent, name: str, folded: Folded) -> dict[str, Any]:
    return {
        "id": name,
        "start": part.start,
        "end": part.end,
        "type": part.type,
        "risk": part.risk,
        "source": place_of_name(part.source, folded, part.start) if part.source else "author",
    }


def place_of_name(name: str, folded: Folded, near: int) -> dict[str, int] | str:
    """Where a source's name stands in the article, whole words, nearest to a component; empty where it does not."""
    wanted = fold(name).text
    found = re.finditer(rf"(?<![^\W_]){re.escape(wanted)}(?![^\W_])", folded.text) if wanted else ()
    places = [folded.span(*match.span()) for match in found]
    if not places:
        return ""
    start, end = min(places, key=lambda place: abs(place[0] - near))
    return {"start": start, "end": end}


def site_of(row: Row) -> str:
    """The repository that an article comes from."""
    return str(row["source"]).partition(":")[0]


def held_out(rows: Iterable[Row]) -> frozenset[str]:
    """Repositories whose articles are the dev part: by the hash of their names, but none with a tenth of all articles."""
    sizes = Counter(map(site_of, rows))
    chosen: set[str] = set()
    for site in sorted(sizes, key=_hash):
        if sum(sizes[name] for name in chosen) >= HELD_OUT * sizes.total():
            break
        if sizes[site] <= LARGEST * sizes.total():
            chosen.add(site)
    return frozenset(chosen)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw(rows: Iterable[Row], number: int, seed: str) -> list[Row]:
    """Articles of all sources in proportion to their number, by a seeded hash of their ids."""
    sites: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: _hash(f"{seed} {row['id']}")):
        sites.setdefault(site_of(row), []).append(row)
    total = sum(map(len, sites.values()))
    shares = {site: number * len(found) / total for site, found in sites.items()}
    sizes = {site: int(share) for site, share in shares.items()}
    for site in sorted(shares, key=lambda site: (sizes[site] - shares[site], site))[: number - sum(sizes.values())]:
        sizes[site] += 1
    chosen = [row for site, found in sites.items() for row in found[: sizes[site]]]
    return sorted(chosen, key=lambda row: _hash(f"{seed} {row['id']}"))


def mends_of(path: Path) -> dict[str, list[Row]]:
    """Changes of single lines, by article; none where there is no such file."""
    changes: dict[str, list[Row]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        mend = json.loads(line)
        changes.setdefault(mend["id"], []).append(mend)
    return changes


def rows_of(path: Path) -> dict[str, Row]:
    """Rows of a JSONL file by id."""
    rows = map(json.loads, filter(str.strip, path.read_text(encoding="utf-8").split("\n")))
    return {str(row["id"]): row for row in rows}


def read_answers(articles: Rows, answers: Rows, mends: Mapping[str, Sequence[Row]]) -> Iterator[Reading]:
    """The readings of all answers that mark something; what is wrong in one goes to stderr."""
    for name, answer in answers.items():
        if "answer" in answer:
            reading = Reading.of(articles[name], answer["answer"], mends.get(name, ()))
            for fault in reading.draft.faults:
                print(f"{name} line {fault.number}: {fault.reason}", file=sys.stderr)
            yield reading


def write_lines(path: Path, rows: Iterable[Row]) -> None:
    """Write a JSONL file, a folder for it too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="\n")


def make(chosen: argparse.Namespace) -> None:
    """Write the parts, what was read as no argument, and both readings of the articles that were read again."""
    articles, answers = rows_of(chosen.articles), rows_of(chosen.answers)
    mends = mends_of(chosen.output / "mended.jsonl")
    kept = {reading.row["id"]: reading.to_dict() for reading in read_answers(articles, answers, mends)}
    why = {name: re.split("[,:]", row["none"])[0] for name, row in answers.items() if "none" in row}
    nothing = {name: _origin(articles[name]) | {"none": kind} for name, kind in why.items()}
    away = held_out(articles.values())
    for role in ("train", "dev"):
        part = [row for row in kept.values() if (site_of(row) in away) == (role == "dev")]
        write_lines(chosen.output / f"{role}.jsonl", part)
        print(f"{role}: {len(part)} articles")
    write_lines(chosen.output / "nothing.jsonl", nothing.values())
    for number, path in enumerate(chosen.second, start=1):
        _write_agreement(chosen.output / "agreement", f"sample-{number}", articles, answers, rows_of(path))


def _write_agreement(folder: Path, name: str, articles: Rows, answers: Rows, again: Rows) -> None:
    """Write both readings of articles that were read twice, as they were answered; one that marks nothing is empty."""
    answers = {key: {"answer": [], **row} for key, row in answers.items() if key in again}
    for which, rows in (("first", answers), ("second", {key: again[key] for key in answers})):
        readings = (reading.to_dict() for reading in read_answers(articles, rows, {}))
        write_lines(folder / f"{name}-{which}.jsonl", readings)
    print(f"{name}: {len(answers)} articles read twice")


def check(chosen: argparse.Namespace) -> None:
    """Print what is odd in the corpus, in all and by source."""
    rows = rows_of(chosen.articles)
    find = article_texts(chosen.articles)
    parts = (chosen.output / f"{role}.jsonl" for role in ("train", "dev"))
    maps = [amap for path in parts for amap in read_corpus(path, "oped", texts=find)]
    found = [(site_of(rows[amap.article.id]), oddities(amap)) for amap in maps]
    table = {"all": sum((counts for _, counts in found), Counter())}
    for site in sorted({site for site, _ in found}):
        table[site] = sum((counts for name, counts in found if name == site), Counter())
    print(json.dumps({name: dict(sorted(counts.items())) for name, counts in table.items()}, indent=1))


def oddities(amap: ArgumentMap) -> Counter[str]:
    """Counts of what the guideline makes unlikely, beside the counts that they are parts of."""
    into, out = Counter(link.target for link in amap.relations), {link.source: link for link in amap.relations}
    types = {part.id: part.type for part in amap.components}
    theses = [part for part in amap.components if part.type == "major_claim"]
    attacks = sum(link.type == "attack" for link in amap.relations)
    counts = Counter(
        articles=1,
        components=len(amap.components),
        relations=len(amap.relations),
        attacks=attacks,
        risks=sum(bool(part.risk) for part in amap.components),
        articles_without_thesis=not theses,
        articles_with_three_theses=len(theses) > 2,
        articles_without_attack=not attacks,
        articles_without_risk=not any(part.risk for part in amap.components),
        hubs=sum(number >= HUB for number in into.values()),
        lone_premises=sum(part.type == "premise" and part.id not in out for part in amap.components),
        lone_claims=sum(part.type == "claim" and not {part.id} & {*out, *into} for part in amap.components),
        theses_that_bear_on_others=sum(
            part.id in out and types[out[part.id].target] != "major_claim" for part in theses
        ),
    )
    return counts + _odd_spans(amap) + _odd_sources(amap)


def _odd_spans(amap: ArgumentMap) -> Counter[str]:
    text = amap.article.text
    breaks = [len(_SENTENCE.findall(part.text)) for part in amap.components]
    return Counter(
        spans_of_two_sentences=breaks.count(1),
        spans_of_more_sentences=sum(number > 1 for number in breaks),
        long_spans=sum(part.end - part.start > LONG for part in amap.components),
        spans_in_headings=sum(_HEADING.search(text, 0, part.start + 1) is not None for part in amap.components),
        spans_that_end_in_a_stop=sum(part.text[-1] in ".;," for part in amap.components),
    )


def _odd_sources(amap: ArgumentMap) -> Counter[str]:
    told = [part.attribution for part in amap.components if part.attribution and part.attribution.holder == "other"]
    names = [(who.name or "").lower() for who in told]
    return Counter(
        reported=len(told),
        sources_not_in_the_text=names.count(""),
        sources_that_are_pronouns=sum(name in _PRONOUNS for name in names),
    )


def show(chosen: argparse.Namespace) -> None:
    """Print the articles to read again, with their paragraphs numbered."""
    taken = {name for path in chosen.without for name in rows_of(path)}
    rows = [row for name, row in rows_of(chosen.articles).items() if name not in taken]
    for row in draw(rows, chosen.number, chosen.seed):
        print(f"##### {row['id']} | {row['title']}")
        for part in paragraphs_of(row["text"]):
            print(f"[{part.number}] {row['text'][part.start : part.end]}")
        print()


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for run in (make, check, show):
        command = commands.add_parser("draw" if run is show else run.__name__, help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--articles", type=Path, required=True, help="the articles, a row each")
        command.add_argument("--output", type=Path, default=FOLDER, help="folder of the corpus")
        if run is make:
            command.add_argument("--answers", type=Path, required=True)
            command.add_argument("--second", type=Path, nargs="*", default=[], help="answers of other readers")
        if run is show:
            command.add_argument("--number", type=int, default=64)
            command.add_argument("--seed", default="second reading")
            command.add_argument("--without", type=Path, nargs="*", default=[], help="rows whose ids are not drawn")
    chosen = parser.parse_args()
    chosen.run(chosen)


if __name__ == "__main__":
    main()
