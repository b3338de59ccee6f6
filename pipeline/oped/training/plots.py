"""Pictures of a run: learning curves, which type was taken for which, and what probabilities are worth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from oped.metrics.spans import expected_calibration_error, match, overlap, reliability
from oped.records import ArgumentMap

matplotlib.use("Agg")
from matplotlib import pyplot

NOTHING = "(none)"


def plot_learning(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Training losses and dev scores by epoch, side by side.

    Args:
        history: the rows of metrics.jsonl.
    """
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    epochs = [row["epoch"] for row in history]
    for name in history[-1]["train"] if history else ():
        left.plot(epochs, [row["train"].get(name) for row in history], marker="o", label=name)
    left.set(xlabel="epoch", ylabel="loss", title="Training", yscale="log")
    for scheme, scores in (history[-1]["dev"] if history else {}).items():
        for name in (key for key in scores if key.endswith("f1")):
            values = [row["dev"].get(scheme, {}).get(name) for row in history]
            right.plot(epochs, values, marker="o", label=f"{scheme} {name}")
    right.set(xlabel="epoch", ylabel="F1", title="Development part", ylim=(0, 1))
    for axes in (left, right):
        if axes.lines:
            axes.legend(fontsize=7)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def confusion(pairs: Sequence[tuple[ArgumentMap, ArgumentMap]], types: Sequence[str]) -> "np.ndarray[Any, Any]":
    """Counts of gold types (rows) by predicted types (columns), of spans that match by overlap; the last: no span.

    Args:
        pairs: gold and predicted maps.

    Returns:
        *Shape:* (types + 1, types + 1)
    """
    places = {name: place for place, name in enumerate(types)}
    counts = np.zeros((len(types) + 1, len(types) + 1), dtype=np.int64)
    for gold, predicted in pairs:
        matched = match(gold, predicted, overlap)
        taken = {part.id for part in matched.values()}
        for part in gold.components:
            found = matched.get(part.id)
            counts[places[part.type], -1 if found is None else places[found.type]] += 1
        for part in predicted.components:
            counts[-1, places[part.type]] += part.id not in taken
    return counts


def plot_confusion(pairs: Sequence[tuple[ArgumentMap, ArgumentMap]], types: Sequence[str], path: Path) -> None:
    """Draw `confusion`; colours are shares of each gold type."""
    counts = confusion(pairs, types)
    names = [*types, NOTHING]
    size = 2.2 + 0.8 * len(names)
    figure, axes = pyplot.subplots(figsize=(size, size), layout="constrained")
    axes.imshow(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="gold")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def plot_reliability(cases: Sequence[tuple[float, bool]], path: Path) -> None:
    """How often components are right, by their calibrated probability; on the diagonal, what is said is what happens.

    Args:
        cases: probability of each predicted component, and whether its span and type are right.
    """
    rows = reliability(cases)
    figure, axes = pyplot.subplots(figsize=(4.6, 4.4), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes.plot([row["probability"] for row in rows], [row["frequency"] for row in rows], marker="o")
    for row in rows:
        axes.annotate(
            f"{row['count']:g}", (row["probability"], row["frequency"]), xytext=(4, -10), textcoords="offset points"
        )
    error = expected_calibration_error(cases)
    axes.set(
        xlabel="probability",
        ylabel="share that is right",
        title=f"calibration error {error:.3f}",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
