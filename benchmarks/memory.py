"""Peak memory of oped batch over more and more short articles; see README.md."""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

PARAGRAPH = "The ferry of quay {0} must be kept, because {0} families of Hallen use it. Without it the town could lose its shop."
ANSWER = "1|M|1|The ferry of quay … must be kept||author|\n2|C|1|Without it the … lose its shop|r|author|+1"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--articles", type=Path, help="a table of full articles, repeated with changes to the counts")
    parser.add_argument(
        "--language-model", action="store_true", help="read by a service on loopback that answers at once"
    )
    chosen = parser.parse_args()
    texts = [json.loads(line)["text"] for line in open(chosen.articles, encoding="utf-8")] if chosen.articles else []
    for count in chosen.counts:
        with tempfile.TemporaryDirectory() as folder, _model(folder, chosen.language_model) as model:
            table = Path(folder) / "articles.jsonl"
            with open(table, "w", encoding="utf-8") as stream:
                for number in range(count):
                    text = f"{texts[number % len(texts)]} ({number})" if texts else PARAGRAPH.format(number)
                    stream.write(json.dumps({"id": str(number), "text": text}) + "\n")
            began = time.monotonic()
            command = ["batch", str(table), "-o", f"{folder}/out", "--workers", "2", "--quiet", *model]
            driver, whole = _peaks([sys.executable, "-m", "oped", *command])
            print(
                f"{count} articles: {whole >> 20} MB, the driver {driver >> 20} MB, {time.monotonic() - began:.0f} s",
                flush=True,
            )


@contextmanager
def _model(folder: str, is_language_model: bool) -> Iterator[list[str]]:
    """The options of the model; a language model's service runs in a process of its own, which is not measured."""
    if not is_language_model:
        yield []
        return
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    service = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    service.start()
    endpoint = f"http://127.0.0.1:{ours.recv()}/v1"
    yield ["--model", "llm:loopback", "--endpoint", endpoint, "--cache", f"{folder}/cache"]
    service.kill()
    service.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        choice = {"message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
        data = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 1800, "completion_tokens": 40}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _serve(connection: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    connection.send(server.server_address[1])
    server.serve_forever()


def _peaks(command: list[str]) -> tuple[int, int]:
    """Largest resident memory of a process alone, and added up over it and its descendants, in bytes; looked at every tenth
    of a second."""
    process = subprocess.Popen(command)
    driver = whole = 0
    while process.poll() is None:
        driver = max(driver, _resident(process.pid))
        whole = max(whole, sum(map(_resident, _family(process.pid))))
        time.sleep(0.1)
    return driver, whole


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
