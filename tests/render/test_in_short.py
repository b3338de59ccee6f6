"""The sentences of a comparison, and who shares how much with whom."""

from typing import Any

from oped.compare.comparison import compare
from oped.render.in_short import Part, contradictions, in_short, names, number
from oped.render.sharing import sharing
from tests.compare.test_compare import BAN, NO_BAN, NOISE, DoubtfulJudge, WordJudge, made

FLOOD = "The river may flood the old town"


def parts(*maps: Any, judge: WordJudge | None = None) -> dict[str, Part]:
    return {part.place: part for part in in_short(compare(maps, judge or WordJudge()))}


def test_names_are_listed_as_in_a_sentence() -> None:
    assert names([]) == "nobody"
    assert names(["Ann"]) == "Ann"
    assert names(["Ann", "Bo"]) == "Ann and Bo"
    assert names(["Ann", "Bo", "Cy", "Di"]) == "Ann, Bo, Cy and Di"
    assert names(["Ann", "Bo", "Cy", "Di", "Ed"]) == "Ann, Bo, Cy and two others"
    assert number(12) == "twelve" and number(1300) == "1,300"


def test_who_holds_both_sides_is_named_on_neither_where_others_hold_one() -> None:
    (sentence,) = parts(
        made("a", "Ann", [("claim", BAN)]),
        made("b", "Bo", [("claim", NO_BAN), ("claim", BAN)]),
    )["contested"].sentences
    assert (sentence.who, sentence.says) == ("Ann holds that", BAN)
    assert (sentence.then, sentence.but) == ("Bo holds against it that", NO_BAN)


def test_why_two_sides_contradict_each_other_is_told_where_the_judge_says_it() -> None:
    result = compare([made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", NO_BAN)])], WordJudge())
    result["contested"][0]["reason"] = "a ban or none"
    (sentence,) = in_short(result)[0].sentences
    assert sentence.why == "a ban or none"


def test_contradictions_of_one_reason_are_told_once() -> None:
    maps = [made("a", "Ann", [("claim", BAN), ("claim", NOISE)])]
    maps.append(made("b", "Bo", [("claim", NO_BAN), ("claim", NOISE.replace("makes", "makes not"))]))
    result = compare(maps, WordJudge())
    assert len(result["contested"]) == len(contradictions(result)) == 2
    for row in result["contested"]:
        row["reason"] = "one is for it, the other is not"
    (found,) = contradictions(result)
    assert len(found.rows) == 2 and len(found.statements) == 4
    assert len(in_short(result)[0].sentences) == 1 and in_short(result)[0].more == 0


def test_what_all_share_comes_before_what_some_share() -> None:
    everybody, some = parts(
        made("a", "Ann", [("claim", BAN), ("claim", NOISE)]),
        made("b", "Bo", [("claim", BAN), ("claim", NOISE)]),
        made("c", "Cy", [("claim", NOISE)]),
    )["points"].sentences
    assert (everybody.who, everybody.says) == ("All three (Ann, Bo and Cy) hold that", NOISE)
    assert some.who == "Ann and Bo hold that"


def test_what_is_unlikely_is_in_no_sentence() -> None:
    found = parts(made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", NO_BAN)]), judge=DoubtfulJudge())
    assert found["contested"].sentences == [] and "likelier than not" in found["contested"].none
    assert found["points"].sentences == []


def test_the_risk_that_most_warn_of_and_who_answers_it() -> None:
    found = parts(
        made("a", "Ann", [("claim!", FLOOD)]),
        made("b", "Bo", [("claim!", FLOOD), ("claim!", "Prices may rise")]),
        made("c", "Cy", [("claim", FLOOD.replace("may", "may not"))]),
    )["risks"]
    assert found.title == "What is feared most"
    first, second = found.sentences
    assert (first.who, first.says, first.then) == ("Ann and Bo warn:", FLOOD, "Cy speaks against it.")
    assert second.then == "Nobody speaks against it."


def test_without_a_common_fear_a_sentence_that_stands_alone_comes_first() -> None:
    found = parts(
        made("a", "Ann", [("claim!", "It may well go very wrong there")]), made("b", "Bo", [("claim!", FLOOD)])
    )["risks"]
    assert found.title == "What is feared, by one each"
    assert [sentence.says for sentence in found.sentences] == [FLOOD, "It may well go very wrong there"]


def test_who_shares_most_stand_together() -> None:
    result = compare(
        [
            made("a", "Ann", [("claim", BAN), ("claim", NOISE)]),
            made("b", "Bo", [("claim", NOISE)]),
            made("c", "Cy", [("claim", BAN), ("claim", NOISE)]),
            made("d", "Di", [("claim", "Fish quotas ruin villages")]),
        ],
        WordJudge(),
    )
    drawn = sharing(result)
    assert drawn is not None and drawn.left_out == 1 and drawn.sure
    assert list(drawn.columns) == ["Ann", "Cy"]
    pairs = {(pair.one, pair.other): pair.sure for _, row in drawn.rows for pair in row}
    assert pairs == {("Ann", "Cy"): 2, ("Ann", "Bo"): 1, ("Cy", "Bo"): 1}
    assert drawn.rows[0][1][0].radius > drawn.rows[1][1][0].radius


def test_two_alone_are_not_drawn() -> None:
    assert (
        sharing(compare([made("a", "Ann", [("claim", BAN)]), made("b", "Bo", [("claim", BAN)])], WordJudge())) is None
    )
