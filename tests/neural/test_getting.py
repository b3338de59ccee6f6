"""A model that ships without its encoder is got: merged, quantized, installed, and found by name."""

import json
import os
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("onnx")

from safetensors.numpy import load_file

from oped.errors import ModelError
from oped.neural.folder import ModelFolder
from oped.neural.getting import get_model
from oped.neural.layout import INT8, PARSER
from oped.resources import find_model
from tests.helpers.cli import call
from tests.helpers.tiny import ship

NAME = "tiny_adapted"


@pytest.fixture
def home(tmp_path: Path, tiny_adapted: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of models, empty, beside an oped that ships a small form."""
    return ship(tiny_adapted / "adapters", tmp_path, monkeypatch)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_small_form_is_what_a_run_trained_alone(tiny_adapted: Path) -> None:
    small = contents(tiny_adapted / "adapters")
    assert set(small) == {"adapters.json", "adapters.safetensors", "tokenizer.json", "README.md"}
    record = json.loads(small["adapters.json"])
    assert record["rank"] == 4 and record["encoder"]["name"].startswith("encoder")
    names = set(load_file(tiny_adapted / "adapters" / "adapters.safetensors"))
    assert {name for name in names if name.startswith("encoder.")} == {name for name in names if ".lora_" in name}
    whole = json.loads((tiny_adapted / "model" / "config.json").read_text())
    assert record["parser"] == {key: value for key, value in whole.items() if not key.startswith("format")}


def test_merged_with_its_encoder_it_is_the_runs_own_model_and_stays(
    home: Path, tiny_adapted: Path, tiny_encoder: Path
) -> None:
    done = call("models", "get", NAME, "--from", tiny_encoder, "--no-int8")
    assert (done.returncode, done.stdout) == (0, f"{home / NAME}{os.linesep}".encode()), done.stderr
    own, made = contents(tiny_adapted / "model"), contents(home / NAME)
    assert set(own) == set(made)
    assert [name for name in own if own[name] != made[name]] == []
    again = call("models", "get", NAME, "--from", "nowhere")
    assert (again.returncode, again.stdout) == (0, done.stdout) and b"--force makes it anew" in again.stderr


def test_another_model_stays_unless_it_is_forced_and_then_articles_are_mapped_by_name(
    home: Path, tiny_adapted: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_adapted / "model", home / NAME)
    config = json.loads((home / NAME / "config.json").read_text())
    (home / NAME / "config.json").write_text(json.dumps(config | {"version": "0.0.9"}))
    with pytest.raises(ModelError, match=r"expected version 0.1.0 or nothing, found 0.0.9; --force replaces it"):
        get_model(NAME, source="nowhere")
    done = call("models", "get", NAME, "--from", tiny_encoder, "--force")
    assert done.returncode == 0 and b"merging" in done.stderr and b"int8" in done.stderr
    assert [path.name for path in home.iterdir()] == [NAME]
    installed = ModelFolder(find_model(NAME))
    installed.check()
    assert set(installed.parts) == {PARSER, INT8}
    article = tmp_path / "a.txt"
    article.write_text("The council must build the dam, because rain fell on nine days in May.", encoding="utf-8")
    assert json.loads(call("map", article, "--model", NAME).stdout)["model"]["name"] == NAME
    assert b"not installed" not in call("models").stdout


def test_before_it_is_got_its_card_is_shown_and_a_map_says_what_to_do(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The council must build the dam.", encoding="utf-8")
    refused = call("map", tmp_path / "a.txt", "--model", NAME)
    assert refused.returncode == 1
    assert refused.stderr == (
        b"oped: expected the whole model tiny_adapted, found it without its encoder: run oped models get tiny_adapted\n"
    )
    assert b"tiny_adapted  not installed: oped models get tiny_adapted\n" in call("models").stdout
    assert call("models", NAME).stdout.startswith(b"# tiny_adapted")


def test_a_failure_leaves_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"another")
    done = call("models", "get", NAME, "--from", tmp_path)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"SHA-256" in done.stderr
    assert not any(home.iterdir())


def test_a_model_that_is_shipped_whole_or_not_at_all_is_not_got(home: Path) -> None:
    with pytest.raises(ModelError, match="found 'en_opinion_sm'; there are: tiny_adapted"):
        get_model("en_opinion_sm")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rank": "high"}, "rank: "),
        ({"format_version": 9}, "expected format oped/adapters version 1, found oped/adapters 9"),
        ({"surprise": 1}, "surprise: "),
        (
            {"parts": {"stances": {"version": "1", "made_by": "a"}}},
            "expected any of entities, matcher, found 'stances'",
        ),
        ({"parts": {"matcher": {"version": "1"}}}, r"parts\.matcher\.made_by: "),
    ],
)
def test_a_torn_record_is_a_model_error(
    home: Path, tiny_adapted: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    small = shutil.copytree(tiny_adapted / "adapters", tmp_path / "small")
    record = json.loads((small / "adapters.json").read_text())
    (small / "adapters.json").write_text(json.dumps(record | change))
    with pytest.raises(ModelError, match=message):
        get_model(str(small))


def test_torn_or_foreign_weights_are_a_model_error(
    home: Path, tiny_adapted: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    small = shutil.copytree(tiny_adapted / "adapters", tmp_path / "small")
    (small / "adapters.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(ModelError, match="expected weights in safetensors"):
        get_model(str(small), source=str(tiny_encoder))
    shutil.copyfile(tiny_encoder / "model.safetensors", small / "adapters.safetensors")
    with pytest.raises(ModelError, match=r"expected weights that fit adapters.json and its encoder"):
        get_model(str(small), source=str(tiny_encoder))
