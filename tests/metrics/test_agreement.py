"""Worked by hand."""

import pytest

from oped.metrics.agreement import cohen_kappa, fleiss_kappa, unitizing_alpha


def test_cohen_kappa_by_hand() -> None:
    # Observed 1/4. Annotator one: a 3/4, b 1/4; two: a 2/4, b 2/4. By chance 6/16 + 2/16 = 1/2. (1/4 - 1/2) / (1/2) = -1/2.
    assert cohen_kappa([("a", "a"), ("a", "b"), ("a", "b"), ("b", "a")]) == pytest.approx(-0.5)
    assert cohen_kappa([("a", "a"), ("b", "b"), ("a", "a"), ("b", "b")]) == 1.0


def test_fleiss_kappa_by_hand() -> None:
    # Two items, three raters: (a,a,b), (b,b,b). Agreeing pairs 1/3 and 1: mean 2/3. Shares a 2/6, b 4/6: 1/9 + 4/9 = 5/9.
    assert fleiss_kappa([("a", "a", "b"), ("b", "b", "b")]) == pytest.approx((2 / 3 - 5 / 9) / (1 - 5 / 9))


def test_unitizing_alpha_is_1_for_the_same_units_and_less_for_others() -> None:
    units = [(0, 10, "claim"), (10, 20, None), (20, 30, "premise")]
    assert unitizing_alpha([(units, units)]) == 1.0
    moved = [(0, 8, "claim"), (8, 20, None), (20, 30, "premise")]
    assert 0.8 < unitizing_alpha([(units, moved)]) < 1.0


def test_unitizing_alpha_by_hand() -> None:
    # 10 points: both "a" on 0-4, "a" against a gap on 4-6, both gaps on 6-10. Coincidences: aa 8, a- 2, -a 2, -- 8; n = 20.
    # Margins: a 10, gap 10. Observed disagreement 4; expected 20*20 - 100 - 100 = 200. 1 - 4 * 19 / 200 = 0.62.
    one, two = [(0, 6, "a"), (6, 10, None)], [(0, 4, "a"), (4, 10, None)]
    assert unitizing_alpha([(one, two)]) == pytest.approx(0.62)
