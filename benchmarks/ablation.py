"""What each part of the parser and of its training is worth, on the small encoder; see README.md.

Every run has two epochs in steps of 750 word pieces; an epoch has each corpus as often as `REPEAT` says, in a run of its own
and in one of all corpora alike. `parts` takes one thing away from, or adds one to, a parser of essays; `sharing` compares
parsers of one corpus each with a parser of all four, over three folds of the corpora that have no development part of their
own. So each document is seen as often alone as in company, but a parser of all four has several times as many steps. `risk`
teaches a parser of opinion articles what public corpora say of consequences beside: which sentences of news look forward
(NewsDiscourse), and which arguments name a good or a bad consequence (StArCon, NormArg), each with a head of its own, which makes
a quarter more steps. Runs that are there already are not made again.
"""

import argparse
import json
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from oped.formats.registry import read_corpus
from oped.neural.parser.settings import LossSettings, NetworkSettings, ParserCorpus, ParserSchedule, ParserSettings
from oped.neural.parser.task import ParserTask
from oped.records import ArgumentMap
from oped.training.loop import train_task
from oped.training.settings import Settings

FOLDS = 3
OPINIONS = Path(__file__).resolve().parent.parent / "corpora"
ESSAYS, COMMENTS, ABSTRACTS, TEXTS, ARTICLES = "aae2", "cdcp", "abstrct", "microtexts", "opinion"
SHARING = (ESSAYS, COMMENTS, ABSTRACTS, TEXTS)
SHOWN = {
    ARTICLES: ("risk_f1", "overlap_span_f1", "overlap_typed_f1", "overlap_link_f1", "attribution_accuracy"),
    ESSAYS: ("component_f1", "relation_f1"),
    COMMENTS: ("exact_span_f1", "exact_component_f1", "exact_link_f1", "exact_relation_f1"),
    ABSTRACTS: ("exact_span_f1", "exact_component_f1", "exact_link_f1", "exact_relation_f1"),
    TEXTS: ("exact_span_f1", "exact_component_f1", "exact_link_f1", "exact_relation_f1"),
}
REPEAT = {ESSAYS: 1.0, COMMENTS: 1.0, ABSTRACTS: 0.5, TEXTS: 5.0}
CONSEQUENCES = {"news_discourse": 0.15, "starcon": 1.0, "normarg": 0.2}
Runs = Iterator[tuple[str, ParserSettings]]
Table = TypeVar("Table", bound=Settings)


