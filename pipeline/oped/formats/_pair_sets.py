"""Corpora of labelled pairs: statements that support, attack or match one another."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from oped.errors import FormatError
from oped.formats._files import files_of, read_json
from oped.formats._statements import Statements, rows, topic_of
from oped.formats.problems import Problem, Report
from oped.records import ArgumentMap


def read_perspectrum(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Perspectrum: each claim with the perspectives on it, which support or undermine it.

    Paraphrases of one perspective are joined to its first wording by `equivalent`.

    Args:
        path: the dataset folder, or its perspectrum_with_answers file.
    """
    file = path if path.is_file() else _only(path, "perspectrum_with_answers*.json")
    pool_file = _only(file.parent, "perspective_pool*.json")
    try:
        pool = {item["pId"]: item["text"] for item in read_json(pool_file)}
        claims = read_json(file)
        for claim in claims:
            yield _perspectives(claim, pool, file, report)
    except (KeyError, TypeError) as error:
        raise FormatError(f"expected claims with perspectives, found {error!r}", path=file) from None


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern)) or sorted(folder.rglob(pattern))
    if not found:
        raise FormatError(f"expected a file {pattern}, found none", path=folder)
    return found[0]


def _perspectives(claim: Mapping[str, object], pool: Mapping[int, str], path: Path, report: Report) -> ArgumentMap:
    book = Statements(f"claim-{claim['cId']}", path, "perspectrum")
    head = book.add(str(claim["text"]), "claim", name="claim")
    seen = set[int]()
    clusters = claim["perspectives"]
    assert isinstance(clusters, list)
    for cluster in clusters:
        first = None
        for number in cluster["pids"]:
            place = f"claim {claim['cId']} perspective {number}"
            if number not in pool or number in seen:
                reason = "stands twice under this claim" if number in seen else "is not in the pool"
                report(Problem(str(path), place, f"perspective {number} {reason}"))
                continue
            seen.add(number)
            name = book.add(pool[number], "perspective", name=f"p{number}", stance5=cluster["stance_label_5"])
            if cluster["stance_label_3"] in ("SUPPORT", "UNDERMINE"):
                book.link(name, head, cluster["stance_label_3"].lower(), place)
            if first is not None:
                book.link(name, first, "equivalent", place)
            first = first or name
    return book.map(report)


def read_nixon_kennedy(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Pairs of arguments of the campaign of 1960: `support`, `attack` or `no_relation`."""
    file = path if path.is_file() else _only(path, "full_dataset.tsv")
    columns = ("pair_id", "topic", "relation", "argument1", "argument2", "source_arg_1", "source_arg_2")
    for place, row in rows(file, columns, delimiter="\t"):
        book = Statements(f"pair-{row['pair_id']}", file, "nixon_kennedy", title=row["topic"])
        ends = [
            book.add(row[f"argument{end}"], "argument", place=place, speech=row[f"source_arg_{end}"]) for end in (1, 2)
        ]
        book.link(ends[1], ends[0], row["relation"], place)
        yield book.map(report)


def read_normarg(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Kialo pairs: a statement that supports (`sup`), attacks (`att`) or has nothing to do with a claim (`neu`)."""
    file = path if path.is_file() else _only(path, "normarg.csv")
    columns = ("id", "con", "pre", "rel", "pre_senti", "pre_jtype")
    for place, row in rows(file, columns):
        book = Statements(row["id"], file, "normarg")
        claim = book.add(row["con"], "claim", place=place)
        labels = {key: row[column] for key, column in (("sentiment", "pre_senti"), ("justification", "pre_jtype"))}
        statement = book.add(row["pre"], "statement", place=place, **{k: v for k, v in labels.items() if v})
        book.link(statement, claim, row["rel"], place)
        yield book.map(report)


def read_iam_stance(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """IAM: claims that support or contest their topic, an article a topic.

    Args:
        path: a file of `stance/`, or a folder with such files.
    """
    columns = ("label", "topic", "sentence", "article", "stance")
    for file in files_of(path, ".txt"):
        books: dict[str, Statements] = {}
        for place, row in rows(file, columns, delimiter="\t", header=False):
            book = topic_of(books, row["topic"], file.stem, file, "iam")
            claim = book.add(row["sentence"], "claim", place=place)
            book.link(claim, "topic", "support" if row["stance"].strip() == "1" else "contest", place)
        for book in books.values():
            yield book.map(report)


def read_elecdeb_relations(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Relation table of ElecDeb60to20: pairs of components with the relation between them."""
    columns = ("date", "relation_type", "subject", "subject_type", "object", "object_type")
    for file in files_of(path, ".csv"):
        for number, (place, row) in enumerate(rows(file, columns), start=1):
            book = Statements(f"{file.stem}-{number}", file, "elecdeb", title=row["date"])
            ends = [book.add(row[end], row[f"{end}_type"], place=place) for end in ("subject", "object")]
            if row["relation_type"]:
                book.link(ends[0], ends[1], row["relation_type"], place)
            yield book.map(report)
