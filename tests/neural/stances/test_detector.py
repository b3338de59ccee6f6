import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from oped.errors import ConfigError, FormatError, ModelError  # noqa: E402
from oped.formats.registry import read_stances  # noqa: E402
from oped.formats.stances import AGAINST, FOR, NONE, StanceTarget  # noqa: E402
from oped.neural.folder import ModelFolder  # noqa: E402
from oped.neural.layout import CARD_FILE, STANCE_WEIGHTS_FILE, STANCES, WEIGHTS_FILE  # noqa: E402
from oped.neural.pieces import PieceTokenizer  # noqa: E402
from oped.neural.stances.runtime import StanceDetector, decide, target_input  # noqa: E402
from oped.neural.stances.task import stance_scores  # noqa: E402
from oped.neural.tasks import new_task, train  # noqa: E402
from oped.resources import find_model  # noqa: E402
from oped.training.loop import train_task  # noqa: E402
from oped.training.settings import RunSettings  # noqa: E402
from tests.helpers.tiny import command, settings_of  # noqa: E402

SAID = {
    "for": ("{} has done the town proud", "We should thank {} for it"),
    "against": ("{} has cheated the town", "We should stop {} at once"),
    "none": ("The bridge near {} is long", "A survey in {} counted cars"),
}
NAMES = ("Vera Blom", "Arnsund", "the Coastal Union")


