"""Evaluating models and predictions against annotated corpora."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oped.errors import ConfigError, EndpointError, FormatError, UnansweredError, UnusableError
from oped.formats.key_points import read_gold
from oped.formats.registry import CorpusKind, find_format, read_corpus
from oped.formats.schemes import OPINION, SCHEMES, Scheme, load_scheme
from oped.formats.texts import Texts, article_texts
from oped.llm.model import LanguageModel
from oped.metrics.agreement import agreement_of
from oped.metrics.corpus import Score, paired_test
from oped.metrics.errors import error_kinds
from oped.metrics.key_points import (
    PairScores,
    bootstrap_intervals,
    mean_average_precision,
    read_predictions,
)
from oped.metrics.matching import label_scores, ranking_scores
from oped.metrics.spans import reliability
from oped.neural.folder import ModelFolder
from oped.neural.parser.config import ParserConfig
from oped.parsers import entity_finder, is_language_model, open_language_model_parser, open_parser, refuse_scheme
from oped.records import ArgumentMap, ModelInfo


@dataclass(frozen=True, slots=True)
class Gold:
    """An annotated corpus, and how to read it.

    Attributes:
        mapping: file with a mapping of its labels onto the opinion scheme, in place of the declared one.
        texts: file with the articles of an annotation without text.
    """

    path: Path
    format: str
    split: str | None = None
    mapping: Path | None = None
    texts: Path | None = None

    @property
    def kind(self) -> CorpusKind:
        """What it holds."""
        return find_format(self.format).kind

    @property
    def find(self) -> Texts | None:
        """What finds its articles by their ids; None where they come with it."""
        return article_texts(self.texts) if self.texts else None

    def read(self) -> list[ArgumentMap]:
        """All its maps.

        Raises:
            FormatError: there is none.
        """
        maps = list(read_corpus(self.path, self.format, split=self.split, texts=self.find))
        if not maps:
            raise FormatError("expected annotated documents, found none", path=self.path)
        return maps

    def scheme(self, maps: Sequence[ArgumentMap]) -> Scheme:
        """Its scheme: the mapping's, else the declared one."""
        if self.mapping:
            return load_scheme(self.mapping)
        name = find_format(self.format).scheme or maps[0].scheme
        return SCHEMES.get(name, Scheme(name, {}))


def evaluate(
    model: str,
    gold: Gold,
    *,
    scheme: str | None = None,
    samples: int = 1000,
    errors: bool = False,
    options: Mapping[str, Any] | None = None,
    language_model: LanguageModel | None = None,
) -> dict[str, Any]:
    """Run a model on a corpus.

    Args:
        model: path or name, or that of a language model.
        errors: add counts of what went wrong, by kind.
        scheme: to answer in; by default the corpus' own where the model has a head for it, else `opinion`. Where it is not
            the corpus' own, both answers and gold labels are mapped onto `opinion`.
        options: of a language model. An article to which it answers nothing usable counts as one in which nothing was
            found, and `unusable` says how many these are.
        language_model: answers in its place, such as a file of replies. Articles that it has no answer to are left out, and
            `unanswered` says how many.

    Returns:
        `metrics`, `intervals`, `counts`, `documents`, `scheme`, `model`, `corpus`, in `answered_by` which head
        answered, and in `without_text` how many stances were left out because the text of their article is not at hand.
    """
    if is_language_model(model):
        refuse_scheme(scheme)
        return _evaluate_language_model(model, gold, samples, errors, options or {}, language_model)
    folder = ModelFolder.find(model)
    if gold.kind in (CorpusKind.PAIRS, CorpusKind.KEY_POINTS):
        return _evaluate_matcher(folder, gold, samples)
    if gold.kind is CorpusKind.STANCES:
        return _evaluate_stances(folder, gold)
    config = folder.config
    maps = _as_taught(gold.read(), gold, config, scheme)
    source = gold.scheme(maps)
    own = source.name in config.schemes and not gold.mapping
    wanted = scheme or (source.name if own else OPINION.name)
    facets = wanted in config.schemes and config.schemes[wanted].facets
    parser = open_parser(folder.path, scheme=wanted, entities=facets)
    found = list(parser.pipe(amap.article for amap in maps))
    how = f"the head for {wanted}"
    if wanted != source.name:
        answered = SCHEMES.get(wanted, Scheme(wanted, {}))
        maps, found = [source.to_opinion(amap) for amap in maps], [answered.to_opinion(amap) for amap in found]
        how, wanted = f"{how}; gold labels of {source.name}, both as {OPINION.name}", OPINION.name
    return _report(parser.model, gold, maps, found, scheme=wanted, answered_by=how, samples=samples, errors=errors)


