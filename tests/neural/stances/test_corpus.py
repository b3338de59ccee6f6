"""The annotation of stances fits the articles that it belongs to."""

import json

import pytest

from oped.formats.registry import read_corpus
from oped.resources import data_folder


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_stances_are_towards_entities_in_annotated_components(part: str) -> None:
    corpora = data_folder("corpora")
    maps = {amap.article.id: amap for amap in read_corpus(corpora / "opinions" / f"{part}.jsonl", "oped")}
    rows = [json.loads(line) for line in (corpora / "stances" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        (first, last), (start, end) = row["component"], row["entity"]
        assert first <= start < end <= last and row["stance"] in ("for", "against", "none")
        assert (row.get("second") in ("for", "against", "none")) == (part != "train")
        if row["corpus"] == "opinions":
            assert (first, last) in {(item.start, item.end) for item in maps[row["article"]].components}
