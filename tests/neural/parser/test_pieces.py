from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oped.neural.pieces import PieceTokenizer, windows
from oped.resources import find_model
from oped.words import Words


@given(st.integers(1, 5000), st.integers(8, 400), st.integers(0, 7))
def test_windows_cover_every_piece_once(pieces: int, size: int, overlap: int) -> None:
    found = windows(pieces, size=size, overlap=overlap)
    kept = [place for window in found for place in range(window.keep_start, window.keep_end)]
    assert kept == list(range(pieces))
    for window in found:
        assert window.start <= window.keep_start <= window.keep_end <= window.end <= pieces
        assert window.end - window.start <= size
    for one, two in pairwise(found):
        assert one.end - two.start >= min(overlap, pieces)


def test_an_overlap_as_wide_as_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows(10, size=4, overlap=4)


@pytest.fixture(scope="module")
def tokenizer() -> PieceTokenizer:
    return PieceTokenizer.load(find_model("en_opinion_sm"))


TEXTS = [
    "One two.\n\nThree, “four”!",
    "",
    "a" * 10_000,
    "\u200b x \ufeff",
    "👩‍👩‍👧 ok",
    "naïve café",
    "ÀÉ\n\n\n\nz",
    "שלום world",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_word_has_a_piece_and_pieces_are_in_order(tokenizer: PieceTokenizer, text: str) -> None:
    words = Words.of(text)
    pieces = tokenizer(text, words)
    owners = pieces.words[pieces.words >= 0]
    assert sorted(set(owners.tolist())) == list(range(len(words)))
    assert (owners[1:] >= owners[:-1]).all()
    assert (pieces.words == -1).sum() == (words.paragraphs[-1] if len(words) else 0)


def test_long_text_is_not_truncated(tokenizer: PieceTokenizer) -> None:
    text = "word " * 3000
    assert len(tokenizer(text, Words.of(text)).ids) == 3000
