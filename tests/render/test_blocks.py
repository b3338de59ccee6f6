"""What the blocks of an article are."""

import pytest

from oped.records import ArgumentMap, Article, Component
from oped.render.blocks import FAINT, HEADING, ITEM, PARAGRAPH, QUOTATION, blocks_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The council met on Tuesday and decided nothing at all.", PARAGRAPH),
        ("What the council wants", HEADING),
        ("Nobody came.", PARAGRAPH),
        ("“We shall not pay,” said nobody, “until we are asked.”", QUOTATION),
        ("> We shall not pay", QUOTATION),
        ("- a levy on freight", ITEM),
        ("2. a levy on walkers", ITEM),
        ("https://example.org/a-story", FAINT),
        ("pic.twitter.com/abcdef", FAINT),
        ("— Seamus Byrne (@seamus) June 3, 2018", FAINT),
        ("Read more: The ferry that was lost", FAINT),
        ("Mañana por la mañana los pescadores saldrán temprano porque hace mucho viento", FAINT),
        ("Рыбаки выйдут в море завтра", FAINT),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    (block,) = blocks_of(ArgumentMap(Article("a", text)))
    assert block.kind == kind


def test_a_block_that_holds_a_component_is_part_of_the_article() -> None:
    text = "Los pescadores saldrán temprano porque hace mucho viento en la costa"
    amap = ArgumentMap(Article("a", text), (Component("c1", 0, len(text), text, "claim"),))
    assert [block.kind for block in blocks_of(amap)] == [PARAGRAPH]


def test_blocks_stand_where_they_begin() -> None:
    text = "One thing is said here.\n\n\n\nAnother is said there."
    assert [text[block.start :][: len(block.text)] for block in blocks_of(ArgumentMap(Article("a", text)))] == [
        block.text for block in blocks_of(ArgumentMap(Article("a", text)))
    ]


def test_an_article_in_another_language_is_not_called_untranslated() -> None:
    text = "Los pescadores saldrán temprano porque hace mucho viento en la costa."
    assert [block.kind for block in blocks_of(ArgumentMap(Article("a", text, language="es")))] == [PARAGRAPH]


def test_a_block_that_its_file_sets_apart_is_a_quotation() -> None:
    text = "The paper wrote:\n\nThe council did nothing.\n\nSo it did."
    start = text.index("The council")
    article = Article("a", text, extra={"quotations": [[start, start + len("The council did nothing.")]]})
    assert [block.kind for block in blocks_of(ArgumentMap(article))] == [PARAGRAPH, QUOTATION, PARAGRAPH]
