"""Answers are read tolerantly, in either form, into the same records."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from oped.llm.answer import CUT, Answer, Link
from oped.llm.forms import FORMS, Form, read_answer, write_answer
from oped.llm.json_form import answer_schema, read_json
from oped.llm.lines import read_lines
from oped.llm.scheme import OPINION_LABELS, scheme_from
from tests.llm.scripted import GOOD

OWN = scheme_from(
    {
        "name": "policy",
        "source": False,
        "tree": False,
        "components": {"proposal": "what ought to be done", "reason": "why"},
        "relations": {"for": "helps", "against": "hurts"},
    }
)


def read(text: str, *, gist: bool = False, cut: bool = False) -> Answer:
    return read_lines(text, OPINION_LABELS, gist=gist, cut=cut)


def test_a_line_has_seven_fields() -> None:
    (line,) = read("7|P|3|half of the population … in need of aid|r|UNICEF|+5").lines
    assert (line.number, line.type, line.paragraph) == (7, "premise", 3)
    assert line.quote == "half of the population … in need of aid"
    assert (line.risk, line.source, line.links) == (True, "UNICEF", (Link("support", 5),))


@pytest.mark.parametrize(
    "row",
    [
        "```\n7|P|3|the dam leaks|r|UNICEF|+5\n```",
        "Here is my answer:\n\n7 | P | [3] | the dam leaks | r | UNICEF | +5\n\nI hope that helps.",
        "- 7|premise|3|the dam leaks|R|UNICEF|+ 5",
        "| 7 | P | 3 | the dam leaks | r | UNICEF | +5 |",
        "7.|P|3|the dam leaks|yes|UNICEF|support 5",
        "c7|p|¶3|the dam leaks|r|“UNICEF”|+c5",
        "NUMBER|TYPE|PARAGRAPH|WORDS|RISK|SOURCE|RELATION\n**7**|P|3|the dam leaks|risk|UNICEF|5",
    ],
)
def test_the_same_is_read_however_it_is_dressed(row: str) -> None:
    (line,) = read(row).lines
    assert (line.number, line.type, line.paragraph, line.quote) == (7, "premise", 3, "the dam leaks")
    assert (line.risk, line.source, line.links) == (True, "UNICEF", (Link("support", 5),))


def test_bars_in_a_quote_stay_in_it() -> None:
    (line,) = read("7|C|3|a | b or c||UNICEF|-5").lines
    assert (line.quote, line.source, line.links) == ("a | b or c", "UNICEF", (Link("attack", 5),))


def test_fields_that_are_left_out_are_empty() -> None:
    lines = read("1|M|1|the dam must go\n2|P|1|it leaks|+1\n3|P|1|it creaks|r|+1\n4|P|1|it moans|Ann Lee|+1").lines
    assert [line.links for line in lines] == [(), *[(Link("support", 1),)] * 3]
    assert [line.risk for line in lines] == [False, False, True, False]
    assert [line.source for line in lines] == ["", "", "", "Ann Lee"]


@pytest.mark.parametrize("name", ["", "author", "The author", "-", "none"])
def test_the_author_has_many_names(name: str) -> None:
    assert read(f"1|C|1|the dam leaks||{name}|").lines[0].source == ""


def test_a_line_that_is_wrong_costs_itself_alone() -> None:
    answer = read("1|X|1|the dam leaks|||\n2|C||||\n3|C|1|it must go|||")
    assert [line.number for line in answer.lines] == [3]
    assert [fault.number for fault in answer.faults] == [1, 2]


def test_an_answer_that_is_cut_off_keeps_its_whole_lines() -> None:
    answer = read("1|C|1|it must go|||\n2|C|1|it le", cut=True)
    assert [line.number for line in answer.lines] == [1]
    assert answer.faults[0].reason == CUT


def test_the_word_none_says_that_there_is_nothing() -> None:
    assert read("none").nothing
    assert read(" None. ").nothing
    assert not read("None of this is true.").nothing


def test_a_gist_of_more_than_fifteen_words_is_cut() -> None:
    (line,) = read(f"1|C|1|it must go||||{' word' * 20}", gist=True).lines
    assert line.gist == " ".join(["word"] * 15) + " …"


def test_a_number_that_is_used_twice_keeps_its_first_line_as_target() -> None:
    answer = read("1|C|1|it must go|||\n1|P|1|it leaks|||+1")
    assert [line.quote for line in answer.lines] == ["it must go", "it leaks"]
    assert len({line.number for line in answer.lines}) == 2


def test_relations_may_follow_in_lines_of_their_own() -> None:
    answer = read_lines("1|C|1|it must go||\n2|P|1|it leaks|r|\n\n2|+1", OPINION_LABELS, late=True)
    assert [line.links for line in answer.lines] == [(), (Link("support", 1),)]


def test_a_correction_replaces_relinks_and_removes_lines() -> None:
    first = read("1|M|1|it must go|||\n2|P|1|it leeks|||+1\n3|P|1|it creaks|||+9\n4|C|1|it moans|||+1\n5|Z|1|x|||")
    second = read("2|P|1|it leaks|||+1\n3|+1\n4|drop")
    amended = first.amended(second)
    assert [(line.number, line.quote) for line in amended.lines] == [
        (1, "it must go"),
        (2, "it leaks"),
        (3, "it creaks"),
    ]
    assert amended.lines[2].links == (Link("support", 1),)
    assert [fault.number for fault in amended.faults] == [5]


def test_labels_of_a_scheme_of_ones_own() -> None:
    (line,) = read_lines("2|Reason|1|it leaks|for 1, against 4", OWN).lines
    assert (line.type, line.links) == ("reason", (Link("for", 1), Link("against", 4)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("gist", [False, True])
def test_what_is_written_in_a_form_is_read_back(form: Form, gist: bool) -> None:
    lines = [
        replace(line, places={}, gist="It is so" if gist else None) for line in read_lines(GOOD, OPINION_LABELS).lines
    ]
    text = write_answer(lines, OPINION_LABELS, form, gist=gist)
    again = [replace(line, places={}) for line in read_answer(text, OPINION_LABELS, form, gist=gist).lines]
    assert again == lines


def test_json_answers_fit_their_schema() -> None:
    schema = answer_schema(OPINION_LABELS, gist=True)
    Draft202012Validator.check_schema(schema)
    lines = [replace(line, gist="It is so") for line in read_lines(GOOD, OPINION_LABELS).lines]
    Draft202012Validator(schema).validate(json.loads(write_answer(lines, OPINION_LABELS, "json", gist=True)))


def test_of_json_that_is_cut_off_the_whole_components_are_kept() -> None:
    text = write_answer(read_lines(GOOD, OPINION_LABELS).lines, OPINION_LABELS, "json")
    answer = read_json(text[: len(text) - 60], OPINION_LABELS, cut=True)
    assert [line.number for line in answer.lines] == [1, 2, 3, 4, 5]


def test_an_endpoint_that_ignores_the_schema_is_understood() -> None:
    assert len(read_answer(GOOD, OPINION_LABELS, "json").lines) == 6
    text = write_answer(read_lines(GOOD, OPINION_LABELS).lines, OPINION_LABELS, "json")
    assert len(read_answer(f"```json\n{text}\n```", OPINION_LABELS, "lines").lines) == 6


@pytest.mark.parametrize("text", ["[" * 100_000, '{"components": [' + '{"a":' * 50_000, "1|" * 100_000, "9" * 100_000])
def test_monstrous_answers_are_read_in_bearable_time(text: str) -> None:
    assert read_answer(text, OPINION_LABELS, "json").lines == ()


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.text(st.sampled_from('12|MCPr+-…` \n{}[]":,componets\x00\ud800'), max_size=80),
    st.sampled_from(FORMS),
    st.booleans(),
)
def test_no_answer_makes_the_reading_fail(text: str, form: Form, cut: bool) -> None:
    answer = read_answer(text, OPINION_LABELS, form, cut=cut)
    numbers = [line.number for line in answer.lines]
    assert len(set(numbers)) == len(numbers)
    assert {line.type for line in answer.lines} <= {"major_claim", "claim", "premise"}
