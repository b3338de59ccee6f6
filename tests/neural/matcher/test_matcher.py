import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from oped.errors import ConfigError, ModelError  # noqa: E402
from oped.formats.pairs import LABELS, OPPOSED, SAME, UNRELATED  # noqa: E402
from oped.formats.registry import read_pairs  # noqa: E402
from oped.metrics.matching import label_scores, ranking_scores  # noqa: E402
from oped.neural.matcher.calibrate import calibrate_matcher, fit, prevalence_threshold  # noqa: E402
from oped.neural.matcher.runtime import (  # noqa: E402
    Matcher,
    Thresholds,
    closed,
    pair_input,
    rarity_of,
    shared_information,
)
from oped.neural.matcher.training import MatcherRun, judgement_loss, pair_scores  # noqa: E402
from oped.resources import find_model  # noqa: E402
from oped.training.command import train  # noqa: E402
from oped.training.config import MatcherConfig, load_config  # noqa: E402
from tests.commands.test_map import run as oped  # noqa: E402
from tests.training.conftest import goes_on_where_it_was, tiny_encoder  # noqa: F401, E402 - a fixture among them

POINTS = [
    ("The dam must be built", "We need that dam", "No dam should be built"),
    ("Schools start too early", "Lessons begin at a bad hour", "The school day begins at the right time"),
    ("Trade lifts the poor", "Commerce helps people with little", "Trade only makes the rich richer"),
]


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
def config_path(tmp_path_factory: pytest.TempPathFactory, pairs_file: Path, tiny_encoder: Path) -> Path:  # noqa: F811
    path = tmp_path_factory.mktemp("config") / "matcher.toml"
    corpus = f'[[corpus]]\npath = "{pairs_file}"\nformat = "oped-pairs"\nsplit = "train"\nrepeat = 10\n'
    path.write_text(
        f'task = "matcher"\nname = "tiny"\nencoder = "{tiny_encoder}"\nepochs = 12\nbatch_pairs = 3\nrate = 2e-3\n'
        f'precision = "float32"\n{corpus}{corpus}role = "dev"\n',
        encoding="utf-8",
    )
    return path


def settings(path: Path, **changes: str) -> MatcherConfig:
    config = load_config(path, changes)
    assert isinstance(config, MatcherConfig)
    return config


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, config_path: Path) -> Path:
    return train(settings(config_path), tmp_path_factory.mktemp("run"), base=config_path.parent, quiet=True).parent


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
    labels = {(pair.first, pair.second): pair.label for pair in pairs}
    assert labels["Build the dam", "We need it"] == SAME
    assert labels["We need it", "Leave the river"] == labels["Cut the tax", "Raise the tax"] == OPPOSED
    assert labels["Leave the river", "The dam is high"] == labels["Build the dam", "Cut the tax"] == UNRELATED
    assert len(pairs) == len(labels) == 1 + 3 + 3 + 4


