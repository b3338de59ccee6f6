"""The model that travels to the machines of a cluster."""

import tempfile
import threading
import time
from pathlib import Path

import pytest

from oped.batch.ray_engine import _unpack
from oped.errors import OpedError
from oped.locking import lock_file

FILES = {"config.json": b"{}", "weights": b"1234"}


def test_a_model_is_unpacked_once_and_the_lock_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = _unpack(FILES)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert _unpack(FILES) == folder
    lock_file(folder.parent / "lock", taken="it is taken").release()


def test_an_actor_waits_until_another_has_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    root = _unpack(FILES).parent
    lock = lock_file(root / "lock", taken="it is taken")
    with pytest.raises(OpedError, match="it is taken"):
        lock_file(root / "lock", taken="it is taken")
    threading.Timer(0.3, lock.release).start()
    began = time.monotonic()
    _unpack({**FILES, "more": b""})
    assert time.monotonic() - began > 0.2