def main() -> None:
    """Make what is missing of the runs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+", choices=("parts", "sharing", "risk"))
    parser.add_argument(
        "--corpora", type=Path, required=True, help="folder with the public corpora, each as distributed"
    )
    parser.add_argument(
        "--texts", default="", help="globalvoices.jsonl, for its articles beside those of corpora/opinions"
    )
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--teacher", default="", help="a larger parser of essays, for the row of distillation")
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    chosen = parser.parse_args()
    chosen.runs.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[Mapping[str, Any]]] = {}
    named = {"parts": _parts, "sharing": _sharing, "risk": _risk}
    plans = [plan for name, plan in named.items() if name in chosen.what]
    for seed in range(1, chosen.seeds + 1):
        for name, config in dict(row for plan in plans for row in plan(chosen, seed)).items():
            rows.setdefault(name, []).append(_scores(chosen.runs / f"{name.replace(' ', '-')}-{seed}", config))
            print(name, seed, json.dumps(rows[name][-1]), flush=True)
    for name, found in rows.items():
        for scheme in found[0]:
            print(f"{name} on {scheme}: " + ", ".join(_spread(key, found, scheme) for key in SHOWN[scheme]))


def _scores(folder: Path, config: ParserSettings) -> Mapping[str, Any]:
    """Scores of the last epoch on the dev parts, by scheme."""
    run = train_task(ParserTask(config), folder)  # refuses a folder with a run of other settings or documents
    scores: Mapping[str, Any] = run.state.history[-1]["dev"]
    return scores


def _spread(key: str, found: list[Mapping[str, Any]], scheme: str) -> str:
    values = [row[scheme][key] for row in found]
    return f"{key} {statistics.mean(values):.3f} ± {statistics.stdev(values) if len(values) > 1 else 0:.3f}"


def _base(chosen: argparse.Namespace, seed: int, corpora: list[ParserCorpus], scheme: str) -> ParserSettings:
    return ParserSettings(
        name="ablation",
        default_scheme=scheme,
        encoder=chosen.encoder,
        seed=seed,
        corpus=corpora,
        network=NetworkSettings(dropout=0.2),
        schedule=ParserSchedule(epochs=chosen.epochs, batch_pieces=750, encoder_rate=2e-4, head_rate=1e-3),
        loss=LossSettings(tags=4.0, types=1.5, arcs=1.5),
    )


def _changed(settings: Table, **values: Any) -> Table:
    return settings.model_copy(update=values)


def _parts(chosen: argparse.Namespace, seed: int) -> Runs:
    whole = _base(chosen, seed, _corpus(chosen, ESSAYS, seed), ESSAYS)
    yield "aae2 alone", whole
    yield "without CRF", _changed(whole, network=_changed(whole.network, crf=False))
    yield "without document layers", _changed(whole, network=_changed(whole.network, document_layers=0))
    yield "windows of 128", _changed(whole, network=_changed(whole.network, window=128))
    if chosen.teacher:
        yield "distilled", _changed(whole, teacher=chosen.teacher)
    yield "all corpora", _base(chosen, seed, _all(chosen, seed), ESSAYS)


def _sharing(chosen: argparse.Namespace, seed: int) -> Runs:
    for scheme in SHARING:
        yield f"{scheme} alone", _base(chosen, seed, _corpus(chosen, scheme, seed), scheme)
    yield "all corpora", _base(chosen, seed, _all(chosen, seed), ESSAYS)


def _risk(chosen: argparse.Namespace, seed: int) -> Runs:
    alone = _base(chosen, seed, _opinions(chosen), ARTICLES)
    alone = _changed(alone, loss=_changed(alone.loss, risk=3.0, holder=2.0))
    yield "opinions alone", alone
    yield "opinions and consequences", _changed(alone, corpus=[*alone.corpus, *_consequences(chosen)])


def _opinions(chosen: argparse.Namespace) -> list[ParserCorpus]:
    texts = {"opinions": "", **({"globalvoices": chosen.texts} if chosen.texts else {})}
    return [
        ParserCorpus(path=str(OPINIONS / name / f"{role}.jsonl"), format="oped", texts=file, role=role)
        for name, file in texts.items()
        for role in ("train", "dev")
    ]


def _consequences(chosen: argparse.Namespace) -> list[ParserCorpus]:
    """Corpora whose statements have the kind of their consequence as type; they do not teach where components are."""
    folder: Path = chosen.corpora
    sources = {
        "news_discourse": read_corpus(folder / "news_discourse" / "data", "news-discourse", split="train"),
        "starcon": map(_debated, read_corpus(folder / "starcon" / "data" / "datasets", "starcon")),
        "normarg": map(_justified, read_corpus(folder / "normarg", "normarg")),
    }
    return [
        ParserCorpus(
            path=str(_write(chosen.runs / f"{scheme}.jsonl", maps)),
            format="oped",
            scheme=scheme,
            segment=False,
            repeat=CONSEQUENCES[scheme],
        )
        for scheme, maps in sources.items()
    ]


def _debated(amap: ArgumentMap) -> ArgumentMap:
    """The stance of an argument that names a consequence says whether it is a bad one."""
    stances = {link.source: link.type for link in amap.relations}
    return amap.replace(
        components=tuple(
            replace(part, type=f"{part.type} {stances[part.id]}") if part.type == "consequence" else part
            for part in amap.components
        )
    )


def _justified(amap: ArgumentMap) -> ArgumentMap:
    """The kind of justification and its sentiment, where a statement has them."""
    return amap.replace(
        components=tuple(
            replace(part, type=" ".join((part.type, *map(str, part.extra.values())))) for part in amap.components
        )
    )


def _all(chosen: argparse.Namespace, seed: int) -> list[ParserCorpus]:
    return [corpus for scheme in SHARING for corpus in _corpus(chosen, scheme, seed)]


def _corpus(chosen: argparse.Namespace, scheme: str, seed: int) -> list[ParserCorpus]:
    """Train and dev part of a corpus; where it has no dev part, another third is held out with each seed."""
    folder: Path = chosen.corpora
    if scheme == ESSAYS:
        path, format_name = folder / "aae2" / "Essay_Level", "aae2-conll"
    elif scheme == ABSTRACTS:
        path, format_name = folder / "abstrct" / "data", scheme
    else:
        parts = _folds(chosen, scheme)
        dev = (seed - 1) % FOLDS
        return [
            ParserCorpus(
                path=str(part),
                format="oped",
                scheme=scheme,
                role="dev" if number == dev else "train",
                repeat=REPEAT[scheme],
            )
            for number, part in enumerate(parts)
        ]
    return [
        ParserCorpus(path=str(path), format=format_name, split=part, role=part, scheme=scheme, repeat=REPEAT[scheme])
        for part in ("train", "dev")
    ]


def _folds(chosen: argparse.Namespace, scheme: str) -> list[Path]:
    folder, split = (
        (chosen.corpora / "cdcp", "train") if scheme == COMMENTS else (chosen.corpora / scheme / "corpus" / "en", None)
    )
    maps = sorted(read_corpus(folder, scheme, split=split), key=lambda amap: amap.article.id)
    return [_write(chosen.runs / f"{scheme}-{number}.jsonl", maps[number::FOLDS]) for number in range(FOLDS)]


def _write(path: Path, maps: Iterable[ArgumentMap]) -> Path:
    path.write_text("".join(json.dumps(amap.to_dict()) + "\n" for amap in maps), encoding="utf-8")
    return path.resolve()


if __name__ == "__main__":
    main()
