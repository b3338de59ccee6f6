"""Scores of arcs: as logarithms of probabilities, and without the arcs that may not be."""

import numpy as np

from oped.neural.crf import FORBIDDEN
from oped.numeric import Floats


def constrain(arcs: Floats, may_be_root: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Forbid the root to the components that may not stand alone, where they have anything else to bear on."""
    arcs = arcs.copy()
    if len(arcs) > 1:
        arcs[~may_be_root, -1] += FORBIDDEN
    return arcs
