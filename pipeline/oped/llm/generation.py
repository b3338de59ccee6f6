"""What is done to each token that a model on this machine draws: it is held to a grammar, its probability is noted.

Both are processors as transformers' `generate` takes them: they get the tokens so far, *shape:* (1, tokens), and the scores
of the next one, *shape:* (1, vocabulary), and give scores. One answer is drawn at a time.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from oped.errors import EndpointError, MissingExtraError

if TYPE_CHECKING:
    import torch


class Grammars:
    """Holds answers to JSON Schemas.

    Args:
        tokenizer: of the model; a fast one.
        ends: tokens that end an answer.
        vocabulary: scores that the model gives each token.

    Raises:
        MissingExtraError: llguidance is not installed.
    """

    def __init__(self, tokenizer: Any, ends: Sequence[int], vocabulary: int) -> None:
        try:
            import llguidance.hf
        except ImportError:
            raise MissingExtraError("llm", "an answer that is held to a grammar") from None
        self.vocabulary = vocabulary
        self._tokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=list(ends))

    def hold(self, schema: dict[str, Any], begin: int) -> "Held":
        """A processor that lets an answer follow a schema.

        Args:
            begin: tokens before the answer.

        Raises:
            EndpointError: the schema has a part that can't be held to.
        """
        import llguidance

        # At most one space between two parts, or a weak model writes spaces without end.
        form: Any = {"whitespace_pattern": r"[ \n]", "lenient": True}
        grammar = llguidance.LLMatcher.grammar_from_json_schema(schema, overrides=form)
        matcher = llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise EndpointError(f"expected a schema that an answer can be held to: {matcher.get_error()[:200]}")
        return Held(matcher, begin, self.vocabulary)


class Held:
    """Forbids each token with which the answer would leave its grammar."""

    def __init__(self, matcher: Any, begin: int, vocabulary: int) -> None:
        import llguidance.numpy

        self._matcher, self._seen = matcher, begin
        self._bits = llguidance.numpy.allocate_token_bitmask(1, vocabulary)  # shape: (1, vocabulary / 32)

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        import llguidance.numpy
        import torch

        self._matcher.consume_tokens(input_ids[0, self._seen :].tolist())
        self._seen = input_ids.shape[1]
        llguidance.numpy.fill_next_token_bitmask(self._matcher, self._bits, 0)
        bits = np.unpackbits(self._bits[0].view(np.uint8), bitorder="little")[: scores.shape[1]]  # shape: (vocabulary,)
        allowed = torch.from_numpy(bits.astype(bool)).to(scores.device)
        return scores.masked_fill(~allowed, -torch.inf)


class Noted:
    """Notes the logarithm of each drawn token's probability, as the model gave it; the scores stay as they are."""

    def __init__(self) -> None:
        self._last: torch.Tensor | None = None  # shape: (vocabulary,)
        self._values: list[float] = []

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        self._note(input_ids)
        self._last = scores[0].float().log_softmax(-1)
        return scores

    def _note(self, input_ids: "torch.Tensor") -> None:
        if self._last is not None:
            self._values.append(min(0.0, float(self._last[input_ids[0, -1]])))

    def values(self, output_ids: "torch.Tensor") -> list[float]:
        """One for each token of the answer, its end included.

        Args:
            output_ids: prompt and answer, *shape:* (1, tokens).
        """
        self._note(output_ids)
        self._last = None
        return self._values
