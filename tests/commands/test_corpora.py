"""evaluate, score, convert and corpus on shipped data."""

import json
from pathlib import Path

import pytest

from oped.resources import data_folder
from tests.helpers.cli import call

DEV = data_folder("corpora") / "opinions" / "dev.jsonl"


def test_gold_against_itself_is_perfect() -> None:
    done = call("score", DEV, DEV, "--format", "oped", "--json", "--samples", "50")
    report = json.loads(done.stdout)
    assert report["documents"] == 15
    assert all(value == 1.0 for key, value in report["metrics"].items() if key != "expected_calibration_error")
    assert report["intervals"]["overlap_span_f1"] == [1.0, 1.0]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three of the annotated articles."""
    path = tmp_path_factory.mktemp("three") / "gold.jsonl"
    path.write_text("".join(DEV.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8")
    return path


def test_the_shipped_model_is_evaluated_in_its_scheme(three: Path) -> None:
    done = call("evaluate", "en_opinion_sm", three, "--format", "oped", "--json", "--samples", "20")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scheme"] == "opinion" and report["answered_by"] == "the head for opinion"
    assert report["documents"] == 3 and report["metrics"]["overlap_span_f1"] > 0.6


def test_a_corpus_is_evaluated_by_its_own_head_or_through_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    rows = [
        ("Cars", "B-Claim:For"),
        ("pollute", "I-Claim:For"),
        (".", "O"),
        ("They", "O"),
        ("burn", "O"),
        ("oil", "O"),
        (".", "O"),
    ]
    path.write_text(
        "".join(f"{n}\t{token}\t_\t_\t{tag}\n" for n, (token, tag) in enumerate(rows, start=1)) + "\n", encoding="utf-8"
    )
    own = json.loads(call("evaluate", "en_opinion_sm", path, "--format", "aae2-conll", "--json").stdout)
    assert own["scheme"] == "aae2" and {"component_f1", "component_f1_50", "relation_f1", "relation_f1_50"} <= set(
        own["metrics"]
    )
    mapped = json.loads(
        call("evaluate", "en_opinion_sm", path, "--format", "aae2-conll", "--scheme", "opinion", "--json").stdout
    )
    assert "labels of aae2, both as opinion" in mapped["answered_by"] and "overlap_span_f1" in mapped["metrics"]


def test_convert_there_and_back(tmp_path: Path) -> None:
    assert call("convert", DEV, tmp_path / "brat", "--to", "brat").returncode == 0
    assert call("convert", tmp_path / "brat", tmp_path / "again.jsonl", "--from", "brat").returncode == 0
    done = call("score", DEV, tmp_path / "again.jsonl", "--format", "oped", "--json", "--samples", "0")
    assert json.loads(done.stdout)["metrics"]["overlap_relation_f1"] == 1.0


def test_stats_and_check(tmp_path: Path) -> None:
    assert json.loads(call("corpus", "stats", DEV, "--format", "oped", "--json").stdout)["documents"] == 15
    assert call("corpus", "check", DEV, "--format", "oped").returncode == 0
    (tmp_path / "a.txt").write_text("The dam leaks.", encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tClaim 0 7\tThe cat\n", encoding="utf-8")
    done = call("corpus", "check", tmp_path, "--format", "brat")
    assert done.returncode == 1 and b"a.ann: line 1 (T1): the text at 0-7 is 'The dam'" in done.stdout


def test_misuse_is_told_from_failure() -> None:
    assert call("corpus", "stats", "nothing", "--format", "oped").returncode == 1
    assert call("convert", DEV, "out", "--to", "nothing").returncode == 1
    assert call("score", DEV).returncode == 2
    assert call("train", "nothing.toml").returncode == 1
