"""Labelled stances towards entities: readers' answers about targets, checked, counted and written as offsets.

A reader gets a file of some dozen numbered targets, each a statement in its passage with an entity marked in it, and answers a
line a target: `NUMBER|for, against or none|sure or unsure|why in a few words`. Some targets have a second reader.

    python benchmarks/targets.py --index INDEX.jsonl --answers FOLDER [--second FOLDER]    writes the stances, prints the counts

A line of INDEX.jsonl says which target a `number` is: `article` of the train part of `corpora/readings`, `component` and `entity`
as start and end, the entity's `label` (null where no recognizer gave one), how it was `chosen`, `twice` where a second reader
has it. A target whose marked words the reader took for no entity (`no entity` as the reason) is left out, and counted.
Nothing is written while an answer is missing, malformed or given twice; without --second no second answers are expected.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from labelling import Answer, Labels, Row, places_in, run, write_rows

from oped.formats.stances import NONE, STANCES

SOURCE = Path("readings", "train.jsonl")  # whose components the statements are
MADE = Path("stances", "readings.jsonl")
NO_ENTITY = "no entity"


def no_stance_to_nothing(answer: Answer) -> str | None:
    """What is wrong with a stance towards what is no entity."""
    wrong = answer.why == NO_ENTITY and answer.label != STANCES[NONE]
    return f"expected none where there is {NO_ENTITY}" if wrong else None


TARGETS = Labels("target", "stance", STANCES, no_stance_to_nothing)


def misplaced(index: Iterable[Row], source: Path) -> list[str]:
    """Targets whose statement is no component of the corpus, or whose entity lies outside it."""
    places, faults = places_in(source), []
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
    """A line of the corpus: offsets, how the target was chosen, and what was answered."""
    about = {"corpus": SOURCE.parent.name, "split": SOURCE.stem, "article": row["article"]}
    place = {key: row[key] for key in ("component", "entity", "label", "chosen")}
    return about | place | TARGETS.said(first, second)


def make(index: Sequence[Row], answers: Path, second: Path | None, corpora: Path) -> list[str]:
    """Write the stances and print the counts; if anything is wrong, write nothing and return it."""
    first, again, faults = TARGETS.both_in(index, answers, second)
    if faults := faults + misplaced(index, corpora / SOURCE):
        return faults
    kept = [row for row in index if first[row["number"]].why != NO_ENTITY]
    rows = [written(row, first[row["number"]], again.get(row["number"])) for row in kept]
    write_rows(corpora / MADE, rows)
    print(json.dumps({"left out, no entity": len(index) - len(kept), "stances": TARGETS.counts(rows)}, indent=1))
    TARGETS.print_agreement(first, again)
    return []


if __name__ == "__main__":
    run(make, __doc__, second_required=False)
