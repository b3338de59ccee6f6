"""A language model: what takes messages and gives a text, wherever it runs."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How an answer is drawn.

    Attributes:
        temperature: 0 takes the likeliest token each time.
        max_tokens: that the answer may have.
        number: which of several answers to the same messages this is, from 0.
    """

    temperature: float = 0.0
    max_tokens: int = 8192
    number: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What a language model is asked.

    Attributes:
        schema: a JSON Schema that the answer must follow, where the endpoint can hold it to one; None: free text.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    schema: dict[str, Any] | None = None

    def key(self, model: str) -> str:
        """Hash of the model's name, the messages and the parameters: what an answer is stored under."""
        content = json.dumps({"model": model, **asdict(self)}, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a language model answered.

    Attributes:
        prompt_tokens, completion_tokens: as the endpoint counts them; 0 where it does not.
        truncated: whether the answer was cut at its greatest length.
        logprobs: tokens of the answer with the logarithm of their probabilities; None where the endpoint gives none.
        cached: whether the answer was stored, so that nothing was paid for it now.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False
    logprobs: tuple[tuple[str, float], ...] | None = None
    cached: bool = False


class LanguageModel(Protocol):
    """Answers requests.

    Attributes:
        name: of the model, as maps and caches name it.
        window: tokens of prompt and answer together that it can hold; None: unknown.
    """

    @property
    def name(self) -> str: ...

    @property
    def window(self) -> int | None: ...

    def complete(self, request: Request) -> Reply:
        """Answer one request; may be called from several threads at once.

        Raises:
            EndpointError: there is no answer, after all tries.
        """
