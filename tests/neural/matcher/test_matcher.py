import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from oped.errors import ConfigError, ModelError  # noqa: E402
from oped.formats.pairs import LABELS, OPPOSED, SAME, UNRELATED, Pair  # noqa: E402
from oped.formats.passages import Passage  # noqa: E402
from oped.formats.registry import read_pairs  # noqa: E402
from oped.metrics.matching import label_scores, ranking_scores  # noqa: E402
from oped.neural.calibration import fit_temperature  # noqa: E402
from oped.neural.folder import ModelFolder  # noqa: E402
from oped.neural.layout import JUDGE_INT8_FILE, MATCHER, WEIGHTS_FILE  # noqa: E402
from oped.neural.matcher.calibrate import calibrate_matcher, least_alone, prevalence_threshold  # noqa: E402
from oped.neural.matcher.network import load_matcher  # noqa: E402
from oped.neural.matcher.runtime import (  # noqa: E402
    Matcher,
    Thresholds,
    in_order,
    pair_input,
    rarity_of,
    shared_information,
)
from oped.neural.matcher.task import MatcherTask, judgement_loss  # noqa: E402
from oped.neural.matcher.torch_matcher import embed_texts, pair_scores  # noqa: E402
from oped.neural.tasks import read_settings, train  # noqa: E402
from oped.resources import find_model  # noqa: E402
from oped.training.loop import train_task  # noqa: E402
from oped.training.task import Compute  # noqa: E402
from tests.helpers.tiny import POINTS, command, settings_of, task_of  # noqa: E402


@pytest.fixture(scope="session")
def config_path(tmp_path_factory: pytest.TempPathFactory, tiny_pairs: Path, tiny_encoder: Path) -> Path:
    path = tmp_path_factory.mktemp("config") / "matcher.toml"
    corpus = f'[[corpus]]\npath = "{tiny_pairs}"\nformat = "oped-pairs"\nsplit = "train"\nrepeat = 10\n'
    path.write_text(
        f'task = "matcher"\nname = "tiny"\nencoder = "{tiny_encoder}"\n'
        f'[schedule]\nepochs = 12\nbatch_size = 3\nrate = 2e-3\nprecision = "float32"\n{corpus}{corpus}role = "dev"\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, config_path: Path) -> Path:
    return train(read_settings(config_path), tmp_path_factory.mktemp("run"), base=config_path.parent, quiet=True)


@pytest.fixture(scope="session")
def adapted(tmp_path_factory: pytest.TempPathFactory, config_path: Path, tiny_parser: Path) -> Path:
    """A matcher that has adapters to the encoder of a parser, in a copy of that parser's model."""
    settings = settings_of(
        config_path,
        adapters="{rank = 8}",
        model=str(tiny_parser),
        schedule__rate="1e-2",
        schedule__head_rate="3e-3",
        schedule__epochs="6",
    )
    return train(settings, tmp_path_factory.mktemp("adapted"), base=config_path.parent, quiet=True)


def test_pairs_of_contrasts(tmp_path: Path) -> None:
    matters = [
        {
            "id": "dam",
            "one": ["Build the dam", "We need it"],
            "other": ["Leave the river"],
            "beside": ["The dam is high"],
        },
        {"id": "tax", "one": ["Cut the tax"], "other": ["Raise the tax"], "beside": []},
    ]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(matter) + "\n" for matter in matters), encoding="utf-8")
    pairs = read_pairs(tmp_path, "oped-contrasts", "dev")
    labels = {(pair.first.text, pair.second.text): pair.label for pair in pairs}
    assert labels["Build the dam", "We need it"] == SAME
    assert labels["We need it", "Leave the river"] == labels["Cut the tax", "Raise the tax"] == OPPOSED
    assert labels["Leave the river", "The dam is high"] == labels["Build the dam", "Cut the tax"] == UNRELATED
    assert len(pairs) == len(labels) == 1 + 3 + 3 + 4


def losses(model: Path) -> list[float]:
    rows = (model.parent / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(row)["train"]["loss"] for row in rows]


def test_it_learns_what_it_is_shown(model: Path, tiny_pairs: Path) -> None:
    assert losses(model)[-1] < 0.3 * losses(model)[0]
    pairs = read_pairs(tiny_pairs, "oped-pairs", "train")
    chances = Matcher(model).judge([(pair.first, pair.second) for pair in pairs])
    assert chances.argmax(axis=1).tolist() == [pair.label for pair in pairs]


