"""The settings of a language model come from `llm:NAME` with options, or from a TOML file, and are checked."""

import subprocess
import sys
from pathlib import Path

import pytest

from oped.errors import ConfigError, ModelError
from oped.llm.meter import Prices
from oped.llm.opening import open_language_model
from oped.llm.settings import LanguageModelSettings, is_language_model, read_settings

ENDPOINT = "http://127.0.0.1:8000/v1"


def toml(folder: Path, text: str) -> str:
    path = folder / "reader.toml"
    path.write_text(text)
    return str(path)


def test_a_language_model_is_told_from_a_trained_one() -> None:
    assert is_language_model("llm:gpt") and is_language_model("reader.toml")
    assert not is_language_model("en_opinion_sm") and not is_language_model("models/llm")


def test_a_name_with_options_gives_settings() -> None:
    given = {"endpoint": ENDPOINT, "samples": 3, "temperature": None, "prices": {"prompt": 1, "completion": 2}}
    settings = read_settings("llm:org/name:7b", options=given, environment={})
    assert (settings.model, settings.endpoint, settings.samples) == ("org/name:7b", ENDPOINT, 3)
    assert settings.drawn_temperature == 0.7
    assert settings.prices == Prices(prompt=1, completion=2)
    assert read_settings("llm:m", environment={}).drawn_temperature == 0


def test_the_environment_names_the_endpoint_that_nothing_else_names(tmp_path: Path) -> None:
    environment = {"OPED_LLM_ENDPOINT": ENDPOINT}
    named, unnamed = '[llm]\nmodel = "m"\nendpoint = "https://x.example/v1"\n', '[llm]\nmodel = "m"\n'
    assert read_settings("llm:m", environment=environment).endpoint == ENDPOINT
    assert read_settings("llm:m", options={"endpoint": ""}, environment=environment).endpoint == ""
    assert read_settings(toml(tmp_path, unnamed), environment=environment).endpoint == ENDPOINT
    assert read_settings(toml(tmp_path, named), environment=environment).endpoint == "https://x.example/v1"


