"""Key points: arguments on topics, and which key point each of them makes, as ArgKP-2021 gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from oped.errors import FormatError
from oped.formats._files import files_of
from oped.formats._statements import Statements, rows
from oped.formats.problems import Report
from oped.records import ArgumentMap


@dataclass(frozen=True, slots=True)
class Statement:
    """An argument or a key point; `stance` is 1 for and -1 against the topic."""

    id: str
    text: str
    topic: str
    stance: int


@dataclass(frozen=True, slots=True)
class KeyPointGold:
    """The gold of one split.

    Attributes:
        labels: whether an argument (first) matches a key point (second); undecided pairs are missing.
    """

    arguments: Mapping[str, Statement]
    key_points: Mapping[str, Statement]
    labels: Mapping[tuple[str, str], bool]


def read_gold(folder: Path, split: str) -> KeyPointGold:
    """Read arguments_SPLIT.csv, key_points_SPLIT.csv and labels_SPLIT.csv.

    Raises:
        FormatError: a file or column is missing, or a value is none of those expected.
    """
    arguments = _statements(folder / f"arguments_{split}.csv", "arg_id", "argument")
    key_points = _statements(folder / f"key_points_{split}.csv", "key_point_id", "key_point")
    path = folder / f"labels_{split}.csv"
    labels = {
        (row["arg_id"], row["key_point_id"]): row["label"] == "1"
        for _, row in rows(path, ("arg_id", "key_point_id", "label"))
    }
    for argument, key_point in labels:
        if argument not in arguments or key_point not in key_points:
            raise FormatError(f"the pair {argument}, {key_point} names what the other files do not have", path=path)
    return KeyPointGold(arguments, key_points, labels)


def _statements(path: Path, name: str, text: str) -> dict[str, Statement]:
    found = rows(path, (name, text, "topic", "stance"))
    try:
        return {row[name]: Statement(row[name], row[text], row["topic"], int(row["stance"])) for _, row in found}
    except ValueError as error:
        raise FormatError(f"expected a stance of 1 or -1: {error}", path=path) from None


def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """The arguments and key points of each topic and stance as a map; `match` and `no_match` join them.

    Args:
        path: the folder, or one of its arguments_SPLIT.csv files.
    """
    for file in files_of(path, ".csv") if path.is_file() else sorted(path.glob("arguments_*.csv")):
        split = file.stem.removeprefix("arguments_")
        gold = read_gold(file.parent, split)
        groups = sorted({(item.topic, item.stance) for item in gold.arguments.values()})
        for number, (topic, stance) in enumerate(groups):
            yield _map(gold, topic, stance, Statements(f"{split}-{number}", file, "argkp", title=topic), report)


def _map(gold: KeyPointGold, topic: str, stance: int, book: Statements, report: Report) -> ArgumentMap:
    for kind, items in (("key_point", gold.key_points), ("argument", gold.arguments)):
        for item in items.values():
            if (item.topic, item.stance) == (topic, stance):
                book.add(item.text, kind, name=item.id, stance=stance)
    known = {span.id for span in book.spans}
    for (argument, key_point), match in gold.labels.items():
        if argument in known:
            book.link(argument, key_point, "match" if match else "no_match", f"{argument} {key_point}")
    return book.map(report)
