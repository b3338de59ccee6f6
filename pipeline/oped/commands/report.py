"""Printing an evaluation."""

import json
from typing import Any

import click


def print_report(report: dict[str, Any], *, as_json: bool) -> None:
    """Print metrics with their intervals and counts, as JSON or as a table."""
    if as_json:
        click.echo(json.dumps(report, indent=1))
        return
    for key in ("model", "corpus", "scheme", "answered_by", "documents", "without_text", "unanswered", "unusable"):
        if report.get(key) is not None:
            click.echo(f"{key.replace('_', ' ')}: {report[key]}")
    for key, value in report["metrics"].items():
        low, high = report.get("intervals", {}).get(key, (None, None))
        interval = "" if low is None else f"  [{low:.3f}, {high:.3f}]"
        counts = report.get("counts", {}).get(key)
        of = (
            ""
            if counts is None
            else f"  {counts['hits']:g} of {counts['gold']:g} gold, {counts['predicted']:g} predicted"
        )
        p_value = report.get("p_values", {}).get(key)
        click.echo(f"  {key:28} {value:.4f}{interval}{of}" + ("" if p_value is None else f"  p={p_value:.4f}"))
    for what, kinds in report.get("errors", {}).items():
        click.echo(f"{what.replace('_', ' ')}:")
        for kind, count in kinds.items():
            click.echo(f"  {count:6} {kind}")
