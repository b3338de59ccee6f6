"""A model's card, written from what happened in its run."""

from pathlib import Path
from typing import TYPE_CHECKING

from oped.training.config import TrainingConfig

if TYPE_CHECKING:
    from oped.neural.parser.export import ExportCheck
    from oped.neural.parser.training import Run


def write_card(config: TrainingConfig, run: "Run", model: Path, check: "ExportCheck") -> None:
    """Write README.md into the model's folder."""
    (model / "README.md").write_text("\n".join(_lines(config, run, check)) + "\n", encoding="utf-8")


def _lines(config: TrainingConfig, run: "Run", check: "ExportCheck") -> list[str]:
    schemes = run.parser_config.schemes
    lines = [f"# {config.name} {config.version}", "", config.description or "An argument parser trained with oped.", ""]
    lines += [
        f"- Licence: {config.licence or 'not stated'}",
        f"- Encoder: {run.encoder.source}",
        f"- Seed: {config.seed}",
    ]
    lines += ["", "## Schemes", "", "| scheme | components | relations |", "|---|---|---|"]
    lines += [
        f"| {name} | {', '.join(scheme.types)} | {', '.join(scheme.arc_labels) or 'none'} |"
        for name, scheme in schemes.items()
    ]
    lines += [
        "",
        "## Trained on",
        "",
        "| corpus | format | scheme | training documents | dev documents |",
        "|---|---|---|---|---|",
    ]
    for corpus in run.corpora:
        lines.append(
            f"| {corpus.config.path} | {corpus.config.format} | {corpus.scheme} | {len(corpus.train)} | {len(corpus.dev)} |"
        )
    lines += ["", *(f"- {note}" for note in run.notes)] if run.notes else []
    lines += [
        "",
        f"The exported files find {check.spans:.2%} of the components that the network finds in its first texts, with "
        f"{check.arcs:.2%} of their relations the same; no word's state differs by more than {check.largest:.1e}.",
    ]
    if run.state.history:
        lines += [
            "",
            f"## Development scores, best epoch ({run.state.best_epoch} of {run.state.epoch})",
            "",
            "| scheme | metric | score |",
            "|---|---|---|",
        ]
        best = run.state.history[max(0, run.state.best_epoch - 1)]["dev"]
        lines += [
            f"| {scheme} | {key} | {value:.4f} |" for scheme, metrics in best.items() for key, value in metrics.items()
        ]
    return lines
