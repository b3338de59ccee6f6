import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from oped.errors import ConfigError  # noqa: E402
from oped.evaluation import Gold, evaluate  # noqa: E402
from oped.formats.registry import FORMATS, read_corpus  # noqa: E402
from oped.metrics.calibration import fit  # noqa: E402
from oped.neural.folder import ModelFolder  # noqa: E402
from oped.neural.layout import PARSER  # noqa: E402
from oped.neural.parser.calibrate import calibrate_parser  # noqa: E402
from oped.neural.parser.distill import taught_loss  # noqa: E402
from oped.neural.parser.examples import Taught  # noqa: E402
from oped.neural.parser.export import check_export, load_network  # noqa: E402
from oped.neural.parser.network import ComponentScores, Crf, ParserNetwork  # noqa: E402
from oped.neural.parser.runtime import OnnxScorer  # noqa: E402
from oped.neural.parser.torch_scorer import mask_pieces  # noqa: E402
from oped.neural.trained import TrainedParser  # noqa: E402
from oped.records import ArgumentMap  # noqa: E402
from oped.training.adapters import merge_adapters  # noqa: E402
from oped.training.checkpoint import METRICS  # noqa: E402
from oped.training.loop import train_task  # noqa: E402
from tests.helpers.cli import call  # noqa: E402
from tests.helpers.tiny import command, task_of, without_dev_part, write_config  # noqa: E402


@pytest.fixture
def config_file(tmp_path: Path, tiny_encoder: Path, tiny_corpus: Path) -> Path:
    return write_config(tmp_path / "tiny.toml", tiny_encoder, tiny_corpus)


def weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def content(amap: ArgumentMap) -> tuple[object, ...]:
    order = {part.id: place for place, part in enumerate(amap.components)}
    parts = [
        (part.start, part.end, part.type, part.risk, part.attribution and part.attribution.holder)
        for part in amap.components
    ]
    return parts, [(order[link.source], order[link.target], link.type) for link in amap.relations]


def test_the_loss_falls_and_the_training_set_is_reproduced_exactly(tiny_parser: Path, tiny_corpus: Path) -> None:
    rows = [json.loads(line) for line in (tiny_parser.parent / METRICS).read_text(encoding="utf-8").splitlines()]
    assert rows[-1]["train"]["loss"] < 0.1 * rows[0]["train"]["loss"]
    scorer = OnnxScorer(tiny_parser)
    for gold in read_corpus(tiny_corpus, "oped"):
        assert content(TrainedParser(scorer, scheme="mine").parse(gold.article)) == content(gold)


def test_exported_files_agree_with_the_network(tiny_parser: Path, tiny_corpus: Path) -> None:
    network, tokenizer = load_network(tiny_parser)
    texts = [amap.article.text * 40 for amap in read_corpus(tiny_corpus, "oped")]
    check = check_export(network, tokenizer, tiny_parser, texts, "mine")
    assert check.spans == check.arcs == 1.0
    assert check.largest < 1e-3


def test_the_weights_stand_in_the_folder_once(tiny_parser: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in tiny_parser.iterdir()}
    assert sizes["encoder.onnx"] + sizes["heads.onnx"] < sizes["model.safetensors"]


