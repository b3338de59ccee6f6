import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from oped.errors import ConfigError  # noqa: E402
from oped.neural.entities.network import EntityNetwork  # noqa: E402
from oped.neural.entities.recognizer import SHAPES, EntityRecognizer, decode, word_shapes  # noqa: E402
from oped.neural.entities.task import SCORES  # noqa: E402
from oped.neural.folder import ModelFolder  # noqa: E402
from oped.neural.layout import ENTITIES, ENTITIES_FILE  # noqa: E402
from oped.neural.tasks import new_task, read_settings, train  # noqa: E402
from oped.records import ArgumentMap, Article  # noqa: E402
from oped.training.loop import Progress, train_task  # noqa: E402
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
        'folds = 3\n[tagged]\nepochs = 8\nrate = 2e-2\n[schedule]\nepochs = 15\nrate = 2e-2\nprecision = "float32"\n'
        '[[corpus]]\npath = "articles.jsonl"\nformat = "oped"\n',
        encoding="utf-8",
    )
    return path


def test_what_is_annotated_is_learned_and_judged_apart(settings: Path, tmp_path: Path) -> None:
    model = train(read_settings(settings), tmp_path / "run", base=tmp_path, quiet=True)
    scores = json.loads((tmp_path / "run" / SCORES).read_text(encoding="utf-8"))
    assert scores["cross_validated"]["f1"] > scores["spacy"]["f1"] and scores["cross_validated"]["FAC_f1"] == 1
    folder = ModelFolder(model)
    folder.check()
    assert folder.parts[ENTITIES].made_by == read_settings(settings).made_by
    text = "Ann Lee went to Hallen. In Hallen, Ann Lee saw the Old Quay."
    words = Words.of(text)
    found = folder.open_entities()(text, words, folder.open_parser().word_states(text, words))
    assert {(text[words.starts[item.start] : words.ends[item.end - 1]], item.label) for item in found} >= {
        ("Ann Lee", "PERSON"),
        ("Old Quay", "FAC"),
    }


def test_a_run_that_stops_goes_on_and_ends_where_an_undisturbed_one_does(settings: Path, tmp_path: Path) -> None:
    short = read_settings(settings, {"tagged.epochs": "2", "schedule.epochs": "2"})
    whole = train_task(new_task(short, base=tmp_path), tmp_path / "whole")

    def stop(progress: Progress) -> None:
        if (tmp_path / "halted" / "fold-2").is_dir() and progress.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_task(new_task(short, base=tmp_path), tmp_path / "halted", stop)
    task = new_task(short, base=tmp_path)
    again = train_task(task, tmp_path / "halted")
    assert all(value.equal(again.network.state_dict()[name]) for name, value in whole.network.state_dict().items())
    model = tmp_path / "model"
    task.export(again, model)
    assert (model / ENTITIES_FILE).is_file() and set(task.scores) == {"spacy", "tagged_alone", "cross_validated"}


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
        ("folds = 3", "folds = 1", "line 6: folds: expected at least 2"),
        ("folds = 3", "folds = 4", "expected 4 annotated articles at least and others beside them, found 3 and 3"),
        ('"annotation.jsonl"', '"none.jsonl"', "none.jsonl: No such file"),
        ("hidden", "width", "unknown key"),
    ],
)
def test_what_can_not_be_is_refused(settings: Path, tmp_path: Path, old: str, new: str, message: str) -> None:
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        train(read_settings(settings), tmp_path / "run", base=tmp_path, quiet=True)


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
        train(read_settings(settings), tmp_path / "run", base=tmp_path, quiet=True)


def test_a_label_that_maps_do_not_have_is_refused(settings: Path, tmp_path: Path) -> None:
    file = tmp_path / "annotation.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("FAC", "QUAY"), encoding="utf-8")
    with pytest.raises(ConfigError, match="found 'QUAY'"):
        train(read_settings(settings), tmp_path / "run", base=tmp_path, quiet=True)
