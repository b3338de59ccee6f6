import json
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

from oped.errors import ConfigError  # noqa: E402
from oped.neural.folder import ModelFolder  # noqa: E402
from oped.neural.int8_graph import Int8Graph  # noqa: E402
from oped.neural.layout import ENCODER_FILE, INT8, INT8_FILE  # noqa: E402
from oped.neural.parser.int8 import float32, quantize  # noqa: E402
from oped.numeric import Floats  # noqa: E402
from oped.resources import data_folder, find_model  # noqa: E402
from oped.words import Words  # noqa: E402
from tests.helpers.tiny import command  # noqa: E402


@pytest.fixture(scope="module")
def texts() -> list[str]:
    path = data_folder("corpora") / "opinions" / "dev.jsonl"
    return [json.loads(line)["text"][:1500] for line in path.read_text(encoding="utf-8").splitlines()[:3]]


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return float32(find_model("en_opinion_sm"), tmp_path_factory.mktemp("float32") / "model")


def _states(folder: Path, texts: list[str]) -> Floats:
    scorer = ModelFolder(folder).open_parser()
    return np.concatenate([scorer.word_states(text, Words.of(text)) for text in texts])


def test_states_in_int8_are_those_in_float32_to_a_few_hundredths(exact: Path, texts: list[str], tmp_path: Path) -> None:
    wanted, errors = _states(exact, texts[2:]), []
    for count in (8, 1):
        quantize(exact, tmp_path / str(count), texts[:2], outliers=count)
        given = _states(tmp_path / str(count), texts[2:])
        errors.append(np.linalg.norm(given - wanted) / np.linalg.norm(wanted))
    assert 0 < errors[0] < errors[1] and errors[0] < 0.03


def test_products_that_are_exact_on_any_processor_are_the_same(
    monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    folder = find_model("en_opinion_sm")
    here = _states(folder, texts[:1])
    monkeypatch.setattr("oped.neural.onnx.has_exact_int8", lambda: False)
    np.testing.assert_allclose(_states(folder, texts[:1]), here, atol=1e-5)


def test_no_folder_is_overwritten(texts: list[str], exact: Path) -> None:
    with pytest.raises(ConfigError, match="an empty one"):
        quantize(find_model("en_opinion_sm"), exact, texts[:1])


def test_a_layer_that_is_not_found_is_an_error(exact: Path) -> None:
    proto = onnx.load(exact / ENCODER_FILE, load_external_data=False)
    with pytest.raises(ConfigError, match="such as no such layer"):
        Int8Graph(proto, {}, {"no such layer": [1]}).rewrite()


def test_the_command_says_what_changes_in_the_maps(tmp_path: Path, texts: list[str]) -> None:
    table = tmp_path / "articles.jsonl"
    table.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts[:2]), encoding="utf-8")
    options = ["--scheme", "aae2", "--outliers", "4"]
    done = command("quantize", "en_opinion_sm", table, "-o", tmp_path / "model", *options)
    assert (tmp_path / "model" / INT8_FILE).is_file()
    assert ModelFolder(tmp_path / "model").parts[INT8].made_by.startswith("oped quantize")
    ModelFolder(tmp_path / "model").check()
    shares = dict(line.split(": ") for line in done.stdout.splitlines())
    assert 0.5 < float(shares["components_alike"]) <= 1 and float(shares["speed"]) > 0
    with pytest.raises(ConfigError, match=r"no\.jsonl"):
        command("quantize", "en_opinion_sm", tmp_path / "no.jsonl", "-o", tmp_path / "other")
