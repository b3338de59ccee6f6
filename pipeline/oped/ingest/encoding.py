"""From bytes to text."""

import codecs
import re
from typing import Any

from oped.errors import EncodingError, UnsupportedInputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HALF = re.compile("[\ud800-\udfff]")
_ILL_FORMED = re.compile("[\0\ud800-\udfff]")
_WESTERN = re.compile(
    "[\u00a0-\u00bf\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2039\u203a\u20ac\u2122]|(?<=[A-Za-z])[À-ÿŒœŠšŽžŸ]|[À-ÿŒœŠšŽžŸ](?=[a-zà-ÿ])"
)


def decode(data: bytes, name: str) -> str:
    """The text of a file: Unicode, Windows-1252 or what charset-normalizer is sure of; line ends become newlines.

    Raises:
        UnsupportedInputError: the bytes are no text.
        EncodingError: the encoding can't be told.
    """
    return _decode(data, name).replace("\r\n", "\n").replace("\r", "\n")


def well_formed(value: Any) -> Any:
    """A text, or all texts in lists and dictionaries, with the replacement character for NUL and for halves of characters.

    No file and few programs can hold these; JSON can write them.
    """
    if isinstance(value, str):
        return _ILL_FORMED.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {well_formed(key): well_formed(one) for key, one in value.items()}
    return type(value)(map(well_formed, value)) if isinstance(value, list | tuple) else value


def has_half_characters(value: Any) -> bool:
    """Whether a text, or one in lists and dictionaries, has a half of a character that takes two in UTF-16."""
    if isinstance(value, str):
        return _HALF.search(value) is not None
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return isinstance(parts, list | tuple) and any(map(has_half_characters, parts))


def _decode(data: bytes, name: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise EncodingError(
                    f"{name}: begins as {encoding} but does not go on as such; save it as UTF-8"
                ) from None
    if len(_CONTROL.findall(data[:100_000])) > len(data[:100_000]) / 1000:
        raise UnsupportedInputError(
            f"{name}: expected an article, found a binary file; give text, Markdown, HTML or PDF"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(data, name)


def _decode_legacy(data: bytes, name: str) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    high = sum(ord(letter) > 127 for letter in text)
    if text and high <= len(text) / 5 and len(_WESTERN.findall(text)) >= 0.9 * high:
        return text
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or best.percent_chaos > 10 or best.percent_coherence < 20:
        raise EncodingError(
            f"{name}: expected UTF-8 text, found bytes in no encoding that can be told; save it as UTF-8"
        )
    return str(best)
