"""Comparisons, judged by a rule that a reader can follow: shared words make one point, a denial opposes."""

import csv
import dataclasses
import json
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import networkx
import numpy as np
import pyarrow.parquet as pq
import pytest

from oped.commands.compare import write_graph
from oped.compare.candidates import Matches, Verdict, nearest
from oped.compare.comparison import compare
from oped.compare.graph import merged_map
from oped.compare.points import group
from oped.compare.rates import rate, share
from oped.compare.statements import collect
from oped.compare.tables import TABLES, write_tables
from oped.errors import ConfigError
from oped.formats.passages import Passage
from oped.formats.registry import read_corpus
from oped.formats.stances import StanceTarget
from oped.neural.matcher.runtime import Thresholds
from oped.numeric import Floats
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, Entity, ModelInfo, Relation

SCHEMA = json.loads((files("oped") / "schemas" / "comparison-1.schema.json").read_text(encoding="utf-8"))
WIDTH = 64


class WordJudge:
    """One point where most words are shared; opposed where they are and one side says `not`."""

    thresholds = Thresholds(same=0.35, opposed=0.5, cosine=0.5)

    def embed(self, texts: Sequence[str]) -> Floats:
        rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in self._words(text) - {"not"}:
                row[sum(word.encode()) % WIDTH] += 1
            row /= max(1e-9, float(np.linalg.norm(row)))
        return rows

    def judge(self, pairs: Sequence[tuple[Passage, Passage]]) -> Floats:
        return np.array(
            [self._one(self._words(one.text), self._words(two.text)) for one, two in pairs], dtype=np.float32
        )

    def _one(self, one: set[str], two: set[str]) -> tuple[float, float, float]:
        denied = ("not" in one) != ("not" in two)
        near = len((one & two) - {"not"}) / max(1, len((one | two) - {"not"}))
        if near < 0.5:
            return 0.05, 0.05, 0.9
        return (0.05, near, 0.95 - near) if denied else (near, 0.05, 0.95 - near)

    @staticmethod
    def _words(text: str) -> set[str]:
        return set(text.lower().replace(".", "").split())


Part = tuple[str, str] | tuple[str, str, str]


def made(
    name: str, author: str | None, parts: Sequence[Part], links: Sequence[tuple[int, int, str]] = (), **more: Any
) -> ArgumentMap:
    """A map of sentences; each part is a type (with ! for a risk), a sentence, and who is said to hold it."""
    text = "\n\n".join(part[1] for part in parts)
    components, position = [], 0
    for number, part in enumerate(parts, start=1):
        holder = Attribution("other", part[2]) if len(part) > 2 else AUTHOR
        end = position + len(part[1])
        kind, risk = part[0].rstrip("!"), part[0].endswith("!")
        components.append(Component(f"c{number}", position, end, part[1], kind, 0.9, risk, None, holder))
        position = end + 2
    relations = tuple(
        Relation(f"r{number}", f"c{source}", f"c{target}", kind)
        for number, (source, target, kind) in enumerate(links, start=1)
    )
    article = Article(
        name, text, f"On {name}", (author,) if author else (), more.get("published"), extra=more.get("extra", {})
    )
    return ArgumentMap(article, tuple(components), relations, model=more.get("model", ModelInfo("m", "1")))


BAN = "Phones should be banned in every school"
NO_BAN = "Phones should not be banned in every school"
NOISE = "Noise in the class makes learning hard"


class WordDetector:
    """For what is praised, against what is blamed."""

    def detect(self, targets: Sequence[StanceTarget]) -> Floats:
        return np.array([self._one(target.statement) for target in targets], dtype=np.float32).reshape(-1, 3)

    @staticmethod
    def _one(text: str) -> tuple[float, float, float]:
        return (0.8, 0.1, 0.1) if "praise" in text else (0.2, 0.7, 0.1) if "blame" in text else (0.1, 0.2, 0.7)


