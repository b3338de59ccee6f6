"""Worked by hand."""

import pytest

from oped.metrics.corpus import Score, paired_test
from oped.metrics.counts import Counts
from oped.metrics.spans import expected_calibration_error, same_name, score_exact, score_overlap
from oped.records import AUTHOR, ArgumentMap, Article, Attribution, Component, Relation

TEXT = "0123456789" * 5
OTHER = Attribution("other", "x")


def part(
    name: str,
    start: int,
    end: int,
    kind: str = "claim",
    risk: bool = False,
    who: Attribution = AUTHOR,
    chance: float = 1.0,
) -> Component:
    return Component(name, start, end, TEXT[start:end], kind, chance, risk, None, who)


def amap(parts: list[Component], links: list[tuple[str, str, str]] = (), name: str = "a") -> ArgumentMap:  # type: ignore[assignment]
    relations = tuple(Relation(f"r{n}", *link) for n, link in enumerate(links))
    return ArgumentMap(Article(name, TEXT), tuple(parts), relations)


GOLD = amap(
    [part("c1", 0, 10, "major_claim"), part("c2", 12, 22, "claim", True, OTHER), part("c3", 24, 34, "premise")],
    [("c2", "c1", "support"), ("c3", "c2", "attack")],
)


def test_more_than_half_of_the_longer_span() -> None:
    # 0-10 against 5-10: 5 of 10 is not more than half. 12-22 against 16-24: 6 shared, the longer has 10. 24-34 exact.
    predicted = amap(
        [part("p1", 5, 10), part("p2", 16, 24, "claim", True, OTHER), part("p3", 24, 34, "claim", True, OTHER)]
    )
    found = score_overlap(GOLD, predicted)
    assert found["overlap_span_f1"] == Counts(2, 3, 3)
    assert found["overlap_typed_f1"] == Counts(1, 3, 3)
    assert found["risk_f1"] == Counts(1, 2, 1)
    assert found["attribution_accuracy"] == Counts(1, 2, 2)  # of the two matched, c3's holder is wrong
    assert score_exact(GOLD, predicted)["exact_span_f1"] == Counts(1, 3, 3)


def test_white_space_at_the_ends_of_an_exact_span_does_not_count() -> None:
    text = "One. Two. "
    gold = ArgumentMap(Article("a", text), (Component("c1", 4, 10, " Two. ", "claim"),))
    predicted = ArgumentMap(Article("a", text), (Component("p1", 5, 9, "Two.", "claim"),))
    assert score_exact(gold, predicted)["exact_component_f1"] == Counts(1, 1, 1)
    shorter = ArgumentMap(Article("a", text), (Component("p1", 5, 8, "Two", "claim"),))
    assert score_exact(gold, shorter)["exact_component_f1"] == Counts(0, 1, 1)


def test_a_major_claim_counts_as_claim_but_for_typed3() -> None:
    predicted = amap([part("p1", 0, 10, "claim"), part("p2", 12, 22, "claim"), part("p3", 24, 34, "premise")])
    found = score_overlap(GOLD, predicted)
    assert found["overlap_typed_f1"].f1 == 1.0
    assert found["overlap_typed3_f1"] == Counts(2, 3, 3)


def test_links_and_relations() -> None:
    predicted = amap(
        [part("p1", 0, 10), part("p2", 12, 22), part("p3", 24, 34)],
        [("p2", "p1", "attack"), ("p3", "p2", "attack"), ("p3", "p1", "support")],
    )
    found = score_overlap(GOLD, predicted)
    assert found["overlap_link_f1"] == Counts(2, 3, 2)
    assert found["overlap_relation_f1"] == Counts(1, 3, 2)  # p2 -> p1 is linked, but attacks


def test_calibration_error_by_hand() -> None:
    # Bin 0.9-1.0: two cases at 0.95, one right: |1.9 - 1|. Bin 0.2-0.3: one case at 0.25, wrong: |0.25 - 0|. Over 3 cases.
    assert expected_calibration_error([(0.95, True), (0.95, False), (0.25, False)]) == pytest.approx((0.9 + 0.25) / 3)


def test_micro_scores_and_intervals() -> None:
    score = Score("opinion")
    for number in range(12):
        predicted = GOLD.replace(components=GOLD.components[: 1 + number % 3], relations=())
        score.add(GOLD, predicted)
    # Each four times: 1, 2 and 3 of 3 found, all right: 24 hits, 24 predicted, 36 gold.
    assert score.metrics["overlap_span_f1"] == pytest.approx(2 * 24 / (24 + 36))
    low, high = score.intervals()["overlap_span_f1"]
    assert low < 0.8 < high
    assert score.intervals() == score.intervals()


def test_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="another text"):
        Score("opinion").add(GOLD, ArgumentMap(Article("a", "x")))


def test_the_paired_test_tells_a_difference_from_none() -> None:
    good, bad, same = Score("opinion"), Score("opinion"), Score("opinion")
    for _ in range(12):
        good.add(GOLD, GOLD)
        same.add(GOLD, GOLD)
        bad.add(GOLD, GOLD.replace(components=GOLD.components[:1], relations=()))
    assert paired_test(good, bad, samples=500)["overlap_span_f1"] < 0.01
    assert paired_test(good, same, samples=500)["overlap_span_f1"] == 1.0


def test_attacks_theses_and_names_of_sources_count_by_themselves() -> None:
    predicted = amap(
        [
            part("p1", 0, 10, "major_claim"),
            part("p2", 12, 22, "major_claim", True, Attribution("other", "The X")),
            part("p3", 24, 34),
        ],
        [("p2", "p1", "attack"), ("p3", "p2", "attack")],
    )
    found = score_overlap(GOLD, predicted)
    assert found["attack_f1"] == Counts(1, 2, 1)
    assert found["thesis_f1"] == Counts(1, 2, 1)
    assert found["source_name_accuracy"] == Counts(1, 1, 1)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Ann Lee", "ann lee", True),
        ("the minister", "minister", True),
        ("Lee", "Ann Lee’s", True),
        ("Ann", "Annabel", False),
        ("", "Lee", False),
    ],
)
def test_names_are_compared_by_their_words(one: str, two: str, same: bool) -> None:
    assert same_name(one, two) is same
