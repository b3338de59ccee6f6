"""Long articles go to the model in parts that know of what was found before."""

from oped.llm.paragraphs import paragraphs_of
from oped.llm.parser import LanguageModelParser
from oped.llm.parts import plan_parts
from oped.llm.prompt import Prompt
from oped.llm.scheme import OPINION_LABELS
from oped.records import Article
from tests.llm.scripted import Scripted, said

TEXT = "\n\n".join(f"Sentence number {number} says that the dam leaks in place {number}." for number in range(1, 101))
PROMPT = Prompt("tiny", "Mark the components.")


def test_an_article_that_the_window_holds_is_one_part() -> None:
    paragraphs = paragraphs_of(TEXT)
    for window in (None, 20_000):
        (part,) = plan_parts(paragraphs, window=window, prompt_tokens=500, answer_tokens=2000)
        assert part.paragraphs == paragraphs


def test_parts_overlap_and_together_are_the_whole() -> None:
    paragraphs = paragraphs_of(TEXT)
    parts = plan_parts(paragraphs, window=3500, prompt_tokens=500, answer_tokens=8000)
    assert len(parts) > 1
    own = [item.number for part in parts for item in part.paragraphs if item.number >= part.begin]
    assert own == list(range(1, 101))
    assert all(part.paragraphs[0].number < part.begin for part in parts[1:])


def test_a_paragraph_that_is_too_long_is_a_part_all_the_same() -> None:
    paragraphs = paragraphs_of("word " * 5000 + "\n\nThe end.")
    assert len(plan_parts(paragraphs, window=3000, prompt_tokens=500, answer_tokens=2000)) == 2


def line(number: int, of: int, relation: str, kind: str = "C") -> str:
    return f"{number}|{kind}|{of}|the dam leaks in place {of}|||{relation}"


def test_relations_reach_over_parts_and_what_is_found_twice_is_there_once() -> None:
    article = Article("long", TEXT)
    parts = plan_parts(paragraphs_of(TEXT), window=5000, prompt_tokens=305, answer_tokens=8192)
    border = parts[1].begin
    model = Scripted(
        "\n".join([line(1, 1, "", "M"), line(2, border - 1, "")]),
        "\n".join([line(3, border - 1, "+1"), line(4, border, "+1", "P"), line(5, 100, "+4", "P")]),
        window=5000,
    )
    amap = LanguageModelParser(model, prompt=PROMPT).parse(article)
    assert len(model.asked) == len(parts) == 2
    assert f"Begin to count at 3, and mark paragraphs {border} to 100" in said(model.asked)[1]
    assert "1|M|1|the dam leaks in place 1" in said(model.asked)[1]
    ends = [(link.source, link.target) for link in amap.relations]
    assert ends == [("c2", "c1"), ("c3", "c1"), ("c4", "c3")]
    assert amap.reading is not None
    assert (amap.reading.lines, amap.reading.requests) == (4, 2)


def test_a_model_that_counts_anew_in_each_part_is_understood() -> None:
    article = Article("long", TEXT)
    model = Scripted(
        "\n".join([line(1, 1, "", "M"), line(2, 2, "+1")]),
        "\n".join([line(1, 99, ""), line(2, 100, "+1", "P")]),
        window=5000,
    )
    amap = LanguageModelParser(model, prompt=PROMPT).parse(article)
    assert [(link.source, link.target) for link in amap.relations] == [("c2", "c1"), ("c4", "c3")]


def test_a_part_with_nothing_in_it_does_no_harm() -> None:
    model = Scripted(line(1, 1, "", "M"), "none", window=5000)
    assert len(LanguageModelParser(model, prompt=PROMPT).parse(Article("long", TEXT)).components) == 1
    model = Scripted("none", line(1, 100, "", "M"), window=5000)
    assert len(LanguageModelParser(model, prompt=PROMPT).parse(Article("long", TEXT)).components) == 1


def test_parts_can_be_asked_for_without_a_model_at_hand() -> None:
    article = Article("long", TEXT)
    parser = LanguageModelParser(Scripted(window=5000), prompt=Prompt("tiny", "Mark the components.", OPINION_LABELS))
    requests = parser.requests_of(article)
    assert len(requests) == 2


def test_an_answer_is_given_no_more_room_than_the_window_has() -> None:
    parser = LanguageModelParser(Scripted(window=5000), prompt=PROMPT)
    assert all(request.sampling.max_tokens < 5000 for request in parser.requests_of(Article("long", TEXT)))
