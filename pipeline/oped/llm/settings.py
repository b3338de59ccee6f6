"""Settings of a language model, from `llm:NAME` with options or from a TOML file."""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from oped.errors import ConfigError
from oped.llm.address import ENDPOINT, KEY, check_address
from oped.llm.cache import AnswerStore, default_folder
from oped.llm.meter import Prices
from oped.llm.prompt import PROMPTS

PREFIX = "llm:"
NO_CACHE = "none"
_USUAL_TEMPERATURE = 0.7
_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "samples": (1, 100),
    "concurrency": (1, 1000),
    "timeout": (0.01, 86_400),
    "retries": (0, 100),
    "max_tokens": (1, 1_000_000),
    "max_tokens_total": (1, 10**15),
    "window": (256, 100_000_000),
}
_FORMS = ("lines", "links-last", "json", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModelSettings:
    """Which language model reads, and how.

    Attributes:
        model: its name at the endpoint; without an endpoint, a folder or the name of a hub's model.
        endpoint: base of an OpenAI-compatible service; empty: the model runs on this machine.
        temperature: None: 0 for one reading, 0.7 for several.
        samples: readings of each article, which vote.
        concurrency: requests that may be on their way at once.
        timeout: seconds that an answer may take.
        retries: tries after the first, where a fault may pass.
        max_tokens: that an answer may have.
        max_tokens_total: that a run may use, sent and answered together; None: no bound.
        cache: folder of stored answers; empty: in the user's cache folder; "none": none.
        prompt: file of a prompt of one's own; empty: the built-in one.
        prices: what a million tokens cost.
        gist: asks for a restatement of each component.
        insecure: lets articles travel unencrypted to another machine.
        window: tokens of prompt and answer together that the model holds; None: unknown.
        logprobs: asks for the probabilities of the answer's tokens; where the service gives them, those of the map are made
            of them, if the article is read once. See `oped.llm.chances`.
        form: of the answer; None: that of the prompt.
        decide: whether the model sees its readings and decides between them, in place of their vote.
        scheme: labels of one's own, as the table `[scheme]` has them; None: the opinion scheme.

    Raises:
        ConfigError: a value is wrong.
    """

    model: str
    endpoint: str = ""
    temperature: float | None = None
    samples: int = 1
    concurrency: int = 8
    timeout: float = 600.0
    retries: int = 5
    max_tokens: int = 8192
    max_tokens_total: int | None = None
    cache: str = ""
    prompt: str = ""
    prices: Prices | None = None
    gist: bool = False
    insecure: bool = False
    window: int | None = None
    logprobs: bool = False
    form: Literal["lines", "links-last", "json"] | None = None
    decide: bool = False
    scheme: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        for name in _names():
            if complaint := _complaint(name, getattr(self, name)):
                raise ConfigError(f"{name}: {complaint}")
        if self.samples > 1 and self.temperature == 0:
            raise ConfigError("temperature: with 0 all readings are the same; expected more, or samples of 1")
        if self.endpoint:
            try:
                check_address(self.endpoint, insecure=self.insecure)
            except ConfigError as error:
                raise ConfigError(f"endpoint: {error}") from None

    @property
    def drawn_temperature(self) -> float:
        """The temperature that answers are drawn with."""
        if self.temperature is not None:
            return self.temperature
        return 0.0 if self.samples == 1 else _USUAL_TEMPERATURE

    @property
    def store(self) -> AnswerStore | None:
        """Where answers are kept; None: nowhere."""
        if self.cache == NO_CACHE:
            return None
        return AnswerStore(Path(self.cache).expanduser() if self.cache else default_folder())

    @property
    def notice(self) -> str:
        """What leaves this machine, and where to, for whoever hands in an article."""
        if not self.endpoint:
            return f"Articles are read by the language model {self.model} on this machine."
        place = check_address(self.endpoint, insecure=self.insecure).origin
        return f"The title and text of each article are sent to the language model {self.model} at {place}."

    def identity(self) -> str:
        """Hash of all settings that a map depends on; where and how fast the model is asked is not among them.

        Raises:
            ConfigError: the file of the prompt can't be read.
        """
        kept = ("model", "samples", "max_tokens", "gist", "window", "logprobs", "form", "decide", "scheme")
        values = {name: getattr(self, name) for name in kept}
        values |= {"temperature": self.drawn_temperature, "prompt": self._prompt_hash()}
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()

    def _prompt_hash(self) -> str:
        if self.prompt in ("", *PROMPTS):
            return self.prompt
        try:
            return hashlib.sha256(Path(self.prompt).expanduser().read_bytes()).hexdigest()
        except OSError as error:
            raise ConfigError(f"{self.prompt}: expected the file of a prompt: {error.strerror}") from None


def _names() -> tuple[str, ...]:
    return tuple(item.name for item in fields(LanguageModelSettings))


_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("model", "endpoint", "cache", "prompt"), (str,)),
    **dict.fromkeys(("samples", "concurrency", "retries", "max_tokens"), (int,)),
    **dict.fromkeys(("max_tokens_total", "window"), (int, type(None))),
    **dict.fromkeys(("gist", "insecure", "logprobs", "decide"), (bool,)),
    "form": (str, type(None)),
    "temperature": (float, int, type(None)),
    "timeout": (float, int),
    "prices": (Prices, type(None)),
    "scheme": (Mapping, type(None)),
}


