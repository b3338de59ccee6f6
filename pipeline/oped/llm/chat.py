"""The form of the chat completions API: a request as the body that is sent, a reply out of the body that comes back.

Every OpenAI-compatible service takes and gives it, and so do the files of batch services. Nothing in an answer is believed
unchecked: each field has the type that it must have, or the answer is refused.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from oped.errors import EndpointError
from oped.llm.model import Reply, Request

PATH = "/chat/completions"
MAX_BYTES = 16 << 20
_THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*|\s*<think>.*\Z", re.DOTALL)
_SHOWN = 300


def body_of(request: Request, model: str, *, logprobs: bool = False) -> dict[str, Any]:
    """What is sent for a request.

    Args:
        model: its name, as the service knows it.
        logprobs: asks for the probabilities of the answer's tokens.
    """
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "temperature": sampling.temperature,
        "max_tokens": sampling.max_tokens,
    }
    if sampling.temperature > 0:
        body["seed"] = sampling.number  # several answers to the same messages are meant to differ, and to be had again
    if request.schema is not None:
        schema = {"name": "answer", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if logprobs:
        body["logprobs"] = True
    return body


def parse_json(data: bytes) -> Any:
    """JSON as the standard has it: UTF-8, and no numbers that are none.

    Raises:
        ValueError: it is not.
    """
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def reply_of(body: object) -> Reply:
    """The reply in the body of an answer.

    Raises:
        EndpointError: the body is no chat completion, or the service held the text back.
    """
    choice = _first_choice(body)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise EndpointError(f"expected an answer with choices[0].message, found {_shown(choice)}")
    reason = choice.get("finish_reason")
    if reason == "content_filter":
        raise EndpointError("expected an answer, but the service's content filter held it back")
    if reason == "error":
        raise EndpointError(f"expected an answer, but the service failed on the way: {error_in(choice) or 'no reason'}")
    text = _text(message, cut=reason == "length")
    prompt_tokens, completion_tokens = usage_of(body)
    return Reply(
        text=without_thoughts(text),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        truncated=reason == "length",
        logprobs=_logprobs(choice.get("logprobs")),
    )


def _first_choice(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise EndpointError(f"expected a chat completion, found {_shown(body)}")
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise EndpointError(f"expected an answer with choices, found {error_in(body) or _shown(body)}")
    return choices[0]


def _text(message: Mapping[str, Any], *, cut: bool) -> str:
    content = message.get("content")
    if isinstance(content, list):  # some services give a list of parts
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "".join(part for part in parts if isinstance(part, str)) if parts else None
    if isinstance(content, str):
        return content
    if isinstance(refusal := message.get("refusal"), str) and refusal:
        raise EndpointError(f"expected an answer, but the model refuses: {one_line(refusal)}")
    if cut:
        raise EndpointError("expected an answer, but the model spent all its tokens before it began; raise max_tokens")
    raise EndpointError(f"expected an answer with a text in choices[0].message.content, found {_shown(message)}")


def without_thoughts(text: str) -> str:
    """An answer without what a reasoning model thought aloud before it."""
    match = _THOUGHTS.match(text)
    return text[match.end() :] if match else text


def usage_of(body: object) -> tuple[int, int]:
    """Tokens of the prompt and of the completion as the service counted them; 0 where it did not."""
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return 0, 0
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40 else 0


def _logprobs(value: object) -> tuple[tuple[str, float], ...] | None:
    """Tokens with their logarithms; None where the service gave none, or not all of them as numbers."""
    content = value.get("content") if isinstance(value, dict) else None
    if not isinstance(content, list) or not content:
        return None
    pairs = []
    for item in content:
        token, logprob = (item.get("token"), item.get("logprob")) if isinstance(item, dict) else (None, None)
        if not isinstance(token, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
            return None
        if not math.isfinite(logprob) or logprob > 0:
            return None
        pairs.append((token, float(logprob)))
    return tuple(pairs)


def error_in(body: object) -> str:
    """What a service says is wrong, in a line; empty where it says nothing."""
    error = body.get("error", body.get("detail", body.get("message"))) if isinstance(body, dict) else None
    if isinstance(error, dict):
        error = error.get("message") or error.get("code")
    if error is None or error == "":
        return ""
    return one_line(error if isinstance(error, str) else json.dumps(error, ensure_ascii=False))


def error_code(body: object) -> str:
    """The code that a service gives an error; empty where it gives none."""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def error_status(body: object) -> int | None:
    """The status in the error of an answer that claims to be well; None where there is no error in it."""
    error = body.get("error") if isinstance(body, dict) else None
    if not error:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0


def one_line(text: str) -> str:
    """A text from elsewhere as part of a message: a line of printable characters, not too long."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _shown(value: object) -> str:
    return one_line(json.dumps(value, ensure_ascii=False, default=str))[:120]
