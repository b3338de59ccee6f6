"""What more readings teach: parsers that start from one model and learn from more and more of them; see README.md.

Each run has one epoch of the same number of articles: the annotated ones of opinions and Global Voices once, and as many
readings as `--drawn`, drawn from the first so many of `corpora/readings` in an order of their own. Without readings the
annotated articles come the oftener. Runs that are there already are not made again. With `--parts` other files take the
place of the readings: a vote of several readings, say, or what another model made of articles.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib

from oped.neural.parser.settings import NetworkSettings, ParserCorpus, ParserSettings
from oped.neural.parser.task import ParserTask
from oped.neural.tasks import read_settings
from oped.training.loop import train_task

matplotlib.use("Agg")
from matplotlib import pyplot

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
ANNOTATED = ("opinions", "globalvoices")
LONGER = 1.17  # words of a reading for each of an annotated article
SHOWN = {
    "overlap_typed_f1": "spans with type",
    "overlap_link_f1": "links",
    "overlap_relation_f1": "links with type",
    "attack_f1": "attacks",
    "thesis_f1": "thesis",
    "risk_f1": "risks",
}


def main() -> None:
    """Make what is missing of the runs, print their scores on both dev parts together, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", help="the model that each run starts from")
    parser.add_argument("--readings", required=True, help="articles.jsonl: the texts of the readings")
    parser.add_argument("--texts", required=True, help="globalvoices.jsonl")
    parser.add_argument("--counts", type=int, nargs="+", default=[0, 150, 300, 600, 1215])
    parser.add_argument("--drawn", type=int, default=300)
    parser.add_argument("--parts", type=Path, nargs="+", default=[], help="annotated articles, in place of the counts")
    parser.add_argument("--teacher", default="", help="a model from whose probabilities all runs learn too")
    parser.add_argument("--runs", type=Path, default=Path("runs/curve"))
    parser.add_argument("--picture", type=Path, default=Path("curve.png"))
    chosen = parser.parse_args()
    base = one_epoch(chosen.start)
    chosen.runs.mkdir(parents=True, exist_ok=True)
    scores = []
    for part in chosen.parts or [_first(count, chosen.runs) for count in chosen.counts]:
        corpora = _corpora(part, chosen.drawn, chosen.readings, chosen.texts)
        settings = base.model_copy(update={"corpus": corpora, "teacher": chosen.teacher})
        run = train_task(ParserTask(settings), chosen.runs / part.stem)
        scores.append(run.state.history[-1]["dev"]["opinion"])
        print(part.stem, " ".join(f"{name}: {scores[-1][metric]:.3f}" for metric, name in SHOWN.items()), flush=True)
    if not chosen.parts:
        _draw(chosen.counts, scores, chosen.picture)


def one_epoch(start: str) -> ParserSettings:
    """The settings of one epoch that goes on from a model as the second stage of the shipped parser does."""
    base = read_settings(CORPORA.parent / "configs" / "en_opinion_sm_readings.toml")
    assert isinstance(base, ParserSettings)
    schedule = base.schedule.model_copy(update={"epochs": 1})
    size = NetworkSettings(dropout=base.network.dropout)
    return base.model_copy(update={"encoder": start, "network": size, "schedule": schedule})


def annotated(texts: str, repeat: float = 1.0) -> Iterator[ParserCorpus]:
    """The annotated articles of both corpora, to learn from and to be judged by.

    Args:
        texts: globalvoices.jsonl.
        repeat: how often those that are learned from are seen.
    """
    for name in ANNOTATED:
        for role, often in (("train", repeat), ("dev", 1.0)):
            path, where = str(CORPORA / name / f"{role}.jsonl"), texts if name == "globalvoices" else ""
            yield ParserCorpus.model_validate(
                {"path": path, "format": "oped", "texts": where, "role": role, "repeat": often}
            )


def _first(count: int, runs: Path) -> Path:
    """A file of the first so many readings."""
    rows = [line for line in (CORPORA / "readings" / "train.jsonl").read_text(encoding="utf-8").splitlines() if line]
    rows.sort(key=lambda line: hashlib.sha256(json.loads(line)["id"].encode()).hexdigest())
    part = runs / f"readings-{count}.jsonl"
    part.write_text("".join(f"{row}\n" for row in rows[:count]), encoding="utf-8")
    return part


def _corpora(part: Path, drawn: int, readings: str, texts: str) -> list[ParserCorpus]:
    count = len(part.read_text(encoding="utf-8").splitlines())
    trained = [CORPORA / name / "train.jsonl" for name in ANNOTATED]
    size = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in trained)
    repeat = 1.0 if count else 1.0 + LONGER * drawn / size
    found = [ParserCorpus(path=str(part), format="oped", texts=readings, repeat=drawn / count)] if count else []
    return [*found, *annotated(texts, repeat)]


def _draw(counts: Sequence[int], scores: Sequence[dict[str, float]], path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for metric, name in SHOWN.items():
        axes.plot(counts, [row[metric] for row in scores], marker="o", label=name)
    axes.set(xlabel="articles as a language model read them", ylabel="F1, both development parts", ylim=(0, 0.7))
    axes.legend(fontsize=8, ncols=2)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