def test_adapters_are_trained_and_judged_where_products_are_in_bfloat16(
    config_path: Path, tiny_parser: Path, tmp_path: Path
) -> None:
    settings = settings_of(
        config_path, adapters="{rank = 4}", model=str(tiny_parser), schedule__epochs="2", schedule__precision="bfloat16"
    )
    model = train(settings, tmp_path, base=config_path.parent, quiet=True)
    weights = load_file(model / WEIGHTS_FILE)
    assert all(torch.equal(value, weights[name]) for name, value in load_file(tiny_parser / WEIGHTS_FILE).items())
    network, matcher = load_matcher(model), ModelFolder(model).open_matcher()
    texts = [text for point in POINTS for text in point]
    np.testing.assert_allclose(matcher.embed(texts), embed_texts(network, matcher.tokenizer, texts), atol=1e-3)


def test_adapters_learn_what_they_are_shown(adapted: Path) -> None:
    assert losses(adapted)[-1] < 0.7 * losses(adapted)[0]


@pytest.mark.parametrize("form", ["model", "adapted"])
def test_the_exported_files_say_what_the_network_says(
    form: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    model: Path = request.getfixturevalue(form)
    exact = shutil.copytree(model, tmp_path / "model")
    (exact / "matcher" / JUDGE_INT8_FILE).unlink()
    network, matcher, rounded = load_matcher(model), Matcher(exact), Matcher(model)
    texts = [text for point in POINTS for text in point]
    np.testing.assert_allclose(matcher.embed(texts), embed_texts(network, matcher.tokenizer, texts), atol=1e-4)
    pairs = [in_order((Passage(texts[0]), Passage(text, "Water", "", "says he")), context=True) for text in texts[1:]]
    wanted = pair_scores(network, matcher.tokenizer, pairs)
    inputs = [pair_input(matcher.tokenizer, *pair) for pair in pairs]
    np.testing.assert_allclose(matcher._scores(inputs), wanted, atol=1e-3)
    assert np.linalg.norm(rounded._scores(inputs) - wanted) < 0.05 * np.linalg.norm(wanted)
    two = Passage(texts[0]), Passage(texts[1])
    both = matcher.judge([two, two[::-1]])
    assert np.allclose(both[0], both[1], atol=1e-6) and both.sum() == pytest.approx(2.0)


def test_adapters_are_stored_without_the_encoder_that_they_belong_to(adapted: Path, tiny_parser: Path) -> None:
    assert (adapted / WEIGHTS_FILE).read_bytes() == (tiny_parser / WEIGHTS_FILE).read_bytes()
    names = load_file(adapted / "matcher" / WEIGHTS_FILE).keys()
    assert names and all(".lora_" in name or name.startswith("pair.") for name in names)
    folder = ModelFolder(adapted)
    folder.check()
    assert folder.parts[MATCHER].weights == folder.weights_digest


def test_adapters_of_another_encoder_are_refused(adapted: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(adapted, tmp_path / "model")
    weights = load_file(copy / WEIGHTS_FILE)
    save_file(
        {name: value + 1 if value.is_floating_point() else value for name, value in weights.items()},
        copy / WEIGHTS_FILE,
    )
    with pytest.raises(ModelError, match="that the part matcher was trained on"):
        ModelFolder(copy).open_matcher()


def test_a_matcher_of_its_own_encoder_belongs_to_no_parser(model: Path) -> None:
    assert ModelFolder(model).parts[MATCHER].weights is None


def test_a_statement_is_embedded_alike_in_any_company(model: Path) -> None:
    matcher = Matcher(model)
    alone = matcher.embed([POINTS[0][0]])
    among = matcher.embed([text for point in POINTS for text in point])
    assert np.abs(alone[0] - among[0]).max() < 1e-6
    assert matcher.embed(["word " * 500]).shape == alone.shape


def test_training_can_start_from_a_matcher(model: Path, config_path: Path) -> None:
    task = task_of(config_path, start=str(model))
    loss, _ = task.loss(task.network.eval(), task.train[0][1], Compute())
    assert float(loss.detach()) < 1.0


def moved(network: torch.nn.Module, task: MatcherTask) -> float:
    """Mean distance of embeddings from those of the encoder."""
    texts = [text for point in POINTS for text in point]
    own, anchor = (embed_texts(part, task.tokenizer, texts) for part in (network, task.anchor))
    return float(1 - (own * anchor).sum(axis=1).mean())


def test_the_embeddings_stay_where_the_encoder_has_them(config_path: Path, tmp_path: Path) -> None:
    tasks = {weight: task_of(config_path, schedule__epochs="3", anchor=weight) for weight in ("0.0", "10.0")}
    free, held = (moved(train_task(task, tmp_path / weight).network, task) for weight, task in tasks.items())
    assert held < 0.05 and held < 0.5 * free


def test_a_matcher_learns_what_another_says(model: Path, config_path: Path, tmp_path: Path) -> None:
    task = task_of(config_path, teacher=str(model), schedule__epochs="10")
    pairs = [(pair.first, pair.second) for _, pairs in task.train for pair in pairs]
    wanted = pair_scores(task.teacher, task.tokenizer, pairs)
    before = pair_scores(task.network.eval(), task.tokenizer, pairs)
    after = pair_scores(train_task(task, tmp_path).network, task.tokenizer, pairs)
    assert np.abs(after - wanted).mean() < 0.4 * np.abs(before - wanted).mean()


def test_not_the_same_is_one_of_the_others() -> None:
    scores = torch.tensor([[0.0, 5.0, 0.0], [5.0, 0.0, 0.0]])
    right, wrong = (float(judgement_loss(scores[place : place + 1], torch.tensor([len(LABELS)]))) for place in (0, 1))
    assert right < 0.02 and wrong > 4.0


def test_scores_of_labels() -> None:
    scores = label_scores([0, 0, 1, 2], [0, 1, 1, 2], LABELS)
    assert scores["same_precision"] == 1.0 and scores["same_recall"] == 0.5 and scores["opposed_precision"] == 0.5
    assert scores["unrelated_f1"] == 1.0 and scores["accuracy"] == 0.75


def test_scores_of_a_ranking() -> None:
    scores = ranking_scores([0, 1, 0, 1], [[0.9], [0.8], [0.7], [0.1]], ["same"])
    assert scores == {"same_average_precision": round((1 + 2 / 3) / 2, 4), "same_precision_at_20": 0.5}
    tied = ranking_scores([1, 0], [[0.5], [0.5]], ["same"])
    assert tied["same_average_precision"] == 0.5


def test_what_is_wrong_is_said(config_path: Path, tiny_pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"schedule\.rate: expected 0\.0 to 1\.0, found 2\.0"):
        read_settings(config_path, {"schedule.rate": "2"})
    with pytest.raises(ConfigError, match="format: expected one of"):
        read_pairs(tiny_pairs, "csv", "")
    with pytest.raises(ConfigError, match="no pair of split 'dev'"):
        read_pairs(tiny_pairs, "oped-pairs", "dev")
    with pytest.raises(ModelError, match="expected a model with a matcher"):
        Matcher(tmp_path)


def test_the_command_evaluates_it(model: Path, tiny_pairs: Path) -> None:
    report = json.loads(command("evaluate", model, tiny_pairs, "--format", "oped-pairs", "--json").stdout)
    assert report["metrics"]["accuracy"] == 1.0 and report["answered_by"] == "the matcher"


def test_a_matcher_reads_surroundings_only_if_it_learned_with_them(config_path: Path, tiny_pairs: Path) -> None:
    said = "It must go"
    dam, school = Passage(said, "The dam", "They built a dam."), Passage(said, "Our school", "The poor pay for it.")
    for context in (False, True):
        task = task_of(config_path, context=str(context).lower())
        task.train = [(1.0, [Pair(dam, dam, SAME), Pair(dam, school, UNRELATED)] * 25)]
        network = train_task(task, tiny_pairs.parent / f"context-{context}").network
        pairs = [in_order(pair, context=context) for pair in ((dam, dam), (dam, school))]
        same, other = pair_scores(network, task.tokenizer, pairs)
        assert (same.argmax() == SAME and other.argmax() == UNRELATED) == context


def test_the_shipped_model_has_a_matcher() -> None:
    chances = Matcher(find_model("en_opinion_sm")).judge(
        [
            (Passage("Phones must be banned in schools"), Passage("Schools should forbid pupils to carry phones")),
            (Passage("Phones must be banned in schools"), Passage("The river may flood the old town")),
        ]
    )
    assert chances[0, 0] > 2 * chances[1, 0] and chances[1].argmax() == LABELS.index("unrelated")


def test_calibration_finds_temperature_biases_and_what_shared_words_weigh() -> None:
    generator = np.random.default_rng(0)
    true = generator.normal(size=(6_000, 3)) * 2
    common = generator.exponential(10, size=6_000).astype(np.float32)
    shifted = true + common[:, None] * [0.2, 0, 0]
    chances = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    gold = np.array([generator.choice(3, p=row) for row in chances])
    temperature, biases, shared = fit_temperature((3 * (true - [1, 0, -1])).astype(np.float32), common, gold)
    assert temperature == pytest.approx(3, rel=0.1)
    assert biases[0] - biases[2] == pytest.approx(2, abs=0.15)
    assert shared[0] - shared[2] == pytest.approx(0.2, abs=0.03) and shared[1] == pytest.approx(shared[2], abs=0.03)


def test_rare_words_in_common_tell_more_than_frequent_ones(model: Path) -> None:
    tokenizer = Matcher(model).tokenizer
    rarity = rarity_of(tokenizer, ["the dam", "the school", "the trade", "poor pupils"])
    pairs = [("The dam", "a dam"), ("The dam", "the trade"), ("the dam", "the dam"), ("dam", "trade")]
    inputs = [pair_input(tokenizer, Passage(one), Passage(two, "the dam")) for one, two in pairs]
    rare, frequent, all_of_it, nothing = shared_information(inputs, rarity)
    assert rare > frequent > nothing == 0 and all_of_it == pytest.approx(rare + frequent)


def test_a_matcher_can_be_calibrated_anew_without_learning(model: Path, config_path: Path, tmp_path: Path) -> None:
    task = task_of(config_path, start=str(model), schedule__epochs="0")
    network = train_task(task, tmp_path).network
    weights = load_file(model / "matcher" / WEIGHTS_FILE)
    assert all(torch.equal(value.half(), weights[name]) for name, value in network.state_dict().items())
    rarity = rarity_of(task.tokenizer, task.texts).astype(np.float16).astype(np.float32)
    fitted = json.loads(json.dumps(asdict(calibrate_matcher(network, task.tokenizer, task.dev, rarity, context=False))))
    config = json.loads((model / "matcher" / "config.json").read_text(encoding="utf-8"))
    assert fitted == {name: config[name] for name in fitted}


def test_the_threshold_takes_as_many_pairs_as_have_the_label() -> None:
    chances = np.array([0.1, 0.8, 0.7, 0.6, 0.9], dtype=np.float32)
    assert prevalence_threshold(chances, np.array([True, False, True, False, False])) == pytest.approx(0.75)
    assert prevalence_threshold(chances, np.ones(5, dtype=bool)) == pytest.approx(0.05)
    assert prevalence_threshold(chances, np.zeros(5, dtype=bool)) == 0.5


def test_decisions_follow_the_thresholds() -> None:
    chances = np.array([[0.5, 0.4, 0.1], [0.3, 0.65, 0.05], [0.3, 0.3, 0.4], [0.45, 0.3, 0.25]], dtype=np.float32)
    assert Thresholds(same=0.4, opposed=0.6).decide(chances) == [SAME, OPPOSED, UNRELATED, SAME]


def test_a_pair_is_read_with_its_surroundings_only_where_that_may_tell_something(model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(model, tmp_path / "model")
    path = folder / "matcher" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    one, other = (Passage(text, "A title", "What stands before.", "What follows.") for text in POINTS[0][:2])

    def judged(**thresholds: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        values = {**config["thresholds"], **thresholds}
        path.write_text(json.dumps({**config, "context": True, "thresholds": values}), encoding="utf-8")
        return Matcher(folder).judge([(one, other)])

    alone = Matcher(model).judge([(one, other)])
    with_surroundings = judged()
    assert not np.allclose(alone, with_surroundings)
    assert np.array_equal(judged(alone_same=1.1, alone_opposed=1.1), alone)
    assert np.array_equal(judged(alone_same=1.1, alone_opposed=0.0), with_surroundings)


def test_what_is_told_with_surroundings_sets_what_must_be_read_with_them() -> None:
    chances = np.array([[0.9, 0, 0.1], [0.8, 0, 0.2], [0.1, 0, 0.9]], dtype=np.float32)
    alone = np.array([[0.3, 0, 0.7], [0.5, 0, 0.5], [0.4, 0, 0.6]], dtype=np.float32)
    assert 0.3 <= least_alone(alone, chances, SAME, 0.7) < 0.31
    assert least_alone(alone, chances, OPPOSED, 0.7) == 0.0
    assert least_alone(alone + 0.6, chances, SAME, 0.7) == 0.7