def test_it_learns_what_it_is_shown(model: Path, pairs_file: Path) -> None:
    rows = [json.loads(line) for line in (model.parent / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows[-1]["loss"] < 0.3 * rows[0]["loss"]
    pairs = read_pairs(pairs_file, "oped-pairs", "train")
    chances = Matcher(model).judge([(pair.first, pair.second) for pair in pairs])
    assert chances.argmax(axis=1).tolist() == [pair.label for pair in pairs]


def test_the_exported_files_say_what_the_network_says(model: Path, config_path: Path, tmp_path: Path) -> None:
    run = MatcherRun(settings(config_path, epochs="1"), tmp_path, base=config_path.parent)
    network = run.averaged()
    content = torch.load(model.parent / "checkpoint.pt", weights_only=True)["average"]
    network.load_state_dict({name: value.half().float() for name, value in content.items()})
    matcher = Matcher(model)
    texts = [text for point in POINTS for text in point]
    with torch.inference_mode():
        vectors = [network.embed(torch.from_numpy(closed(run.tokenizer, text))[None]).numpy()[0] for text in texts]
        ids, sides = pair_input(run.tokenizer, texts[0], texts[1])
        scores = network.judge(torch.from_numpy(ids)[None], torch.from_numpy(sides)[None]).numpy()
    assert np.abs(matcher.embed(texts) - np.stack(vectors)).max() < 1e-4
    both = matcher.judge([(texts[0], texts[1]), (texts[1], texts[0])])
    assert np.allclose(both[0], both[1], atol=1e-6) and both.sum() == pytest.approx(2.0)
    assert scores.argmax() == both[0].argmax()


def test_a_statement_is_embedded_alike_in_any_company(model: Path) -> None:
    matcher = Matcher(model)
    alone = matcher.embed([POINTS[0][0]])
    among = matcher.embed([text for point in POINTS for text in point])
    assert np.abs(alone[0] - among[0]).max() < 1e-6
    assert matcher.embed(["word " * 500]).shape == alone.shape


def test_a_run_that_stops_goes_on_where_it_was(config_path: Path, tmp_path: Path) -> None:
    config = settings(config_path, epochs="2")
    goes_on_where_it_was(lambda name: MatcherRun(config, tmp_path / name, base=config_path.parent))


def test_training_can_start_from_a_matcher(model: Path, config_path: Path, tmp_path: Path) -> None:
    run = MatcherRun(settings(config_path, start=str(model)), tmp_path, base=config_path.parent)
    pairs = read_pairs(Path(run.config.corpus[0].path), "oped-pairs", "train")
    assert float(run.loss(pairs).detach()) < 1.0


def moved(network: torch.nn.Module, run: MatcherRun) -> float:
    """Mean distance of embeddings from those of the encoder."""
    with torch.inference_mode():
        rows = [torch.from_numpy(closed(run.tokenizer, text))[None] for point in POINTS for text in point]
        return float(np.mean([1 - float((network.embed(row) * run.anchor.embed(row)).sum()) for row in rows]))


def test_the_embeddings_stay_where_the_encoder_has_them(config_path: Path, tmp_path: Path) -> None:
    far, near = (
        MatcherRun(settings(config_path, epochs="3", anchor=weight), tmp_path / weight, base=config_path.parent)
        for weight in ("0.0", "10.0")
    )
    free, held = moved(far.run(), far), moved(near.run(), near)
    assert held < 0.05 and held < 0.5 * free


def test_a_matcher_learns_what_another_says(model: Path, config_path: Path, tmp_path: Path) -> None:
    run = MatcherRun(settings(config_path, teacher=str(model), epochs="6"), tmp_path, base=config_path.parent)
    pairs = [(pair.first, pair.second) for _, pairs in run.train for pair in pairs]
    before, after = (pair_scores(network, run.tokenizer, pairs) for network in (run.averaged(), run.run()))
    wanted = pair_scores(run.teacher, run.tokenizer, pairs)
    assert np.abs(after - wanted).mean() < 0.3 * np.abs(before - wanted).mean()


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


def test_what_is_wrong_is_said(config_path: Path, pairs_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="task: expected one of matcher, entities, stances, found 'tagger'"):
        load_config(config_path, {"task": "tagger"})
    with pytest.raises(ConfigError, match="format: expected one of"):
        read_pairs(pairs_file, "csv", "")
    with pytest.raises(ConfigError, match="no pair of split 'dev'"):
        read_pairs(pairs_file, "oped-pairs", "dev")
    with pytest.raises(ModelError, match="expected a model with a matcher"):
        Matcher(tmp_path)


def test_the_command_evaluates_it(model: Path, pairs_file: Path) -> None:
    done = oped("evaluate", model, pairs_file, "--format", "oped-pairs", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["metrics"]["accuracy"] == 1.0 and report["answered_by"] == "the matcher"


def test_the_shipped_model_has_a_matcher() -> None:
    chances = Matcher(find_model("en_opinion_sm")).judge(
        [
            ("Phones must be banned in schools", "Schools should forbid pupils to carry phones"),
            ("Phones must be banned in schools", "The river may flood the old town"),
        ]
    )
    assert chances[0, 0] > 2 * chances[1, 0] and chances[1].argmax() == LABELS.index("unrelated")


def test_calibration_finds_temperature_biases_and_what_shared_words_weigh() -> None:
    generator = np.random.default_rng(0)
    true = generator.normal(size=(20_000, 3)) * 2
    common = generator.exponential(10, size=20_000).astype(np.float32)
    shifted = true + common[:, None] * [0.2, 0, 0]
    chances = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    gold = np.array([generator.choice(3, p=row) for row in chances])
    temperature, biases, shared = fit((3 * (true - [1, 0, -1])).astype(np.float32), common, gold)
    assert temperature == pytest.approx(3, rel=0.1)
    assert biases[0] - biases[2] == pytest.approx(2, abs=0.15)
    assert shared[0] - shared[2] == pytest.approx(0.2, abs=0.03) and shared[1] == pytest.approx(shared[2], abs=0.03)


def test_rare_words_in_common_tell_more_than_frequent_ones(model: Path) -> None:
    tokenizer = Matcher(model).tokenizer
    rarity = rarity_of(tokenizer, ["the dam", "the school", "the trade", "poor pupils"])
    pairs = [("The dam", "a dam"), ("The dam", "the trade"), ("the dam", "the dam"), ("dam", "trade")]
    rare, frequent, all_of_it, nothing = shared_information([pair_input(tokenizer, *pair) for pair in pairs], rarity)
    assert rare > frequent > nothing == 0 and all_of_it == pytest.approx(rare + frequent)


def test_a_matcher_can_be_calibrated_anew_without_learning(model: Path, config_path: Path, tmp_path: Path) -> None:
    run = MatcherRun(settings(config_path, start=str(model), epochs="0"), tmp_path, base=config_path.parent)
    network = run.run()
    weights = load_file(model / "matcher" / "model.safetensors")
    assert all(torch.equal(value.half(), weights[name]) for name, value in network.state_dict().items())
    rarity = rarity_of(run.tokenizer, run.texts).astype(np.float16).astype(np.float32)
    fitted = json.loads(json.dumps(asdict(calibrate_matcher(network, run.tokenizer, run.dev, rarity))))
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
