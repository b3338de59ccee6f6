import pytest

pytest.importorskip("tokenizers")

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordLevel

from oped.errors import ModelError
from oped.neural.pieces import PieceTokenizer

BERTS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTAS = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"]


def tokenizer(names: list[str], special: list[str]) -> PieceTokenizer:
    raw = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token=names[1]))
    raw.add_special_tokens([AddedToken(name, special=True) for name in special])
    return PieceTokenizer(raw)


def specials(made: PieceTokenizer) -> list[str | None]:
    ids = (made.pad, made.start, made.end, made.hidden, made.mark)
    return [made.tokenizer.id_to_token(number) for number in ids]


def test_of_two_families_of_special_pieces_the_declared_one_is_taken() -> None:
    both = [*ROBERTAS[:4], *BERTS, "[unused0]", "<mask>"]  # as MPNet has them
    declared = tokenizer(both, [*ROBERTAS, "[UNK]"])
    assert specials(declared) == ["<pad>", "<s>", "</s>", "<mask>", "[unused0]"]
    assert specials(tokenizer(both, BERTS)) == ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[unused0]"]


@pytest.mark.parametrize("names", [BERTS, ROBERTAS])
def test_one_family_is_taken_whether_it_is_declared_or_not(names: list[str]) -> None:
    pad, _, start, end, mask = names
    for special in (names, []):
        assert specials(tokenizer(names, special)) == [pad, start, end, mask, end]


def test_a_tokenizer_without_marks_is_refused() -> None:
    with pytest.raises(ModelError, match=r"none of the pieces \[CLS\], <s>"):
        tokenizer(["a", "b"], [])
