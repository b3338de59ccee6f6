"""Labelled stances towards entities: readers' answers about targets, checked, counted and written as offsets.

A reader gets a file of some dozen numbered targets, each a statement in its passage with an entity marked in it, and answers a
line a target: `NUMBER|for, against or none|sure or unsure|why in a few words`. Some targets have a second reader.

    python benchmarks/targets.py --index INDEX.jsonl --answers FOLDER [--second FOLDER]    writes the stances, prints the counts

A line of INDEX.jsonl says which target a `number` is: `article` of the train part of `corpora/readings`, `component` and `entity`
as start and end, the entity's `label` (null where no recognizer gave one), how it was `chosen`, `twice` where a second reader
has it. A target whose marked words the reader took for no entity (`no entity` as the reason) is left out, and counted.
Nothing is written while an answer is missing, malformed or given twice; without --second no second answers are expected.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.formats.stances import STANCES
from oped.metrics.agreement import cohen_kappa
from oped.metrics.matching import label_scores

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
SOURCE = Path("readings", "train.jsonl")  # whose components the statements are
MADE = Path("stances", "readings.jsonl")
CERTAINTIES = ("sure", "unsure")
NO_ENTITY = "no entity"
SHOWN = 20  # faults that are printed
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says of a target.

    Attributes:
        stance: one of `STANCES`.
        why: the reason in the reader's words, `NO_ENTITY` where what is marked is none.
    """

    stance: str
    sure: bool
    why: str

    @classmethod
    def of(cls, line: str) -> tuple[int, "Answer"]:
        """The number of a target and the answer.

        Raises:
            ValueError: the line is no answer.
        """
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4 or not fields[0].isdecimal():
            raise ValueError("expected NUMBER|stance|certainty|why")
        number, stance, certainty, why = fields
        if stance not in STANCES or certainty not in CERTAINTIES:
            raise ValueError(f"expected one of {', '.join(STANCES)} and one of {', '.join(CERTAINTIES)}")
        if why == NO_ENTITY and stance != "none":
            raise ValueError(f"expected none where there is {NO_ENTITY}")
        return int(number), cls(stance, certainty == "sure", why)


def answers_in(folder: Path, wanted: Iterable[int]) -> tuple[dict[int, Answer], list[str]]:
    """The answers about the wanted targets, and what is wrong: no answer, one given twice, one about an unasked target."""
    found: dict[int, Answer] = {}
    faults, missing = [], dict.fromkeys(wanted)
    for file in sorted(folder.glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            place = f"{file.parent.name}/{file.name} line {number}"
            try:
                name, answer = Answer.of(line)
            except ValueError as error:
                faults += [f"{place}: {error}; found {line[:60]!r}"] if line.strip() else []
                continue
            if name in missing:
                found[name] = answer
                del missing[name]
            else:
                faults.append(
                    f"{place}: target {name} is {'answered twice' if name in found else 'none that was asked'}"
                )
    return found, faults + [f"{folder.name}: no answer about target {name}" for name in missing]


def misplaced(index: Iterable[Row], source: Path) -> list[str]:
    """Targets whose statement is no component of the corpus, or whose entity lies outside it."""
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    places = {(row["id"], part["start"], part["end"]) for row in rows for part in row["components"]}
    faults = []
    for row in index:
        (first, last), (start, end) = row["component"], row["entity"]
        if (row["article"], first, last) not in places:
            faults.append(
                f"target {row['number']}: its statement is no component of {source.parent.name}/{source.name}"
            )
        if not first <= start < end <= last:
            faults.append(f"target {row['number']}: its entity {start}-{end} is outside its statement {first}-{last}")
    return faults


def written(row: Row, first: Answer, second: Answer | None) -> dict[str, Any]:
    """A line of the corpus: offsets, what was answered, and how the target was chosen."""
    about = {"corpus": SOURCE.parent.name, "split": SOURCE.stem, "article": row["article"]}
    place = {key: row[key] for key in ("component", "entity", "label", "chosen")}
    said = {"stance": first.stance, "sure": first.sure, "why": first.why}
    return {**about, **place, **said, "second": second.stance if second else None}


def agreement(both: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Of two readers' stances: kappa, and precision, recall and F1 of the second beside the first."""
    places = [[STANCES.index(stance) for stance in stances] for stances in zip(*both, strict=True)]
    return {"targets": len(both), "kappa": round(cohen_kappa(both), 4), **label_scores(places[0], places[1], STANCES)}


def counts(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many targets have which stance, in all and by how they were chosen, and how many are unsure."""
    table: dict[str, Counter[str]] = {}
    for row in rows:
        for key in ("all", row["chosen"]):
            table.setdefault(key, Counter()).update([row["stance"], *([] if row["sure"] else ["unsure"])])
    return {key: dict(table[key]) for key in sorted(table)}


def make(index: Sequence[Row], answers: Path, second: Path | None, corpora: Path) -> list[str]:
    """Write the stances and print the counts; if anything is wrong, write nothing and return it."""
    first, faults = answers_in(answers, (row["number"] for row in index))
    again, more = answers_in(second, (row["number"] for row in index if row["twice"])) if second else ({}, [])
    if faults := faults + more + misplaced(index, corpora / SOURCE):
        return faults
    kept = [row for row in index if first[row["number"]].why != NO_ENTITY]
    rows = [written(row, first[row["number"]], again.get(row["number"])) for row in kept]
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    (corpora / MADE).write_text(lines, encoding="utf-8", newline="\n")
    print(json.dumps({"left out, no entity": len(index) - len(kept), "stances": counts(rows)}, indent=1))
    if again:
        both = [(first[name].stance, answer.stance) for name, answer in again.items()]
        certain = [pair for pair, name in zip(both, again, strict=True) if first[name].sure and again[name].sure]
        print(json.dumps({"agreement": agreement(both), "where both are sure": agreement(certain) if certain else {}}))
    return []


def main() -> None:
    """Read the command line, write the stances, or print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True, help="folder with the readers' answers, *.txt")
    parser.add_argument("--second", type=Path, help="folder with the second readers' answers")
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="folder of the corpora")
    chosen = parser.parse_args()
    lines = chosen.index.read_text(encoding="utf-8").splitlines()
    faults = make([json.loads(line) for line in lines if line.strip()], chosen.answers, chosen.second, chosen.corpora)
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} faults; nothing was written")


if __name__ == "__main__":
    main()