def _complaint(name: str, value: object) -> str:
    """What is wrong with a value; empty where nothing is."""
    kinds = _TYPES.get(name)
    if kinds is None:
        return ""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"expected a value of type {kinds[0].__name__}, found {value!r}"
    if name in _RANGES and isinstance(value, int | float):
        least, most = _RANGES[name]
        if not least <= value <= most:  # so that nan is refused too
            return f"expected {least:,} to {most:,}, found {value!r}"
    if name == "form" and value not in _FORMS:
        return f"expected one of {', '.join(form for form in _FORMS if form)}, found {value!r}"
    if name == "model" and not str(value).strip():
        return "expected the name of a model"
    return ""


def is_language_model(model: str) -> bool:
    """Whether the value of `--model` means a language model: `llm:NAME`, or a TOML file."""
    return model.startswith(PREFIX) or model.endswith(".toml")


def read_settings(
    model: str, *, options: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> LanguageModelSettings:
    """The settings of a language model.

    Args:
        model: `llm:NAME` or a TOML file with a table `[llm]`, and `[scheme]` where the labels are one's own.
        options: what was given beside it; they go before those of the file; None is no value.
        environment: default: that of this process; OPED_LLM_ENDPOINT stands for an endpoint that nothing names.

    Raises:
        ConfigError: no such file, an unknown key or a wrong value; names file and line, or the option.
    """
    environment = os.environ if environment is None else environment
    given = {name: value for name, value in (options or {}).items() if value is not None}
    if unknown := sorted(given.keys() - set(_names())):
        raise ConfigError(f"{unknown[0]}: unknown option of a language model; expected one of {', '.join(_names())}")
    if isinstance(prices := given.get("prices"), Mapping):
        given["prices"] = _prices(prices)
    if model.startswith(PREFIX):
        endpoint = environment.get(ENDPOINT, "")
        return LanguageModelSettings(**{"endpoint": endpoint, **given, "model": model.removeprefix(PREFIX)})
    settings, names_endpoint = _load(Path(model))
    if not names_endpoint and "endpoint" not in given:
        given["endpoint"] = environment.get(ENDPOINT, "")
    return replace(settings, **given)


def _prices(table: Mapping[str, Any]) -> Prices:
    try:
        return Prices(**table)
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix("Prices.__init__() ")
        raise ConfigError(
            f"prices: expected prompt and completion, prices of a million tokens each: {reason}"
        ) from None


def _load(path: Path) -> tuple[LanguageModelSettings, bool]:
    """The settings in a TOML file, and whether it names an endpoint, if only an empty one."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: expected the settings of a language model: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: malformed TOML: {error}") from None
    file = _File(path, text)
    for name, value in data.items():
        if name not in ("llm", "scheme") or not isinstance(value, dict):
            raise file.error(name, "expected the tables [llm] and, for labels of one's own, [scheme]")
    if "llm" not in data:
        raise ConfigError(f"{path}: expected a table [llm]")
    return _built(data["llm"], data.get("scheme"), file), "endpoint" in data["llm"]


@dataclass(frozen=True, slots=True)
class _File:
    """A TOML file, to find the line of a key in."""

    path: Path
    text: str

    def error(self, name: str, reason: str) -> ConfigError:
        """The error of a dotted key, with the line that it stands on, or that its table begins on."""
        lines = self._lines()
        line = lines.get(name) or lines.get(name.rpartition(".")[0])
        return ConfigError(f"{self.path}{f', line {line}' if line else ''}: {name}: {reason}")

    def _lines(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        table = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]", line):
                table = header[1]
                lines.setdefault(table, number)
            elif key := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line):
                lines.setdefault(f"{table}.{key[1]}".removeprefix("."), number)
        return lines


def _built(data: Mapping[str, Any], scheme: Mapping[str, Any] | None, file: _File) -> LanguageModelSettings:
    known = [name for name in _names() if name != "scheme"]
    for key in data:
        if key not in known:
            hint = f"; the key stands in {KEY} alone" if "key" in key.lower() or "token" in key.lower() else ""
            raise file.error(f"llm.{key}", f"unknown key; expected one of {', '.join(known)}{hint}")
    if "model" not in data:
        raise file.error("llm.model", "is required and missing")
    values = dict(data)
    try:
        if isinstance(prices := values.get("prices"), dict):
            values["prices"] = _prices(prices)
        for name in ("prompt", "cache"):  # a path in a file is seen from that file
            if isinstance(value := values.get(name), str) and value not in ("", NO_CACHE, *PROMPTS):
                values[name] = str(file.path.parent / Path(value).expanduser())
        return LanguageModelSettings(**values, scheme=scheme)
    except ConfigError as error:
        key, _, reason = str(error).partition(": ")
        raise file.error(f"llm.{key}", reason) from None
