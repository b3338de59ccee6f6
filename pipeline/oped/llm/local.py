"""A language model on this machine, as transformers loads it: from a folder, a GGUF file in one, or a hub.

Whether it pays to hold answers to a grammar was weighed: llguidance is one package without dependencies, takes some 0.6
milliseconds a token over a vocabulary of 262,000 and a few seconds once, and lets even a model that knows nothing write JSON
that follows its schema, unless it is cut off. So a request with a schema is held to it. Frameworks that do the same bring a
dozen packages and more.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oped.errors import EndpointError, MissingExtraError, ModelError
from oped.llm.chat import one_line, without_thoughts
from oped.llm.chat_template import end_ids, prompt_ids
from oped.llm.model import Reply, Request, Sampling

if TYPE_CHECKING:
    from oped.llm.generation import Grammars, Noted

_GGUF = ".gguf"
_LEAST_ROOM = 16


class LocalModel:
    """A language model that runs here; it answers one request at a time, threads wait for each other.

    Args:
        name: a folder, a GGUF file, or the name of a model on the hub.
        window: tokens of prompt and answer together; default: what the model was made for.
        logprobs: gives the probabilities of the answer's tokens.
        device: auto, cpu, cuda or mps.

    Attributes:
        identity: of name and files; answers are kept under it.

    Raises:
        ModelError: there is no such model, or none that can chat.
        MissingExtraError: the extra `llm` is not installed.
    """

    def __init__(self, name: str, *, window: int | None = None, logprobs: bool = False, device: str = "auto") -> None:
        self._path = Path(name).expanduser()
        self._name = self._path.stem if self._path.suffix == _GGUF else self._path.name if self._path.exists() else name
        self.identity = f"{self._name} {_fingerprint(self._path)}" if self._path.exists() else name
        self.identity += " with logprobs" if logprobs else ""
        self._logprobs = logprobs
        self._lock = threading.Lock()
        self._grammars: Grammars | None = None
        self._tokenizer, self._model = _load(name, self._path, device)
        config = self._model.config.get_text_config()
        self._vocabulary = int(config.vocab_size)
        made_for: int | None = getattr(config, "max_position_embeddings", None)
        self._window = min((size for size in (window, made_for) if size), default=None)
        self._ends = end_ids(self._tokenizer, self._model.generation_config.eos_token_id)

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self._window

    def complete(self, request: Request) -> Reply:
        """Answer a request; the same request has the same answer.

        Raises:
            EndpointError: the prompt leaves no room for an answer, or the machine's memory does not hold it.
        """
        ids = prompt_ids(self._tokenizer, request.messages)
        room = request.sampling.max_tokens if self._window is None else self._window - len(ids)
        if room < min(_LEAST_ROOM, request.sampling.max_tokens):
            raise EndpointError(
                f"{self.name}: expected a prompt of fewer than {self._window:,} tokens, found {len(ids):,}"
            )
        with self._lock:
            try:
                return self._answer(ids, request, min(room, request.sampling.max_tokens))
            except RuntimeError as error:  # what torch raises, also where memory is short
                reason = one_line(str(error)) or type(error).__name__
        raise EndpointError(f"{self.name}: expected an answer, but the model failed: {reason}")

    def _answer(self, ids: list[int], request: Request, most: int) -> Reply:
        import torch

        from oped.llm.generation import Noted

        noted = Noted() if self._logprobs else None
        processors: list[Any] = []
        if request.schema is not None:
            processors.append(self._grammar().hold(request.schema, len(ids)))
        if noted is not None:
            processors.append(noted)
        prompt = torch.tensor([ids], device=self._model.device)  # shape: (1, tokens)
        with torch.inference_mode(), _seeded(request.sampling):
            output = self._model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                logits_processor=processors,
                max_new_tokens=most,
                eos_token_id=self._ends or None,
                pad_token_id=self._ends[0] if self._ends else 0,
                **_drawing(request.sampling),
            )
        return self._reply(output, len(ids), noted)

    def _reply(self, output: Any, begin: int, noted: "Noted | None") -> Reply:
        tokens: list[int] = output[0, begin:].tolist()
        ended = bool(tokens) and tokens[-1] in self._ends
        kept = tokens[:-1] if ended else tokens
        logprobs = None
        if noted is not None:
            values = noted.values(output)[: len(kept)]
            logprobs = tuple(zip((self._text([token]) for token in kept), values, strict=True))
        return Reply(
            text=without_thoughts(self._text(kept)),
            prompt_tokens=begin,
            completion_tokens=len(tokens),
            truncated=not ended,
            logprobs=logprobs,
        )

    def _text(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def _grammar(self) -> "Grammars":
        from oped.llm.generation import Grammars

        if self._grammars is None:
            self._grammars = Grammars(self._tokenizer, self._ends, self._vocabulary)
        return self._grammars


def _load(name: str, path: Path, device: str) -> tuple[Any, Any]:
    """Tokenizer and model."""
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise MissingExtraError("llm", "a language model on this machine") from None
    where, options = _place(name, path)
    target = _device(device)
    dtype = torch.float32 if "gguf_file" in options and target == "cpu" else "auto"
    try:
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(where, trust_remote_code=False, **options)
            model: Any = AutoModelForCausalLM.from_pretrained(where, trust_remote_code=False, dtype=dtype, **options)
            return tokenizer, model.to(target).eval()
    except MissingExtraError:
        raise
    except Exception as error:  # what transformers raises on files that it does not know is of every kind
        reason = one_line(str(error)) or type(error).__name__
    raise ModelError(f"{name}: expected a folder or the name of a language model that transformers loads: {reason}")


def _place(name: str, path: Path) -> tuple[str, dict[str, str]]:
    """Where transformers finds a model, and the options that say so."""
    if not path.exists():
        return name, {}
    files = (
        [path] if path.suffix == _GGUF else [] if (path / "config.json").is_file() else sorted(path.glob(f"*{_GGUF}"))
    )
    if not files:
        return str(path), {}
    if len(files) > 1:
        raise ModelError(f"{name}: expected one GGUF file, found {', '.join(file.name for file in files)}; name one")
    try:
        import gguf  # noqa: F401 - transformers reads GGUF files with it
    except ImportError:
        raise MissingExtraError("llm", "a model in a GGUF file") from None
    return str(files[0].parent), {"gguf_file": files[0].name}


def _device(device: str) -> str:
    import torch

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _fingerprint(path: Path) -> str:
    """Hash of the names, sizes and times of a model's files; the weights of a large model take minutes to read."""
    files = sorted(item for item in ([path] if path.is_file() else path.iterdir()) if item.is_file())
    stats = [(item.name, item.stat().st_size, item.stat().st_mtime_ns) for item in files]
    return hashlib.sha256(repr(stats).encode()).hexdigest()[:16]


def _drawing(sampling: Sampling) -> dict[str, Any]:
    """The options of `generate`; how unlikely tokens are left out when one samples is the model's own choice."""
    if sampling.temperature > 0:
        return {"do_sample": True, "temperature": sampling.temperature}
    return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}


@contextmanager
def _seeded(sampling: Sampling) -> Iterator[None]:
    """Draw by the number of the answer, and leave the random numbers of others as they were."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(sampling.number)
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars and advice of transformers on our standard error."""
    from transformers.utils import logging as untyped

    logging: Any = untyped

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
