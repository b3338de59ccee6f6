"""Names in pieces, made whole: neighbours that are one name are joined, and none ends on a word such as "of"."""

from collections import Counter
from collections.abc import Sequence

Mention = tuple[int, int, str]  # start and end in code points, end exclusive, and label
_JOINTS = (("of",), ("for",), ("of", "the"), ("for", "the"))
_LOOSE = frozenset(["of", "for", "and", "the", "in", "on", "at", "to", "by"])
_BRACKETS = {"(": ")", "[": "]"}


def whole_names(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions in order of appearance, those that are pieces of one name joined, and each without a loose end.

    Joined are persons with nothing but a space between them, or a hyphen where neither piece is a person by itself elsewhere
    in the text; a name that ends on "of" or "for" with the next one; one that ends within a bracket with what closes it.
    """
    counts = Counter(text[start:end] for start, end, _ in mentions)
    joined: list[Mention] = []
    for mention in mentions:
        if joined and _is_one(text, joined[-1], mention, counts):
            start, _, label = joined[-1]
            joined[-1] = (start, mention[1], label)
        else:
            joined.append(mention)
    return [_without_loose_end(text, mention) for mention in joined]


def _is_one(text: str, first: Mention, second: Mention, counts: Counter[str]) -> bool:
    gap, left, right = text[first[1] : second[0]], text[first[0] : first[1]], text[second[0] : second[1]]
    if first[2] == second[2] == "PERSON":
        return gap == " " or (gap == "-" and counts[left] == counts[right] == 1)
    if _ends_on_joint(left):
        return gap in (" ", " the ")
    return gap == "" and _open_bracket(left) is not None and _open_bracket(left + right) is None


def _ends_on_joint(name: str) -> bool:
    words = tuple(name.split())
    return any(len(words) > len(joint) and words[-len(joint) :] == joint for joint in _JOINTS)


def _open_bracket(name: str) -> str | None:
    """The mark that would close a name, where one is open."""
    return next((close for mark, close in _BRACKETS.items() if name.count(mark) > name.count(close)), None)


def _without_loose_end(text: str, mention: Mention) -> Mention:
    start, end, label = mention
    end = start + len(_trimmed(text[start:end]))
    close = _open_bracket(text[start:end])
    if close is not None and text[end : end + 1] == close:
        end += 1
    return start, end, label


def _trimmed(name: str) -> str:
    """A name without opening brackets and small words at its end; one that is nothing else stays as it is."""
    rest = name
    while True:
        shorter = rest.rstrip().rstrip("([").rstrip()
        words = shorter.rsplit(maxsplit=1)
        if len(words) == 2 and words[1].lower() in _LOOSE:
            shorter = words[0]
        if not shorter:
            return name
        if shorter == rest:
            return rest
        rest = shorter
