"""A comparison in sentences: what splits those compared, what they share, what is feared; only what is likelier than not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oped.words import stands_alone

LIKELY = 0.5  # below it a finding waits behind a switch
MOST = 3
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Who holds what.

    Attributes:
        who: the beginning of the sentence.
        says: the statement, which leads to `place` on the page.
        then: how the sentence goes on.
        but: what others hold against it, and where the page has it.
        quoted: whether `says` are the words of an article, and not the judge's.
    """

    who: str
    says: str
    place: str
    then: str = ""
    but: str = ""
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the summary; where nothing is likelier than not, it says so."""

    title: str
    kind: str
    sentences: Sequence[Sentence]
    none: str
    more: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Points against each other; where a judge gave one reason for several pairs of points, all of them.

    Attributes:
        place: of the first pair among the rows of `contested`.
        rows: each a pair.
    """

    place: int
    rows: list[Row]

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def statements(self) -> list[str]:
        """The ids of all statements of all sides, each once."""
        sides = (side for row in self.rows for side in row["sides"])
        return list(dict.fromkeys(name for side in sides for name in side["statements"]))

    @property
    def is_likely(self) -> bool:
        probability: float = self.first["probability"]
        return probability >= LIKELY


def contradictions(result: Row) -> list[Contradiction]:
    """The rows of `contested`, those with one reason together; what is likelier than not first."""
    found: dict[Any, Contradiction] = {}
    for number, row in enumerate(result["contested"]):
        place, reason = row.get("place", number), row.get("reason")
        key = (row["kind"], row["probability"] >= LIKELY, reason) if reason else place
        found.setdefault(key, Contradiction(place, [])).rows.append(row)
    return sorted(found.values(), key=lambda item: not item.is_likely)


def questions_of(result: Row) -> dict[str, list[str]]:
    """The authors who write on each question, by its name, in order."""
    found: dict[str, dict[str, None]] = {}
    for article in result["articles"]:
        if article["question"]:
            found.setdefault(article["question"], {}).update(dict.fromkeys(article["by"]))
    return {name: list(authors) for name, authors in sorted(found.items())}


def question_by_statement(result: Row) -> dict[str, str]:
    """What the article of each statement is about; statements of articles that do not say so are left out."""
    about = {article["id"]: article["question"] for article in result["articles"] if article["question"]}
    return {name: about[part["article"]] for name, part in result["statements"].items() if part["article"] in about}


def on_question(result: Row, question: str, authors: Sequence[str], about: Mapping[str, str]) -> dict[str, Any]:
    """What the summary needs of a comparison, for the articles on one question alone.

    Args:
        authors: who write on it.
        about: of `question_by_statement`.
    """
    own = set(authors)

    def of_it(row: Row) -> bool:
        return any(about.get(name) == question for name in row["statements"])

    contested = [
        {**row, "place": place}
        for place, row in enumerate(result["contested"])
        if any(of_it(side) for side in row["sides"])
    ]
    lists = {name: list(filter(of_it, result[name])) for name in ("key_points", "risks")}
    groups = [group for group in result["groups"] if group["name"] in own]
    return {**result, **lists, "contested": contested, "groups": groups}


def in_short(result: Row) -> list[Part]:
    """The parts of the summary: what splits, what is shared, what is feared."""
    return [_splits(result), _shared(result), _feared(result)]


def labels(result: Row) -> dict[str, str]:
    """What each point is called: the judge's name for it, or the restatement of its clearest statement, or the statement."""
    statements = result["statements"]
    named = {
        point["id"]: point.get("name") or statements[point["head"]].get("gist") or point["text"]
        for point in result["key_points"]
    }
    sides = (side for row in result["contested"] for side in row["sides"])
    for row in (*sides, *result["risks"], *result["shared_evidence"], *result["same_conclusion"]):
        named.setdefault(row["point"], _gist_of(row, statements))
    return named


def _gist_of(row: Row, statements: Row) -> str:
    """The restatement of the very statement that names a row."""
    for name in row.get("statements", ()):
        if statements[name]["text"] == row["text"]:
            return str(statements[name].get("gist") or row["text"])
    return str(row["text"])


def doubtful(result: Row) -> set[str]:
    """Points of several articles of which it is not likelier than not that their statements belong together."""
    return {point["id"] for point in result["key_points"] if point["probability"] < LIKELY}


