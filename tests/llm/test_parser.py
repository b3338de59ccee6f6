"""A language model behind the protocol of argument parsers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from oped.errors import EndpointError, UnusableError
from oped.llm.chances import Chances, measure, shipped_chances
from oped.llm.model import Reply
from oped.llm.parser import LanguageModelParser, ReadingOptions
from oped.llm.prompt import find_prompt
from oped.llm.scheme import scheme_from
from oped.parsing.protocol import ArgumentParser
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Entity, Reading
from tests.llm.scripted import ARTICLE, GOOD, TEXT, Scripted, said

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "pipeline/oped/schemas/argument-map-1.schema.json").read_text(encoding="utf-8")
)


def parse(model: Scripted, article: Article = ARTICLE, **options: object) -> ArgumentMap:
    return LanguageModelParser(model, options=ReadingOptions(**options)).parse(article)  # type: ignore[arg-type]


def test_an_answer_becomes_a_map() -> None:
    parser: ArgumentParser = LanguageModelParser(Scripted(GOOD))
    amap = parser.parse(ARTICLE)
    assert [part.type for part in amap.components] == ["major_claim", "premise", "premise", "claim", "claim", "claim"]
    assert [(link.source, link.target, link.type) for link in amap.relations][-2:] == [
        ("c5", "c1", "attack"),
        ("c6", "c5", "attack"),
    ]
    assert [part.id for part in amap.components if part.risk] == ["c4"]
    assert amap.components[1].attribution == Attribution("other", "the operator")
    assert amap.components[0].attribution == AUTHOR
    assert amap.model is not None
    assert (amap.model.name, amap.model.version) == ("llm:scripted", find_prompt().version)
    assert amap.reading == Reading(requests=1, prompt_tokens=100, completion_tokens=10, lines=6, exact=6)
    Draft202012Validator(SCHEMA).validate(amap.to_dict())
    assert ArgumentMap.from_dict(amap.to_dict()) == amap


def test_what_is_wrong_goes_back_once_and_alone() -> None:
    model = Scripted(
        GOOD.replace("It carries 900 people a week", "These words are nowhere"),
        "2|P|2|It carries 900 people a week||the operator|+1",
    )
    amap = parse(model)
    assert len(amap.components) == 6
    asked = said(model.asked)[1]
    assert "2: its words are not in paragraph 2" in asked
    assert "\n3:" not in asked
    assert [message.role for message in model.asked[1].messages] == ["system", "user", "assistant", "user"]
    assert amap.reading == Reading(requests=2, prompt_tokens=200, completion_tokens=20, lines=6, exact=6)


def test_what_stays_wrong_is_left_out_and_counted() -> None:
    wrong = "7|C|3|these words are nowhere|||-1"
    amap = parse(Scripted(f"{GOOD}\n{wrong}", wrong))
    assert len(amap.components) == 6
    assert amap.reading is not None
    assert (amap.reading.lines, amap.reading.exact, amap.reading.dropped, amap.reading.requests) == (7, 6, 1, 2)


def test_without_correction_nothing_goes_back() -> None:
    assert len(parse(Scripted(f"{GOOD}\n7|C|3|nowhere at all here|||"), correct=False).components) == 6


def test_a_cut_answer_is_gone_on_with() -> None:
    rows = GOOD.splitlines()
    model = Scripted(Reply(text="\n".join([*rows[:3], rows[3][:15]]), truncated=True), "\n".join(rows[3:]))
    assert len(parse(model).components) == 6
    assert "4: the answer was cut off here" in said(model.asked)[1]


def test_a_model_that_says_nothing_usable_is_an_error() -> None:
    model = Scripted("I can't help with that.", "No.")
    with pytest.raises(EndpointError, match="bus: expected lines") as error:
        parse(model)
    assert "\n" not in str(error.value)
    assert "Answer again, from the beginning" in said(model.asked)[1]


def test_a_second_answer_to_nothing_usable_is_taken_whole() -> None:
    assert len(parse(Scripted("Let me see.", GOOD)).components) == 6


def test_an_article_without_argument_has_an_empty_map() -> None:
    model = Scripted("none")
    assert parse(model).components == ()
    assert len(model.asked) == 1


def test_an_article_without_words_is_not_sent() -> None:
    model = Scripted()
    assert parse(model, Article("e", " \n\n ")).components == ()
    assert model.asked == []


def test_entities_are_found_and_linked_into_components() -> None:
    start = TEXT.index("the operator")
    bus = TEXT.index("night bus")
    mentions = (
        Entity("e1", bus, bus + 9, "night bus", "PRODUCT", "night bus"),
        Entity("e2", start, start + 12, "the operator", "ORG", "operator"),
    )
    parser = LanguageModelParser(Scripted(GOOD, GOOD), find_entities=lambda article: mentions)
    assert parser.parse(ARTICLE).components[0].entities == ("e1",)
    assert parser.parse(ARTICLE, entities=()).entities == ()


def test_the_author_by_name_is_the_author() -> None:
    amap = parse(Scripted(GOOD.replace("the operator", "maren oduya")))
    assert amap.components[1].attribution == AUTHOR


def test_several_readings_vote() -> None:
    stray = GOOD.replace("5|C|3|the line loses money|||-1", "5|P|3|the line loses money|r||-4")
    model = Scripted(GOOD, stray, GOOD, by_number=True)
    amap = parse(model, samples=3)
    assert amap.components[4].type == "claim"
    assert not amap.components[4].risk
    assert amap.relations[3].target == "c1"
    assert amap.components[0].probability > amap.components[4].probability
    assert amap.reading == Reading(samples=3, requests=3, prompt_tokens=300, completion_tokens=30, lines=18, exact=18)
    assert sorted(request.sampling.number for request in model.asked) == [0, 1, 2]
    assert {request.sampling.temperature for request in model.asked} == {0.7}
    assert len({request.key("m") for request in model.asked}) == 3


def test_readings_that_are_not_usable_have_no_vote() -> None:
    amap = parse(Scripted(GOOD, "No.", GOOD, by_number=True), samples=3)
    assert amap.reading is not None
    assert (amap.reading.samples, amap.reading.requests) == (2, 4)
    assert len(amap.components) == 6


def test_a_reader_who_sees_the_others_may_decide() -> None:
    class Deciding(Scripted):
        def complete(self, request):  # type: ignore[no-untyped-def]
            self.asked.append(request)
            return Reply(text=GOOD if "READER 2" in request.messages[-1].content else GOOD.replace("|r|", "||"))

    model = Deciding()
    amap = parse(model, samples=2, decide=True)
    assert [part.id for part in amap.components if part.risk] == ["c4"]
    assert len(model.asked) == 3
    assert "READER 1\n1|M|2|The night bus should stay" in said(model.asked)[2]


def test_token_probabilities_are_used_where_there_are_some() -> None:
    tokens = [(letter, -0.5 if place == 2 else 0.0) for place, letter in enumerate(GOOD)]
    amap = parse(Scripted(Reply(text=GOOD, logprobs=tuple(tokens))))
    assert amap.components[0].probability == pytest.approx(0.6065, abs=1e-3)
    assert amap.components[1].probability > 0.99
    constants = parse(Scripted(GOOD))
    assert constants.components[0].probability == shipped_chances().constants["component"]["major_claim"]


def test_what_a_correction_says_has_its_own_token_probabilities() -> None:
    def sure(text: str, *places: int) -> Reply:
        return Reply(
            text=text, logprobs=tuple((letter, -0.5 if place in places else 0.0) for place, letter in enumerate(text))
        )

    broken = GOOD.replace("It carries 900 people a week", "These words are nowhere")
    line = "2|P|2|It carries 900 people a week||the operator|+1"
    kept = parse(Scripted(sure(broken, broken.index("P|2|These")), sure(line)))
    assert kept.components[1].probability > 0.99
    doubted = parse(Scripted(sure(broken), sure(line, line.index("P|"))))
    assert doubted.components[1].probability == pytest.approx(0.6065, abs=1e-3)
    unknown = parse(Scripted(sure(broken), line))
    assert unknown.components[1].probability == shipped_chances().constants["component"]["premise"]


def test_gists_and_json_go_through() -> None:
    prompt = find_prompt(form="json", gist=True)
    item = {"number": 1, "type": "claim", "paragraph": 2, "quote": "The night bus should stay", "risk": False,
            "source": "author", "relations": [], "gist": "Keep the night bus"}  # fmt: skip
    model = Scripted(json.dumps({"components": [item]}))
    amap = LanguageModelParser(model, prompt=prompt).parse(ARTICLE)
    assert amap.components[0].gist == "Keep the night bus"
    assert model.asked[0].schema is not None
    Draft202012Validator(SCHEMA).validate(amap.to_dict())


def test_a_scheme_of_ones_own_names_its_maps() -> None:
    scheme = scheme_from({"name": "policy", "source": False, "components": {"proposal": "what to do"}})
    amap = LanguageModelParser(
        Scripted("1|proposal|2|The night bus should stay"), prompt=find_prompt(scheme=scheme)
    ).parse(ARTICLE)
    assert amap.scheme == "policy"
    part = amap.components[0]
    assert (part.type, part.risk, part.risk_probability, part.attribution) == ("proposal", None, None, None)


def test_a_stream_of_articles_keeps_its_order() -> None:
    articles = [replace(ARTICLE, id=f"a{number}") for number in range(20)]
    model = Scripted(*[GOOD] * 20)
    parser = LanguageModelParser(model, concurrency=4)
    assert [amap.article.id for amap in parser.pipe(iter(articles))] == [article.id for article in articles]


def test_an_article_that_cannot_be_mapped_keeps_its_place() -> None:
    articles = [replace(ARTICLE, id=f"a{number}") for number in range(4)]
    parser = LanguageModelParser(Scripted(GOOD, "No.", "No.", GOOD, GOOD), concurrency=1)
    first, error, *rest = parser.outcomes(articles)
    assert isinstance(error, UnusableError) and str(error).startswith("a1: ")
    assert [amap.article.id for amap in (first, *rest) if isinstance(amap, ArgumentMap)] == ["a0", "a2", "a3"]
    with pytest.raises(UnusableError, match="a0"):
        list(LanguageModelParser(Scripted("No.", "No.")).pipe(articles[:1]))


def test_a_stream_takes_no_more_articles_than_it_works_on() -> None:
    taken: list[int] = []

    def articles():  # type: ignore[no-untyped-def]
        for number in range(100):
            taken.append(number)
            yield replace(ARTICLE, id=f"a{number}")

    stream = LanguageModelParser(Scripted(*[GOOD] * 100), concurrency=3).pipe(articles())
    next(stream)
    assert len(taken) <= 5
    stream.close()  # type: ignore[attr-defined]


def test_maps_can_be_made_from_replies_that_came_by_other_means() -> None:
    broken = GOOD.replace("It carries 900 people a week", "These words are nowhere")
    parser = LanguageModelParser(Scripted())
    (request,) = parser.requests_of(ARTICLE)
    live = LanguageModelParser(Scripted(broken, "2|P|2|It carries 900 people a week||the operator|+1"))
    whole = live.parse(ARTICLE)
    assert live.language_model.asked[0] == request  # type: ignore[attr-defined]
    reply = Reply(text=broken, prompt_tokens=100, completion_tokens=10)
    assert len(parser.map_of(ARTICLE, [reply]).components) == 5
    correction = parser.correction_of(ARTICLE, request, reply)
    assert correction == live.language_model.asked[1]  # type: ignore[attr-defined]
    second = Reply(text="2|P|2|It carries 900 people a week||the operator|+1", prompt_tokens=100, completion_tokens=10)
    assert parser.map_of(ARTICLE, [reply], [second]) == whole
    assert parser.correction_of(ARTICLE, request, Reply(text=GOOD)) is None


def test_replies_of_several_readings_vote_even_if_one_is_missing() -> None:
    parser = LanguageModelParser(Scripted(), options=ReadingOptions(samples=3))
    assert len(parser.requests_of(ARTICLE)) == 3
    amap = parser.map_of(ARTICLE, [Reply(text=GOOD), None, Reply(text=GOOD)])
    assert amap.reading is not None
    assert amap.reading.samples == 2
    with pytest.raises(EndpointError, match="no answer"):
        parser.map_of(ARTICLE, [None, None, None])


def test_chances_are_measured_against_annotated_maps() -> None:
    gold = parse(Scripted(GOOD))
    found = parse(Scripted(GOOD.replace("4|C|", "4|P|").replace("|||-5", "|||-1")))
    one = measure([(gold, found)], place="here")
    assert one.constants["component"] == {"claim": 0.75, "major_claim": 0.667, "premise": 0.6}
    assert one.constants["relation"]["attack"] == 0.5
    assert Chances.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    votes = LanguageModelParser(Scripted(GOOD, GOOD.replace("5|C|", "5|P|"), GOOD.replace("5|C|", "5|P|"), by_number=True), chances=Chances(),
                                options=ReadingOptions(samples=3))  # fmt: skip
    slope, _ = measure([(gold, votes.parse(ARTICLE))], samples=3).votes["component"]
    assert slope > 0