def target(text: str, name: str) -> StanceTarget:
    statement = text.format(name)
    start = statement.index(name)
    return StanceTarget("", statement, start, start + len(name))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stances, and the articles that they are in, as `corpora` holds them."""
    folder = tmp_path_factory.mktemp("corpora")
    (folder / "mine").mkdir()
    (folder / "stances").mkdir()
    articles, rows = [], []
    for number, name in enumerate(NAMES):
        said = [(text.format(name), stance) for stance, texts in SAID.items() for text in texts]
        text = "\n\n".join(statement for statement, _ in said)
        articles.append({"id": f"a{number}", "text": text, "components": [], "relations": []})
        for statement, stance in said:
            start = text.index(statement)
            at = start + statement.index(name)
            span, entity = [start, start + len(statement)], [at, at + len(name)]
            rows.append(
                {"corpus": "mine", "article": f"a{number}", "component": span, "entity": entity, "stance": stance}
            )
    for part in ("train", "dev"):
        for place, lines in ((f"mine/{part}.jsonl", articles), (f"stances/{part}.jsonl", rows)):
            (folder / place).write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    return folder / "stances"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, tiny_parser: Path, corpus: Path) -> RunSettings:
    path = tmp_path_factory.mktemp("stances") / "stances.toml"
    parts = "".join(f'[[corpus]]\npath = "{corpus}"\nsplit = "{part}"\nrole = "{part}"\n' for part in ("train", "dev"))
    path.write_text(
        f'task = "stances"\nname = "tiny"\nmodel = "{tiny_parser}"\nadapters = {{rank = 8}}\n'
        f'[schedule]\nepochs = 25\nbatch_size = 6\nrate = 1e-2\nhead_rate = 1e-2\nprecision = "float32"\n{parts}',
        encoding="utf-8",
    )
    return settings_of(path)


def test_it_learns_what_it_is_shown_and_its_files_say_so(settings: RunSettings, corpus: Path, tmp_path: Path) -> None:
    model = train(settings, tmp_path / "run", quiet=True)
    items, _ = read_stances(corpus, "train")
    detector = ModelFolder(model).open_stances()
    chances = detector.detect([item.target for item in items])
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert decide(chances) == [item.stance for item in items]
    alone = np.concatenate([detector.detect([item.target]) for item in items])
    np.testing.assert_allclose(alone, chances, atol=1e-5)

    done = train_task(new_task(settings), tmp_path / "run").network.half().float()
    given = detector.scores([item.target for item in items])
    np.testing.assert_allclose(stance_scores(done, detector.tokenizer, items), given, atol=1e-3)
    assert "Stance detector: tiny" in (model / CARD_FILE).read_text(encoding="utf-8")
    ModelFolder(model).check()
    assert ModelFolder(model).parts[STANCES].made_by == settings.made_by

    report = json.loads(
        command("evaluate", model, corpus, "--format", "oped-stances", "--split", "dev", "--json").stdout
    )
    assert report["metrics"]["accuracy"] == 1.0 and report["answered_by"] == "the stance detector"

    (model / WEIGHTS_FILE).write_bytes((model / STANCE_WEIGHTS_FILE).read_bytes())
    with pytest.raises(ModelError, match="expected the weights that it was trained on"):
        StanceDetector(model)


def test_the_encoder_stays_as_it_is(settings: RunSettings, tmp_path: Path) -> None:
    task = new_task(settings.changed(epochs=1))
    before = {name: value.clone() for name, value in task.network.state_dict().items()}
    after = train_task(task, tmp_path / "run").network.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert moved and all(".lora_" in name or name.startswith("head.") for name in moved)


def test_what_is_read_of_a_target() -> None:
    tokenizer = PieceTokenizer.load(find_model("en_opinion_sm"))
    text = "It rained. Nobody thanked Vera Blom for the bridge."
    found = StanceTarget.of(text, (11, len(text)), (26, 35))
    assert found.statement[found.start : found.end] == "Vera Blom" and found.before == "It rained. "
    ids, sides, named = target_input(tokenizer, found)
    read = [tokenizer.tokenizer.id_to_token(int(piece)) for piece in ids]
    assert read[0] == "[CLS]" and read[4] == read[-1] == "[SEP]"
    assert [piece for piece, mark in zip(read, named, strict=True) if mark] == ["vera", "b", "##lom"]
    assert read[int(named.argmax()) - 1] == read[int(named.argmax()) + 3] == "*"
    assert sides.tolist() == [0] * 5 + [1] * (len(ids) - 5)
    huge = StanceTarget("x " * 500, f"{'word ' * 500}Vera{' word' * 500}", 2500, 2504)
    assert len(target_input(tokenizer, huge)[0]) < 200


def test_a_stance_is_taken_where_it_is_likelier_than_not() -> None:
    rows = np.array([[0.6, 0.3, 0.1], [0.3, 0.6, 0.1], [0.4, 0.3, 0.3]], dtype=np.float32)
    assert decide(rows) == [FOR, AGAINST, NONE]


def test_what_is_wrong_is_said(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a split \(dev, train\), found 'test'"):
        read_stances(corpus, "test")
    with pytest.raises(ModelError, match="expected a model that tells stances"):
        StanceDetector(tmp_path)
    with pytest.raises(ValueError, match="expected an entity within 5 letters"):
        StanceTarget("", "Blom.", 3, 8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stance": "neutral"}, "expected one of for, against, none, found 'neutral'"),
        ({"entity": [0, 900]}, "expected an entity within its statement, found 0-900"),
        ({"component": [0, 9000]}, "expected a statement within the"),
        ({"statement": "Short.", "before": ""}, "expected an entity within 6 letters"),
        ({"component": None}, "expected entity and stance, with"),
    ],
)
def test_a_line_that_is_no_stance_is_named(
    change: dict[str, object], message: str, corpus: Path, tmp_path: Path
) -> None:
    shutil.copytree(corpus.parent, tmp_path / "corpora")
    path = tmp_path / "corpora" / "stances" / "dev.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*rest, json.dumps(json.loads(first) | change)]) + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match=message) as caught:
        read_stances(path, "")
    assert caught.value.place == "line 18"


def test_a_statement_can_stand_in_its_line(tmp_path: Path) -> None:
    row = {
        "before": "It rained.",
        "statement": "Vera Blom helped",
        "entity": [0, 9],
        "label": "PERSON",
        "stance": "for",
    }
    (tmp_path / "written.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    ((found,), missing) = read_stances(tmp_path, "written")
    assert found.target == StanceTarget("It rained.", "Vera Blom helped", 0, 9) and (found.stance, missing) == (FOR, 0)


def test_the_articles_that_are_not_at_hand_are_counted(corpus: Path, tmp_path: Path) -> None:
    for place in ("mine", "stances"):
        (tmp_path / place).mkdir()
    lines = (corpus.parent / "mine" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "mine" / "train.jsonl").write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    (tmp_path / "stances" / "train.jsonl").write_bytes((corpus / "train.jsonl").read_bytes())
    found, missing = read_stances(tmp_path / "stances", "train")
    assert (len(found), missing) == (12, 6)