def naming(amap: ArgumentMap, name: str, label: str = "ORG") -> ArgumentMap:
    """The map with an entity where each statement first names it."""
    entities, components = [], []
    for part in amap.components:
        if (at := part.text.find(name)) >= 0:
            start = part.start + at
            entities.append(Entity(f"e{len(entities) + 1}", start, start + len(name), name, label, name))
            part = dataclasses.replace(part, entities=(entities[-1].id,))
        components.append(part)
    return amap.replace(entities=tuple(entities), components=tuple(components))


def test_what_stance_authors_take_towards_entities() -> None:
    maps = [
        naming(
            made(
                "a", "Ann", [("claim", "We praise Acme"), ("premise", "Acme has a shop"), ("claim", "Acme is to blame")]
            ),
            "Acme",
        ),
        naming(made("b", "Bo", [("claim", "All blame Acme"), ("claim", "They praise Acme", "the minister")]), "Acme"),
    ]
    result = both(*maps, detector=WordDetector())
    (row,) = result["entities"]
    ann, bo = row["groups"]["Ann"], row["groups"]["Bo"]
    assert ann["asked"] == 3 and ann["for"] == share(1, 3) and ann["against"] == share(1, 3)
    assert [(item["stance"], item["probability"]) for item in ann["stances"]] == [("for", 0.8), ("against", 0.7)]
    assert result["statements"][ann["stances"][0]["statement"]]["text"] == "We praise Acme"
    assert bo["for"] == share(0, 1) and bo["against"] == share(1, 1), "what a source says is not the author's stance"
    assert result["thresholds"]["for"] == 0.5


def test_no_stance_is_told_where_nothing_tells_it_or_none_can_be_taken() -> None:
    amap = made("a", "Ann", [("claim", "We praise Monday")])
    for more, name, label in (({}, "Monday", "ORG"), ({"detector": WordDetector()}, "Monday", "DATE")):
        result = both(naming(amap, name, label), **more)
        (row,) = result["entities"]
        assert row["groups"]["Ann"].get("for") == (share(0, 0) if more else None)
        assert ("for" in result["thresholds"]) == ("stances" in row["groups"]["Ann"]) == bool(more)


def both(*maps: ArgumentMap, **more: Any) -> dict[str, Any]:
    result = compare(maps, WordJudge(), **more)
    jsonschema.Draft202012Validator(SCHEMA).validate(result)
    return result


class DoubtfulJudge(WordJudge):
    """Takes a denial for an opposition, and is not sure of it."""

    thresholds = Thresholds(same=0.35, opposed=0.2, cosine=0.5)

    def judge(self, pairs: Sequence[tuple[Passage, Passage]]) -> Floats:
        return super().judge(pairs) * np.array([1, 0.4, 1], dtype=np.float32)


def test_an_opposition_that_is_unlikely_is_listed_and_counts_nowhere_else() -> None:
    maps = made("a", "Ann", [("claim!", BAN)]), made("b", "Ann", [("claim", NO_BAN)])
    for judge, answers in ((WordJudge(), 1), (DoubtfulJudge(), 0)):
        result = compare(maps, judge)
        assert len(result["contested"]) == 1 and len(result["changes"]) == answers
        assert [len(risk["against"]) for risk in result["risks"]] == [answers]
        assert any("likelier than not" in note for note in result["notes"]) == (not answers)


def test_a_point_of_two_authors_is_one() -> None:
    result = both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", f"{BAN} soon")]))
    (point,) = result["key_points"]
    assert point["held_by"] == ["Ann", "Bo"] and point["reported_by"] == [] and point["articles"] == 2


def test_what_a_quoted_source_says_is_not_the_authors_view() -> None:
    result = both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", BAN, "the minister")]))
    (point,) = result["key_points"]
    assert point["held_by"] == ["Ann"] and point["reported_by"] == ["Bo"]
    assert {value["name"] for value in result["statements"].values()} == {None, "the minister"}
    assert any("share no point" in note for note in result["notes"])


