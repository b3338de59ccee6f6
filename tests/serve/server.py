"""A real `oped serve` for tests."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


class Server:
    """A real `oped serve`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        given = ["--library", str(folder / "l.sqlite"), *arguments]
        for _ in range(3):  # another program may take the port between
            if self._start(given):
                return
        raise AssertionError("the service did not start")

    def _start(self, arguments: list[str]) -> bool:
        """Whether the service answers at a port that was free."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "oped", "serve", "--port", str(self.port), *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.client = httpx.Client(base_url=self.address, timeout=60)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.client.get("/api/articles")
                return True
            except httpx.TransportError:
                time.sleep(0.05)
        self.client.close()
        self.process.kill()
        self.process.wait()
        return False

    def wait(self, entry: str, status: str = "done") -> dict[str, object]:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            state: dict[str, object] = self.client.get(f"/api/articles/{entry}").json()
            if state["status"] == status:
                return state
            time.sleep(0.1)
        raise AssertionError(f"{entry} is {state['status']}")

    def close(self, blow: signal.Signals = signal.SIGTERM) -> None:
        self.client.close()
        self.process.send_signal(blow)
        self.process.wait(timeout=30)
