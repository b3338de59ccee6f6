"""Processor time, wall time and peak memory of `oped map` from cold, of one or more checkouts in turn; see README.md."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from oped.resources import data_folder

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("others", nargs="*", type=Path, help="other checkouts of oped, run in turn with this one")
    parser.add_argument("--article", type=Path, default=data_folder("samples") / "port-levy.md")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    checkouts = [*chosen.others, HERE]
    runs: dict[Path, list[tuple[float, float, float]]] = {checkout: [] for checkout in checkouts}
    for number in range(chosen.rounds + 1):
        for checkout in checkouts:
            found = _run(checkout, chosen.article)
            if number:  # the first round fills the caches of files
                runs[checkout].append(found)
    for checkout, found in runs.items():
        processor, wall, memory = (statistics.median(values) for values in zip(*found, strict=True))
        print(
            f"{checkout}: {processor:.2f} s of processor time, {wall:.2f} s, {memory:.0f} MB; medians of {len(found)}"
        )


def _run(checkout: Path, article: Path) -> tuple[float, float, float]:
    """Seconds of processor time with those of the process that reads the article, seconds, and MB at the peak."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "oped", "map", str(article.resolve()), "-o", f"{folder}/map.json"],
            env={**os.environ, "PYTHONPATH": str(checkout.resolve() / "pipeline")},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{checkout}: oped map failed")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