def test_an_articles_line_leads_from_its_thesis_to_what_bears_on_it() -> None:
    amap = made(
        "a",
        "Ann",
        [("premise", NOISE), ("major_claim", BAN), ("claim", "Learning suffers"), ("claim", "It is late", "a union")],
        [(1, 3, "support"), (3, 2, "support"), (4, 2, "attack")],
    )
    result = both(amap, made("b", "Bo", [("claim", "Fish quotas ruin villages")]))
    text = {name: value["text"] for name, value in result["statements"].items()}
    first, second = result["lines"]
    found = [(text[step["statement"]], step["to"] and text[step["to"]], step["type"]) for step in first["steps"]]
    assert found == [
        (BAN, None, None),
        ("Learning suffers", BAN, "support"),
        ("It is late", BAN, "attack"),
        (NOISE, "Learning suffers", "support"),
    ]
    assert (first["article"], first["by"]) == ("a", ["Ann"]) and second["steps"] == []


def test_a_circle_of_reasons_and_an_uncertain_link_end_a_line() -> None:
    amap = made("a", "Ann", [("claim", BAN), ("claim", NOISE)], [(1, 2, "support"), (2, 1, "support")])
    assert both(amap, made("b", "Bo", [("claim", BAN)]))["lines"][0]["steps"] == []
    doubtful = made("a", "Ann", [("major_claim", BAN), ("claim", NOISE)], [(2, 1, "support")])
    doubtful = doubtful.replace(relations=(dataclasses.replace(doubtful.relations[0], probability=0.05),))
    assert len(both(doubtful, made("b", "Bo", [("claim", BAN)]))["lines"][0]["steps"]) == 1


def test_a_statement_comes_with_what_stands_around_it_in_its_paragraph() -> None:
    words = "a dog barked " * 60
    text = f"Elsewhere.\n\nSince then {words}{BAN} .\n\nElse."
    start = text.index(BAN)
    part = Component("c1", start, start + len(BAN), BAN, "claim", 0.9, attribution=AUTHOR)
    amap = ArgumentMap(Article("a", text, authors=("Ann",)), (part,), model=ModelInfo("m", "1"))
    said = both(amap, made("b", "Bo", [("claim", BAN)]))["statements"]["s1"]
    assert said["before"].startswith("… ") and said["before"].endswith("a dog barked") and said["after"] == "."
    assert len(said["before"]) <= 402 and said["before"].split()[1] in ("a", "dog", "barked")


def test_what_is_only_reported_counts_for_nobody() -> None:
    """Neither in rates, nor as an attack, nor as a conclusion, nor among an entity's risks."""
    result = both(
        made("a", "Ann", [("claim!", BAN, "a union"), ("premise", NOISE)], [(2, 1, "support")]),
        made(
            "b",
            "Bo",
            [("claim", NO_BAN), ("premise", NOISE), ("claim", "Teachers dislike it", "a union")],
            [(2, 1, "support"), (3, 1, "attack")],
        ),
    )
    ann = next(group for group in result["groups"] if group["name"] == "Ann")
    assert ann["claims"]["count"] == ann["risks"]["count"] == 0 and ann["premises"]["count"] == 1
    assert ann["reported"]["count"] == 1 and ann["statements"]["count"] == 2
    (attack,) = result["attacks"]
    assert attack["kind"] == "objection" and attack["by"] == [] and attack["reported_by"] == ["Bo"]
    assert result["shared_evidence"] == []
    (risk,) = result["risks"]
    assert risk["warned_by"] == [] and risk["reported_by"] == ["Ann"] and risk["only"] is None


def team(name: str, *authors: str, parts: Sequence[Part], links: Sequence[tuple[int, int, str]] = ()) -> ArgumentMap:
    amap = made(name, None, parts, links)
    return amap.replace(article=dataclasses.replace(amap.article, authors=authors))


def test_those_who_write_together_do_not_agree_with_each_other() -> None:
    parts = [("claim!", BAN), ("premise", NOISE), ("claim", "Learning suffers")]
    result = both(
        team("a", "Ann", "Bo", parts=parts, links=[(2, 1, "support"), (2, 3, "support")]),
        made("c", "Cy", [("claim", "Fish quotas ruin villages")]),
    )
    assert all(group["shared"]["count"] == 0 for group in result["groups"])
    assert result["same_conclusion"] == result["shared_evidence"] == [] and "share no point" in result["notes"][0]
    assert result["risks"][0]["only"] == "Ann, Bo"
    against = both(team("a", "Ann", "Bo", parts=[("claim", BAN)]), team("b", "Ann", "Bo", parts=[("claim", NO_BAN)]))
    assert [row["kind"] for row in against["contested"]] == ["within"]


