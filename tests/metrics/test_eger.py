"""Worked by hand; the arithmetic stands beside each number."""

import pytest

from oped.metrics import eger
from oped.records import ArgumentMap, Article, Component, Relation

TEXT = "a b c d e f g h i j"  # token n begins at character 2n


def make(spans: list[tuple[int, int, str, str | None]], links: list[tuple[int, int, str]] = ()) -> ArgumentMap:  # type: ignore[assignment]
    """Components from (first token, end token, type, stance), relations from places in that list."""
    parts = tuple(
        Component(
            f"T{n}",
            2 * first,
            2 * end - 1,
            TEXT[2 * first : 2 * end - 1],
            kind,
            extra={"stance": stance} if stance else {},
        )
        for n, (first, end, kind, stance) in enumerate(spans)
    )
    relations = tuple(Relation(f"R{n}", f"T{one}", f"T{two}", kind) for n, (one, two, kind) in enumerate(links))
    return ArgumentMap(Article("a", TEXT), parts, relations, scheme="aae2")


GOLD = make([(0, 3, "MajorClaim", None), (4, 6, "Claim", "For"), (7, 10, "Premise", None)], [(2, 1, "supports")])


def scores(predicted: ArgumentMap, gold: ArgumentMap = GOLD) -> dict[str, float]:
    return {key: counts.f1 for key, counts in eger.score(gold, predicted).items()}


def test_the_gold_itself_scores_1() -> None:
    assert set(scores(GOLD).values()) == {1.0}


def test_half_of_the_longer_must_be_exceeded() -> None:
    # Premise 7-10 found as 8-10: 2 of 3 tokens shared, 0.67 > 0.5. Claim 4-6 found as 4-8 would be 2 of 4, not > 0.5.
    predicted = make(
        [(0, 3, "MajorClaim", None), (4, 6, "Claim", "For"), (8, 10, "Premise", None)], [(2, 1, "supports")]
    )
    found = scores(predicted)
    assert found["component_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["component_f1_50"] == 1.0
    assert found["relation_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["relation_f1_50"] == 1.0
    wide = make([(0, 3, "MajorClaim", None), (4, 8, "Claim", "For")])
    assert scores(wide)["component_f1_50"] == pytest.approx(2 * 1 / (3 + 2))


def test_types_count_for_components_and_not_for_the_ends_of_relations() -> None:
    # The premise is found as a claim with the same stance label missing: a claim's arc is its stance to the last major claim.
    predicted = make(
        [(0, 3, "Claim", "For"), (4, 6, "Premise", None), (7, 10, "Premise", None)],
        [(2, 1, "supports"), (1, 0, "attacks")],
    )
    found = scores(predicted)
    assert found["component_f1"] == pytest.approx(2 * 1 / (3 + 3))  # the premise alone has its type
    # Gold arcs: (major, root, root), (claim, major, For), (premise, claim, supports).
    # Found: (0-3, root, For) as there is no major claim, (4-6, 0-3, attacks), (7-10, 4-6, supports): the last is right.
    assert found["relation_f1"] == pytest.approx(2 * 1 / (3 + 3))


def test_a_claims_stance_goes_to_the_last_major_claim() -> None:
    gold = make([(0, 1, "MajorClaim", None), (2, 4, "Claim", "Against"), (5, 8, "MajorClaim", None)])
    lost = make([(0, 1, "MajorClaim", None), (2, 4, "Claim", "Against")])
    # Gold arcs: two of major claims to the root, the claim's to 5-8. Found: one of a major claim, the claim's to 0-1.
    assert scores(lost, gold)["relation_f1"] == pytest.approx(2 * 1 / (2 + 3))


def test_without_a_major_claim_the_claim_goes_to_the_root() -> None:
    gold = make([(2, 4, "Claim", "Against")])
    assert scores(make([(2, 4, "Claim", "Against")]), gold)["relation_f1"] == 1.0
    assert scores(make([(2, 4, "Claim", "For")]), gold)["relation_f1"] == 0.0


def test_nothing_predicted_scores_0() -> None:
    assert set(scores(make([])).values()) == {0.0}
