"""Types of options that several commands have."""

import math
from typing import Any

import click

WEEK = 7 * 86_400.0


class Seconds(click.FloatRange):
    """A time that a clock can wait: neither endless nor no number."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The time as a number, or a message that says what was expected."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"expected a time in seconds, found {value!r}", param, ctx)
        return seconds


SECONDS = Seconds(min=0.1, max=WEEK)
