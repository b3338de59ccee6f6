"""Lines of a model's card that are the same for every task."""

from collections.abc import Iterable, Sequence

from oped.training.settings import RunSettings
from oped.training.task import State


def facts(settings: RunSettings, *, encoder: str) -> list[str]:
    """Licence, origin and seed of a run.

    Args:
        encoder: what it started from.
    """
    return [
        f"- Licence: {settings.licence or 'not stated'}",
        f"- Encoder: {encoder}",
        f"- Seed: {settings.seed}",
        f"- Configuration: {settings.made_by}",
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in (head, *rows)]
    return [lines[0], f"|{'---|' * len(head)}", *lines[1:]]


def score_lines(state: State) -> list[str]:
    """The dev scores of the best epoch; none where nothing was judged."""
    rows = [(what, key, f"{value:.4f}") for what, scores in state.best_scores.items() for key, value in scores.items()]
    title = f"## Development scores, best epoch ({state.best_epoch} of {state.epoch})"
    return ["", title, "", *table(("judged", "metric", "score"), rows)] if rows else []
