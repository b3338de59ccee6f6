"""Labelled pairs of statements: readers' answers about pairs, checked, counted and written as offsets.

A reader gets a file of some dozen numbered pairs, each statement in its passage with title and author, and answers a line a
pair: `NUMBER|same, opposed or unrelated|sure or unsure|why in a few words`. Some pairs have a second reader.

    python benchmarks/pairs.py --index INDEX.jsonl --answers FOLDER --second FOLDER    writes the pairs, prints the counts

A line of INDEX.jsonl says which pair a `number` is: its `corpus` (a folder of `corpora`), its `question`, how it was
`chosen`, `twice` where a second reader has it, and `a` and `b`, each with `article`, `start` and `end` of a component.
Nothing is written while an answer is missing, malformed or given twice.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.formats.pairs import LABELS
from oped.metrics.agreement import cohen_kappa
from oped.metrics.matching import label_scores

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
FILES = {"readings": "pairs.jsonl", "opinions": "pairs-in-context.jsonl"}  # in the folder of each corpus
CERTAINTIES = ("sure", "unsure")
SHOWN = 20  # faults that are printed
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says of a pair.

    Attributes:
        label: one of `LABELS`.
        why: the point that both make or differ on, in the reader's words.
    """

    label: str
    sure: bool
    why: str

    @classmethod
    def of(cls, line: str) -> tuple[int, "Answer"]:
        """The number of a pair and the answer.

        Raises:
            ValueError: the line is no answer.
        """
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4 or not fields[0].isdecimal():
            raise ValueError("expected NUMBER|label|certainty|why")
        number, label, certainty, why = fields
        if label not in LABELS or certainty not in CERTAINTIES:
            raise ValueError(f"expected one of {', '.join(LABELS)} and one of {', '.join(CERTAINTIES)}")
        return int(number), cls(label, certainty == "sure", why)


def answers_in(folder: Path, wanted: Iterable[int]) -> tuple[dict[int, Answer], list[str]]:
    """The answers about the wanted pairs, and what is wrong: a line that is no answer, a pair answered twice, never or unasked."""
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
                faults.append(f"{place}: pair {name} is {'answered twice' if name in found else 'none that was asked'}")
    return found, faults + [f"{folder.name}: no answer about pair {name}" for name in missing]


def places_in(folder: Path) -> set[tuple[str, int, int]]:
    """Where the components of a corpus' train part stand: article, start and end."""
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, filter(str.strip, lines))
    return {(row["id"], part["start"], part["end"]) for row in rows for part in row["components"]}


def misplaced(index: Iterable[Row], corpora: Path) -> list[str]:
    """Pairs with a side that is no component of its corpus' train part."""
    places = {name: places_in(corpora / name) for name in {row["corpus"] for row in index}}
    return [
        f"pair {row['number']}: {side} is no component of {row['corpus']}/train.jsonl"
        for row in index
        for side in ("a", "b")
        if tuple(row[side][key] for key in ("article", "start", "end")) not in places[row["corpus"]]
    ]


def written(row: Row, first: Answer, second: Answer | None) -> dict[str, Any]:
    """A line of the corpus: offsets, what was answered, and how the pair was chosen."""
    sides = {side: {key: row[side][key] for key in ("article", "start", "end")} for side in ("a", "b")}
    about = {"question": row["question"], "split": "train", "chosen": row["chosen"], **sides}
    said = {"label": first.label, "sure": first.sure, "why": first.why}
    return {**about, **said, "second": second.label if second else None}


def agreement(both: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Of two readers' labels: kappa, and precision, recall and F1 of the second beside the first."""
    places = [[LABELS.index(label) for label in labels] for labels in zip(*both, strict=True)]
    return {"pairs": len(both), "kappa": round(cohen_kappa(both), 4), **label_scores(places[0], places[1], LABELS)}


def counts(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many pairs have which label, in all and by how they were chosen, and how many are unsure."""
    table: dict[str, Counter[str]] = {}
    for row in rows:
        for key in ("all", row["chosen"]):
            table.setdefault(key, Counter()).update([row["label"], *([] if row["sure"] else ["unsure"])])
    return {key: dict(table[key]) for key in sorted(table)}


def make(index: Sequence[Row], answers: Path, second: Path, corpora: Path) -> list[str]:
    """Write the pairs of each corpus and print the counts; if anything is wrong, write nothing and return it."""
    first, faults = answers_in(answers, (row["number"] for row in index))
    again, more = answers_in(second, (row["number"] for row in index if row["twice"]))
    if faults := faults + more + misplaced(index, corpora):
        return faults
    for corpus in sorted({row["corpus"] for row in index}):
        own = [row for row in index if row["corpus"] == corpus]
        rows = [written(row, first[row["number"]], again.get(row["number"])) for row in own]
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        (corpora / corpus / FILES[corpus]).write_text(lines, encoding="utf-8", newline="\n")
        print(json.dumps({"corpus": corpus, "labels": counts(rows)}, indent=1))
    if again:
        both = [(first[name].label, answer.label) for name, answer in again.items()]
        certain = [pair for pair, name in zip(both, again, strict=True) if first[name].sure and again[name].sure]
        print(json.dumps({"agreement": agreement(both), "where both are sure": agreement(certain) if certain else {}}))
    return []


def main() -> None:
    """Read the command line, write the pairs, or print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True, help="folder with the readers' answers, *.txt")
    parser.add_argument("--second", type=Path, required=True, help="folder with the second readers' answers")
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
