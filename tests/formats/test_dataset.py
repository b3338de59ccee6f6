"""Corpora as Hugging Face datasets."""

from pathlib import Path

import pytest

from oped.formats.dataset import features, load_corpus, map_of_row
from oped.formats.registry import read_corpus

datasets = pytest.importorskip("datasets", reason="datasets is not installed")
CORPUS = Path(__file__).parents[2] / "corpora" / "opinions"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)


@pytest.mark.parametrize("streaming", [False, True])
def test_the_shipped_corpus_loads_with_its_splits_and_declared_features(streaming: bool) -> None:
    loaded = load_corpus(CORPUS, "oped", streaming=streaming)
    assert set(loaded) == {"train", "dev", "test"}
    assert all(part.features == features() for part in loaded.values())
    gold = list(read_corpus(CORPUS, "oped", split="dev"))
    assert [map_of_row(row) for row in loaded["dev"]] == gold


def test_a_row_reads_as_the_json_map_does() -> None:
    row = next(iter(load_corpus(CORPUS, "oped", splits=["test"], streaming=True)["test"]))
    part = row["components"][0]
    assert row["article"]["text"][part["start"] : part["end"]] == part["text"]
    assert part["type"] in ("major_claim", "claim", "premise")
    assert isinstance(part["risk"], bool)


def test_the_folder_loads_without_oped_too() -> None:
    files = {name: str(CORPUS / f"{name}.jsonl") for name in ("train", "dev", "test")}
    loaded = datasets.load_dataset("json", data_files=files)
    assert {name: len(part) for name, part in loaded.items()} == {"train": 152, "dev": 15, "test": 24}
