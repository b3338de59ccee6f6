"""Corpora of labelled sentences: claims, consequences, causes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import files_of
from oped.formats._statements import Statements, rows, topic_of
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_MARK = re.compile(r"<(/?)(ARG0|ARG1|SIG\d)>")
_ROLES = {"ARG0": "Cause", "ARG1": "Effect"}


def read_iam_claims(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """IAM: the sentences of an article, those that are claims on its topic labelled `claim`."""
    columns = ("label", "topic", "sentence", "article", "stance")
    for file in files_of(path, ".txt"):
        book, last = None, None
        for place, row in rows(file, columns, delimiter="\t", header=False):
            key = (row["topic"], row["article"])
            if key != last or book is None:
                if book is not None:
                    yield book.map(report)
                book, last = Statements(f"{file.stem}-{row['article']}", file, "iam", title=row["topic"]), key
            book.add(row["sentence"], "claim" if row["label"] == "C" else None, place=place)
        if book is not None:
            yield book.map(report)


def read_starcon(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """StArCon: the arguments on a topic, `consequence` or `other`, each PRO or CON.

    Args:
        path: the folder with conseq.txt and other.txt, or one of these files.
    """
    names = {"conseq": "consequence", "other": "other"}
    files = [path] if path.is_file() else [file for file in files_of(path, ".txt") if file.stem in names]
    books: dict[str, Statements] = {}
    for file in files:
        for place, row in rows(file, ("topic", "claim", "stance"), delimiter="\t", header=False):
            book, place = topic_of(books, row["topic"], "topic", file, "starcon"), f"{file.name} {place}"
            book.link(
                book.add(row["claim"], names.get(file.stem, "other"), place=place),
                "topic",
                row["stance"].strip(),
                place,
            )
    for book in books.values():
        yield book.map(report)


def read_politicause(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """PolitiCause: political sentences, `causal` or `not_causal`."""
    for file in files_of(path, ".csv"):
        for number, (place, row) in enumerate(rows(file, ("text", "label")), start=1):
            book = Statements(f"{file.stem}-{number}", file, "politicause")
            book.add(row["text"], "causal" if row["label"] == "1" else "not_causal", place=place)
            yield book.map(report)


def read_causalnews(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Causal News Corpus, subtask 2: the spans of cause and effect in a sentence; a cause `causes` its effect.

    A sentence with several pairs of cause and effect is one article a pair, as spans of different pairs overlap.

    Args:
        path: the folder, or a *_subtask2_grouped.csv file.
    """
    files = (
        [path]
        if path.is_file()
        else [file for file in files_of(path, ".csv") if file.stem.endswith("subtask2_grouped")]
    )
    for file in files:
        for place, row in rows(file, ("index", "text", "causal_text_w_pairs")):
            marked = ast.literal_eval(row["causal_text_w_pairs"] or "[]")
            for number, text in enumerate(marked or [row["text"]], start=1):
                yield _marked(f"{row['index']}-{number}", text, file, place, report)


def _marked(name: str, marked: str, path: Path, place: str, report: Report) -> ArgumentMap:
    plain, position, begun, spans = "", 0, dict[str, int](), list[Span]()
    for match in _MARK.finditer(marked):
        plain += marked[position : match.start()]
        position = match.end()
        role = _ROLES.get(match[2])
        if role and match[1]:
            spans.append(Span(role, begun.pop(role, len(plain)), len(plain), role, place=place))
        elif role:
            begun[role] = len(plain)
    plain += marked[position:]
    ends = {span.id for span in spans}
    links = [Link("r1", "Cause", "Effect", "causes", place)] if ends == {"Cause", "Effect"} else []
    return assemble(Draft(Article(name, plain, source=path.name), path, "causalnews", spans, links), report)
