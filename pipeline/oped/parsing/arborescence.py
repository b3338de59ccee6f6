"""The maximum spanning arborescence: from the scores of arcs to a forest without cycles.

Every component has one target or none, and no chain of targets comes back to where it began.
"""

import numpy as np
import numpy.typing as npt

from oped.numeric import Ints


def forest(scores: npt.NDArray[np.floating]) -> Ints:
    """The maximum spanning arborescence of a complete graph with a root.

    Args:
        scores: of each target for each source; the last target is the root. *Shape:* (nodes, nodes + 1)

    Returns:
        The target of each node; `nodes` is the root. *Shape:* (nodes,)

    Source: Chu & Liu (1965), Edmonds (1967).
    """
    nodes = len(scores)
    weights = np.array(scores, dtype=np.float64)
    weights[np.arange(nodes), np.arange(nodes)] = -np.inf
    return _arborescence(weights)


def _arborescence(weights: npt.NDArray[np.float64]) -> Ints:
    nodes = len(weights)
    targets: Ints = weights.argmax(axis=1)
    cycle = _find_cycle(targets)
    if cycle is None:
        return targets
    outside = np.setdiff1d(np.arange(nodes), cycle)
    kept = weights[cycle, targets[cycle]]
    # The cycle becomes one node, the last. Leaving it from a member costs what that member's arc in the cycle was worth.
    leaving = weights[cycle][:, np.append(outside, nodes)] - kept[:, None]  # (cycle, outside + root)
    entering = weights[np.ix_(outside, cycle)]  # (outside, cycle)
    size = len(outside) + 1
    smaller = np.full((size, size + 1), -np.inf)
    smaller[:-1, :-2] = weights[np.ix_(outside, outside)]
    smaller[:-1, -2] = entering.max(axis=1)
    smaller[:-1, -1] = weights[outside, nodes]
    smaller[-1, : size - 1] = leaving[:, :-1].max(axis=0)
    smaller[-1, -1] = leaving[:, -1].max()
    solved = _arborescence(smaller)
    names = np.concatenate([outside, [-1, nodes]])
    result: Ints = targets.copy()
    for place, node in enumerate(outside):
        target = solved[place]
        result[node] = cycle[entering[place].argmax()] if target == size - 1 else names[target]
    column = solved[-1] if solved[-1] < size - 1 else size - 1
    member = int(leaving[:, column].argmax())
    result[cycle[member]] = names[solved[-1]]
    return result


def _find_cycle(targets: Ints) -> Ints | None:
    """Nodes of one cycle, or None."""
    nodes = len(targets)
    state = np.zeros(nodes + 1, dtype=np.int8)
    state[nodes] = 2
    for start in range(nodes):
        trail = []
        node = start
        while state[node] == 0:
            state[node] = 1
            trail.append(node)
            node = int(targets[node])
        if state[node] == 1:
            return np.array(trail[trail.index(node) :])
        state[trail] = 2
    return None