def test_a_groups_part_in_a_point() -> None:
    result = both(
        made("a", "Ann", [("claim", BAN)]),
        made("b", "Ann", [("claim", NOISE)]),
        made("c", "Bo", [("claim", f"{BAN} now"), ("claim", BAN, "a union")]),
    )
    (point,) = result["key_points"]
    assert point["shared"] and 0.5 < point["probability"] <= 1
    assert point["groups"]["Ann"] == {"held": 1, "reported": 0, "articles": share(1, 2)}
    assert point["groups"]["Bo"]["held"] == point["groups"]["Bo"]["reported"] == 1
    same = [link for link in merged_map(result).relations if link.type == "same"]
    assert same and all(link.probability == point["probability"] for link in same)


def test_contradictions_across_and_within_and_reported() -> None:
    result = both(
        made("a", "Ann", [("claim", BAN)]),
        made("b", "Bo", [("claim", NO_BAN)]),
    )
    (row,) = result["contested"]
    assert row["kind"] == "across" and [side["held_by"] for side in row["sides"]] == [["Ann"], ["Bo"]]
    told = both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", NO_BAN, "a union")]))
    assert [row["kind"] for row in told["contested"]] == ["reported"]


def test_a_change_of_mind_is_told_in_order_of_time() -> None:
    result = both(
        made("late", "Ann", [("claim", NO_BAN)], published="2024-05-01"),
        made("early", "Ann", [("claim", BAN)], published="2021-02-03"),
        made("b", "Bo", [("claim", NOISE)]),
    )
    assert [row["kind"] for row in result["contested"]] == ["within"]
    (change,) = result["changes"]
    assert change["by"] == "Ann" and change["dates"] == ["2021-02-03", "2024-05-01"]
    assert [result["statements"][name]["text"] for name in change["statements"]] == [BAN, NO_BAN]


def test_a_change_is_found_beside_a_contradiction_within_one_article() -> None:
    result = both(
        made("one", "Ann", [("claim", BAN), ("claim", NO_BAN)], published="2021-01-01"),
        made("two", "Ann", [("claim", f"{NO_BAN} now")], published="2024-01-01"),
    )
    (change,) = result["changes"]
    assert change["dates"] == ["2021-01-01", "2024-01-01"]
    assert [result["statements"][name]["text"] for name in change["statements"]] == [BAN, f"{NO_BAN} now"]


def test_the_most_contested_point_comes_first() -> None:
    maps = [made(f"a{n}", f"Ann {n}", [("claim", BAN)]) for n in range(2)]
    maps += [made(f"b{n}", f"Bo {n}", [("claim", NO_BAN)]) for n in range(2)]
    maps += [made("c", "Cy", [("claim", NOISE)]), made("d", "Di", [("claim", NOISE.replace("makes", "makes not"))])]
    first, second = both(*maps)["contested"]
    assert first["sides"][0]["text"] == BAN and len(first["sides"][0]["held_by"]) == 2
    assert second["sides"][0]["text"] == NOISE


def test_one_piece_of_evidence_for_different_conclusions() -> None:
    result = both(
        made("a", "Ann", [("claim", BAN), ("premise", NOISE)], [(2, 1, "support")]),
        made("b", "Bo", [("claim", NO_BAN), ("premise", NOISE)], [(2, 1, "support")]),
    )
    (row,) = result["shared_evidence"]
    assert row["text"] == NOISE and row["conclusions"] == "opposed"
    assert {use["by"] for use in row["uses"]} == {"Ann", "Bo"}


def test_one_conclusion_on_different_grounds() -> None:
    result = both(
        made("a", "Ann", [("claim", BAN), ("premise", NOISE)], [(2, 1, "support")]),
        made("b", "Bo", [("claim", BAN), ("premise", "Sleep matters to growing minds")], [(2, 1, "support")]),
    )
    (row,) = result["same_conclusion"]
    assert row["text"] == BAN and [ground["by"] for ground in row["grounds"]] == ["Ann", "Bo"] and row["shared"] == []


