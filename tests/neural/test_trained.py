"""What a trained model's maps hold to, whatever its network says."""

import pytest

from oped.headings import HEADINGS
from oped.neural.trained import TrainedParser
from oped.quotations import QUOTATIONS
from oped.records import ArgumentMap, Article

HEADING = "Mining poses potentially disastrous environmental and social threats"
TEXT = f"""The council should refuse the mine, because the river below it feeds four towns.

{HEADING}

Last year a dam of the same company broke, and the town of Hallen had no clean water for a month. So the mine must not open."""


@pytest.fixture(scope="module")
def parser() -> TrainedParser:
    return TrainedParser.open("en_opinion_sm")


def within(amap: ArgumentMap, heading: str) -> list[str]:
    start = amap.article.text.index(heading)
    return [part.text for part in amap.components if part.start < start + len(heading) and start < part.end]


def test_no_component_stands_in_a_heading(parser: TrainedParser) -> None:
    amap = parser.parse(Article("a", TEXT))
    assert within(amap, HEADING) == []
    assert len(amap.components) >= 3
    assert within(parser.parse(Article("a", TEXT.replace("threats", "threats to us all."))), "Mining poses")


def test_a_heading_that_the_file_marks_holds_none_whatever_its_shape(parser: TrainedParser) -> None:
    text = TEXT.replace("threats", "threats.")
    start = text.index("Mining")
    marks = {HEADINGS: [[start, start + len(HEADING) + 1]]}
    assert within(parser.parse(Article("a", text)), "Mining poses")
    assert within(parser.parse(Article("a", text, extra=marks)), "Mining poses") == []


def test_what_a_quoted_block_says_is_another_ones_view(parser: TrainedParser) -> None:
    quoted = TEXT.index("Last year")

    def views(**extra: object) -> set[str | None]:
        amap = parser.parse(Article("a", TEXT, extra=extra))
        return {part.attribution and part.attribution.holder for part in amap.components if part.start >= quoted}

    assert views() == {"author"}
    assert views(**{QUOTATIONS: [[quoted, len(TEXT)]]}) == {"other"}
    assert views(**{QUOTATIONS: [["x", 2], [0, quoted - 2], [quoted, len(TEXT) + 5]]}) == {"author"}


def test_a_quoted_block_is_no_heading_whatever_its_shape(parser: TrainedParser) -> None:
    text = TEXT.replace(HEADING, "The mine poses a threat to all four towns below it")
    start = text.index("The mine poses")
    marks = {QUOTATIONS: [[start, text.index("\n\nLast year")]]}
    assert within(parser.parse(Article("a", text)), "The mine poses") == []
    assert within(parser.parse(Article("a", text, extra=marks)), "The mine poses")