def _report(
    model: ModelInfo,
    gold: Gold,
    maps: Sequence[ArgumentMap],
    found: Sequence[ArgumentMap],
    *,
    samples: int,
    errors: bool,
    **how: str,
) -> dict[str, Any]:
    head = {"model": f"{model.name} {model.version}", "corpus": str(gold.path), "split": gold.split, **how}
    report = head | _result(_score(maps, found, how["scheme"]), samples)
    return report | ({"errors": error_kinds(zip(maps, found, strict=True))} if errors else {})


def _evaluate_language_model(
    model: str,
    gold: Gold,
    samples: int,
    errors: bool,
    options: Mapping[str, Any],
    language_model: LanguageModel | None,
) -> dict[str, Any]:
    """Judge a language model on annotated articles, and count how its maps came about."""
    from oped.llm.settings import read_settings

    settings = read_settings(model, options=options)
    parser = open_language_model_parser(settings, find_entities=entity_finder(), language_model=language_model)
    maps, found, missing, unusable = [], [], 0, 0
    annotated = gold.read()
    with closing(parser.outcomes(amap.article for amap in annotated)) as outcomes:
        for amap, outcome in zip(annotated, outcomes, strict=True):
            if isinstance(outcome, UnansweredError):
                missing += 1
                continue
            if isinstance(outcome, UnusableError):
                unusable += 1
                outcome = ArgumentMap(amap.article, model=parser.model, scheme=parser.scheme)
            if isinstance(outcome, EndpointError):
                raise outcome
            maps.append(amap)
            found.append(outcome)
    if not found:
        raise UnansweredError(f"expected answers for {missing} articles, found none; have the requests answered first")
    source = gold.scheme(maps)
    if source.name != parser.scheme:
        maps = [source.to_opinion(amap) for amap in maps]
    how = {"scheme": parser.scheme, "answered_by": "a language model"}
    report = _report(parser.model, gold, maps, found, samples=samples, errors=errors, **how)
    readings = [amap.reading.to_dict() for amap in found if amap.reading]
    counts = {name: sum(reading[name] for reading in readings) for name in readings[0]} if readings else {}
    left_out = {name: count for name, count in (("unanswered", missing), ("unusable", unusable)) if count}
    return report | {"reading": counts} | left_out


def _as_taught(maps: list[ArgumentMap], gold: Gold, config: ParserConfig, scheme: str | None) -> list[ArgumentMap]:
    """Annotations of a tool whose files name no scheme, in the scheme that a model was taught with such labels.

    Raises:
        ConfigError: they have labels that neither that scheme nor `opinion` knows.
    """
    wanted = scheme or config.default_scheme
    declared = gold.mapping or find_format(gold.format).scheme or {amap.scheme for amap in maps} != {OPINION.name}
    if declared or wanted not in config.schemes:
        return maps
    used = {part.type for amap in maps for part in amap.components}
    if used <= set(config.schemes[wanted].types):
        return [amap.replace(scheme=wanted) for amap in maps]
    if foreign := sorted(used - set(OPINION.components)):
        known = ", ".join(config.schemes[wanted].types)
        raise ConfigError(
            f"{gold.path}: expected labels of the scheme {wanted} ({known}), found {', '.join(foreign)}; "
            "name another with --scheme, or what they mean with --mapping"
        )
    return maps


def _evaluate_matcher(folder: ModelFolder, gold: Gold, samples: int) -> dict[str, Any]:
    """Judge a model's matcher on labelled pairs."""
    from oped.formats.pairs import LABELS, UNRELATED
    from oped.formats.registry import read_pairs

    matcher = folder.open_matcher()
    head = {"model": f"{matcher.name} {matcher.version}", "answered_by": "the matcher"}
    if gold.kind is CorpusKind.KEY_POINTS:
        return head | _score_key_points(gold, matcher.key_points(read_gold(*_key_point_part(gold))), samples)
    pairs = read_pairs(gold.path, gold.format, gold.split or "", texts=gold.find)
    chances = matcher.judge([(pair.first, pair.second) for pair in pairs])
    labels = [pair.label for pair in pairs]
    scores = label_scores(labels, matcher.thresholds.decide(chances), LABELS)
    scores |= ranking_scores(labels, chances[:, :UNRELATED].tolist(), LABELS[:UNRELATED])
    part = {"corpus": str(gold.path), "split": gold.split, "scheme": gold.format, "documents": len(pairs)}
    return head | part | {"metrics": scores, "intervals": {}}


