from dataclasses import replace
from math import log

import pytest
import torch

from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.loss import thesis_loss

SCHEME = SchemeConfig(types=("thesis", "claim"), limits={"thesis": (1, 2)})


def loss(scores: list[list[float]], types: list[int]) -> float:
    return float(thesis_loss(torch.tensor(scores), torch.tensor(types), SCHEME)["thesis"])


def test_the_thesis_is_found_among_all_components_of_the_article_and_none_of_them() -> None:
    assert loss([[0, 0], [0, 0], [0, 0]], [0, 1, 1]) == pytest.approx(log(4))  # one of three, or none
    assert loss([[5, 0], [0, 5], [0, 5]], [0, 1, 1]) < 0.1
    assert loss([[5, 0], [0, 5], [0, 5]], [1, 0, 1]) > 5


def test_an_article_without_thesis_teaches_that_there_is_none() -> None:
    assert loss([[0, 8], [0, 8]], [1, 1]) < 0.01
    assert loss([[8, 0], [0, 8]], [1, 1]) > 5


def test_of_two_theses_either_will_do() -> None:
    assert loss([[9, 0], [9, 0], [0, 9]], [0, 0, 1]) < 0.01


def test_a_scheme_without_a_limited_type_has_no_such_loss() -> None:
    assert thesis_loss(torch.zeros(2, 2), torch.tensor([0, 1]), replace(SCHEME, limits={})) == {}
