"""Words a second of oped batch, beside a plain pipeline, spaCy's entities and the bare encoder; see README.md."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np

from oped.ingest.tables import read_table
from oped.neural.parser.runtime import OnnxScorer
from oped.parsing.spacy_entities import ENTITY_MODEL
from oped.records import Article
from oped.resources import data_folder, find_model
from oped.words import Words

THREADS = 2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", nargs="?", type=Path, help="a table of articles; default: the shipped corpus")
    parser.add_argument("--model", default="en_opinion_sm")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=10**9, help="articles of the table to take")
    parser.add_argument("--some", type=int, default=40, help="articles for all but batch, whose start must be spread")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = chosen.articles or _shipped(Path(folder))
        if chosen.most < 10**9:
            table = _head(table, chosen.most, Path(folder))
        articles = list(read_table(table, failed=lambda place, error: None))
        some = articles[: chosen.some]
        words = sum(len(article.text.split()) for article in articles)
        few = sum(len(article.text.split()) for article in some)
        print(f"{len(articles)} articles, {words} words; {len(some)} articles, {few} words for all but batch")
        runs: dict[str, tuple[int, Callable[[], None]]] = {
            "batch": (words, lambda: _batch(table, chosen.model)),
            "pipeline": (few, _pipeline(some, chosen.model)),
            "ner": (few, _ner(some)),
            "encoder": (few, _encoder(some, chosen.model)),
        }
        rates: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(chosen.rounds):
            for name, (size, run) in runs.items():
                began = time.perf_counter()
                run()
                rates[name].append(size / (time.perf_counter() - began))
            print(
                f"round {number + 1}: " + ", ".join(f"{name} {values[-1]:.0f}" for name, values in rates.items()),
                flush=True,
            )
    _print("batch / encoder", rates["batch"], rates["encoder"])
    _print("batch / pipeline", rates["batch"], rates["pipeline"])
    _print("ner / encoder", rates["ner"], rates["encoder"])
    for name, values in rates.items():
        print(f"{name}: median {statistics.median(values):.0f} words/s")
    hours = 1e6 * 1000 / statistics.median(rates["batch"]) / 3600 * THREADS
    print(f"a million articles of 1,000 words: {hours:.0f} processor hours")


def _print(name: str, ours: list[float], theirs: list[float]) -> None:
    ratios = [one / two for one, two in zip(ours, theirs, strict=True)]
    print(f"{name}: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def _shipped(folder: Path) -> Path:
    """The articles of the shipped corpus as one table."""
    table = folder / "opinions.jsonl"
    with open(table, "w", encoding="utf-8") as stream:
        for part in ("train", "dev", "test"):
            for line in (
                (data_folder("corpora") / "opinions" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
            ):
                row = json.loads(line)
                stream.write(json.dumps({key: row[key] for key in ("id", "title", "authors", "text")}) + "\n")
    return table


def _head(table: Path, most: int, folder: Path) -> Path:
    """The first rows of a table of JSON lines."""
    short = folder / "some.jsonl"
    with open(table, encoding="utf-8") as source, open(short, "w", encoding="utf-8") as target:
        target.writelines(islice(source, most))
    return short


def _batch(table: Path, model: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "oped",
            "batch",
            str(table),
            "-o",
            folder,
            "--model",
            model,
            "--workers",
            str(THREADS),
            "--quiet",
        ]
        done = subprocess.run(command, check=False)
        assert done.returncode in (0, 1), done


def _windows(articles: list[Article], scorer: OnnxScorer) -> list[np.ndarray]:
    """The ids of every window that the parser would read, special pieces included."""
    texts = [article.text for article in articles]
    return [ids for text in texts for ids in scorer.window_ids(text, Words.of(text))]


def _encoder(articles: list[Article], model: str) -> Callable[[], None]:
    """Two threads, each with a window at a time: on a CPU nothing is gained by putting windows side by side."""
    scorer = OnnxScorer(find_model(model), threads=1)
    rows = sorted(_windows(articles, scorer), key=len, reverse=True)

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda ids: scorer.encoder.run(None, {"ids": ids[None]}), rows))

    return run


def _pipeline(articles: list[Article], model: str) -> Callable[[], None]:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast, pipeline

    from oped.neural.encoder import load_encoder
    from oped.neural.parser.task import network_of

    torch.set_num_threads(THREADS)
    folder = find_model(model)
    encoder = load_encoder(model)
    assert encoder.parser is not None
    scorer = OnnxScorer(folder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(folder / "tokenizer.json")), pad_token="[PAD]", unk_token="[UNK]"
    )
    extract = pipeline(
        "feature-extraction",
        model=network_of(encoder.parser, encoder).encoder.eval(),
        tokenizer=tokenizer,
        device="cpu",
    )
    texts = [[tokenizer.decode(row[1:-1]) for row in _windows([article], scorer)] for article in articles]

    def run() -> None:
        for parts in texts:
            for part in parts:
                extract(part, return_tensors=True, tokenize_kwargs={"truncation": True, "max_length": 512})

    return run


def _ner(articles: list[Article]) -> Callable[[], None]:
    import spacy

    nlp = spacy.load(ENTITY_MODEL, enable=["tok2vec", "ner"])
    texts = [article.text for article in articles]

    def run() -> None:
        for _ in nlp.pipe(texts, batch_size=32):
            pass

    return run


if __name__ == "__main__":
    main()