def _evaluate_stances(folder: ModelFolder, gold: Gold) -> dict[str, Any]:
    """Judge a model's stance detector on annotated stances."""
    from oped.formats.registry import read_stances
    from oped.formats.stances import NONE, STANCES
    from oped.neural.stances.runtime import decide

    detector = folder.open_stances()
    items, missing = read_stances(gold.path, gold.split or "", gold.find)
    chances = detector.detect([item.target for item in items])
    labels = [item.stance for item in items]
    scores = label_scores(labels, decide(chances), STANCES)
    scores |= ranking_scores(labels, chances[:, :NONE].tolist(), STANCES[:NONE])
    head = {"model": f"{detector.name} {detector.version}", "answered_by": "the stance detector"}
    part = {"corpus": str(gold.path), "split": gold.split, "scheme": gold.format, "documents": len(items)}
    left_out = {"without_text": missing} if missing else {}
    return head | part | left_out | {"metrics": scores, "intervals": {}}


def score(
    gold: Gold,
    predicted: Gold,
    *,
    samples: int = 1000,
    against: Gold | None = None,
    agreement: bool = False,
    errors: bool = False,
) -> dict[str, Any]:
    """Score predictions made elsewhere.

    Args:
        against: other predictions; the difference is tested.
        agreement: add measures of agreement between annotators.
        errors: add counts of what went wrong, by kind.
    """
    if gold.kind is CorpusKind.KEY_POINTS:
        return _score_key_points(gold, read_predictions(predicted.path), samples) | {"predicted": str(predicted.path)}
    maps = gold.read()
    scheme = gold.scheme(maps)
    if gold.mapping:
        maps = [scheme.to_opinion(amap) for amap in maps]
    name = OPINION.name if gold.mapping else scheme.name
    found = _matched(maps, predicted)
    result = _score(maps, found, name)
    report = {"corpus": str(gold.path), "predicted": str(predicted.path), "scheme": name, **_result(result, samples)}
    if against is not None:
        report["p_values"] = paired_test(result, _score(maps, _matched(maps, against), name))
    if agreement:
        report["metrics"] |= agreement_of(list(zip(maps, found, strict=True)))
    if errors:
        report["errors"] = error_kinds(zip(maps, found, strict=True))
    return report


def _score_key_points(gold: Gold, scores: PairScores, samples: int) -> dict[str, Any]:
    """The measures of key-point matching; the split is named by the files in the folder where none is given."""
    folder, split = _key_point_part(gold)
    pairs = read_gold(folder, split)
    return {
        "corpus": str(gold.path),
        "split": split,
        "scheme": gold.format,
        "documents": len(pairs.arguments),
        "metrics": mean_average_precision(pairs, scores),
        "intervals": bootstrap_intervals(pairs, scores, samples),
    }


def _key_point_part(gold: Gold) -> tuple[Path, str]:
    """Folder and split of a corpus of key points."""
    folder, split = gold.path, gold.split
    if folder.is_file():
        folder, split = folder.parent, folder.stem.rpartition("_")[2]
    if split is None:
        splits = [path.stem.removeprefix("arguments_") for path in sorted(folder.glob("arguments_*.csv"))]
        if len(splits) != 1:
            raise ConfigError(f"{folder}: expected --split, one of {', '.join(splits) or 'none found'}")
        split = splits[0]
    return folder, split


def _matched(maps: Sequence[ArgumentMap], predicted: Gold) -> list[ArgumentMap]:
    """Predictions in the order of the gold maps."""
    found = predicted.read()
    if predicted.mapping:
        scheme = load_scheme(predicted.mapping)
        found = [scheme.to_opinion(amap) for amap in found]
    by_id = {amap.article.id: amap for amap in found}
    if len(by_id) == len(found) and all(amap.article.id in by_id for amap in maps):
        return [by_id[amap.article.id] for amap in maps]
    if len(found) != len(maps):
        raise FormatError(f"expected predictions for {len(maps)} documents, found {len(found)}", path=predicted.path)
    return found


def _score(gold: Sequence[ArgumentMap], predicted: Sequence[ArgumentMap], scheme: str) -> Score:
    score = Score(scheme)
    for one, two in zip(gold, predicted, strict=True):
        try:
            score.add(one, two)
        except ValueError as error:
            raise FormatError(str(error)) from None
    return score


def _result(score: Score, samples: int) -> dict[str, Any]:
    metrics = {key: round(value, 6) for key, value in score.metrics.items()}
    counts = {key: asdict(value) for key, value in score.totals.items()}
    intervals = {key: [round(end, 6) for end in ends] for key, ends in _intervals(score, samples)}
    result = {"documents": len(score.documents), "metrics": metrics, "intervals": intervals, "counts": counts}
    return result | ({"reliability": reliability(score.cases)} if score.cases else {})


def _intervals(score: Score, samples: int) -> Iterator[tuple[str, tuple[float, float]]]:
    yield from score.intervals(samples=samples).items() if samples else ()
