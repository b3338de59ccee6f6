"""The engine of many machines: Ray Data with a pool of actors, each with a supervised worker of its own.

Ray places the actors, moves tasks and outcomes, and starts anew what a lost machine took with it. An article that would
crash its worker is held by the supervisor inside the actor, as on one machine.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from filelock import FileLock

from oped.batch.reading import one_line
from oped.batch.supervised import SupervisedWorker
from oped.batch.tasks import Bounds, Outcome, Settings, Task
from oped.errors import MissingExtraError, OpedError

BLOCK_PER_WORKER = 256  # tasks that go to the cluster at first, for each worker
LARGEST_BLOCK = 4096  # and at most: each block starts its actors anew, so blocks grow as long as they are cheap to hold
BATCH = 4  # tasks that an actor is given at once
CACHE = "oped-models"


class RayEngine:
    """Maps articles on a Ray cluster.

    Args:
        workers: actors; each asks for one processor.
        address: of a running cluster; None: a local one, or the one that RAY_ADDRESS names.

    Raises:
        MissingExtraError: ray is not installed.
    """

    def __init__(self, settings: Settings, bounds: Bounds, *, workers: int, address: str | None = None) -> None:
        try:
            import ray
        except ImportError:
            raise MissingExtraError("ray", "oped batch --engine ray") from None
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        self._began = not ray.is_initialized()
        if self._began:
            known = address or os.environ.get("RAY_ADDRESS")
            size: dict[str, Any] = {} if known else {"num_cpus": workers}
            try:
                ray.init(address=known or "local", log_to_driver=False, logging_level=logging.WARNING, **size)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise OpedError(f"expected a Ray cluster at {known or 'this machine'}: {one_line(error)}") from None
        ray.data.DataContext.get_current().enable_progress_bars = False
        self.workers, self.settings, self.bounds = workers, settings, bounds
        self._model = ray.put(_files_of(Path(settings.model)))

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes, a block of tasks after the other, each twice as large up to a limit."""
        import ray

        stream, size = iter(tasks), BLOCK_PER_WORKER
        while block := list(islice(stream, size * self.workers)):
            size = min(2 * size, LARGEST_BLOCK)
            parts = max(self.workers, len(block) // BATCH)
            mapped = ray.data.from_items(
                [{"task": task} for task in block], override_num_blocks=min(parts, len(block))
            ).map_batches(
                ActorMapper,
                fn_constructor_kwargs={"settings": self.settings, "bounds": self.bounds, "model": self._model},
                batch_size=BATCH,
                batch_format="numpy",
                num_cpus=1,
                num_gpus=1 if self.settings.device == "cuda" else 0,
                concurrency=self.workers,
            )
            try:
                for row in mapped.iter_rows():
                    yield row["outcome"]
            except ray.exceptions.RayError as error:
                raise OpedError(f"Ray gave up: {one_line(error)}; run it again to go on") from None

    def close(self) -> None:
        """Leave the cluster, and end it where it was begun here."""
        import ray

        if self._began:
            ray.shutdown()


class ActorMapper:
    """What an actor does: one batch of tasks after another, in a supervised worker.

    Args:
        model: reference to the files of the model, which travel to each machine once.
    """

    def __init__(self, settings: Settings, bounds: Bounds, model: Any) -> None:
        import ray

        folder = _unpack(ray.get(model))
        self.worker = SupervisedWorker(replace(settings, model=str(folder)), bounds)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Outcomes of a batch of tasks."""
        import numpy as np

        outcomes = np.empty(len(batch["task"]), dtype=object)
        for place, task in enumerate(batch["task"]):
            outcomes[place] = self.worker(task)
        return {"outcome": outcomes}


def _files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _unpack(files: dict[str, bytes]) -> Path:
    """The model in a folder of this machine, which its actors share."""
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(name.encode() + data)
    root = Path(tempfile.gettempdir()) / f"{CACHE}-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    folder = root / digest.hexdigest()[:24]
    with FileLock(root / "lock"):
        if not folder.is_dir():
            partial = Path(tempfile.mkdtemp(dir=root))
            for name, data in files.items():
                (partial / name).write_bytes(data)
            partial.replace(folder)
    return folder
