"""What readers answer about numbered items, read, checked and counted; `pairs.py` and `targets.py` make corpora of it.

An answer is a line, `NUMBER|label|sure or unsure|why in a few words`.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.metrics.agreement import cohen_kappa
from oped.metrics.matching import label_scores

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
CERTAINTIES = ("sure", "unsure")
SHOWN = 20  # faults that are printed
Row = Mapping[str, Any]
Make = Callable[[Sequence[Row], Path, Path | None, Path], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says of an item.

    Attributes:
        why: the reason in the reader's words.
    """

    label: str
    sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class Labels:
    """What may be answered.

    Attributes:
        item: what is labelled, and
        field: what its label is called, both for messages.
        names: of the labels.
        refuse: says why an answer with a good label won't do, where it won't.
    """

    item: str
    field: str
    names: tuple[str, ...]
    refuse: Callable[[Answer], str | None] = lambda answer: None

    def read(self, line: str) -> tuple[int, Answer]:
        """The number of an item and the answer.

        Raises:
            ValueError: the line is no answer.
        """
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4 or not fields[0].isdecimal():
            raise ValueError(f"expected NUMBER|{self.field}|certainty|why")
        number, label, certainty, why = fields
        if label not in self.names or certainty not in CERTAINTIES:
            raise ValueError(f"expected one of {', '.join(self.names)} and one of {', '.join(CERTAINTIES)}")
        answer = Answer(label, certainty == "sure", why)
        if reason := self.refuse(answer):
            raise ValueError(reason)
        return int(number), answer

    def answers_in(self, folder: Path, wanted: Iterable[int]) -> tuple[dict[int, Answer], list[str]]:
        """The answers about the wanted items, and what is wrong: no answer, one given twice, one about an unasked item."""
        found: dict[int, Answer] = {}
        faults, missing = [], dict.fromkeys(wanted)
        for file in sorted(folder.glob("*.txt")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                place = f"{file.parent.name}/{file.name} line {number}"
                try:
                    name, answer = self.read(line)
                except ValueError as error:
                    faults += [f"{place}: {error}; found {line[:60]!r}"] if line.strip() else []
                    continue
                if name in missing:
                    found[name] = answer
                    del missing[name]
                else:
                    wrong = "answered twice" if name in found else "none that was asked"
                    faults.append(f"{place}: {self.item} {name} is {wrong}")
        return found, faults + [f"{folder.name}: no answer about {self.item} {name}" for name in missing]

    def both_in(
        self, index: Sequence[Row], answers: Path, second: Path | None
    ) -> tuple[dict[int, Answer], dict[int, Answer], list[str]]:
        """The answers of the first readers and of the second ones, and what is wrong; None: there are no second ones."""
        first, faults = self.answers_in(answers, (row["number"] for row in index))
        again, more = self.answers_in(second, (row["number"] for row in index if row["twice"])) if second else ({}, [])
        return first, again, faults + more

    def print_agreement(self, first: Mapping[int, Answer], again: Mapping[int, Answer]) -> None:
        """Print how first and second readers agree; nothing where there are no second ones."""
        both = {name: (first[name].label, answer.label) for name, answer in again.items()}
        certain = [pair for name, pair in both.items() if first[name].sure and again[name].sure]
        if both:
            sure = self._agreement(certain) if certain else {}
            print(json.dumps({"agreement": self._agreement(list(both.values())), "where both are sure": sure}))

    def _agreement(self, both: Sequence[tuple[str, str]]) -> dict[str, float]:
        """Of two readers' labels: kappa, and precision, recall and F1 of the second beside the first."""
        places = [[self.names.index(label) for label in labels] for labels in zip(*both, strict=True)]
        scores = label_scores(places[0], places[1], self.names)
        return {f"{self.item}s": len(both), "kappa": round(cohen_kappa(both), 4), **scores}

    def counts(self, rows: Sequence[Row]) -> dict[str, dict[str, int]]:
        """How many items have which label, in all and by how they were chosen, and how many are unsure."""
        table: dict[str, Counter[str]] = {}
        for row in rows:
            for key in ("all", row["chosen"]):
                table.setdefault(key, Counter()).update([row[self.field], *([] if row["sure"] else ["unsure"])])
        return {key: dict(table[key]) for key in sorted(table)}

    def said(self, first: Answer, second: Answer | None) -> dict[str, Any]:
        """The part of a corpus' line that is the readers'."""
        said = {self.field: first.label, "sure": first.sure, "why": first.why}
        return {**said, "second": second.label if second else None}


def rows_of(path: Path) -> list[Row]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write a JSONL file."""
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path.write_text(lines, encoding="utf-8", newline="\n")


def places_in(path: Path) -> set[tuple[str, int, int]]:
    """Where the components of a file of annotations stand: article, start and end."""
    return {(row["id"], part["start"], part["end"]) for row in rows_of(path) for part in row["components"]}


def run(make: Make, description: str | None, *, second_required: bool) -> None:
    """Read the command line, make a corpus, or print what is wrong.

    Args:
        make: gets the index, the folders of first and second answers, and that of the corpora; returns what is wrong.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True, help="folder with the readers' answers, *.txt")
    parser.add_argument("--second", type=Path, required=second_required, help="folder with the second readers' answers")
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="folder of the corpora")
    chosen = parser.parse_args()
    faults = make(rows_of(chosen.index), chosen.answers, chosen.second, chosen.corpora)
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)
    if faults:
        sys.exit(f"{len(faults)} faults; nothing was written")
