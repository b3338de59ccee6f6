import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from oped.errors import ConfigError
from oped.parser.pieces import Floats, Words
from oped.parser.runtime import INT8_FILE, OnnxScorer
from oped.resources import data_folder, find_model
from oped.training.int8 import quantize
from oped.words import split_words
from tests.commands.test_map import run


@pytest.fixture(scope="module")
def texts() -> list[str]:
    path = data_folder("corpora") / "opinions" / "dev.jsonl"
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()[:6]]


@pytest.fixture(scope="module")
def quantized(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("int8") / "model"
    quantize(find_model("en_opinion_sm"), folder, texts[:3])
    return folder


def _states(folder: Path, texts: list[str]) -> Floats:
    scorer = OnnxScorer(folder)
    return np.concatenate([scorer.word_states(text, Words.of(text, split_words(text))) for text in texts])


def test_states_in_int8_are_those_in_float32_to_a_few_hundredths(
    quantized: Path, texts: list[str], tmp_path: Path
) -> None:
    rounded = _states(quantized, texts[3:])
    (quantized / INT8_FILE).rename(tmp_path / INT8_FILE)
    exact = _states(quantized, texts[3:])
    (tmp_path / INT8_FILE).rename(quantized / INT8_FILE)
    assert 0 < np.linalg.norm(rounded - exact) / np.linalg.norm(exact) < 0.03


def test_channels_left_in_float32_are_what_keeps_the_states(texts: list[str], quantized: Path, tmp_path: Path) -> None:
    quantize(find_model("en_opinion_sm"), tmp_path / "few", texts[:3], outliers=1)
    shipped = _states(find_model("en_opinion_sm"), texts[3:])
    errors = [np.linalg.norm(_states(folder, texts[3:]) - shipped) for folder in (quantized, tmp_path / "few")]
    assert errors[0] < errors[1]


def test_a_model_is_not_overwritten_by_its_copy(texts: list[str]) -> None:
    with pytest.raises(ConfigError, match="another folder"):
        quantize(find_model("en_opinion_sm"), find_model("en_opinion_sm"), texts[:1])


def test_the_command_says_what_changes_in_the_maps(tmp_path: Path, texts: list[str]) -> None:
    table = tmp_path / "articles.jsonl"
    table.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts[:4]), encoding="utf-8")
    done = run("quantize", "en_opinion_sm", str(table), "-o", str(tmp_path / "model"))
    assert done.returncode == 0 and (tmp_path / "model" / INT8_FILE).is_file()
    shares = dict(line.split(": ") for line in done.stdout.decode().splitlines())
    assert 0.8 < float(shares["components_alike"]) <= 1 and float(shares["speed"]) > 0
    none = run("quantize", "en_opinion_sm", str(tmp_path / "no.jsonl"), "-o", str(tmp_path / "model"))
    assert none.returncode == 1 and b"found 0" in none.stderr
