"""The Ray engine on a real local cluster: the same folder as the local engine's, also when a worker is killed."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oped.batch.inputs import Inputs
from oped.batch.ray_engine import RayEngine
from oped.batch.run import batch
from oped.batch.tasks import Bounds, Engine, Settings
from tests.batch.conftest import files_of, run

ray = pytest.importorskip("ray", reason="ray is not installed: pip install '.[ray]'")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(num_cpus=3, log_to_driver=False, include_dashboard=False, object_store_memory=200 << 20)
    yield
    ray.shutdown()


def engine(settings: Settings) -> Engine:
    return RayEngine(settings, Bounds(), workers=2)


def pids_of(name: bytes) -> list[int]:
    """Processes of that name which come from this one, and from no other on the machine."""
    return [pid for pid, _ in named_with_parents(name)]


def workers() -> list[int]:
    """Processes that map articles: those forked from a server of multiprocessing's, whose command line they keep."""
    servers = dict(named_with_parents(b"forkserver"))
    return [pid for pid, parent in servers.items() if parent in servers]


def named_with_parents(name: bytes) -> list[tuple[int, int]]:
    parents, named = {}, []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if name in (path / "cmdline").read_bytes():
                named.append(int(path.name))
        except OSError:
            continue

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and is_ours(parents[pid]))

    return [(pid, parents[pid]) for pid in named if is_ours(pid)]


@pytest.mark.parametrize("victim", ["actor", "worker"])
def test_the_same_folder_as_on_one_machine(
    cluster: None, articles: Path, undisturbed: Path, tmp_path: Path, victim: str
) -> None:
    out = tmp_path / "out"
    killed: list[int] = []
    over = threading.Event()

    def blow() -> None:
        while not killed and not over.is_set():
            for pid in (pids_of(b"ray::MapWorker") if victim == "actor" else workers())[:1]:
                time.sleep(1.0)  # in the middle of its work
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(0.05)

    thread = threading.Thread(target=blow)
    thread.start()
    try:
        batch(Inputs([str(articles)]), out, Settings("en_opinion_sm"), engine)
    finally:
        over.set()
        thread.join()
    assert killed
    assert files_of(out) == files_of(undisturbed)


def test_a_cluster_that_is_not_there_is_one_line(articles: Path, tmp_path: Path) -> None:
    options = ["--engine", "ray", "--ray-address", "ray://127.0.0.1:1", "--quiet"]
    done = run(articles / "ferry.txt", "-o", tmp_path / "out", *options)
    assert done.returncode == 1
    assert "expected a Ray cluster at ray://127.0.0.1:1" in done.stderr and "Traceback" not in done.stderr
