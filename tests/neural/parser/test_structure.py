import numpy as np

from oped.neural.parser.config import ParserConfig, SchemeConfig
from oped.neural.parser.decoding import pool
from oped.neural.parser.structure import DISTANCE_BUCKETS, PLACES, Structure
from oped.words import Words

TEXT = "However, it is so. Because this holds, that holds, said Ann.\n\nIn the end it works."


def structure(*spans: tuple[int, int]) -> Structure:
    return Structure.of(spans, Words.of(TEXT))


def test_leads_and_tails_stay_in_the_paragraph_and_between_neighbours() -> None:
    found = structure((2, 5), (7, 9), (10, 12), (20, 22))
    assert found.leads.tolist() == [[0, 2], [5, 7], [9, 10], [16, 20]]
    assert found.tails.tolist() == [[5, 7], [9, 10], [12, 16], [22, 22]]


def test_places_lie_within_their_categories() -> None:
    found = structure((2, 5), (7, 9), (10, 12), (20, 22))
    assert found.places.shape == (4, len(PLACES))
    assert (found.places < np.array(list(PLACES.values()))).all()
    assert (found.places >= 0).all()


def test_distances_are_signed_and_tell_paragraphs_apart() -> None:
    found = structure((2, 5), (7, 9), (20, 22)).distances
    assert found[0, 1] != found[1, 0]
    assert found[0, 1] < DISTANCE_BUCKETS <= found[0, 2] < 2 * DISTANCE_BUCKETS


def test_no_component_is_no_trouble() -> None:
    assert len(structure()) == 0


def pooled(found: Structure, states: np.ndarray, *, word_before: bool) -> np.ndarray:
    config = ParserConfig(
        name="x",
        version="1",
        encoder={"hidden_size": 2},
        schemes={"mine": SchemeConfig(types=("claim",))},
        default_scheme="mine",
        word_before=word_before,
    )
    return pool(states, found, config)


def test_pooling_is_means_and_ends() -> None:
    states = np.arange(23 * 2, dtype=np.float32).reshape(23, 2)
    row = pooled(structure((7, 9)), states, word_before=False)[0]
    assert row[:2].tolist() == states[7:9].mean(axis=0).tolist()
    assert row[2:6].tolist() == [*states[7], *states[8]]
    assert len(row) == 10


def test_the_word_before_a_component_is_a_vector_of_its_own_and_nothing_where_there_is_none() -> None:
    states = np.arange(1, 23 * 2 + 1, dtype=np.float32).reshape(23, 2)
    rows = pooled(structure((0, 2), (4, 6), (6, 8)), states, word_before=True)
    assert rows[:, 10:].tolist() == [[0, 0], states[3].tolist(), [0, 0]]
