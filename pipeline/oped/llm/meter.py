"""The meter of a language model: requests, tokens, price and time, and the bound on tokens."""

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from oped.errors import BudgetError
from oped.llm.model import LanguageModel, Reply, Request

_CHARACTERS_PER_TOKEN = 4.0
_TOKENS_PER_MESSAGE = 4
_FIRST_GUESS = 800
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a million tokens cost, in the currency of whoever sells them.

    Attributes:
        prompt: of what is sent.
        completion: of what is answered.
    """

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        for name in ("prompt", "completion"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name}: expected a price of at least 0, found {getattr(self, name)!r}")

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What was used so far.

    Attributes:
        requests: that were answered and paid for.
        cached: that were answered from the store, for nothing.
        failed: that have no answer after all tries.
        seconds: of waiting for answers, added up over all requests, also those that ran side by side.
        price: None where no prices are given.
    """

    requests: int = 0
    cached: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    price: float | None = None

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def to_dict(self) -> dict[str, Any]:
        """As it stands in a summary."""
        counts = {name: getattr(self, name) for name in ("requests", "cached", "failed")}
        tokens = {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
        price = {} if self.price is None else {"price": round(self.price, 6)}
        return {**counts, **tokens, **price, "seconds": round(self.seconds, 3)}


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has; close to what tokenizers make of English, too few of other scripts."""
    return round(len(text.encode("utf-8", "surrogatepass")) / _CHARACTERS_PER_TOKEN)


def estimate_prompt(request: Request) -> int:
    """About how many tokens the messages of a request have."""
    return sum(estimate_tokens(message.content) + _TOKENS_PER_MESSAGE for message in request.messages)


class Meter:
    """Counts what is used, and says when the bound is reached; shared by threads.

    Tokens that a service does not count are estimated. The bound holds for what one meter counted, so a run that goes on
    after it gets as much again.

    Args:
        prices: None: no price is told.
        max_tokens_total: tokens that may be used, sent and answered together; None: no bound. What is on its way counts
            with its estimate, so that many requests side by side go past the bound by little.
    """

    def __init__(self, prices: Prices | None = None, max_tokens_total: int | None = None) -> None:
        self.prices, self.max_tokens_total = prices, max_tokens_total
        self._totals = Totals()
        self._on_their_way = 0
        self._is_spent = False
        self._lock = threading.Lock()

    def totals(self) -> Totals:
        """What was used so far."""
        with self._lock:
            totals = self._totals
        price = self.prices.of(totals.prompt_tokens, totals.completion_tokens) if self.prices else None
        return replace(totals, price=price)

    def reserve(self, request: Request) -> int:
        """Take a request's estimate from what is left; `settle` gives it back.

        Raises:
            BudgetError: so much is not left, or was not at an earlier request.
        """
        with self._lock:
            estimate = estimate_prompt(request) + min(self._usual_completion(), request.sampling.max_tokens)
            used = self._totals.tokens + self._on_their_way
            if self.max_tokens_total is not None and (self._is_spent or used + estimate > self.max_tokens_total):
                self._is_spent = True
                raise BudgetError(
                    f"the bound of {self.max_tokens_total:,} tokens is reached: {self._totals.tokens:,} are used;"
                    " run again to go on, or raise max_tokens_total"
                )
            self._on_their_way += estimate
            return estimate

    def _usual_completion(self) -> int:
        done = self._totals
        return done.completion_tokens // done.requests if done.requests else _FIRST_GUESS

    def settle(self, estimate: int, request: Request, reply: Reply | None, seconds: float) -> None:
        """Count a request that has its answer, or None where it has none after all tries."""
        with self._lock:
            self._on_their_way -= estimate
            done = replace(self._totals, seconds=self._totals.seconds + seconds)
            if reply is None:
                self._totals = replace(done, failed=done.failed + 1)
                return
            self._totals = replace(
                done,
                requests=done.requests + 1,
                prompt_tokens=done.prompt_tokens + (reply.prompt_tokens or estimate_prompt(request)),
                completion_tokens=done.completion_tokens + (reply.completion_tokens or estimate_tokens(reply.text)),
            )

    def count_cached(self) -> None:
        """Count an answer that was stored."""
        with self._lock:
            self._totals = replace(self._totals, cached=self._totals.cached + 1)


def close_model(model: LanguageModel) -> None:
    """End the waits of a language model that waits for a service."""
    close = getattr(model, "close", None)
    if close is not None:
        close()


class MeteredModel:
    """A language model whose use is counted and bounded.

    Raises:
        BudgetError: of `complete`, before anything is sent: the bound is reached.
    """

    def __init__(self, model: LanguageModel, meter: Meter) -> None:
        self._model, self.meter = model, meter

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def window(self) -> int | None:
        return self._model.window

    def complete(self, request: Request) -> Reply:
        """Answer a request and count it."""
        estimate = self.meter.reserve(request)
        began = time.monotonic()
        reply: Reply | None = None
        try:
            reply = self._model.complete(request)
        finally:
            self.meter.settle(estimate, request, reply, time.monotonic() - began)
        return reply

    def close(self) -> None:
        """End what the model is at, where it can be ended."""
        close_model(self._model)
