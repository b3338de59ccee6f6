"""Labelled pairs of statements: readers' answers about pairs, checked, counted and written as offsets.

A reader gets a file of some dozen numbered pairs, each statement in its passage with title and author, and answers a line a
pair: `NUMBER|same, opposed or unrelated|sure or unsure|why in a few words`. Some pairs have a second reader.

    python benchmarks/pairs.py --index INDEX.jsonl --answers FOLDER --second FOLDER    writes the pairs, prints the counts

A line of INDEX.jsonl says which pair a `number` is: its `corpus` (a folder of `corpora`), its `question`, how it was
`chosen`, `twice` where a second reader has it, and `a` and `b`, each with `article`, `start` and `end` of a component.
Nothing is written while an answer is missing, malformed or given twice.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from labelling import Answer, Labels, Row, places_in, run, write_rows

from oped.formats.pairs import LABELS

FILES = {"readings": "pairs.jsonl", "opinions": "pairs-in-context.jsonl"}  # in the folder of each corpus
PAIRS = Labels("pair", "label", LABELS)


def misplaced(index: Iterable[Row], corpora: Path) -> list[str]:
    """Pairs with a side that is no component of its corpus' train part."""
    places = {name: places_in(corpora / name / "train.jsonl") for name in {row["corpus"] for row in index}}
    return [
        f"pair {row['number']}: {side} is no component of {row['corpus']}/train.jsonl"
        for row in index
        for side in ("a", "b")
        if tuple(row[side][key] for key in ("article", "start", "end")) not in places[row["corpus"]]
    ]


def written(row: Row, first: Answer, second: Answer | None) -> dict[str, Any]:
    """A line of the corpus: offsets, how the pair was chosen, and what was answered."""
    sides = {side: {key: row[side][key] for key in ("article", "start", "end")} for side in ("a", "b")}
    about = {"question": row["question"], "split": "train", "chosen": row["chosen"], **sides}
    return about | PAIRS.said(first, second)


def make(index: Sequence[Row], answers: Path, second: Path | None, corpora: Path) -> list[str]:
    """Write the pairs of each corpus and print the counts; if anything is wrong, write nothing and return it."""
    first, again, faults = PAIRS.both_in(index, answers, second)
    if faults := faults + misplaced(index, corpora):
        return faults
    for corpus in sorted({row["corpus"] for row in index}):
        own = [row for row in index if row["corpus"] == corpus]
        rows = [written(row, first[row["number"]], again.get(row["number"])) for row in own]
        write_rows(corpora / corpus / FILES[corpus], rows)
        print(json.dumps({"corpus": corpus, "labels": PAIRS.counts(rows)}, indent=1))
    PAIRS.print_agreement(first, again)
    return []


if __name__ == "__main__":
    run(make, __doc__, second_required=True)
