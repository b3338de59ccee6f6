"""Matcher and recognizer of names over an encoder that is too large to ship: trained, put into the small form, and got with it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("onnx")

from oped.errors import ConfigError, ModelError
from oped.formats.passages import Passage
from oped.neural.folder import ModelFolder
from oped.neural.getting import get_model
from oped.neural.layout import ENTITIES, INT8, JUDGE_INT8_FILE, MATCHER, PARSER, SMALL_PARTS, WEIGHTS_FILE
from oped.neural.matcher.network import load_matcher
from oped.neural.matcher.runtime import pair_input
from oped.neural.matcher.torch_matcher import embed_texts, pair_scores
from oped.neural.small_parts import add_parts, adopt_part
from oped.neural.tasks import new_task, train
from oped.resources import find_model
from tests.helpers.cli import call
from tests.helpers.tiny import POINTS, annotation, settings_of, ship, train_adapters

NAME = "tiny_adapted"
TEXTS = [text for point in POINTS for text in point]
PAIRS = [(Passage(TEXTS[0]), Passage(text, "Water", "They met in May.", "So they said.")) for text in TEXTS[1:]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, tiny_mpnet: Path, tiny_corpus: Path) -> Path:
    """The folder of a run that trained a parser by adapters to MPNet."""
    return train_adapters(tmp_path_factory.mktemp("base"), tiny_mpnet, tiny_corpus)


@pytest.fixture(scope="module")
def matcher_config(tmp_path_factory: pytest.TempPathFactory, tiny_mpnet: Path, tiny_pairs: Path, base: Path) -> Path:
    path = tmp_path_factory.mktemp("matcher") / "matcher.toml"
    corpus = f'[[corpus]]\npath = "{tiny_pairs}"\nformat = "oped-pairs"\nsplit = "train"\nrepeat = 4\n'
    path.write_text(
        f'task = "matcher"\nname = "tiny_matcher"\nencoder = "{tiny_mpnet}"\nmodel = "{base / "model"}"\n'
        "adapters = {rank = 4}\ncontext = true\n"
        f'[schedule]\nepochs = 4\nbatch_size = 3\nrate = 1e-2\nprecision = "float32"\n{corpus}{corpus}role = "dev"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, base: Path, matcher_config: Path) -> dict[str, Path]:
    """The model folders of runs that trained a matcher and a recognizer on the parser's model."""
    folder = tmp_path_factory.mktemp("runs")
    texts = [annotation(number) for number in range(4)]
    mentions = [{"id": row["id"], "mentions": [[0, str(row["text"]).index(" "), "ORG"]]} for row in texts[:2]]
    for name, rows in (("articles", texts), ("mentions", mentions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    path = folder / "entities.toml"
    path.write_text(
        f'task = "entities"\nname = "tiny_entities"\nannotation = "mentions.jsonl"\nmodel = "{base / "model"}"\n'
        "hidden = 8\nfolds = 2\n[tagged]\nepochs = 1\n[schedule]\nepochs = 20\nrate = 2e-2\n"
        '[[corpus]]\npath = "articles.jsonl"\nformat = "oped"\n',
        encoding="utf-8",
    )
    configs = {MATCHER: matcher_config, ENTITIES: path}
    return {
        part: train(settings_of(config), folder / part, base=config.parent, quiet=True)
        for part, config in configs.items()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, base: Path, runs: dict[str, Path]) -> Path:
    """The small form, with both parts."""
    small = shutil.copytree(base / "adapters", tmp_path_factory.mktemp("small") / "form")
    for part, run in runs.items():
        done = call("models", "adopt", run, "--part", part, "--into", small)
        assert done.returncode == 0 and done.stdout.startswith(f"{part} 0.1.0: tiny_{part} ".encode()), done.stderr
    return small


@pytest.fixture
def small(whole: Path, tmp_path: Path) -> Path:
    """A copy of the small form whose files may be changed."""
    return shutil.copytree(whole, tmp_path / "small")


@pytest.fixture
def home(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return ship(whole, tmp_path, monkeypatch)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_small_form_takes_what_was_trained_and_says_who_made_it(
    whole: Path, base: Path, runs: dict[str, Path]
) -> None:
    trained = {"matcher/config.json", "matcher/model.safetensors", "matcher/rarity.safetensors", "entities.safetensors"}
    assert files(whole) == files(base / "adapters") | trained
    parts = json.loads((whole / "adapters.json").read_text())["parts"]
    assert set(parts) == set(SMALL_PARTS)
    for name, run in runs.items():
        record = ModelFolder(run).parts[name]
        assert parts[name] == {"version": record.version, "made_by": record.made_by, "weights": record.weights}


def test_a_matcher_over_mpnet_is_exported_as_it_was_trained(runs: dict[str, Path], tmp_path: Path) -> None:
    exact = shutil.copytree(runs[MATCHER], tmp_path / "model")
    (exact / "matcher" / JUDGE_INT8_FILE).unlink()
    network, matcher = load_matcher(exact), ModelFolder(runs[MATCHER]).open_matcher()
    np.testing.assert_allclose(matcher.embed(TEXTS), embed_texts(network, matcher.tokenizer, TEXTS), atol=1e-4)
    wanted = pair_scores(network, matcher.tokenizer, PAIRS)
    inputs = [pair_input(matcher.tokenizer, *pair) for pair in PAIRS]
    np.testing.assert_allclose(ModelFolder(exact).open_matcher()._scores(inputs), wanted, atol=1e-3)
    assert np.linalg.norm(matcher._scores(inputs) - wanted) < 0.05 * np.linalg.norm(wanted)
    rows = (runs[MATCHER].parent / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    losses = [json.loads(row)["train"]["loss"] for row in rows]
    assert losses[-1] < losses[0]


def test_in_float32_the_parts_are_installed_as_their_runs_left_them(
    home: Path, runs: dict[str, Path], tiny_mpnet: Path
) -> None:
    said: list[str] = []
    model = get_model(NAME, source=str(tiny_mpnet), int8=False, say=said.append)
    assert said[1:] == ["adding the part entities", "adding the part matcher"]
    model.check()
    assert set(model.parts) == {PARSER, ENTITIES, MATCHER}
    for name, run in runs.items():
        own = ModelFolder(run).parts[name]
        left_out = {f"matcher/{JUDGE_INT8_FILE}"}
        assert {**model.parts[name].files} == {file: own.files[file] for file in own.files if file not in left_out}
        assert (model.parts[name].version, model.parts[name].made_by) == (own.version, own.made_by)
        assert model.parts[name].weights == model.weights_digest


def test_the_installed_model_maps_and_judges_a_comparison_by_its_own_parts(
    home: Path, runs: dict[str, Path], tiny_mpnet: Path, tmp_path: Path
) -> None:
    done = call("models", "get", NAME, "--from", tiny_mpnet)
    assert done.returncode == 0, done.stderr
    assert call("models", "check", NAME).stdout == b"tiny_adapted: 4 parts, all as recorded\n"
    model = ModelFolder(find_model(NAME))
    assert model.path == home / NAME and set(model.parts) == {PARSER, INT8, ENTITIES, MATCHER}
    made, own = model.open_matcher(), ModelFolder(runs[MATCHER]).open_matcher()
    assert (made.folder / JUDGE_INT8_FILE).is_file()
    np.testing.assert_allclose(made.judge(PAIRS), own.judge(PAIRS), atol=0.05)
    maps = tmp_path / "maps.jsonl"
    with maps.open("w") as lines:
        for number, author in enumerate(("Ann", "Bo")):
            article = tmp_path / f"{author}.md"
            article.write_text(f"---\nauthor: {author}\n---\n\n{annotation(number)['text']}\n", encoding="utf-8")
            lines.write(json.dumps(json.loads(call("map", article, "--model", NAME).stdout)) + "\n")
    compared = call("compare", maps, "--model", NAME, "--quiet")
    assert compared.returncode == 0, compared.stderr
    assert json.loads(compared.stdout)["thresholds"]["same"] == own.thresholds.same


def test_a_model_that_was_got_before_it_had_the_parts_says_so(home: Path, base: Path) -> None:
    shutil.copytree(base / "model", home / NAME)
    said: list[str] = []
    get_model(NAME, source="nowhere", say=said.append)
    assert said == [
        "version 0.1.0 is there already, without the part entities and the part matcher; --force makes it anew"
    ]


def test_the_small_form_is_no_model_though_it_has_a_matcher(home: Path, whole: Path) -> None:
    for name in (NAME, whole):
        with pytest.raises(ModelError, match="found it without its encoder: run oped models get"):
            find_model(name)


def test_a_part_on_another_parser_is_refused(small: Path, tiny_parser: Path, tmp_path: Path) -> None:
    before = (small / "adapters.json").read_bytes()
    other = ModelFolder(shutil.copytree(tiny_parser, tmp_path / "other"))
    with pytest.raises(ModelError, match="expected a model with the part entities"):
        adopt_part(ENTITIES, other.path, small)
    shutil.copyfile(small / "entities.safetensors", other.path / "entities.safetensors")
    with pytest.raises(ModelError, match="that is recorded and stands on the parser's encoder"):
        adopt_part(ENTITIES, other.path, small)
    other.record(ENTITIES, version="1", made_by="test", own_encoder=True)
    with pytest.raises(ModelError, match="that is recorded and stands on the parser's encoder"):
        adopt_part(ENTITIES, other.path, small)
    record = json.loads(before)
    (small / "adapters.json").write_text(json.dumps(record | {"parts": {}}))
    other.record(ENTITIES, version="1", made_by="test")
    with pytest.raises(ModelError, match="its entities belong to other weights than"):
        adopt_part(ENTITIES, other.path, small)


def test_parts_that_were_trained_on_different_weights_are_not_put_together(small: Path, runs: dict[str, Path]) -> None:
    record = json.loads((small / "adapters.json").read_text())
    record["parts"][ENTITIES]["weights"] = "0" * 64
    (small / "adapters.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match="its matcher belong to other weights than"):
        adopt_part(MATCHER, runs[MATCHER], small)
    adopt_part(ENTITIES, runs[ENTITIES], small)  # in the place of the one before, it fits the other
    assert json.loads((small / "adapters.json").read_text())["parts"][ENTITIES]["weights"] != "0" * 64


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def of_another_rank(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"adapters": {"rank": 2}}))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("matcher/model.safetensors", Path.unlink, "expected a file of the part matcher: No such file"),
        ("matcher/model.safetensors", cut, "expected weights in safetensors"),
        ("matcher/config.json", cut, "expected a matcher that fits model"),
        ("matcher/config.json", of_another_rank, "expected a matcher that fits model: .* size mismatch"),
        ("entities.safetensors", cut, "expected the weights that find entities"),
    ],
)
def test_a_torn_part_is_a_model_error(
    small: Path, base: Path, tmp_path: Path, name: str, change: Callable[[Path], None], message: str
) -> None:
    change(small / name)
    model = ModelFolder(shutil.copytree(base / "model", tmp_path / "model"))
    with pytest.raises(ModelError, match=message):
        add_parts(small, model, int8=False, say=lambda line: None)


def test_weights_of_another_matcher_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    model = shutil.copytree(runs[MATCHER], tmp_path / "model")
    shutil.copyfile(model / WEIGHTS_FILE, model / "matcher" / WEIGHTS_FILE)
    with pytest.raises(ModelError, match="adapters and head have other names"):
        load_matcher(model)


def test_embeddings_are_held_to_an_encoder_of_the_same_width_alone(matcher_config: Path) -> None:
    with pytest.raises(ConfigError, match="of 32 dimensions, found en_opinion_sm of 384"):
        new_task(settings_of(matcher_config, encoder="en_opinion_sm"), base=matcher_config.parent)
