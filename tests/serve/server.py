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
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        command = [
            sys.executable,
            "-m",
            "oped",
            "serve",
            "--port",
            str(self.port),
            "--library",
            str(folder / "l.sqlite"),
        ]
        self.process = subprocess.Popen([*command, *arguments], stderr=subprocess.DEVNULL)
        self.client = httpx.Client(base_url=self.address, timeout=30)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.client.get("/api/articles")
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the service did not start")

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
