"""Counts of the real corpora against the published ones, where they are at hand."""

from collections import Counter
from pathlib import Path

import pytest

from oped.formats.registry import read_corpus
from oped.formats.schemes import SCHEMES
from oped.formats.statistics import check, statistics


@pytest.mark.parametrize(
    ("format", "path", "split", "documents", "components"),
    [
        ("aae2-conll", "aae2/Essay_Level", "train", 286, {"MajorClaim": 533, "Claim": 1072, "Premise": 2697}),
        ("aae2-conll", "aae2/Essay_Level", "dev", 36, {"MajorClaim": 65, "Claim": 130, "Premise": 326}),
        ("aae2-brat", "aae2/brat", None, 322, {"MajorClaim": 598, "Claim": 1202, "Premise": 3023}),
        ("cdcp", "cdcp", "train", 581, {"policy": 662, "value": 1686, "fact": 654, "testimony": 873, "reference": 31}),
        ("abstrct", "abstrct/data", "train", 350, {"MajorClaim": 64, "Claim": 666, "Premise": 1537}),
        ("microtexts", "microtexts/corpus/en", None, 112, {"pro": 451, "opp": 125}),
    ],
)
def test_counts(
    shared: Path, format: str, path: str, split: str | None, documents: int, components: dict[str, int]
) -> None:
    found = statistics(shared / "corpora" / path, format, split=split)
    assert found["documents"] == documents
    assert found["components"] == components


def test_cmv_offsets_count_bytes(shared: Path) -> None:
    problems = check(shared / "corpora/cmv_modes/v2.0", "cmv")
    assert len([problem for problem in problems if "quotes" in problem.reason]) < 20


def test_elecdeb_says_which_spans_are_wrong(shared: Path) -> None:
    problems = check(shared / "corpora/elecdeb/data/annotations/components", "elecdeb")
    assert problems and all(problem.path and problem.place for problem in problems)
    assert Counter("discontinuous" in problem.reason for problem in problems)[True] > 100


def test_every_label_has_its_place_in_the_declared_mapping(shared: Path) -> None:
    for name, path in (
        ("aae2-brat", "aae2/brat"),
        ("cdcp", "cdcp/train"),
        ("abstrct", "abstrct/data"),
        ("microtexts", "microtexts/corpus/en"),
        ("cmv", "cmv_modes/v2.0"),
    ):
        for amap in read_corpus(shared / "corpora" / path, name):
            mapped = SCHEMES[amap.scheme].to_opinion(amap)
            assert {part.type for part in mapped.components} <= {"major_claim", "claim", "premise"}
            assert {link.type for link in mapped.relations} <= {"support", "attack"}
