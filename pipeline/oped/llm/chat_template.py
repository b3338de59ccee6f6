"""Messages as the text that a model on this machine goes on from, and the tokens with which its answer ends."""

from collections.abc import Sequence
from typing import Any

from oped.llm.model import Message

_PROBE = "zq"


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The tokens of messages, up to where the answer begins."""
    if not getattr(tokenizer, "chat_template", None):
        return _ids(tokenizer, _plain(messages), add_special_tokens=True)
    try:
        text = _templated(tokenizer, messages)
    except Exception:  # a template may refuse what it does not know, by an error of its own; some know no system
        text = _templated(tokenizer, _without_system(messages))
    return _ids(tokenizer, text, add_special_tokens=False)


def _ids(tokenizer: Any, text: str, *, add_special_tokens: bool) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=add_special_tokens)["input_ids"]
    return ids


def _templated(tokenizer: Any, messages: Sequence[Message]) -> str:
    turns = [{"role": message.role, "content": message.content} for message in messages]
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The same messages, those of the system in front of what the user says first."""
    told = [message.content for message in messages if message.role == "system"]
    rest = [message for message in messages if message.role != "system"]
    if not rest:
        return [Message("user", "\n\n".join(told))]
    return [Message(rest[0].role, "\n\n".join([*told, rest[0].content])), *rest[1:]]


def _plain(messages: Sequence[Message]) -> str:
    """For a model that was never taught to chat: a text that an answer follows."""
    return "\n\n".join([*(message.content for message in messages), "Answer:\n"])


def end_ids(tokenizer: Any, named: int | Sequence[int] | None) -> list[int]:
    """Tokens that end an answer: those that the model names, and the one that its template puts after an answer."""
    ends = [named] if isinstance(named, int) else list(named or [])
    if tokenizer.eos_token_id is not None:
        ends.append(tokenizer.eos_token_id)
    if getattr(tokenizer, "chat_template", None):
        ends += _turn_end(tokenizer)
    return sorted(set(ends))


def _turn_end(tokenizer: Any) -> list[int]:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": _PROBE}]
    try:
        text = str(tokenizer.apply_chat_template(turns, tokenize=False))
    except Exception:  # a template may refuse these turns by an error of its own
        return []
    after = text.rpartition(_PROBE)[2]
    special = {*tokenizer.all_special_ids, *getattr(tokenizer, "added_tokens_decoder", {})}
    return [token for token in _ids(tokenizer, after, add_special_tokens=False) if token in special][:1]
