"""A tiny encoder with random weights, and a tiny corpus with labels of its own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oped.resources import find_model

SENTENCES = [
    "The council must build the dam", "Rain fell on nine days in May", "The old wall will not hold",
    "Schools should open an hour later", "Pupils slept six hours in a survey", "Buses would have to change",
]  # fmt: skip


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, vocab_size=30522
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    shutil.copy(find_model("en_opinion_sm") / "tokenizer.json", folder)
    return folder


def annotation(number: int) -> dict[str, object]:
    one, two, three = (SENTENCES[(number + step) % len(SENTENCES)] for step in (0, 1, 2))
    text = f"{one}, because {two.lower()}.\n\nNobody asked. {three}."
    spans = [(one, "policy", "author"), (two.lower(), "fact", "author"), (three, "forecast", "Ann Lee")]
    components = [
        {"id": f"c{n}", "text": quote, "type": kind, "risk": n == 3, "source": who}
        for n, (quote, kind, who) in enumerate(spans, start=1)
    ]
    relations = [{"source": "c2", "target": "c1", "type": "backs"}, {"source": "c3", "target": "c1", "type": "rebuts"}]
    return {"id": f"d{number}", "text": text, "components": components, "relations": relations}


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "annotations.jsonl"
    path.write_text("".join(json.dumps(annotation(number)) + "\n" for number in range(6)), encoding="utf-8")
    return path


@pytest.fixture
def config_file(tmp_path: Path, tiny_encoder: Path, tiny_corpus: Path) -> Path:
    return write_config(tmp_path / "tiny.toml", tiny_encoder, tiny_corpus)


def write_config(path: Path, tiny_encoder: Path, tiny_corpus: Path) -> Path:
    path.write_text(
        f"""# A tagger with labels of its own.
name = "tiny"
default_scheme = "mine"
encoder = "{tiny_encoder}"

[network]
component_width = 32
document_layers = 1
document_heads = 2
arc_width = 16
dropout = 0.0

[schedule]
epochs = 40
batch_pieces = 60
encoder_rate = 3e-3
head_rate = 1e-2
precision = "float32"

[[corpus]]
path = "{tiny_corpus}"
format = "oped"

[[corpus]]
path = "{tiny_corpus}"
format = "oped"
role = "dev"
""",
        encoding="utf-8",
    )
    return path


def goes_on_where_it_was(start: Callable[[str], Any]) -> None:
    """A run that is stopped in its second epoch ends, called again, with the weights of an undisturbed one.

    Args:
        start: makes a run in the folder of a name.
    """
    expected = start("whole").run().state_dict()
    halted = start("halted")

    def stop(progress: Any) -> None:
        if progress.epoch == 2:
            raise KeyboardInterrupt

    halted.report = stop
    with pytest.raises(KeyboardInterrupt):
        halted.run()
    found = start("halted").run().state_dict()
    assert all(value.equal(found[name]) for name, value in expected.items())