def _splits(result: Row) -> Part:
    statements = result["statements"]
    sure = [item for item in contradictions(result) if item.first["kind"] == "across" and item.is_likely]
    sentences = []
    for item in sure[:MOST]:
        row = item.first
        one, other = (_only(side["held_by"], row["both_held_by"]) for side in row["sides"])
        place = f"contested-{item.place}"
        if reason := row.get("reason"):
            sentences.append(Sentence(f"{names(one)} against {names(other)}:", reason, place, quoted=False))
            continue
        says, but = (statements[name].get("gist") or statements[name]["text"] for name in row["pairs"][0]["statements"])
        then = f"{names(other)} {hold(other)} against it that"
        sentences.append(Sentence(f"{names(one)} {hold(one)} that", says, place, then, but))
    none = "No contradiction between them was found that is likelier than not."
    return Part("What splits them", "objection", sentences, none, len(sure) - len(sentences), "contested")


def _only(holders: Sequence[str], both: Sequence[str]) -> Sequence[str]:
    """Those who hold one side alone, where there are such."""
    return [name for name in holders if name not in both] or holders


def _shared(result: Row) -> Part:
    named, all_of_them = labels(result), len(result["groups"])
    sure = [point for point in result["key_points"] if point["shared"] and point["probability"] >= LIKELY]
    sure.sort(key=lambda point: (-len(point["held_by"]), not stands_alone(named[point["id"]])))
    sentences = [
        Sentence(_holders(point["held_by"], all_of_them), named[point["id"]], f"point-{point['id']}")
        for point in sure[:MOST]
    ]
    none = "No point was found of which it is likelier than not that several hold it."
    return Part("What they share", "reasons", sentences, none, len(sure) - len(sentences), "points")


def _holders(holders: Sequence[str], all_of_them: int) -> str:
    if len(holders) == all_of_them > 1:
        return f"{'Both' if all_of_them == 2 else f'All {number(all_of_them)}'} ({names(holders)}) hold that"
    return f"{names(holders)} {hold(holders)} that"


def _feared(result: Row) -> Part:
    """The risk that most warn of; where nobody is surely joined by another, the ones with the most grounds."""
    named, unsure = labels(result), doubtful(result)
    sure = [row for row in result["risks"] if row["warned_by"] and row["point"] not in unsure]
    sure.sort(key=lambda row: (-len(row["warned_by"]), not stands_alone(named[row["point"]]), -len(row["support"])))
    together = any(len(row["warned_by"]) > 1 and not row["only"] for row in sure)
    sentences = [
        Sentence(
            f"{names(row['warned_by'])} {'warn' if len(row['warned_by']) > 1 else 'warns'}:",
            named[row["point"]],
            f"risk-{row['point']}",
            _answered(row, result["statements"]),
        )
        for row in sure[: MOST if together else 2]
    ]
    title = "What is feared most" if together else "What is feared, by one each"
    return Part(title, "fears", sentences, "No risk was found.", len(sure) - len(sentences), "risks")


def _answered(row: Row, statements: Row) -> str:
    who = holders_of(row["against"], statements)
    others = [name for name in who if name not in row["warned_by"]]
    if others:
        return f"{names(others)} {'speak' if len(others) > 1 else 'speaks'} against it."
    return "The same article also speaks against it." if who else "Nobody speaks against it."


def holders_of(found: Iterable[str], statements: Row) -> list[str]:
    """Who says one of some statements as the own view."""
    held = (statements[name] for name in found if statements[name]["holder"] == "author")
    return sorted({name for said in held for name in said["by"]})


def hold(holders: Sequence[str]) -> str:
    """The verb to so many."""
    return "holds" if len(holders) == 1 else "hold"


def number(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def names(found: Iterable[str], most: int = 3) -> str:
    """Names as a sentence has them: all, or the first ones and how many more there are."""
    known = list(found)
    if len(known) > most + 1:
        return f"{', '.join(known[:most])} and {number(len(known) - most)} others"
    return " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]])) or "nobody"


def uncertain_rows(result: Row) -> Iterator[tuple[str, int]]:
    """The lists whose rows are findings on points, with how many of their rows are unlikely."""
    unsure = doubtful(result)
    yield "key_points", len(unsure)
    yield "contested", sum(not item.is_likely for item in contradictions(result))
    for name in ("shared_evidence", "same_conclusion"):
        yield name, sum(row["point"] in unsure for row in result[name])
