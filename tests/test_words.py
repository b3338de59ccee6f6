"""Words are spaCy's tokens without white space."""

import json

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from oped.resources import data_folder
from oped.words import split_words

NLP = spacy.blank("en")
PARTS = [" ", "\n", "\t", "\xa0", "don't", "U.S.", "e.g.", "“", "”", "'s", "—", "...", "(", ")", "https://example.org/a?b=1",
         "a@b.org", "1,000.5", "10km", "e-mail", "and/or", "c++", ":-)", "£5", "😀", "Mr.", "cannot", "’", "ünlü", "ﬁ"]  # fmt: skip


def by_spacy(text: str) -> list[tuple[int, int]]:
    return [(token.idx, token.idx + len(token)) for token in NLP.make_doc(text) if not token.is_space]


def test_words_of_articles_are_those_of_spacys_english_pipeline() -> None:
    lines = (data_folder("corpora") / "opinions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    for text in [json.loads(line)["text"] for line in lines]:
        assert split_words(text) == by_spacy(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=20))
def test_words_of_any_text_are_those_of_spacys_english_pipeline(parts: list[str]) -> None:
    text = "".join(parts)
    assert split_words(text) == by_spacy(text)


@pytest.mark.parametrize("text", ["", " \n ", "\u2028"])
def test_white_space_has_no_words(text: str) -> None:
    assert split_words(text) == []
