import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from oped.errors import ConfigError  # noqa: E402
from oped.neural.entities.recognizer import ENTITIES_FILE, SHAPES, EntityRecognizer, decode, word_shapes  # noqa: E402
from oped.neural.entities.training import SCORES, EntityNetwork  # noqa: E402
from oped.records import ArgumentMap, Article  # noqa: E402
from oped.training.command import train  # noqa: E402
from oped.training.config import EntityConfig, load_config  # noqa: E402
from oped.words import Words  # noqa: E402

TOWNS = ["Hallen", "Brinna", "Ostervik", "Kolding", "Lisbon", "Geneva"]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Articles that name persons in towns; three are annotated, and in these the quay of each town is a FAC."""
    articles, annotation = [], []
    for number, town in enumerate(TOWNS):
        text = f"Ann Lee went to {town}. In {town}, Ann Lee saw the Old Quay.\n\nLater Ann Lee left {town}."
        articles.append(ArgumentMap(Article(f"a{number}", text)).to_dict())
        if number % 2:
            marks = [("Ann Lee", "PERSON"), (town, "GPE"), ("Old Quay", "FAC")]
            found = [
                [place, place + len(name), label]
                for name, label in marks
                for place in range(len(text))
                if text.startswith(name, place)
            ]
            annotation.append({"id": f"a{number}", "mentions": found})
    for name, rows in (("articles", articles), ("annotation", annotation)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    path = tmp_path / "entities.toml"
    path.write_text(
        'task = "entities"\nname = "towns"\nannotation = "annotation.jsonl"\nhidden = 32\ndropout = 0.0\n'
        "epochs = 20\nrate = 1e-2\nannotated_epochs = 60\nannotated_rate = 1e-2\nfolds = 3\n"
        '[[corpus]]\npath = "articles.jsonl"\nformat = "oped"\n',
        encoding="utf-8",
    )
    return path


def test_what_is_annotated_is_learned_and_judged_apart(settings: Path, tmp_path: Path) -> None:
    file = train(load_config(settings), tmp_path / "run", base=tmp_path, quiet=True)
    assert file == tmp_path / "run" / ENTITIES_FILE
    scores = json.loads((tmp_path / "run" / SCORES).read_text(encoding="utf-8"))
    assert scores["cross_validated"]["f1"] > scores["spacy"]["f1"] and scores["cross_validated"]["FAC_f1"] == 1
    first = file.read_bytes()
    assert train(load_config(settings), tmp_path / "again", base=tmp_path, quiet=True).read_bytes() == first


def test_the_recognizer_computes_what_the_network_does(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = EntityNetwork(8, 16, 0.1).eval()
    text = "Ann Lee went to Hallen. The UN did not.\nNor did 12 others."
    words = Words.of(text)
    states = np.random.default_rng(1).normal(size=(len(words), 8)).astype(np.float32)
    inputs = torch.from_numpy(np.concatenate([states, word_shapes(text, words)], axis=1))
    assert inputs.shape[1] == 8 + SHAPES
    with torch.inference_mode():
        wanted = decode(network(inputs).numpy(), text, words)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    assert wanted and EntityRecognizer(weights)(text, words, states) == wanted


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("folds = 3", "folds = 1", "line 10: folds: expected at least 2"),
        ("folds = 3", "folds = 4", "expected 4 annotated articles at least and others beside them, found 3 and 3"),
        ('"annotation.jsonl"', '"none.jsonl"', "none.jsonl: No such file"),
        ("hidden", "width", "unknown key"),
    ],
)
def test_what_can_not_be_is_refused(settings: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        train(load_config(settings), tmp_path / "run", base=tmp_path, quiet=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"a1"', '"b1"', "expected articles of the corpora, found 'b1' and 0 more"),
        ("[0, 7,", "[0, 7000,", "is not in its text"),
    ],
)
def test_annotation_that_fits_no_article_is_refused(
    settings: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    file = tmp_path / "annotation.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        train(load_config(settings), tmp_path / "run", base=tmp_path, quiet=True)


def test_a_label_that_maps_do_not_have_is_refused(settings: Path, tmp_path: Path) -> None:
    file = tmp_path / "annotation.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("FAC", "QUAY"), encoding="utf-8")
    with pytest.raises(ConfigError, match="found 'QUAY'"):
        train(load_config(settings), tmp_path / "run", base=tmp_path, quiet=True)


def test_the_shipped_configuration_is_valid() -> None:
    config = load_config(Path(__file__).resolve().parents[2] / "configs" / "en_opinion_entities.toml")
    assert isinstance(config, EntityConfig)
