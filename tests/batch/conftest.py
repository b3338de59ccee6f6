"""A small folder of articles, and what a batch over it leaves when nobody disturbs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOPICS = (
    "ferry",
    "library",
    "quarry",
    "market hall",
    "swimming pool",
    "tram",
    "orchard",
    "lighthouse",
    "school",
    "mill",
)


def text_of(topic: str) -> str:
    return (
        f"The council should keep the {topic} open. Every third family in Hallen used it last year, according to the "
        f"Coastal Institute. Without the {topic} the lower town could lose its last shop.\n\n"
        f"Critics say that the {topic} costs too much. But the repairs were paid for in May, and the mayor knows it."
    )


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oped", "batch", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """All that a batch leaves to its user, but for the times of the summary."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".oped" not in path.parts
    }
    summary = json.loads(found.pop("summary.json"))
    del summary["times"]
    return found | {"summary.json": json.dumps(summary).encode()}


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten articles, one of them twice, and two files that hold none."""
    folder = tmp_path_factory.mktemp("articles")
    (folder / "more").mkdir()
    for number, topic in enumerate(TOPICS):
        place = folder / "more" if number % 2 else folder
        (place / f"{topic.replace(' ', '-')}.txt").write_text(text_of(topic), encoding="utf-8")
    (folder / "zz-again.txt").write_text(text_of("ferry"), encoding="utf-8")
    (folder / "empty.txt").write_text(" \n", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that follows is one")
    return folder


@pytest.fixture(scope="session")
def undisturbed(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    done = run(articles, "-o", folder, "--workers", "2")
    assert done.returncode == 1, done.stderr
    return folder
