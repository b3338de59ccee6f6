"""Time and peak memory of oped compare over more and more maps; see README.md."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from oped.formats.registry import read_corpus
from oped.records import ArgumentMap

PARTS = ("train", "dev", "test")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[10, 100, 1_000, 10_000])
    parser.add_argument("--corpus", type=Path, default=Path("corpora/opinions"))
    parser.add_argument("--model", default="en_opinion_sm")
    parser.add_argument("--statements", type=int, help="of each map, the first so many alone")
    chosen = parser.parse_args()
    maps = [amap for part in PARTS for amap in read_corpus(chosen.corpus / f"{part}.jsonl", "oped")]
    for count in chosen.counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "maps.jsonl"
            with open(path, "w", encoding="utf-8") as stream:
                stream.writelines(
                    json.dumps(row, ensure_ascii=False) + "\n" for row in _copies(maps, count, chosen.statements)
                )
            command = ["compare", str(path), "-o", f"{folder}/comparison.json", "--model", chosen.model, "--quiet"]
            began = time.monotonic()
            process = subprocess.Popen([sys.executable, "-m", "oped", *command])
            _, status, usage = os.wait4(process.pid, 0)
            if status:
                sys.exit(f"oped compare failed on {count} maps")
            print(f"{count} maps: {time.monotonic() - began:.0f} s, {usage.ru_maxrss >> 10} MB", flush=True)


def _copies(maps: list[ArgumentMap], count: int, most: int | None) -> Iterator[dict[str, object]]:
    """The corpus again and again; in each copy every statement lacks other words, and the authors are others."""
    for number in range(count):
        source, copy = maps[number % len(maps)], number // len(maps)
        texts, components, position = [], [], 0
        for part in source.components[:most]:
            words = part.text.split()
            for left_out in (copy, copy // len(words)):
                if left_out and len(words) > 3:
                    del words[left_out % len(words)]
            text = " ".join(words)
            components.append(
                {**part.to_dict(), "text": text, "start": position, "end": position + len(text), "entities": []}
            )
            texts.append(text)
            position += len(text) + 2
        data = source.to_dict()
        authors = [f"{name} {copy}" for name in source.article.authors]
        article = {
            **data["article"],
            "id": f"{source.article.id}-{copy}",
            "authors": authors,
            "text": "\n\n".join(texts),
        }
        known = {part["id"] for part in components}
        relations = [link for link in data["relations"] if {link["source"], link["target"]} <= known]
        yield {**data, "article": article, "components": components, "relations": relations, "entities": []}


if __name__ == "__main__":
    main()