def test_the_model_maps_articles_from_the_command_line(tiny_parser: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The council must build the dam, because rain fell on nine days in May.", encoding="utf-8")
    data = json.loads(command("map", path, "--model", tiny_parser).stdout)
    assert data["scheme"] == "mine" and data["model"]["name"] == "tiny"
    assert [part["type"] for part in data["components"]] == ["policy", "fact"]


def test_the_card_says_what_happened(tiny_parser: Path) -> None:
    card = (tiny_parser / "README.md").read_text(encoding="utf-8")
    assert "| mine | fact, forecast, policy | backs, rebuts |" in card
    assert "| 6 | 0 |" in card
    assert f"- Configuration: {ModelFolder(tiny_parser).parts[PARSER].made_by}" in card
    assert "find 100.00% of the components" in card


def test_the_same_seed_gives_the_same_network_and_another_does_not(config_file: Path, tmp_path: Path) -> None:
    networks = [
        weights(train_task(task_of(config_file, schedule__epochs="2", seed=str(seed)), tmp_path / str(n)).network)
        for n, seed in enumerate([1, 1, 2])
    ]
    assert all(torch.equal(value, networks[1][name]) for name, value in networks[0].items())
    assert not all(torch.equal(value, networks[2][name]) for name, value in networks[0].items())


def test_the_command_trains_as_its_options_say_and_names_the_model(config_file: Path, tmp_path: Path) -> None:
    done = call("train", config_file, "-o", tmp_path / "run", "--set", "schedule.epochs=1", "--quiet")
    assert (done.returncode, done.stderr) == (0, b"")
    model = Path(done.stdout.decode().strip())
    assert model.parent == tmp_path / "run" and ModelFolder(model).config.name == "tiny"
    assert len((tmp_path / "run" / METRICS).read_text(encoding="utf-8").splitlines()) == 1
    refused = call("train", config_file, "-o", tmp_path / "run", "--set", "schedule.epochs")
    assert refused.returncode == 2 and b"expected KEY=VALUE" in refused.stderr


def test_two_documents_are_enough_for_a_dev_part(config_file: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.jsonl"
    two.write_text("".join(tiny_corpus.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    config_file.write_text(
        config_file.read_text(encoding="utf-8").replace(str(tiny_corpus), str(two)), encoding="utf-8"
    )
    without_dev_part(config_file, role="both")
    (corpus,) = task_of(config_file).corpora
    assert (len(corpus.train), len(corpus.dev)) == (1, 1)


@pytest.mark.parametrize(
    ("metric", "message"),
    [("f1", "metric: expected one of exact_span_f1"), ("other.exact_span_f1", "one of mine; found 'other'")],
)
def test_a_metric_that_there_will_not_be_is_refused_at_once(
    config_file: Path, tmp_path: Path, metric: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        task_of(config_file, metric=metric)


def test_labels_of_ones_own_need_a_scheme_of_their_own(config_file: Path, tmp_path: Path) -> None:
    text = config_file.read_text(encoding="utf-8")
    config_file.write_text(text.replace('default_scheme = "mine"\n', ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"found fact, forecast, policy; name a scheme of your own"):
        task_of(config_file)


def test_the_only_scheme_is_the_default_one(config_file: Path, tmp_path: Path) -> None:
    text = config_file.read_text(encoding="utf-8")
    config_file.write_text(text.replace('format = "oped"', 'format = "oped"\nscheme = "theirs"'), encoding="utf-8")
    assert task_of(config_file).config.default_scheme == "theirs"


def test_a_window_longer_than_the_encoder_reads_is_refused(config_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="reads 512 pieces"):
        task_of(config_file, network__window="600")


def test_a_corpus_without_labels_is_refused(config_file: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.jsonl"
    rows = [json.loads(line) for line in tiny_corpus.read_text(encoding="utf-8").splitlines()]
    bare.write_text(
        "".join(json.dumps(row | {"components": [], "relations": []}) + "\n" for row in rows), encoding="utf-8"
    )
    config_file.write_text(
        config_file.read_text(encoding="utf-8").replace(str(tiny_corpus), str(bare)), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="none of the 6 documents has a labelled span"):
        task_of(config_file)


def test_spans_that_can_not_be_learned_are_told(config_file: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in tiny_corpus.read_text(encoding="utf-8").splitlines()]
    rows[0]["components"].append({"id": "c9", "start": 4, "end": 16, "type": "fact"})
    without_dev_part(config_file)
    overlapping = tmp_path / "overlapping.jsonl"
    overlapping.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config_file.write_text(
        config_file.read_text(encoding="utf-8").replace(str(tiny_corpus), str(overlapping)), encoding="utf-8"
    )
    notes = " ".join(task_of(config_file).notes)
    assert "1 of 19 labelled spans are not learned" in notes and "no dev part" in notes


def test_regions_without_a_risk_teach_no_risk(config_file: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    safe = tmp_path / "safe.jsonl"
    text = tiny_corpus.read_text(encoding="utf-8").replace('"risk": true', '"risk": false')
    safe.write_text(text.replace("Ann Lee", "author"), encoding="utf-8")
    config_file.write_text(
        config_file.read_text(encoding="utf-8").replace(str(tiny_corpus), str(safe)), encoding="utf-8"
    )
    assert not task_of(config_file).config.schemes["mine"].facets


def test_a_tagger_is_evaluated_on_annotations_with_its_labels(
    tiny_parser: Path, tiny_corpus: Path, tmp_path: Path
) -> None:
    gold = [amap.replace(scheme="opinion") for amap in read_corpus(tiny_corpus, "oped")]
    FORMATS["label-studio"].write(iter(gold), tmp_path / "tasks.json")  # type: ignore[misc]
    report = evaluate(str(tiny_parser), Gold(tmp_path / "tasks.json", "label-studio"), samples=0)
    assert report["scheme"] == "mine" and report["metrics"]["exact_component_f1"] == 1.0


def test_labels_that_a_model_does_not_know_are_named(tiny_parser: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rain fell on nine days.", encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tweather 0 9\tRain fell\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expected labels of the scheme mine \(.*\), found weather"):
        evaluate(str(tiny_parser), Gold(tmp_path, "brat"), samples=0)


def test_calibration_finds_slope_and_offset() -> None:
    generator = np.random.default_rng(1)
    raw = generator.normal(size=4000)
    hits = generator.random(4000) < 1 / (1 + np.exp(-(0.5 * raw - 1)))
    slope, offset = fit([(float(1 / (1 + np.exp(-value))), bool(hit)) for value, hit in zip(raw, hits, strict=True)])
    assert slope == pytest.approx(0.5, abs=0.1) and offset == pytest.approx(-1, abs=0.1)


def test_calibration_of_a_network_that_is_too_sure_stays_finite() -> None:
    cases = [(1e-9, False)] * 60 + [(1 - 1e-9, True)] * 30 + [(1 - 1e-9, False)] * 10 + [(1e-9, True)] * 5
    slope, offset = fit(cases)
    assert 0 < slope < 1
    assert abs(offset) < 2


def test_a_model_is_calibrated_once(tiny_parser: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(tiny_parser, copy)
    settings = json.loads((copy / "config.json").read_text())
    settings["schemes"]["mine"] |= {"calibration": {}, "thresholds": {}}
    (copy / "config.json").write_text(json.dumps(settings))
    gold = [amap.replace(scheme="mine") for amap in read_corpus(tiny_corpus, "oped")]
    written = calibrate_parser(copy, OnnxScorer(copy), gold, "mine")
    scheme = OnnxScorer(copy).config.schemes["mine"]
    assert scheme.thresholds == written["thresholds"]
    if scheme.calibration:
        with pytest.raises(ValueError, match="calibrated already"):
            calibrate_parser(copy, OnnxScorer(copy), gold, "mine")


def test_a_student_follows_its_teacher(tiny_parser: Path, config_file: Path, tmp_path: Path) -> None:
    taught = task_of(config_file, teacher=str(tiny_parser), schedule__epochs="12")
    losses = [row["train"]["teacher"] for row in train_task(taught, tmp_path / "taught").state.history]
    assert losses[-1] < 0.5 * losses[0]


def test_a_student_learns_whether_its_teacher_takes_a_component_for_a_risk_and_for_anothers_view() -> None:
    crf, none, sure = Crf(), np.zeros((0, 3), np.float32), np.array([[4.0, -4.0], [-4.0, 4.0]], np.float32)
    taught = Taught(none, none, None, sure, None)

    def loss(*facets: tuple[float, float]) -> float:
        rest = torch.zeros(2, 3)
        risks, holders = torch.tensor(facets).T
        scores = ComponentScores(rest, risks, holders, rest, rest[:, :, None])
        return float(taught_loss(crf, None, scores, taught))

    assert loss((4.0, -4.0), (-4.0, 4.0)) < loss((4.0, 4.0), (-4.0, -4.0)) < loss((-4.0, 4.0), (4.0, -4.0))


def test_a_student_starts_from_some_of_a_larger_encoders_layers(config_file: Path, tmp_path: Path) -> None:
    whole = task_of(config_file).network.state_dict()
    student = task_of(config_file, encoder_layers="[1]")
    kept = student.network.state_dict()
    layers = {name for name in kept if ".layer." in name}
    assert layers and all(".layer.0." in name for name in layers)
    assert all(torch.equal(kept[name], whole[name.replace(".layer.0.", ".layer.1.")]) for name in layers)
    assert student.config.encoder["num_hidden_layers"] == 1
    with pytest.raises(ConfigError, match=r"encoder_layers: expected rising numbers from 0 to 1, found \[0, 2\]"):
        task_of(config_file, encoder_layers="[0, 2]")


def test_a_teacher_of_other_labels_is_refused(tiny_parser: Path, config_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_parser, other)
    config = json.loads((other / "config.json").read_text())
    config["schemes"]["mine"]["types"] = ["fact", "policy", "wish"]
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="expected the types fact, forecast, policy"):
        task_of(config_file, teacher=str(other))
    with pytest.raises(ConfigError, match="answers in one of the schemes mine"):
        task_of(config_file, teacher="en_opinion_sm")


def test_a_run_does_not_go_on_with_other_documents(config_file: Path, tiny_corpus: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "annotations.jsonl"
    corpus.write_bytes(tiny_corpus.read_bytes())
    config_file.write_text(config_file.read_text().replace(str(tiny_corpus), str(corpus)))
    train_task(task_of(config_file, schedule__epochs="1"), tmp_path / "run")
    corpus.write_bytes(b"".join(tiny_corpus.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(ConfigError, match="other documents or weights"):
        train_task(task_of(config_file, schedule__epochs="1"), tmp_path / "run")


def test_hidden_pieces_are_never_special_ones(tiny_parser: Path) -> None:
    tokenizer = load_network(tiny_parser)[1]
    ids = torch.tensor([[tokenizer.start, *range(2000, 2100), tokenizer.mark, tokenizer.end, tokenizer.pad]])
    hidden = mask_pieces(ids, tokenizer, share=1.0)
    assert (hidden[0, 1:101] == tokenizer.hidden).all()
    assert torch.equal(hidden[0, 101:], ids[0, 101:]) and hidden[0, 0] == tokenizer.start
    assert torch.equal(mask_pieces(ids, tokenizer, share=0.0), ids)


def test_heads_can_be_trained_alone(tiny_parser: Path, config_file: Path, tmp_path: Path) -> None:
    changes = {"encoder": str(tiny_parser), "schedule__epochs": "1", "network__dropout": "0.0"}
    task = task_of(config_file, schedule__only_heads='["mine"]', **changes)
    before = weights(task.network)
    after = weights(train_task(task, tmp_path / "run").network)
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed and all(name.startswith("heads.mine.") for name in changed)
    with pytest.raises(ConfigError, match="no scheme 'none'"):
        train_task(task_of(config_file, schedule__only_heads='["none"]'), tmp_path / "other")


def test_a_parser_can_be_trained_by_adapters_which_are_merged_in_the_end(config_file: Path, tmp_path: Path) -> None:
    task = task_of(config_file, adapters="{rank = 4}", schedule__epochs="2")
    before = weights(task.network)
    network = train_task(task, tmp_path / "run").network
    changed = {name for name, value in weights(network).items() if not torch.equal(value, before[name])}
    assert {name for name in changed if name.startswith("encoder.")} == {name for name in before if ".lora_" in name}
    ids = torch.tensor([[101, 2054, 2003, 102]])
    wanted = network.encode(ids, None)
    merge_adapters(network)
    torch.testing.assert_close(network.encode(ids, None), wanted)
    ParserNetwork(task.config).load_state_dict(network.state_dict())  # the weights of a plain parser
