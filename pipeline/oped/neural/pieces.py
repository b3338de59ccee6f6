"""From the words of an article to the word pieces that the encoder reads, and to windows of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from oped.errors import ModelError
from oped.numeric import Ints
from oped.words import Words

PARAGRAPH_MARK = "[unused0]"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Word pieces of a text, with a mark where a paragraph begins.

    Attributes:
        ids: *Shape:* (pieces,)
        words: index of each piece's word; -1 for a paragraph mark. *Shape:* (pieces,)
    """

    ids: Ints
    words: Ints


class PieceTokenizer:
    """Splits words into the encoder's pieces; never truncates, never pads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.start, self.end, self.pad, self.unknown, self.hidden = (
            self._special(*names)
            for names in (
                ("[CLS]", "<s>"),
                ("[SEP]", "</s>"),
                ("[PAD]", "<pad>"),
                ("[UNK]", "<unk>"),
                ("[MASK]", "<mask>", "[UNK]", "<unk>"),
            )
        )
        mark = tokenizer.token_to_id(PARAGRAPH_MARK)
        self.mark = self.end if mark is None else int(mark)

    @classmethod
    def load(cls, folder: Path) -> "PieceTokenizer":
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise ModelError(f"{path}: expected the model's tokenizer, found no such file")
        try:
            return cls(Tokenizer.from_file(str(path)))
        except ModelError:
            raise
        except Exception as error:  # what the tokenizers library raises has no base of its own
            raise ModelError(f"{path}: the file is torn or no tokenizer: {error}".splitlines()[0]) from None

    def _special(self, *names: str) -> int:
        """The first of some pieces that the tokenizer declares special, or else that it has.

        MPNet's has the special pieces of two families, of which it declares and its encoder knows one alone.
        """
        declared = {piece.content for piece in self.tokenizer.get_added_tokens_decoder().values() if piece.special}
        for name in sorted(names, key=lambda name: name not in declared):
            if (found := self.tokenizer.token_to_id(name)) is not None:
                return int(found)
        raise ModelError(f"the tokenizer has none of the pieces {', '.join(names)}")

    def __call__(self, text: str, words: Words) -> Pieces:
        """Pieces of each word; a word that the tokenizer drops gets the unknown piece."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        ids = np.array(encoding.ids, dtype=np.int64)
        owners = np.searchsorted(words.starts, offsets[:, 0], side="right") - 1
        inside = (owners >= 0) & (offsets[:, 0] < words.ends[owners]) if len(words) else np.zeros(len(ids), bool)
        ids, owners = ids[inside], owners[inside]
        missing = np.setdiff1d(np.arange(len(words)), owners)
        first_words = np.flatnonzero(np.diff(words.paragraphs, prepend=0)) if len(words) else missing
        rank = np.concatenate([np.full(len(first_words), -1), np.zeros(len(owners) + len(missing), dtype=np.int64)])
        order_by = np.concatenate([first_words, owners, missing])
        order = np.lexsort((rank, order_by))
        all_ids = np.concatenate([np.full(len(first_words), self.mark), ids, np.full(len(missing), self.unknown)])
        all_words = np.concatenate([np.full(len(first_words), -1), owners, missing])
        return Pieces(all_ids[order], all_words[order])


@dataclass(frozen=True, slots=True)
class Window:
    """A run of pieces that the encoder reads at once; of them it answers for `keep_start` to `keep_end`."""

    start: int
    end: int
    keep_start: int
    keep_end: int


def windows(pieces: int, *, size: int, overlap: int) -> list[Window]:
    """Windows that cover a sequence; each piece is answered for by the window in which it has most context.

    Args:
        pieces: length of the sequence.
        size: pieces in a window, without special ones.
        overlap: pieces that neighbours share at least.

    Raises:
        ValueError: the overlap does not leave room to advance.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"the overlap must lie between 0 and the size of {size}, not {overlap}")
    if pieces <= size:
        return [Window(0, pieces, 0, pieces)]
    count = -(-(pieces - overlap) // (size - overlap))
    length = min(size, -(-(pieces + (count - 1) * overlap) // count))
    starts = [round(number * (pieces - length) / (count - 1)) for number in range(count)]
    seams = [0, *((starts[number] + starts[number - 1] + length) // 2 for number in range(1, count)), pieces]
    return [Window(start, start + length, seams[number], seams[number + 1]) for number, start in enumerate(starts)]