def test_one_conclusion_on_one_ground_is_no_difference() -> None:
    maps = [
        made(name, who, [("claim", BAN), ("premise", NOISE)], [(2, 1, "support")])
        for name, who in (("a", "Ann"), ("b", "Bo"))
    ]
    assert both(*maps)["same_conclusion"] == []


def test_attacks_answered_and_left_standing() -> None:
    result = both(
        made(
            "a",
            "Ann",
            [("claim", BAN), ("claim", "Teachers dislike it", "a union"), ("premise", "Polls show teachers want it")],
            [(2, 1, "attack"), (3, 2, "attack")],
        ),
    )
    standing, answered = result["attacks"]
    text = {name: value["text"] for name, value in result["statements"].items()}
    assert not standing["answered"] and text[standing["attack"]] == "Polls show teachers want it"
    assert answered["answered"] and [text[name] for name in answered["answers"]] == ["Polls show teachers want it"]


def test_the_risk_register() -> None:
    flood = "The river may flood the old town"
    maps = [
        made("a", "Ann", [("claim!", flood), ("premise", NOISE)], [(2, 1, "support")]),
        made("b", "Bo", [("claim!", flood), ("claim!", "Prices may rise")]),
        made("c", "Cy", [("claim", flood.replace("may", "may not"))]),
    ]
    entity = Entity("e1", 4, 9, "river", "LOC", "river")
    first = maps[0].replace(entities=(entity,))
    parts = (
        Component(
            **{**{k: getattr(first.components[0], k) for k in first.components[0].__slots__}, "entities": ("e1",)}
        ),
        first.components[1],
    )
    result = both(first.replace(components=parts), *maps[1:])
    shared, alone = result["risks"]
    text = {name: value["text"] for name, value in result["statements"].items()}
    assert shared["warned_by"] == ["Ann", "Bo"] and shared["only"] is None and shared["exposed"] == ["river"]
    assert [text[name] for name in shared["support"]] == [NOISE]
    assert [text[name] for name in shared["against"]] == [flood.replace("may", "may not")]
    assert alone["only"] == "Bo"
    (named,) = result["entities"]
    assert named["name"] == "river" and named["groups"]["Ann"]["risks"]["count"] == 1


def test_a_risk_is_told_by_those_who_see_one() -> None:
    flood = "The river may flood the old town"
    result = both(
        made("a", "Ann", [("claim!", flood)]), made("b", "Bo", [("claim", flood)]), made("c", "Cy", [("claim", flood)])
    )
    (risk,) = result["risks"]
    assert risk["warned_by"] == ["Ann"] and risk["only"] == "Ann" and len(risk["statements"]) == 1


def test_rates_can_be_compared() -> None:
    assert rate(10, 2000) == {
        "count": 10,
        "rate": 5.0,
        "interval": [2.3977, 9.1952],
    }  # Garwood's interval for 10: 4.795 to 18.390
    assert rate(0, 1000)["interval"] == [0.0, 3.6889]
    assert share(5, 10)["interval"] == [0.2366, 0.7634]
    assert share(0, 0) == {"count": 0, "share": None, "interval": None}
    groups = both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", NOISE)] * 1))["groups"]
    assert groups[0]["claims"]["rate"] == pytest.approx(1000 / len(BAN.split()), abs=1e-3)


def test_maps_without_an_author_stand_for_themselves() -> None:
    result = both(made("a", None, [("claim", BAN)]), made("b", None, [("claim", BAN)]))
    assert [row["name"] for row in result["groups"]] == ["unknown: On a", "unknown: On b"]
    assert result["notes"][0].startswith("2 article(s) do not say their author")
    alike = [made(name, None, [("claim", BAN)]) for name in "ab"]
    alike = [amap.replace(article=dataclasses.replace(amap.article, title="Editorial")) for amap in alike]
    assert [row["name"] for row in both(*alike)["groups"]] == ["unknown: Editorial", "unknown: Editorial (b)"]


