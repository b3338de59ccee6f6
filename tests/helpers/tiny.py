"""A tiny encoder with random weights, a tiny corpus with labels of its own, and trainings on them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oped import resources
from oped.commands import cli
from oped.neural.tasks import new_task, read_settings, train
from oped.resources import find_model
from oped.training.settings import RunSettings

PIECES = 5_000
SENTENCES = [
    "The council must build the dam", "Rain fell on nine days in May", "The old wall will not hold",
    "Schools should open an hour later", "Pupils slept six hours in a survey", "Buses would have to change",
]  # fmt: skip
POINTS = [
    ("The dam must be built", "We need that dam", "No dam should be built"),
    ("Schools start too early", "Lessons begin at a bad hour", "The school day begins at the right time"),
    ("Trade lifts the poor", "Commerce helps people with little", "Trade only makes the rich richer"),
]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _new_encoder(tmp_path_factory.mktemp("encoder"), "Bert")


@pytest.fixture(scope="session")
def tiny_mpnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of the make of the larger model's."""
    return _new_encoder(tmp_path_factory.mktemp("mpnet"), "MPNet", pad_token_id=0, max_position_embeddings=514)


def _new_encoder(folder: Path, make: str, **settings: int) -> Path:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("peft")
    torch.set_num_threads(1)  # so small a network is slower on several processors than on one
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = getattr(transformers, f"{make}Config")(**sizes, vocab_size=PIECES, **settings)
    getattr(transformers, f"{make}Model")(config, add_pooling_layer=False).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(_tokenizer(), encoding="utf-8")
    return folder


def _tokenizer() -> str:
    """The shipped tokenizer with its first pieces alone, which are the commonest: each step of a training goes over all."""
    data = json.loads((find_model("en_opinion_sm") / "tokenizer.json").read_text(encoding="utf-8"))
    data["model"]["vocab"] = {piece: number for piece, number in data["model"]["vocab"].items() if number < PIECES}
    return json.dumps(data)


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "annotations.jsonl"
    path.write_text("".join(json.dumps(annotation(number)) + "\n" for number in range(6)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles of claims and the labelled pairs between them, in the form of corpora/opinions."""
    folder = tmp_path_factory.mktemp("pairs")
    articles, pairs = [], []
    for side in range(3):
        text = "\n\n".join(point[side] for point in POINTS)
        articles.append({"id": f"a{side}", "text": text, "components": [], "relations": []})
    for number, point in enumerate(POINTS):
        for one, two, shift, label in ((0, 1, 0, "same"), (0, 2, 0, "opposed"), (0, 1, 1, "unrelated")):
            other = POINTS[(number + shift) % len(POINTS)][two]
            sides = {}
            for key, article, quote in (("a", one, point[one]), ("b", two, other)):
                start = str(articles[article]["text"]).index(quote)
                sides[key] = {"article": f"a{article}", "start": start, "end": start + len(quote)}
            pairs.append({"question": "q", "split": "train", **sides, "label": label})
    (folder / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in articles), encoding="utf-8")
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in pairs), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_parser(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, tiny_corpus: Path) -> Path:
    """The model folder of a parser that knows the tiny corpus by heart; its run's folder is around it."""
    folder = tmp_path_factory.mktemp("parser")
    path = write_config(folder / "tiny.toml", tiny_encoder, tiny_corpus)
    without_dev_part(path)
    return train(read_settings(path, {"schedule.epochs": "25"}), folder / "run", base=folder, quiet=True)


@pytest.fixture(scope="session")
def tiny_adapted(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, tiny_corpus: Path) -> Path:
    """The folder of a run that trained adapters to the tiny encoder for two epochs."""
    return train_adapters(tmp_path_factory.mktemp("adapted"), tiny_encoder, tiny_corpus)


def train_adapters(folder: Path, encoder: Path, corpus: Path, **changes: str) -> Path:
    """The folder of a run that trains a parser by adapters to an encoder for two epochs."""
    path = write_config(folder / "tiny.toml", encoder, corpus)
    wanted = {"name": "tiny_adapted", "adapters": "{rank = 4}", "schedule__epochs": "2", **changes}
    return train(settings_of(path, **wanted), folder / "run", base=folder, quiet=True).parent


def ship(small: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let oped ship a small form as `tiny_adapted`, beside the default model.

    Returns:
        The user's folder of models, which is empty.
    """
    package = folder / "package"
    (package / "models").mkdir(parents=True)
    (package / "models" / resources.DEFAULT_MODEL).symlink_to(find_model(resources.DEFAULT_MODEL))
    (package / "models" / "tiny_adapted").symlink_to(small)
    (package / "corpora").symlink_to(resources.data_folder("corpora"))
    monkeypatch.setattr(resources, "_PACKAGE", package)
    monkeypatch.setenv("OPED_MODELS", str(folder / "home"))
    return folder / "home"


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


def write_config(path: Path, encoder: Path, corpus: Path) -> Path:
    """The configuration of a parser's training, with a train and a dev part."""
    path.write_text(
        f"""# A tagger with labels of its own.
name = "tiny"
default_scheme = "mine"
encoder = "{encoder}"

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

[loss]
tags = 6.0

[[corpus]]
path = "{corpus}"
format = "oped"

[[corpus]]
path = "{corpus}"
format = "oped"
role = "dev"
""",
        encoding="utf-8",
    )
    return path


def without_dev_part(path: Path, role: str = "train") -> None:
    """Take the last corpus out of a configuration, and give the one before it a role."""
    text = path.read_text(encoding="utf-8").rpartition("[[corpus]]")[0]
    path.write_text(f'{text.rstrip()}\nrole = "{role}"\n', encoding="utf-8")


def settings_of(path: Path, **changes: str) -> RunSettings:
    """The settings of a file with changes: `schedule__epochs="3"` is `--set schedule.epochs=3`."""
    return read_settings(path, {key.replace("__", "."): value for key, value in changes.items()})


def task_of(path: Path, **changes: str) -> Any:
    """The task of a configuration, with changes as in `settings_of`."""
    return new_task(settings_of(path, **changes), base=path.parent)


def command(*arguments: str | Path) -> Result:
    """What `oped` does in this process; the error of a failure is raised."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)
