"""How many documents `oped suggest` saves against a random order; see README.md.

From a few random documents on, either the suggested or random ones are added round by round, a parser is trained on what is
there, each time from the bare encoder, and judged on documents kept apart. Small sets are repeated until a training has seen
`--seen` words, larger ones `--epochs` times.
"""

import argparse
import json
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

from oped.formats.registry import read_corpus
from oped.neural.parser.settings import NetworkSettings, ParserCorpus, ParserSchedule, ParserSettings
from oped.neural.parser.task import ParserTask, score_maps
from oped.neural.parser.torch_scorer import TorchScorer
from oped.records import ArgumentMap
from oped.suggest.ranking import Doubt, doubt, rank
from oped.training.loop import train_task
from oped.words import Words

WAYS = ("random", "suggested", "suggested per word")


def main() -> None:
    """Run what is missing of the simulation and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--format", default="cdcp")
    parser.add_argument("--split", default="train")
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--runs", type=Path, default=Path("runs/suggest"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--step", type=int, default=30, help="documents at first, and added each round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seen", type=int, default=60_000, help="words that each training sees at least, repeated")
    parser.add_argument("--epochs", type=int, default=8, help="of each training at least")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--metric", default="exact_component_f1")
    chosen = parser.parse_args()
    maps = list(read_corpus(chosen.corpus, chosen.format, split=chosen.split))
    curves: dict[str, list[list[dict[str, float]]]] = {way: [] for way in chosen.ways}
    for seed in range(1, chosen.seeds + 1):
        order = list(maps)
        random.Random(seed).shuffle(order)
        apart, pool = order[: len(order) // 3], order[len(order) // 3 :]
        for way in chosen.ways:
            curves[way].append(_simulate(chosen, way, seed, pool, apart))
    _print(curves, chosen.metric)


def _simulate(
    chosen: argparse.Namespace, way: str, seed: int, pool: Sequence[ArgumentMap], apart: Sequence[ArgumentMap]
) -> list[dict[str, float]]:
    """Scores by round of one way of choosing."""
    have, rest = list(pool[: chosen.step]), list(pool[chosen.step :])
    result: list[dict[str, float]] = []
    for number in range(chosen.rounds + 1):
        first = "start" if number == 0 else way.replace(" ", "-")
        folder = chosen.runs / f"{chosen.format}-{seed}-{first}-{number}"
        scorer = _train(chosen, seed, have, folder)
        result.append(_scores(folder, scorer, have, apart))
        print(way, seed, json.dumps(result[-1]), flush=True)
        if number < chosen.rounds:
            places = _next(way, scorer, rest, have, chosen.step)
            have += [rest[place] for place in places]
            rest = [amap for place, amap in enumerate(rest) if place not in set(places)]
    return result


def _train(chosen: argparse.Namespace, seed: int, have: Sequence[ArgumentMap], folder: Path) -> TorchScorer:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in have), encoding="utf-8")
    scheme = have[0].scheme
    epochs = max(chosen.epochs, round(chosen.seen / _words(have)))
    config = ParserSettings(
        name="suggest",
        default_scheme=scheme,
        encoder=chosen.encoder,
        seed=seed,
        corpus=[ParserCorpus(path=str(path.resolve()), format="oped", scheme=scheme)],
        network=NetworkSettings(dropout=0.2),
        schedule=ParserSchedule(epochs=epochs, batch_pieces=400, encoder_rate=2e-4, head_rate=1e-3),
    )
    task = ParserTask(config)
    return TorchScorer(train_task(task, folder / "run").network, task.encoder.tokenizer)


def _scores(
    folder: Path, scorer: TorchScorer, have: Sequence[ArgumentMap], apart: Sequence[ArgumentMap]
) -> dict[str, float]:
    path = folder / "scores.json"
    if not path.is_file():
        (score,) = score_maps(scorer, apart).values()
        path.write_text(json.dumps({"documents": len(have), "words": _words(have), **score.metrics}), encoding="utf-8")
    scores: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return scores


def _words(maps: Sequence[ArgumentMap]) -> int:
    return sum(len(amap.article.text.split()) for amap in maps)


def _next(
    way: str, scorer: TorchScorer, rest: Sequence[ArgumentMap], have: Sequence[ArgumentMap], count: int
) -> list[int]:
    if way == "random":
        return list(range(min(count, len(rest))))  # the pool is in random order

    def doubts(maps: Sequence[ArgumentMap]) -> list[Doubt]:
        texts = (amap.article.text for amap in maps)
        return [doubt(text, Words.of(text), scorer, have[0].scheme) for text in texts]

    found = rank(doubts(rest), known=doubts(have), count=count, per_word=way.endswith("per word"))
    return [item.place for item in found]


def _print(curves: dict[str, list[list[dict[str, float]]]], metric: str) -> None:
    for way, runs in curves.items():
        for rows in zip(*runs, strict=True):
            values = [row[metric] for row in rows]
            words = statistics.mean(row["words"] for row in rows)
            print(
                f"{way}: {rows[0]['documents']:.0f} documents, {words:.0f} words: {metric} {_spread(values)}",
                flush=True,
            )
    base = next(iter(curves))
    for way in list(curves)[1:]:
        for place, row in enumerate(curves[way][0]):
            gains = [
                run[place][metric] - other[place][metric] for run, other in zip(curves[way], curves[base], strict=True)
            ]
            print(f"{way} over {base} at {row['documents']:.0f} documents, seed by seed: {_spread(gains)}")


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values) if len(values) > 1 else 0:.3f}"


if __name__ == "__main__":
    main()
