"""Whether a text is in the language that the model knows."""

import re

from oped.errors import LanguageError

_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "a",
        "in",
        "is",
        "that",
        "for",
        "it",
        "as",
        "was",
        "with",
        "be",
        "by",
        "on",
        "not",
        "he",
        "his",
        "but",
        "at",
        "are",
        "this",
        "have",
        "which",
        "from",
        "or",
        "had",
        "an",
        "they",
        "you",
        "were",
        "her",
        "she",
        "all",
        "there",
        "would",
        "their",
        "we",
        "him",
        "been",
        "has",
        "when",
        "who",
        "will",
        "more",
        "no",
        "if",
        "out",
        "so",
        "what",
        "up",
        "its",
        "about",
        "into",
        "than",
    ]
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SAMPLE = 20_000
CLEAR = 0.2
FEW_WORDS = 8


def check_language(text: str, name: str, language: str = "en") -> None:
    """Raise LanguageError if the text is not in that language; a text of a few words passes.

    English is recognized by its function words; only where these are rare a language identifier is asked.
    """
    words = [match[0].lower() for match in _WORD.finditer(text[:SAMPLE])]
    if language != "en" or len(words) < FEW_WORDS:
        return
    if sum(word in _ENGLISH for word in words) >= CLEAR * len(words):
        return
    import py3langid

    found = py3langid.classify(text[:SAMPLE])[0]
    if found != language:
        raise LanguageError(
            f"{name}: expected an article in English, found one in the language '{found}'; the model knows English only"
        )
