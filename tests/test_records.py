import pytest

from oped.records import ArgumentMap, Article, Attribution, Component, Relation


def test_a_map_survives_its_dictionary(article_map: ArgumentMap) -> None:
    assert ArgumentMap.from_dict(article_map.to_dict()) == article_map


def test_a_span_that_does_not_quote_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="is 'bcd', not 'xyz'"):
        ArgumentMap(Article("a", "abcdef"), (Component("c1", 1, 4, "xyz", "claim"),))


def test_a_span_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not inside a text of 3 characters"):
        ArgumentMap(Article("a", "abc"), (Component("c1", 1, 9, "bc", "claim"),))


def test_offsets_count_code_points() -> None:
    text = "𝒜 “b”"
    amap = ArgumentMap(Article("a", text), (Component("c1", 2, 5, "“b”", "claim"),))
    assert amap.components[0].text == text[2:5]


def test_ids_are_unique_in_the_map() -> None:
    part = Component("c1", 0, 1, "a", "claim")
    with pytest.raises(ValueError, match="'c1' is used twice"):
        ArgumentMap(Article("a", "abc"), (part, part))


def test_a_relation_joins_components_of_the_map() -> None:
    with pytest.raises(ValueError, match="joins c2, which is no component"):
        ArgumentMap(
            Article("a", "abc"), (Component("c1", 0, 1, "a", "claim"),), (Relation("r1", "c1", "c2", "support"),)
        )


def test_a_relation_to_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="to itself"):
        Relation("r1", "c1", "c1", "support")


def test_a_probability_lies_between_0_and_1() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Component("c1", 0, 1, "a", "claim", probability=1.5)


def test_a_holder_is_author_or_other() -> None:
    with pytest.raises(ValueError, match="'author' or 'other'"):
        Attribution("nobody")


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="version 1"):
        ArgumentMap.from_dict({"format": "oped/argument-map", "version": 2})
