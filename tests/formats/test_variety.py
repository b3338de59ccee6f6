from dataclasses import replace

import pytest

from oped.formats.variety import variety
from oped.records import ArgumentMap, Article


def test_two_texts_worked_by_hand(article_map: ArgumentMap) -> None:
    # Text one has 22 words in three sentences of 5, 8 and 9 ("the" three times, "quay", "be" ... once each: 20 types);
    # text two repeats the opening "the quay must" of the first sentence and nothing else.
    other = ArgumentMap(Article("a2", "The quay must stay. We like it. We like it so."))
    found = variety([article_map, other])
    assert found["repeated_openings"] == pytest.approx(
        2 / 5, abs=1e-3
    )  # of five sentences of more than three words, two begin alike
    assert found["components_per_100_words"] == pytest.approx((100 * 3 / 22 + 0) / 2, abs=1e-3)
    assert found["claims_share"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["attacks_share"] == 0.5
    assert found["risks_share"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["depth"] == 1.0  # two links in a row in one text, none in the other


def test_the_ratio_does_not_fall_with_length(article_map: ArgumentMap) -> None:
    sentence = " ".join(f"word{number}" for number in range(250)) + ". "
    short = replace(article_map, article=Article("s", sentence * 2), components=(), relations=(), entities=())
    long = replace(short, article=Article("l", sentence * 8))
    assert variety([short])["type_token_ratio"] == variety([long])["type_token_ratio"] == 0.5
