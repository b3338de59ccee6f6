"""Batches of an epoch."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
SORTED_BATCHES = 40  # over which items are sorted by length, so that little is padding


def repeated(items: Sequence[Item], repeat: float, generator: random.Random) -> list[Item]:
    """The items as often as they are to be seen in an epoch; a fraction draws that share of them."""
    whole = int(repeat)
    return list(items) * whole + generator.sample(list(items), round((repeat - whole) * len(items)))


def by_length(
    items: Sequence[Item], size: int, length: Callable[[Item], int], generator: random.Random
) -> list[list[Item]]:
    """Batches of items of like length, in random order.

    Args:
        size: of a batch.
    """
    items = generator.sample(items, len(items))
    batches = []
    for start in range(0, len(items), SORTED_BATCHES * size):
        ordered = sorted(items[start : start + SORTED_BATCHES * size], key=length)
        batches += [ordered[at : at + size] for at in range(0, len(ordered), size)]
    generator.shuffle(batches)
    return batches