def test_one_author_alone() -> None:
    assert "one group alone" in both(made("a", "Ann", [("claim", BAN)]))["notes"][0]


def test_unrelated_articles_share_nothing() -> None:
    result = both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", "Fish quotas ruin villages")]))
    assert result["key_points"] == [] and result["contested"] == []
    assert "share no point" in result["notes"][0] and "oppose" in result["notes"][1]


def test_maps_of_different_models_are_refused_unless_forced() -> None:
    maps = [made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", BAN)], model=ModelInfo("m", "2"))]
    with pytest.raises(ConfigError, match=r"m 1 \(1\), m 2 \(1\).*--mixed-models"):
        both(*maps)
    assert "different models" in both(*maps, mixed=True)["notes"][-1]


def test_maps_in_different_schemes_are_refused() -> None:
    maps = [made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", BAN)]).replace(scheme="mine")]
    with pytest.raises(ConfigError, match=r"m 1 \(1\), m 1 in the scheme mine \(1\)"):
        both(*maps)


def test_statements_of_nobody_are_told() -> None:
    amap = made("a", "Ann", [("claim", BAN)])
    bare = amap.replace(components=tuple(dataclasses.replace(part, attribution=None) for part in amap.components))
    assert any("1 statement(s) do not say whose view" in note for note in both(bare)["notes"])


def test_an_article_counts_once_and_nothing_is_no_comparison() -> None:
    with pytest.raises(ConfigError, match="two maps are of the article 'a'"):
        collect([made("a", "Ann", []), made("a", "Ann", [])])
    with pytest.raises(ConfigError, match="found none"):
        collect([])


def test_by_other_fields() -> None:
    maps = [
        made("a", "Ann", [("claim", BAN)], published="2024-05-01", extra={"outlet": "Herald", "question": "phones"}),
        made("b", "Ann", [("claim", BAN)], published="2024-06-02", extra={"outlet": "Post", "question": "phones"}),
    ]
    assert both(*maps, by="outlet")["key_points"][0]["held_by"] == ["Herald", "Post"]
    assert [row["name"] for row in both(*maps, by="date")["groups"]] == ["2024-05", "2024-06"]
    assert both(*maps)["articles"][0]["question"] == "phones"
    with pytest.raises(ConfigError, match="--by outlett: expected a field"):
        both(*maps, by="outlett")


def test_a_chain_of_near_statements_is_not_one_point() -> None:
    vectors = np.array([[np.cos(angle), np.sin(angle)] for angle in np.linspace(0, np.pi, 13)], dtype=np.float32)
    names = [f"statement {number}" for number in range(13)]
    verdicts = {pair: Verdict(0.9, 0.0) for pair in pairwise(range(13))}
    statements = collect([made(name, name, [("claim", name)]) for name in names]).statements
    points = group(statements, Matches(names, list(range(13)), vectors, verdicts), Thresholds(same=0.35))
    assert len(points) > 2 and max(len(point.members) for point in points) < 7


def test_the_same_maps_give_the_same_bytes_and_in_any_order_the_same_points() -> None:
    maps = [
        made(f"a{n}", f"Ann {n % 3}", [("claim", f"{BAN} {word}"), ("premise", NOISE)])
        for n, word in enumerate(["in", "on", "at", "by"])
    ]
    assert json.dumps(both(*maps)) == json.dumps(both(*maps))

    def told(result: dict[str, Any]) -> list[tuple[str, list[str], list[str], float]]:
        """Each point with who holds it, where it is made in which words, and how sure that is."""
        said = {name: f"{row['article']}: {row['text']}" for name, row in result["statements"].items()}
        points = result["key_points"]
        places = [sorted(said[name] for name in point["statements"]) for point in points]
        return sorted(
            (point["text"], sorted(point["held_by"]), where, point["probability"])
            for point, where in zip(points, places, strict=True)
        )

    assert told(both(*maps)) == told(both(*maps[::-1])) and len(told(both(*maps))) == 2


def test_the_approximate_index_finds_what_the_exact_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    centres = generator.normal(size=(60, 48))
    vectors = (centres[np.arange(600) % 60] + 0.3 * generator.normal(size=(600, 48))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    homes = [{number} for number in range(600)]
    exact = set(nearest(vectors, homes, least=0.5))
    monkeypatch.setattr("oped.compare.candidates.EXACT_UP_TO", 10)
    found = nearest(vectors, homes, least=0.5)
    assert found == nearest(vectors, homes, least=0.5) and len(exact & set(found)) > 0.95 * len(exact)


def test_tables_and_graphs_hold_what_the_json_holds(tmp_path: Path) -> None:
    result = both(
        made("a", "Ann", [("claim", BAN), ("premise", NOISE)], [(2, 1, "support")]),
        made("b", "Bo", [("claim", NO_BAN), ("premise", NOISE)], [(2, 1, "support")]),
    )
    write_tables(result, tmp_path)
    write_tables(both(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", NOISE)])), tmp_path / "few")
    for name in TABLES:
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert table.schema == pq.read_table(tmp_path / "few" / f"{name}.parquet").schema
        rows = table.to_pylist()
        with open(tmp_path / f"{name}.csv", encoding="utf-8", newline="") as stream:
            assert len(list(csv.DictReader(stream))) == len(rows)
    (point,) = pq.read_table(tmp_path / "key_points.parquet").to_pylist()
    assert point["held_by"] == ["Ann", "Bo"] and json.loads(point["groups"])["Bo"]["held"] == 1
    groups = pq.read_table(tmp_path / "groups.parquet").to_pylist()
    assert groups[0]["claims_low"] < groups[0]["claims_rate"] < groups[0]["claims_high"]
    graph = tmp_path / "all.graphml"
    write_graph(result, graph)
    (back,) = read_corpus(graph, "graphml")
    kinds = [link.type for link in back.relations]
    assert kinds.count("same") == 1 and kinds.count("opposed") == 1 and kinds.count("support") == 2
    assert back.components == merged_map(result).components
    nodes = networkx.read_graphml(graph, force_multigraph=True).nodes.values()
    assert {(node["article"], node["by"]) for node in nodes} == {("a", "Ann"), ("b", "Bo")}
    write_graph(result, tmp_path / "all.json", "aif")
    nodes = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["nodes"]
    write_graph(result, tmp_path / "all.xaif.json", "xaif")
    said = json.loads((tmp_path / "all.xaif.json").read_text(encoding="utf-8"))["AIF"]
    assert {row["firstname"] for row in said["participants"]} == {"Ann", "Bo"}
    assert [node["type"] for node in nodes].count("CA") == 1 and [node["type"] for node in nodes].count("MA") == 1


@pytest.mark.parametrize("exact_up_to", [10, 1000])
def test_neighbours_are_of_other_articles(monkeypatch: pytest.MonkeyPatch, exact_up_to: int) -> None:
    """An article that repeats itself thirty times hides nobody else from itself."""
    monkeypatch.setattr("oped.compare.candidates.EXACT_UP_TO", exact_up_to)
    angles = np.concatenate([np.linspace(0, 0.05, 30), [0.4, 0.5]])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    homes = [{0}] * 30 + [{1}, {2}]
    found = nearest(vectors, homes, least=0.5)
    assert {(number, other) for number in range(30) for other in (30, 31)} | {(30, 31)} == set(found)


def test_an_opposed_pair_keeps_two_groups_apart() -> None:
    names = ["one", "two", "three"]
    vectors = np.array([[1, 0], [1, 0], [1, 0]], dtype=np.float32)
    statements = collect([made(name, name, [("claim", name)]) for name in names]).statements
    same = {(0, 1): Verdict(0.9, 0.0), (1, 2): Verdict(0.9, 0.0)}
    for third, sizes in ((Verdict(0.9, 0.0), [3]), (Verdict(0.4, 0.9), [2, 1])):
        matches = Matches(names, [0, 1, 2], vectors, {**same, (0, 2): third})
        points = group(statements, matches, Thresholds(same=0.35, opposed=0.5))
        assert [len(point.members) for point in points] == sizes