def test_a_file_has_all_settings_and_options_go_before_them(tmp_path: Path) -> None:
    path = toml(
        tmp_path,
        f"""[llm]
model = "m"
endpoint = "{ENDPOINT}"
temperature = 1
samples = 3
concurrency = 2
timeout = 30
retries = 1
max_tokens = 2000
max_tokens_total = 1_000_000
cache = "answers"
prompt = "mine.md"
gist = true
insecure = false
window = 32_000
logprobs = true
form = "json"
prices = {{ prompt = 0.15, completion = 0.6 }}

[scheme]
name = "mine"
components = {{ thesis = "what it is" }}
""",
    )
    settings = read_settings(path, options={"samples": 5, "cache": None}, environment={})
    assert (settings.samples, settings.concurrency, settings.form, settings.gist) == (5, 2, "json", True)
    assert (settings.cache, settings.prompt) == (str(tmp_path / "answers"), str(tmp_path / "mine.md"))
    assert settings.prices == Prices(prompt=0.15, completion=0.6)
    assert settings.scheme == {"name": "mine", "components": {"thesis": "what it is"}}


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('[llm]\nmodel = "m"\nsampels = 3\n', "line 3: llm.sampels", "unknown key"),
        ('[llm]\nmodel = "m"\napi_key = "sk-secret"\n', "line 3: llm.api_key", "OPED_LLM_API_KEY alone"),
        ('[llm]\nmodel = "m"\n\nsamples = 0\n', "line 4: llm.samples", "expected 1 to 100, found 0"),
        ('[llm]\nmodel = "m"\nsamples = "3"\n', "line 3: llm.samples", "type int"),
        ('[llm]\nmodel = "m"\nsamples = true\n', "line 3: llm.samples", "type int"),
        ('[llm]\nmodel = "m"\ntemperature = nan\n', "line 3: llm.temperature", "expected 0 to 2"),
        ('[llm]\nmodel = "m"\ntemperature = 0\nsamples = 2\n', "line 3: llm.temperature", "all readings are the same"),
        ('[llm]\nmodel = "m"\nform = "xml"\n', "line 3: llm.form", "lines, links-last, json"),
        ('[llm]\nmodel = "m"\nendpoint = "models.example"\n', "line 3: llm.endpoint", "expected an endpoint"),
        ('[llm]\nmodel = "m"\nendpoint = "http://models.example/v1"\n', "line 3: llm.endpoint", "unencrypted"),
        ('[llm]\nmodel = "m"\nprices = { prompt = 1 }\n', "line 3: llm.prices", "completion"),
        ('[llm]\nmodel = "m"\n[llm.prices]\nprompt = -1\ncompletion = 1\n', "line 3: llm.prices", "at least 0"),
        ('[llm]\nmodel = "m"\nprices = 3\n', "line 3: llm.prices", "type Prices"),
        ("[llm]\nsamples = 1\n", "llm.model", "required"),
        ('[llm]\nmodel = " "\n', "line 2: llm.model", "the name of a model"),
        ('model = "m"\n', "line 1: model", "[llm]"),
        ('[schema]\na = 1\n', "line 1: schema", "[llm]"),
        ("[scheme]\na = 1\n", "reader.toml", "expected a table [llm]"),
        ("[llm\n", "reader.toml", "malformed TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, place: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(toml(tmp_path, text), environment={})
    message = str(caught.value)
    assert place in message and reason in message and "\n" not in message
    assert "sk-secret" not in message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected the settings of a language model"):
        read_settings(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"sample": 1}, "unknown option"), ({"samples": 0}, "samples: expected"), ({"timeout": 0}, "timeout: expected"),
     ({"prices": {"in": 1}}, "prices: expected"), ({"api_key": "x"}, "unknown option")],
)  # fmt: skip
def test_wrong_options_are_told_by_name(options: dict[str, object], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read_settings("llm:m", options=options, environment={})


def test_the_identity_holds_what_a_map_depends_on_and_nothing_else(tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.md"
    prompt.write_text("Read.")

    def identity(**changes: object) -> str:
        return LanguageModelSettings(model="m", prompt=str(prompt), **changes).identity()  # type: ignore[arg-type]

    usual = identity()
    same = [
        {"endpoint": ENDPOINT},
        {"concurrency": 2},
        {"cache": "x"},
        {"retries": 0},
        {"max_tokens_total": 9},
        {"timeout": 9},
    ]
    assert all(identity(**change) == usual for change in same)
    other = [
        {"samples": 2},
        {"temperature": 0.5},
        {"max_tokens": 9},
        {"gist": True},
        {"form": "json"},
        {"scheme": {"a": 1}},
    ]
    assert len({usual, *(identity(**change) for change in other)}) == 1 + len(other)
    prompt.write_text("Read well.")
    assert identity() != usual
    prompt.unlink()
    with pytest.raises(ConfigError, match="file of a prompt"):
        identity()


def test_without_an_endpoint_the_model_is_one_of_this_machine(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="transformers loads"):
        open_language_model(read_settings(f"llm:{tmp_path}", environment={}))


def test_a_model_behind_an_endpoint_needs_no_extra() -> None:
    code = (
        "import sys\nclass No:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'torch', 'transformers', 'gguf', 'llguidance'}: raise ImportError(name)\n"
        "sys.meta_path.insert(0, No())\n"
        "from oped.llm.opening import open_language_model\nfrom oped.llm.settings import read_settings\n"
        "print(open_language_model(read_settings('llm:m', options={'endpoint': 'http://127.0.0.1:1/v1'})).name)\n"
        "from oped.errors import MissingExtraError\n"
        "try: open_language_model(read_settings('llm:m', options={'endpoint': ''}))\n"
        "except MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "m", "a language model on this machine needs packages that are not installed: pip install '.[llm]' in oped's folder",
    ]  # fmt: skip
