"""Faults, made for real: whatever happens, a second call ends where an undisturbed run would."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from oped.batch.inputs import Inputs
from oped.batch.supervised import SupervisedWorker
from oped.batch.tasks import Bounds, Outcome, Settings, Task
from oped.batch.worker import READY
from tests.batch.conftest import files_of, run, text_of


def start(*arguments: str | Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "oped", "batch", *map(str, arguments), "--quiet"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def workers_of(process: "subprocess.Popen[bytes]") -> list[int]:
    """Worker processes: the children of the process that multiprocessing forks them from."""
    parents: dict[int, int] = {}
    forking: set[int] = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if b"forkserver" in (path / "cmdline").read_bytes():
                forking.add(int(path.name))
        except OSError:
            continue
    return [one for one, parent in parents.items() if parent in forking and parents.get(parent) == process.pid]


def wait_for_maps(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while len(list(folder.glob("maps/**/*.json"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("count", [2, 4])
def test_a_run_killed_at_any_moment_goes_on(articles: Path, undisturbed: Path, tmp_path: Path, count: int) -> None:
    out = tmp_path / "out"
    process = start(articles, "-o", out, "--workers", "1")
    wait_for_maps(out, count)
    process.kill()
    process.wait()
    assert not (out / "summary.json").exists()
    run(articles, "-o", out, "--workers", "1")
    assert files_of(out) == files_of(undisturbed)
    # A map is written before the ledger notes it: the one that the kill came between is mapped once more.
    assert json.loads((out / "summary.json").read_text())["times"]["mapped_now"] <= 10 - (count - 1)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_dies_or_hangs_costs_nothing(
    articles: Path, undisturbed: Path, tmp_path: Path, blow: signal.Signals
) -> None:
    out = tmp_path / "out"
    process = start(articles, "-o", out, "--workers", "1", "--seconds", "8")
    wait_for_maps(out, 2)
    os.kill(workers_of(process)[0], blow)
    assert process.wait(timeout=120) == 1
    assert files_of(out) == files_of(undisturbed)


def test_workers_end_with_the_run_that_was_killed(articles: Path, tmp_path: Path) -> None:
    process = start(articles, "-o", tmp_path / "out", "--workers", "2")
    wait_for_maps(tmp_path / "out", 1)
    workers = workers_of(process)
    assert len(workers) == 2
    process.kill()
    process.wait()
    assert 1 <= len(workers) <= 2
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_torn_and_lost_files_are_made_again(articles: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    paths = sorted((out / "maps").rglob("*.json"))
    paths[0].write_bytes(paths[0].read_bytes()[:100])
    paths[1].unlink()
    (out / "components.parquet").write_bytes(b"torn")
    (out / "errors.jsonl").unlink()
    run(articles, "-o", out, "--workers", "1")
    assert files_of(out) == files_of(undisturbed)
    assert json.loads((out / "summary.json").read_text())["times"]["mapped_now"] == 2


def test_a_torn_ledger_is_begun_anew(articles: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    (out / ".oped/ledger.sqlite").write_bytes(b"no database " * 100)
    run(articles, "-o", out, "--workers", "1")
    assert files_of(out) == files_of(undisturbed)


def test_a_second_run_into_the_folder_is_refused(articles: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(articles, "-o", out, "--workers", "1")
    wait_for_maps(out, 1)
    process.send_signal(signal.SIGSTOP)  # it holds the folder for as long as the second call takes
    second = run(articles, "-o", out, "--workers", "1")
    process.kill()
    process.wait()
    assert second.returncode == 1
    assert "another oped batch is at work in this folder" in second.stderr


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[None]:
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_the_run_and_loses_nothing(articles: Path, undisturbed: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 160):
        ballast = disk / "ballast"
        ballast.write_bytes(b"0" * 40_000)
        full = run(articles, "-o", disk / "out", "--workers", "1")
        assert full.returncode == 1
        assert "No space left" in full.stderr or "disk is full" in full.stderr
        assert "Traceback" not in full.stderr
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        run(articles, "-o", disk / "out", "--workers", "1")
        assert files_of(disk / "out") == files_of(undisturbed)


def test_poisonous_articles_cost_themselves_alone(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text(text_of("ferry"))
    with open(folder / "huge.txt", "wb") as stream:
        stream.truncate(200 << 20)
    (folder / "deep.html").write_text("<html><body>" + "<div>" * 50_000 + "The quay must close." + "</div>" * 50_000)
    (folder / "nested.jsonl").write_text("[" * 200_000 + "\n" + json.dumps({"text": text_of("tram")}) + "\n")
    out = tmp_path / "out"
    began = time.monotonic()
    run(folder, "-o", out, "--workers", "1", "--seconds", "20")
    assert time.monotonic() - began < 120
    summary = json.loads((out / "summary.json").read_text())
    failed = [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]
    names = {error["article"] for error in failed}
    assert {"huge.txt", "nested.jsonl line 1"} <= names <= {"huge.txt", "nested.jsonl line 1", "deep.html"}
    assert summary["mapped"]["articles"] == 5 - len(names)


def crash(connection: Connection, settings: Settings) -> None:
    """A worker that an article named `crash` kills, `hang` stops and `eat` fills."""
    connection.send(READY)
    while True:
        task = connection.recv()
        if task.name == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if task.name == "hang":
            time.sleep(1000)
        if task.name == "eat":
            held = []
            while True:
                held.append(bytearray(20 << 20))
                time.sleep(0.02)
        connection.send(Outcome(task.content, task.name))


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("crash", "CrashError", "crash: its worker died (exit code -11)"),
        ("hang", "TimeoutError", "hang: took longer than 1 s"),
        ("eat", "MemoryError", "eat: its worker took more than 300 MB of memory"),
    ],
)
def test_an_article_that_harms_its_worker_fails_within_the_bounds(name: str, kind: str, reason: str) -> None:
    seconds = 1.0 if name == "hang" else 60.0
    worker = SupervisedWorker(Settings("none"), Bounds(seconds, 300 << 20), serve=crash)
    try:
        failure = worker(Task("1", name)).failure
        assert failure is not None
        assert (failure.kind, failure.reason, failure.passing) == (kind, reason, True)
        assert worker(Task("2", "good")).article_id == "good"
    finally:
        worker.close()


def test_a_line_of_a_table_is_bounded(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text(json.dumps({"text": "x" * 400_000}) + "\n" + json.dumps({"text": text_of("tram")}) + "\n")
    first, second = Inputs([str(table)], max_characters=1_000)
    assert isinstance(first, tuple)
    assert first[1].kind == "TooLongError"
    assert isinstance(second, Task)
