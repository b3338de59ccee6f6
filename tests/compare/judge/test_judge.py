"""A language model as the judge of a comparison, over real HTTP and by files: what becomes of its answers."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from oped.commands import cli
from oped.compare.comparison import compare
from oped.compare.graph import merged_map
from oped.compare.judge.assessor import JudgeOptions, LanguageModelJudge
from oped.compare.judge.blocks import plan_blocks
from oped.compare.statements import collect
from oped.errors import BudgetError, EndpointError, OpedError, UnusableError
from oped.llm.meter import Meter, MeteredModel
from oped.records import ArgumentMap
from oped.render.comparison import render_comparison
from tests.compare.test_compare import made, naming
from tests.llm.scripted import Scripted, said
from tests.llm.service import Body, Play, Service, completion, saying

SCHEMA = json.loads((files("oped") / "schemas" / "comparison-1.schema.json").read_text(encoding="utf-8"))
POINT = "Schools should ban phones in class"
REASON = "One wants phones banned; the other says that bans fail"


def maps() -> list[ArgumentMap]:
    return [
        made("a", "Ann Ash", [("claim", "Phones should be banned in every school"), ("claim!", "Noise could ruin lessons")]),
        naming(made("b", "Bo Birch", [("claim", "Out with phones, says Acme"), ("claim!", "Lessons may drown in noise")]), "Acme"),
        made("c", "Cy Cole", [("claim", "Phones must go", "a union"), ("claim", "No ban ever worked, whatever Acme says")]),
    ]  # fmt: skip


# A1, A2 by Ann; B1, B2 by Bo; C1, which Cy reports, and C2.
ANSWER = (
    f"1|point|{POINT}|A1, B1, C1\n2|risk|Noise could make lessons impossible|A2, B2\n"
    f"3|contradiction|{REASON}|1|C2\n4|for|Acme|B1\n5|against|Acme|C2"
)


def judged(
    *answers: str, given: Sequence[ArgumentMap] | None = None, **options: Any
) -> tuple[dict[str, Any], Scripted]:
    model = Scripted(*answers)
    judge = LanguageModelJudge(model, options=JudgeOptions(**options), concurrency=1)
    result = compare(maps() if given is None else given, judge)
    jsonschema.Draft202012Validator(SCHEMA).validate(result)
    return result, model


def test_a_judged_comparison_names_points_reasons_risks_and_stances() -> None:
    result, model = judged(ANSWER)
    point, risk = sorted(result["key_points"], key=lambda row: row["risk"])
    assert (point["name"], point["held_by"], point["reported_by"]) == (POINT, ["Ann Ash", "Bo Birch"], ["Cy Cole"])
    assert point["shared"] and risk["name"] == "Noise could make lessons impossible"
    (row,) = result["contested"]
    assert row["reason"] == REASON and row["kind"] == "across" and row["probability"] == 0.5
    assert [side["held_by"] for side in row["sides"]] == [["Ann Ash", "Bo Birch"], ["Cy Cole"]]
    assert result["risks"][0]["warned_by"] == ["Ann Ash", "Bo Birch"]
    acme = next(row for row in result["entities"] if row["name"] == "Acme")["groups"]
    assert acme["Bo Birch"]["for"]["count"] == 1 and acme["Cy Cole"]["against"]["count"] == 1
    assert result["judge"]["name"] == "llm:scripted" and result["judge"]["requests"] == len(model.asked) == 1
    assert (result["judge"]["prompt_tokens"], result["judge"]["completion_tokens"]) == (100, 10)


def test_the_page_the_tables_and_the_graph_have_what_the_judge_says(tmp_path: Path) -> None:
    result, _ = judged(ANSWER)
    page = render_comparison(result)
    assert POINT in page and REASON in page and "judged by llm:scripted" in page
    from oped.compare.tables import write_tables

    write_tables(result, tmp_path)
    assert POINT in pq.read_table(tmp_path / "key_points.parquet")["name"].to_pylist()
    assert pq.read_table(tmp_path / "contested.parquet")["reason"].to_pylist() == [REASON]
    assert [link.type for link in merged_map(result).relations].count("opposed") == 2


def test_what_the_judge_doubts_is_below_one_half() -> None:
    result, _ = judged(ANSWER.replace("|point|", "|point?|").replace("|contradiction|", "|contradiction?|"))
    assert {row["risk"]: row["probability"] < 0.5 for row in result["key_points"]} == {True: False, False: True}
    assert [row["probability"] < 0.5 for row in result["contested"]] == [True]


def test_what_is_wrong_goes_back_once_and_what_stays_wrong_is_dropped() -> None:
    wrong = ANSWER.replace("A2, B2", "A2, B7").replace("4|for|Acme|B1", "4|for|Globex|B1")
    result, model = judged(wrong, "2|risk|Noise could make lessons impossible|A2, B2\n4|for|Initech|B1")
    asked = said(model.asked)[1]
    assert "2: B7 is none of the ids listed" in asked and "4: the article of B1 does not name Globex" in asked
    assert len(model.asked) == 2 and [row["risk"] for row in result["key_points"]].count(True) == 1
    assert (result["judge"]["lines"], result["judge"]["dropped"]) == (5, 1)


@pytest.mark.parametrize("text", ["", "I'm sorry, but no.", "1|point|All say the same thing here|Z1, Z2"])
def test_answers_without_any_use_are_an_error_that_says_so(text: str) -> None:
    with pytest.raises(UnusableError, match="none that can be used"):
        judged(text, text)


def test_nothing_in_common_is_an_answer() -> None:
    result, _ = judged("none")
    assert result["key_points"] == result["contested"] == [] and result["judge"]["unanswered"] == 0


def test_a_contradiction_of_an_author_with_himself_is_a_change() -> None:
    given = [made(name, "Ann Ash", [("claim", text)], published=f"202{place}-01-01")
             for place, (name, text) in enumerate((("a", "Phones must go"), ("b", "Let them keep their phones")))]  # fmt: skip
    result, _ = judged(f"1|contradiction|{REASON}|A1|B1", given=given)
    assert [row["by"] for row in result["changes"]] == ["Ann Ash"]


# Many articles on one question: each says something of its own, and one of five points that others make too.


def many(count: int, *, without: Collection[int] = ()) -> list[ArgumentMap]:
    """Maps of articles; those `without` a point have the same words, and no reader finds the point in them."""
    return [
        made(
            f"m{place:04}",
            f"Author {place}",
            [
                (
                    "claim",
                    f"Point{'-' * (place in without)}{place % 5} matters here{',' * (place not in without)} says {place}",
                ),
                ("claim", f"Only{place} thinks of alpha{place} and beta{place} now"),
            ],
            extra={"question": "phones"},
        )
        for place in range(count)
    ]


def reader(body: Body) -> str:
    """A good reader: statements or points with the same `PointN` are the same; the points 0 and 1 contradict each other."""
    found: dict[str, list[str]] = {}
    for name, key in re.findall(r"^([A-Z]+\d+).*?(Point\d)", body["messages"][1]["content"], re.MULTILINE):
        found.setdefault(key, []).append(name)
    shared = {
        key: names for key, names in sorted(found.items()) if len({re.sub(r"\d", "", name) for name in names}) > 1
    }
    lines = [f"{n}|point|{key} is what matters to all of them|{', '.join(names)}" for n, (key, names) in enumerate(shared.items(), 1)]  # fmt: skip
    if {"Point0", "Point1"} <= set(shared):
        lines.append(f"{len(lines) + 1}|contradiction|One is for zero and the other for one|1|2")
    return "\n".join(lines) or "none"


class Reading(Scripted):
    """Answers as `reader` does."""

    def complete(self, request: Any) -> Any:
        body = {"messages": [{"content": message.content} for message in request.messages]}
        self.answers.append(reader(body))
        return super().complete(request)


def test_overlapping_blocks_become_one_comparison_of_a_hundred_articles() -> None:
    model = Reading()
    result = compare(many(100), LanguageModelJudge(model, options=JudgeOptions(room=900), concurrency=1))
    assert len(plan_blocks(collect(many(100)), room=900).sheets) > 4
    assert [len(row["held_by"]) for row in result["key_points"]] == [20] * 5
    assert len(result["contested"]) == 1 and result["judge"]["dropped"] == 0


def test_points_of_blocks_that_share_no_statement_are_shown_to_the_model_and_joined() -> None:
    sheets = plan_blocks(collect(many(100)), room=900).sheets
    shown = Counter(home for sheet in sheets for home in sheet.headings)
    given = many(100, without=[place for place, count in shown.items() if count > 1])
    model = Reading()
    result = compare(given, LanguageModelJudge(model, options=JudgeOptions(room=900), concurrency=1))
    asked = said(model.asked)
    assert sum("\nLIST B" in text for text in asked) > 0 and sum("\nARTICLE B" in text for text in asked) == len(sheets)
    assert sum(len(row["held_by"]) for row in result["key_points"]) == sum(count == 1 for count in shown.values())
    assert len(result["key_points"]) == 5 and len(result["contested"]) == 1


def test_the_cost_grows_about_linearly() -> None:
    spent = []
    for count in (60, 240):
        model = Reading()
        compare(many(count), LanguageModelJudge(model, options=JudgeOptions(room=900), concurrency=1))
        spent.append(sum(len(message.content) for request in model.asked for message in request.messages[1:]))
    assert 3 < spent[1] / spent[0] < 5


def test_each_statement_is_shown_and_blocks_hold_what_they_may() -> None:
    collection = collect(many(60))
    plan = plan_blocks(collection, room=600)
    shown = [item.place for sheet in plan.sheets for item in sheet.items]
    assert set(shown) == set(range(len(collection.statements))) and len(shown) < 2 * len(set(shown))
    assert max(len(sheet.text) / 3 for sheet in plan.sheets) < 1000


def test_articles_that_name_no_question_are_grouped_by_their_words() -> None:
    topics = ("harbour dredging ships silt", "nursing wards beds staff", "orchard frost apples pruning")
    given = [
        made(f"t{place}", f"Author {place}", [("claim", f"{topics[place % 3]} {word} matter most of all") for word in topics[place % 3].split()])
        for place in range(12)
    ]  # fmt: skip
    plan = plan_blocks(collect(given), room=250)
    homes = [{item.home % 3 for item in sheet.items} for sheet in plan.sheets]
    assert len(plan.families) == 3 and all(len(home) == 1 for home in homes) and not plan.alone


def test_an_article_longer_than_a_block_is_cut() -> None:
    long = made("a", "Ann", [("claim", f"Statement number {place} of a very long article") for place in range(80)])
    plan = plan_blocks(collect([long, made("b", "Bo", [("claim", "Statement of a short one")])]), room=500)
    assert len(plan.sheets) > 2 and {item.place for sheet in plan.sheets for item in sheet.items} == set(range(81))


def test_the_same_maps_in_another_order_ask_the_same() -> None:
    judge = LanguageModelJudge(Scripted(), options=JudgeOptions(room=900))
    asked = [
        {request.key("m") for request in judge.requests_of(collect(order))} for order in (many(40), many(40)[::-1])
    ]
    assert asked[0] == asked[1]


def test_a_block_without_an_answer_is_told_and_costs_itself_alone() -> None:
    class Failing(Reading):
        def complete(self, request: Any) -> Any:
            if len(self.asked) == 1:
                self.asked.append(request)
                self.answers.append("")
                raise EndpointError("expected an answer, but the service's content filter held it back")
            return super().complete(request)

    result = compare(many(60), LanguageModelJudge(Failing(), options=JudgeOptions(room=900), concurrency=1))
    assert result["judge"]["unanswered"] == 1 and "no answer to 1 of" in result["notes"][0]
    assert len(result["key_points"]) == 5


def test_the_bound_on_tokens_ends_it() -> None:
    metered = MeteredModel(Reading(), Meter(max_tokens_total=1_000))
    with pytest.raises(BudgetError, match="run again to go on"):
        compare(many(60), LanguageModelJudge(metered, options=JudgeOptions(room=900), concurrency=1))


# By the command line, over real HTTP.


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Service(answer=lambda body: ANSWER) as service:
        monkeypatch.setenv("OPED_LLM_ENDPOINT", service.endpoint)
        yield service


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "maps.jsonl"
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in maps()), encoding="utf-8")
    return path


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments), "--judge", "llm:tiny"])


def test_a_comparison_is_judged_at_an_endpoint_and_paid_for_once(
    service: Service, written: Path, tmp_path: Path
) -> None:
    done = call(written, "-o", tmp_path / "one.json")
    assert done.exit_code == 0 and "100 tokens sent, 20 answered" in done.stderr
    first = json.loads((tmp_path / "one.json").read_text())
    assert POINT in {point["name"] for point in first["key_points"]} and len(service.requests) == 1
    again = call(written, "-o", tmp_path / "two.json")
    assert again.exit_code == 0 and "1 answers from the cache" in again.stderr and len(service.requests) == 1
    assert json.loads((tmp_path / "two.json").read_text()) == first


def test_a_dry_run_says_what_it_costs_and_sends_nothing(service: Service, written: Path) -> None:
    done = call(written, "--dry-run")
    assert done.exit_code == 0 and done.stdout.startswith("3 articles, 1 requests, about ") and not service.requests


def test_requests_and_replies_go_by_files(service: Service, written: Path, tmp_path: Path) -> None:
    asked = call(written, "--requests", tmp_path / "r.jsonl")
    assert asked.exit_code == 0 and not asked.stdout and "1 requests in" in asked.stderr and not service.requests
    (line,) = map(json.loads, (tmp_path / "r.jsonl").read_text().splitlines())
    wrong = ANSWER.replace("A2, B2", "A2, B7")
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"custom_id": line["custom_id"], "response": {"body": completion(wrong)}})
    )
    done = call(written, "--replies", tmp_path / "a.jsonl", "--requests", tmp_path / "c.jsonl")
    assert done.exit_code == 0 and [row["name"] for row in json.loads(done.stdout)["key_points"]] == [POINT]
    (more,) = map(json.loads, (tmp_path / "c.jsonl").read_text().splitlines())
    assert "2: B7 is none of the ids listed" in more["body"]["messages"][-1]["content"] and not service.requests


def test_missing_replies_are_an_error_and_are_written_down_again(
    service: Service, written: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text("")
    failed = call(written, "--replies", tmp_path / "a.jsonl")
    assert isinstance(failed.exception, OpedError) and "no reply" in str(failed.exception)
    again = call(
        written, "--replies", tmp_path / "a.jsonl", "--requests", tmp_path / "r.jsonl", "-o", tmp_path / "x.json"
    )
    assert again.exit_code == 1 and len((tmp_path / "r.jsonl").read_text().splitlines()) == 1
    assert not (tmp_path / "x.json").exists()


def test_a_service_that_refuses_is_an_error_of_one_line(service: Service, written: Path) -> None:
    service.refuse = lambda body: saying(401, "who are you")
    found = call(written).exception
    assert isinstance(found, OpedError) and "OPED_LLM_API_KEY" in str(found) and "\n" not in str(found)
    service.refuse = lambda body: Play(breaks=True) if len(service.requests) < 2 else None
    assert call(written).exit_code == 0


def test_options_of_a_judge_are_refused_without_one(written: Path) -> None:
    for more in (["--dry-run"], ["--endpoint", "http://127.0.0.1:9/v1"], ["--judge", "en_opinion_sm"]):
        done = CliRunner().invoke(cli, ["compare", str(written), *more])
        assert done.exit_code == 2 and "llm:NAME" in done.stderr


def test_a_judge_keeps_to_its_bounds_its_cache_and_its_lines(service: Service, written: Path, tmp_path: Path) -> None:
    over = call(written, "--max-tokens-total", "10").exception
    assert isinstance(over, BudgetError) and not service.requests
    elsewhere = service.endpoint.replace("127.0.0.1", "0.0.0.0")  # not known to be this machine's
    kept = ["--endpoint", elsewhere, "--cache", str(tmp_path / "kept")]
    refused = call(written, *kept)
    assert isinstance(refused.exception, OpedError) and "unencrypted" in str(refused.exception) and not service.requests
    assert call(written, *kept, "--insecure").exit_code == 0 and len(service.requests) == 1
    assert call(written, *kept, "--insecure").exit_code == 0 and len(service.requests) == 1
