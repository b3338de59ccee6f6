"""Several readings are aligned and vote."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oped.llm.align import align
from oped.llm.answer import Link
from oped.llm.chances import Chances
from oped.llm.draft import Draft, DraftComponent, find_circle
from oped.llm.scheme import OPINION_LABELS
from oped.llm.votes import Voted, vote

Row = tuple[int, int, str, int | None]


def reading(*rows: Row, risk: bool = False, source: str = "") -> Draft:
    """Rows of start, end, type, and the place of the component that is supported, from 0."""
    parts = tuple(
        DraftComponent(
            number=number,
            start=start,
            end=end,
            type=kind,
            risk=risk,
            source=source,
            links=() if target is None else (Link("support", target + 1),),
        )
        for number, (start, end, kind, target) in enumerate(rows, start=1)
    )
    return Draft(components=parts, lines=len(parts))


def voted(*drafts: Draft) -> tuple[Voted, ...]:
    return vote(drafts, OPINION_LABELS, Chances())


def arcs(parts: tuple[Voted, ...]) -> list[int | None]:
    return [part.links[0].target if part.links else None for part in parts]


M, C, P = "major_claim", "claim", "premise"
CHAIN = reading((0, 10, M, None), (20, 30, C, 0), (40, 50, P, 1))


def test_one_reading_is_taken_as_it_is_with_what_was_measured() -> None:
    chances = Chances(
        constants={"component": {M: 0.7, C: 0.8, P: 0.6}, "relation": {"support": 0.4}, "risk": {"none": 0.1}}
    )
    parts = vote([CHAIN], OPINION_LABELS, chances)
    assert [(part.start, part.type, part.probability) for part in parts] == [(0, M, 0.7), (20, C, 0.8), (40, P, 0.6)]
    assert arcs(parts) == [None, 0, 1]
    assert parts[1].links[0].probability == 0.4
    assert parts[0].risk_probability == 0.1


def test_what_a_minority_has_is_voted_out() -> None:
    parts = voted(CHAIN, CHAIN, reading((0, 10, M, None), (60, 70, P, 0)))
    assert [part.start for part in parts] == [0, 20, 40]


def test_the_type_and_the_target_of_the_majority_win() -> None:
    other = reading((0, 10, M, None), (20, 30, P, 0), (40, 50, P, 0))
    parts = voted(CHAIN, other, CHAIN)
    assert [part.type for part in parts] == [M, C, P]
    assert arcs(parts) == [None, 0, 1]
    assert parts[0].probability > parts[1].probability > 0.5


def test_risk_and_source_are_voted_on() -> None:
    parts = voted(reading((0, 9, C, None), risk=True, source="UNICEF"), reading((0, 9, C, None), risk=True, source="unicef"),
                  reading((0, 9, C, None)))  # fmt: skip
    assert parts[0].risk
    assert parts[0].source == "UNICEF"
    assert 0.5 < parts[0].risk_probability < 1


def test_the_cut_that_most_readings_agree_on_wins() -> None:
    long = reading((0, 50, C, None))
    split = reading((0, 30, C, None), (31, 50, P, 0))
    assert [(part.start, part.end) for part in voted(long, split, split)] == [(0, 30), (31, 50)]
    assert [(part.start, part.end) for part in voted(long, long, split)] == [(0, 50)]


def test_a_link_to_a_component_that_was_voted_out_goes_on_to_what_that_one_bears_on() -> None:
    detour = reading((0, 10, M, None), (40, 50, P, 2), (60, 70, C, 0))
    plain = reading((0, 10, M, None), (40, 50, P, 0))
    parts = voted(detour, plain, plain)
    assert [part.start for part in parts] == [0, 40]
    assert arcs(parts) == [None, 0]
    assert parts[1].links[0].probability == pytest.approx(Chances().of_votes("relation", 3, 3))


def test_where_each_says_something_else_the_reading_that_agrees_more_counts_more() -> None:
    rows = [(place * 20, place * 20 + 10) for place in range(5)]

    def one(*targets: int | None) -> Draft:
        return reading(*[(start, end, C, target) for (start, end), target in zip(rows, targets, strict=True)])

    parts = voted(one(None, 0, 1, 2, 3), one(None, 0, 1, 2, 1), one(None, 0, 0, 1, 2))
    assert arcs(parts)[:4] == [None, 0, 1, 2]


def test_readings_that_find_a_thesis_each_elsewhere_still_leave_one() -> None:
    spans = [(0, 10), (20, 30), (40, 50)]
    readings = [
        reading(*[(start, end, M if place == own else C, None) for place, (start, end) in enumerate(spans)])
        for own in range(3)
    ]
    assert [part.type for part in voted(*readings)].count(M) == 1


def test_votes_that_run_in_a_circle_are_opened() -> None:
    forth = reading((0, 10, C, None), (20, 30, C, 0))
    back = reading((0, 10, C, 1), (20, 30, C, None))
    assert sum(target is not None for target in arcs(voted(forth, back, forth, back))) == 1


DRAFTS = st.lists(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(0, 20), st.sampled_from([M, C, P]), st.integers(0, 9), st.booleans()),
        max_size=9,
    ),
    min_size=2,
    max_size=5,
)


def drawn(rows: list[tuple[int, int, str, int, bool]]) -> Draft:
    """A draft without circles: links go to an earlier component, or all to a later one."""
    parts: list[Row] = []
    place = 0
    for number, (width, gap, kind, target, free) in enumerate(rows):
        start = place + gap
        place = start + width
        parts.append((start, place, kind, None if free or number == 0 else target % number))
    return reading(*parts)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(DRAFTS)
def test_votes_never_overlap_nor_run_in_circles(rows: list[list[tuple[int, int, str, int, bool]]]) -> None:
    parts = voted(*map(drawn, rows))
    assert all(one.end <= two.start for one, two in pairwise(parts))
    assert find_circle({place: [link.target for link in part.links] for place, part in enumerate(parts)}) == []
    assert all(link.target != place for place, part in enumerate(parts) for link in part.links)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(DRAFTS)
def test_a_group_has_one_component_of_a_reading_and_spans_that_overlap(
    rows: list[list[tuple[int, int, str, int, bool]]],
) -> None:
    for group in align([drawn(own) for own in rows], least=0.0):
        parts = list(group.members.values())
        assert all(one.start < two.end and two.start < one.end for one in parts for two in parts)
        assert group.span in {(part.start, part.end) for part in parts}


def test_equal_readings_give_themselves() -> None:
    assert arcs(voted(CHAIN, CHAIN, CHAIN)) == [None, 0, 1]
