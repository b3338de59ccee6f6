"""Peak memory of oped batch over more and more short articles; see README.md."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARAGRAPH = "The ferry of quay {0} must be kept, because {0} families of Hallen use it. Without it the town could lose its shop."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--articles", type=Path, help="a table of full articles, repeated with changes to the counts")
    chosen = parser.parse_args()
    texts = [json.loads(line)["text"] for line in open(chosen.articles, encoding="utf-8")] if chosen.articles else []
    for count in chosen.counts:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "articles.jsonl"
            with open(table, "w", encoding="utf-8") as stream:
                for number in range(count):
                    text = f"{texts[number % len(texts)]} ({number})" if texts else PARAGRAPH.format(number)
                    stream.write(json.dumps({"id": str(number), "text": text}) + "\n")
            began = time.monotonic()
            peak = _peak(
                [sys.executable, "-m", "oped", "batch", str(table), "-o", f"{folder}/out", "--workers", "2", "--quiet"]
            )
            print(f"{count} articles: {peak >> 20} MB, {time.monotonic() - began:.0f} s", flush=True)


def _peak(command: list[str]) -> int:
    """Largest resident memory, added up over a process and its descendants, in bytes; looked at every tenth of a second."""
    process = subprocess.Popen(command)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, _family(process.pid))))
        time.sleep(0.1)
    return peak


def _family(root: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    for pid in sorted(parents):
        if parents[pid] in family:
            family.add(pid)
    return sorted(family)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    main()
