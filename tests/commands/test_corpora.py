"""evaluate, score, convert and corpus on shipped data."""

import json
from pathlib import Path

import pytest

from oped.formats.registry import read_corpus
from oped.resources import data_folder
from tests.helpers.cli import call

TEXT = "Close the quay, because its piles rot."
ROWS = {
    "train": [("Rain", "B-Premise:2:Support"), ("fell", "O"), ("Stop", "B-MajorClaim")],
    "dev": [("Cars", "B-Claim:For"), ("pollute", "I-Claim:For")],
}
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


def annotated(path: Path, *kinds: str, name: str = "a", text: str = TEXT) -> Path:
    """An annotation of one article: its claim and premise with the types that they are given, and a link."""
    quotes = ("Close the quay", "its piles rot")
    parts = [
        {"id": f"c{number}", "start": text.index(quote), "end": text.index(quote) + len(quote), "type": kind}
        for number, (quote, kind) in enumerate(zip(quotes, kinds, strict=True))
    ]
    row = {"id": name, "components": parts, "relations": [{"source": "c1", "target": "c0", "type": "support"}]}
    path.write_text(json.dumps(row | {"text": text}) + "\n", encoding="utf-8")
    return path


def without_text(path: Path) -> tuple[Path, Path]:
    """An annotation by offsets alone, and the articles that it counts in."""
    row = json.loads(path.read_text(encoding="utf-8"))
    texts, bare = path.with_name("texts.jsonl"), path.with_name(f"bare-{path.name}")
    texts.write_text(json.dumps({"id": row["id"], "text": row["text"]}) + "\n", encoding="utf-8")
    del row["text"]
    bare.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return bare, texts


def test_annotations_by_offsets_count_in_texts_that_are_given(tmp_path: Path) -> None:
    bare, texts = without_text(annotated(tmp_path / "a.jsonl", "claim", "premise"))
    common = ["--format", "oped", "--texts", texts, "--json"]
    assert json.loads(call("corpus", "stats", bare, *common).stdout)["components"] == {"claim": 1, "premise": 1}
    assert json.loads(call("corpus", "check", bare, *common).stdout) == []
    assert json.loads(call("score", bare, bare, *common).stdout)["metrics"]["overlap_typed_f1"] == 1.0
    report = json.loads(call("evaluate", "en_opinion_sm", bare, *common, "--errors").stdout)
    assert report["documents"] == 1 and set(report["errors"]) == {"components", "links", "risks"}


def test_a_part_of_a_corpus_is_read(tmp_path: Path) -> None:
    for split, words in ROWS.items():
        rows = [f"{n}\t{word}\t_\t_\t{tag}\n" for n, (word, tag) in enumerate(words, start=1)]
        (tmp_path / f"{split}.dat").write_text("".join(rows) + "\n", encoding="utf-8")
    stats = call("corpus", "stats", tmp_path, "--format", "aae2-conll", "--split", "dev", "--json", "--variety")
    found = json.loads(stats.stdout)
    assert found["components"] == {"Claim": 1} and "type_token_ratio" in found["variety"]
    assert call("corpus", "check", tmp_path, "--format", "aae2-conll", "--split", "dev").returncode == 0
    none = call("corpus", "check", tmp_path, "--format", "aae2-conll", "--split", "test")
    assert none.returncode == 1 and b"no part 'test'" in none.stderr
    out = tmp_path / "out.jsonl"
    assert call("convert", tmp_path, out, "--from", "aae2-conll", "--split", "train", "--opinion").returncode == 0
    (amap,) = read_corpus(out, "oped")
    assert [part.type for part in amap.components] == ["premise", "major_claim"] and amap.scheme == "opinion"


def test_predictions_in_another_format_are_scored_and_compared(tmp_path: Path) -> None:
    gold = annotated(tmp_path / "gold.jsonl", "claim", "premise")
    for name, kinds in (("good", ("claim", "premise")), ("bad", ("premise", "claim"))):
        made = annotated(tmp_path / f"{name}.jsonl", *kinds)
        assert call("convert", made, tmp_path / name, "--to", "brat").returncode == 0
    common = ["--format", "oped", "--predicted-format", "brat", "--samples", "0", "--json"]
    more = ["--against", tmp_path / "bad", "--agreement", "--errors"]
    report = json.loads(call("score", gold, tmp_path / "good", *common, *more).stdout)
    assert report["metrics"]["overlap_typed_f1"] == 1.0 and report["metrics"]["cohen_kappa"] == 1.0
    assert 0 <= report["p_values"]["overlap_typed_f1"] <= 1
    assert report["errors"]["links"] == {}
    wrong = json.loads(call("score", gold, tmp_path / "bad", *common, "--errors").stdout)
    assert wrong["metrics"]["overlap_typed_f1"] == 0.0 and sum(wrong["errors"]["components"].values()) == 2


def test_labels_of_ones_own_are_mapped_onto_the_opinion_scheme(tmp_path: Path) -> None:
    gold = annotated(tmp_path / "gold.jsonl", "policy", "fact")
    made = annotated(tmp_path / "made.jsonl", "policy", "fact")
    mapping = tmp_path / "mine.toml"
    mapping.write_text('[components]\npolicy = "claim"\nfact = ""\n', encoding="utf-8")
    common = ["--format", "oped", "--mapping", mapping, "--samples", "0", "--json"]
    report = json.loads(call("score", gold, made, *common).stdout)
    assert report["scheme"] == "opinion" and report["counts"]["overlap_typed_f1"]["gold"] == 1
    evaluated = json.loads(call("evaluate", "en_opinion_sm", gold, *common).stdout)
    assert "labels of mine, both as opinion" in evaluated["answered_by"]
