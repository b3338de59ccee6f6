"""A comparison takes time about linear in its maps, whatever stands in them, and its result stays of a size."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from oped.compare import entities, findings
from oped.compare.bounds import LONGEST_NAME, MOST_ANSWERS, MOST_GROUPS, MOST_LETTERS
from oped.compare.candidates import Matches, Verdict
from oped.compare.comparison import compare
from oped.compare.points import group
from oped.compare.rates import rate, share
from oped.compare.statements import Collection, Statement, collect, surroundings
from oped.errors import ConfigError
from oped.neural.matcher.runtime import Thresholds
from oped.records import ArgumentMap, Article, Component, Entity
from oped.render.comparison import _cells
from oped.render.sharing import sharing
from tests.compare.test_compare import BAN, NO_BAN, WordDetector, WordJudge, made, naming

STEP = 4  # a larger input is so many times as large; what is quadratic takes 16 times as long on it


def seconds(work: Callable[[], object]) -> float:
    """Processor time, the least of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether a larger input takes about so much longer as it is larger; `work` makes the input, then does the work."""
    return seconds(work(STEP * size)) < 2 * STEP * max(0.002, seconds(work(size)))


def statement(number: int, *, article: int = 0, text: str = "") -> Statement:
    return Statement(
        f"s{number}", article, "c1", text or f"Text {number}", "claim", 0.9, False, ("Ann",), None, None, ()
    )


def grouped(verdicts: dict[tuple[int, int], Verdict], count: int) -> Callable[[], object]:
    texts = [f"Text {number}" for number in range(count)]
    vectors = np.full((count, 4), 0.5, dtype=np.float32)
    matches = Matches(texts, list(range(count)), vectors, verdicts)
    statements = [statement(number) for number in range(count)]
    return lambda: group(statements, matches, Thresholds())


def near_pairs(first: int, count: int) -> dict[tuple[int, int], Verdict]:
    """Each text says the same as the six before it."""
    return {
        (other, place): Verdict(0.9, 0.0)
        for place in range(first, first + count)
        for other in range(max(first, place - 6), place)
    }


def test_a_point_of_many_statements_is_found_in_linear_time() -> None:
    assert grows_linearly(lambda count: grouped(near_pairs(0, count), count), 500)


def test_two_points_that_many_pairs_join_but_one_opposes_are_kept_apart_in_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        between = {(place, place + count): Verdict(0.8, 0.0) for place in range(count)}
        against = {(0, count + 1): Verdict(0.0, 0.9)}
        return grouped(near_pairs(0, count) | near_pairs(count, count) | between | against, 2 * count)

    points = work(20)()
    assert sorted(len(point.members) for point in points) == [20, 20]  # type: ignore[attr-defined]
    assert grows_linearly(work, 60)


def test_what_stands_around_a_statement_is_found_in_the_same_time_in_a_long_text() -> None:
    def work(words: int) -> Callable[[], object]:
        text = "word " * words
        middle = len(text) // 2
        return lambda: [surroundings(text, middle + place, middle + place + 4) for place in range(100)]

    assert seconds(work(200_000)) < STEP * max(0.002, seconds(work(2000)))


def test_what_stands_around_a_statement_is_cut_where_it_is_mostly_blank() -> None:
    text = f"far {' ' * 9000} near word here {' ' * 9000} far"
    start = text.index("word")
    assert surroundings(text, start, start + 4) == ("… near", "here …")


def test_articles_without_an_author_are_gathered_in_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        maps = [ArgumentMap(Article(f"a{number}", "Text.")) for number in range(count)]
        return lambda: collect(maps)

    assert grows_linearly(work, 500)


def test_a_very_long_statement_is_cut_for_the_comparison() -> None:
    words = f"{BAN} {'and so on ' * 1000}"
    result = compare([made("a", "Ann", [("claim", words)]), made("b", "Bo", [("claim", words)])], WordJudge())
    (point,) = result["key_points"]
    assert point["text"].startswith(BAN) and point["text"].endswith(" …")
    assert MOST_LETTERS - 20 < len(point["text"]) <= MOST_LETTERS


def test_the_stance_towards_what_stands_late_in_a_very_long_statement_is_asked_with_what_stands_around_it() -> None:
    collection = collect([naming(made("a", "Ann", [("claim", f"{'and so on ' * 1000}we praise Acme")]), "Acme")])
    ((name, target),) = collection.statements[0].targets
    assert name == target.statement[target.start : target.end] == "Acme"
    assert target.statement.endswith("we praise Acme") and len(target.statement) <= 2 * MOST_LETTERS + len("Acme")


@pytest.mark.parametrize("field", ["id", "author", "date", "entity", "source"])
def test_a_name_that_is_far_too_long_is_refused_in_one_line(field: str) -> None:
    long = "n" * (LONGEST_NAME + 1)
    amap = made("a", "Ann", [("claim", BAN)])
    if field == "id":
        amap = made(long, "Ann", [("claim", BAN)])
    elif field == "author":
        amap = made("a", long, [("claim", BAN)])
    elif field == "date":
        amap = made("a", "Ann", [("claim", BAN)], published=long)
    elif field == "source":
        amap = made("a", "Ann", [("claim", BAN, long)])
    else:
        amap = amap.replace(entities=(Entity("e1", 0, 6, BAN[:6], "ORG", long),))
    with pytest.raises(ConfigError, match="letters, found one of 1,001") as refused:
        compare([amap], WordJudge())
    assert "\n" not in str(refused.value)


def test_an_article_of_very_many_authors_counts_as_one_group_and_a_note_says_so() -> None:
    authors = tuple(f"Ann {number}" for number in range(MOST_GROUPS + 1))
    amap = made("a", "Ann", [("claim", BAN)])
    result = compare([amap.replace(article=Article("a", amap.article.text, authors=authors))], WordJudge())
    assert [row["name"] for row in result["groups"]] == ["Ann 0 and 20 others"]
    assert any("more than 20 authors" in note for note in result["notes"])


def test_the_answers_to_attacks_are_listed_up_to_a_bound() -> None:
    """One statement is attacked by many and attacks many: its attackers answer each of its attacks."""
    many = MOST_ANSWERS + 50
    parts = [("claim!", f"Statement number {number}") for number in range(2 * many + 1)]
    links = [(number + 2, 1, "attack") for number in range(many)]
    links += [(1, number + 2 + many, "attack") for number in range(many)]
    result = compare([made("a", "Ann", parts, links)], WordJudge())
    answered = [row for row in result["attacks"] if row["answered"]]
    assert len(answered) == many
    assert {len(row["answers"]) for row in answered} == {MOST_ANSWERS}
    assert max(len(row["against"]) for row in result["risks"]) == MOST_ANSWERS


def test_a_change_of_mind_is_found_in_linear_time_among_many_statements_of_the_same_words() -> None:
    def work(count: int) -> Callable[[], object]:
        maps = [
            made("a", "Ann", [("claim", BAN)] * count, published="2020-01-01"),
            made("b", "Ann", [("claim", NO_BAN)] * count, published="2021-01-01"),
        ]
        return lambda: compare(maps, WordJudge())

    assert grows_linearly(work, 250)


def test_contested_points_are_listed_up_to_a_bound_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MOST_ENTRIES", 5)
    maps = [made("a", "Ann", [("claim", BAN), ("claim", "Dogs may bark here at night")])]
    maps += [made("b", "Bo", [("claim", NO_BAN), ("claim", "Dogs may not bark here at night")])]
    result = compare(maps, WordJudge())
    assert len(result["contested"]) == 1
    assert any(note.startswith("1 pairs of contested points are left out") for note in result["notes"])


def test_entities_are_listed_up_to_a_bound_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entities, "MOST_ROWS", 1)
    text = "Acme and Bolt and Acme"
    named = (
        Entity("e1", 0, 4, "Acme", "ORG", "Acme"),
        Entity("e2", 9, 13, "Bolt", "ORG", "Bolt"),
        Entity("e3", 18, 22, "Acme", "ORG", "Acme"),
    )
    amap = ArgumentMap(Article("a", text, authors=("Ann",)), (Component("c1", 0, len(text), text, "claim"),), (), named)
    result = compare([amap], WordJudge(), detector=WordDetector())
    assert [row["name"] for row in result["entities"]] == ["Acme"]
    assert any(note.startswith("1 entities are left out") for note in result["notes"])


def test_an_interval_is_computed_once_for_a_count() -> None:
    assert seconds(lambda: [(rate(3, words), share(3, words)) for words in range(3, 5000)]) < 0.5


def test_who_shares_with_whom_is_counted_for_those_that_are_drawn() -> None:
    def work(count: int) -> Callable[[], object]:
        names = [f"Ann {number}" for number in range(count)]
        points = [{"shared": True, "probability": 0.9, "held_by": names}]
        return lambda: sharing({"key_points": points, "groups": names})

    drawn = work(100)()
    assert len(drawn.rows) == 29 and drawn.left_out == 70  # type: ignore[attr-defined]
    assert grows_linearly(work, 400)


def test_the_columns_of_the_page_are_filled_in_one_pass() -> None:
    def work(count: int) -> Callable[[], object]:
        names = [f"Ann {number}" for number in range(count)]
        said = {f"s{number}": {"by": [name], "holder": "author"} for number, name in enumerate(names * 10)}
        return lambda: _cells({"statements": list(said)}, names, said)

    assert grows_linearly(work, 100)


def test_a_collection_knows_its_groups() -> None:
    collection = Collection()
    collection.add(made("a", "Ann", [("claim", BAN)]), by="author", question="question")
    assert collection.names == {"Ann"}
