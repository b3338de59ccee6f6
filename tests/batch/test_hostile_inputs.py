"""Inputs of a batch that can't be read: each costs itself alone, is named, and is bounded."""

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oped.batch.inputs import Inputs
from oped.batch.tasks import Failure, Task
from tests.batch.conftest import run, text_of
from tests.helpers.cli import call


def found(*sources: Path | str, **options: int) -> tuple[list[str], dict[str, Failure]]:
    """Names of tasks, and what is none with its reason."""
    items = list(Inputs(map(str, sources), **options))  # type: ignore[arg-type]
    return [item.name for item in items if isinstance(item, Task)], dict(
        item for item in items if not isinstance(item, Task)
    )


def test_a_bad_link_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"))
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "b.txt").write_text(text_of("tram"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "none.txt")
    (tmp_path / "folder.txt").symlink_to(tmp_path / "z")
    names, failures = found(tmp_path)
    assert names == ["a.txt", "z/b.txt"]
    assert set(failures) == {"loop.txt", "nowhere.txt"}


def test_a_folder_that_may_not_be_read_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text_of("ferry"))
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "link.txt").symlink_to(closed / "b.txt")
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        closed.chmod(0o700)
        pytest.skip("root may read every folder")
    try:
        names, failures = found(tmp_path)
    finally:
        closed.chmod(0o700)
    assert names == ["a.txt"]
    assert set(failures) == {"closed", "link.txt"}


def test_devices_and_pipes_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    names, failures = found("/dev/zero", tmp_path / "pipe.txt", tmp_path)
    assert not names
    assert all("expected a file" in failure.reason for failure in failures.values())


def test_a_file_is_hashed_up_to_its_bound(tmp_path: Path) -> None:
    with open(tmp_path / "huge.txt", "wb") as stream:
        stream.truncate(1 << 40)
    _, failures = found(tmp_path / "huge.txt")
    assert failures["huge.txt"].kind == "TooLongError"


def test_a_cell_of_a_table_does_not_end_the_batch(tmp_path: Path) -> None:
    dates = pa.array([1, 2], pa.timestamp("ns", "Nowhere/Atlantis"))
    pq.write_table(pa.table({"text": [text_of("ferry"), text_of("mill")], "date": dates}), tmp_path / "a.parquet")
    deep = json.dumps({"text": text_of("tram")}).replace("}", ', "x": ' + "[" * 900 + "]" * 900 + "}")
    (tmp_path / "b.jsonl").write_text(f"{deep}\n{json.dumps({'text': text_of('school')})}\n")
    done = run(tmp_path, "-o", tmp_path / "out", "--workers", "1")
    assert "Traceback" not in done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["mapped"]["articles"], summary["failed"]) == (3, 1)


def bomb(path: Path, megabytes: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(megabytes):
            stream.write(b"x" * 1_000_000)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_driver_stays_small(tmp_path: Path, kind: str) -> None:
    bomb(tmp_path / f"a.{kind}.gz", 1500)
    code = f"from oped.batch.inputs import Inputs; print([type(one).__name__ for one in Inputs([{str(tmp_path)!r}])])"
    held = 1 << 30

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (held, held))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "tuple" in done.stdout


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300", "0"])
def test_a_time_that_no_clock_can_wait_is_misuse(tmp_path: Path, value: str) -> None:
    assert call("batch", tmp_path, "-o", tmp_path / "out", f"--seconds={value}").returncode == 2


def test_an_empty_name_is_misuse(tmp_path: Path) -> None:
    done = call("batch", "", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"empty name" in done.stderr
    assert not (tmp_path / "out").exists()
