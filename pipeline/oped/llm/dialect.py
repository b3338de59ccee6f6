"""The dialect of a service: which parts of the chat completions API it knows, learned from what it refuses.

One service calls the greatest length `max_completion_tokens`, another knows no schemas, a third no seeds. What it refuses to
know is left out of the request, which is asked again; a service that ignores a part needs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_OLD_LENGTH, _NEW_LENGTH = "max_tokens", "max_completion_tokens"
# A parameter that a service may do without, and the words by which services complain about it.
_OPTIONAL = {
    "response_format": ("response_format", "json_schema", "schema", "structured", "grammar", "guided"),
    "logprobs": ("logprobs",),
    "seed": ("seed",),
    "temperature": ("temperature",),
}
# What is left out where a service does not say what it refuses; not the temperature, which changes the answer.
_SUSPECTS = ("response_format", "logprobs", "seed")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a request's body is put.

    Attributes:
        left_out: parameters that are not sent.
        renamed: whether the greatest length goes by its new name.
    """

    left_out: frozenset[str] = frozenset()
    renamed: bool = False

    def put(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body in this dialect."""
        names = {_OLD_LENGTH: _NEW_LENGTH} if self.renamed else {}
        return {names.get(name, name): value for name, value in body.items() if name not in self.left_out}

    def after(self, body: Mapping[str, Any], complaint: str) -> "Dialect | None":
        """The dialect to try next.

        Args:
            body: what was sent.
            complaint: what the service said to it.

        Returns:
            None where nothing is left to change.
        """
        complaint = complaint.lower()
        if _OLD_LENGTH in body and _NEW_LENGTH in complaint:
            return Dialect(self.left_out, renamed=True)
        named = {name for name, words in _OPTIONAL.items() if name in body and any(word in complaint for word in words)}
        refused = named or {name for name in _SUSPECTS if name in body}
        return Dialect(self.left_out | refused, self.renamed) if refused else None
