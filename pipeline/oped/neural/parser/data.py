"""From the corpora of a configuration to examples, label sets and batches."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from oped.errors import ConfigError
from oped.formats.problems import Problem, Report
from oped.formats.registry import find_format, read_corpus
from oped.formats.schemes import SCHEMES
from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.examples import Example, make_example
from oped.neural.parser.settings import ParserCorpus, ParserSettings
from oped.neural.pieces import PieceTokenizer
from oped.records import AUTHOR, ArgumentMap, Component
from oped.training.batches import repeated
from oped.training.paths import resolve
from oped.words import fingerprint

DEV_SHARE = 0.2  # of the documents of a corpus with both roles


@dataclass(slots=True)
class Corpus:
    """A corpus as it takes part in training."""

    settings: ParserCorpus
    scheme: str
    problems: list[Problem]
    train: list[ArgumentMap] = field(default_factory=list)
    dev: list[ArgumentMap] = field(default_factory=list)


def load_corpora(settings: ParserSettings, base: Path) -> list[Corpus]:
    """Read all corpora of a configuration.

    Args:
        base: the folder that relative paths count from.

    Raises:
        ConfigError, FormatError: a corpus can't be read, is empty, or has no labelled span.
    """
    return [_load(corpus, settings.default_scheme, base) for corpus in settings.corpus]


def _load(settings: ParserCorpus, default_scheme: str, base: Path) -> Corpus:
    scheme = settings.scheme or find_format(settings.format).scheme or default_scheme
    problems: list[Problem] = []
    maps = list(_read(settings, base, problems.append))
    if settings.exclude:
        excluded = read_corpus(resolve(settings.exclude, base), settings.exclude_format or settings.format)
        known = {fingerprint(amap.article.text) for amap in excluded}
        maps = [amap for amap in maps if fingerprint(amap.article.text) not in known]
    if not maps:
        raise ConfigError(f"{settings.path}: the corpus has no document")
    if not any(amap.components for amap in maps):
        raise ConfigError(f"{settings.path}: none of the {len(maps)} documents has a labelled span")
    held_out = _held_out(maps, settings)
    corpus = Corpus(settings, scheme, problems)
    for amap in maps:
        (corpus.dev if amap.article.id in held_out else corpus.train).append(amap.replace(scheme=scheme))
    return corpus


def _held_out(maps: Sequence[ArgumentMap], settings: ParserCorpus) -> set[str]:
    """Ids of the documents that judge: a fifth of those with components, one at least where there are two."""
    if settings.role != "both":
        return {amap.article.id for amap in maps} if settings.role == "dev" else set()
    labelled = sorted((amap.article.id for amap in maps if amap.components), key=_drawn)
    return set(labelled[: min(max(1, round(DEV_SHARE * len(labelled))), len(labelled) - 1)])


def _read(settings: ParserCorpus, base: Path, report: Report) -> Iterator[ArgumentMap]:
    texts = None
    if settings.texts:
        from oped.formats.texts import article_texts

        texts = article_texts(resolve(settings.texts, base))
    path, split = resolve(settings.path, base), settings.split or None
    yield from read_corpus(path, settings.format, split=split, report=report, texts=texts)


def _drawn(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def scheme_configs(corpora: Sequence[Corpus]) -> dict[str, SchemeConfig]:
    """The labels of each scheme: declared ones first, then whatever else the corpora use.

    Raises:
        ConfigError: a corpus has other labels than the declared scheme that it is to teach.
    """
    result: dict[str, SchemeConfig] = {}
    for name in sorted({corpus.scheme for corpus in corpora}):
        maps = [amap for corpus in corpora if corpus.scheme == name for amap in (*corpus.train, *corpus.dev)]
        declared = SCHEMES.get(name)
        used = {part.type for amap in maps for part in amap.components}
        if declared and declared.components and used.isdisjoint(declared.components):
            raise ConfigError(
                f"scheme: expected labels of {name} ({', '.join(declared.components)}), found {', '.join(sorted(used))}; "
                'name a scheme of your own: default_scheme = "mine"'
            )
        links = {link.type for amap in maps for link in amap.relations}
        types = [label for label in declared.components if label in used] if declared else []
        relations = [label for label in declared.relations if label in links] if declared else []
        result[name] = SchemeConfig(
            types=(*types, *sorted(used - set(types))),
            relations=(*relations, *sorted(links - set(relations))),
            stances=declared.stances if declared else (),
            rooted=_rooted(maps) if declared and declared.tree else (),
            limits={label: limit for label, limit in declared.limits.items() if label in used} if declared else {},
            facets=any(_has_facet(part) for amap in maps for part in amap.components),
        )
    return result


def _has_facet(part: Component) -> bool:
    return bool(part.risk) or (part.attribution is not None and part.attribution != AUTHOR)


def _rooted(maps: Iterable[ArgumentMap]) -> tuple[str, ...]:
    """Types that stand without an outgoing relation in more than one case of fifty."""
    alone: dict[str, int] = {}
    count: dict[str, int] = {}
    for amap in maps:
        sources = {link.source for link in amap.relations}
        for part in amap.components:
            count[part.type] = count.get(part.type, 0) + 1
            alone[part.type] = alone.get(part.type, 0) + (part.id not in sources)
    free = tuple(sorted(name for name, number in alone.items() if number > count[name] / 50))
    return () if len(free) == len(count) else free


def examples_of(
    corpus: Corpus, maps: Sequence[ArgumentMap], schemes: dict[str, SchemeConfig], tokenizer: PieceTokenizer
) -> list[Example]:
    """Examples of some of a corpus' documents; those without words are left out."""
    made = (
        make_example(
            amap,
            scheme=corpus.scheme,
            config=schemes[corpus.scheme],
            tokenizer=tokenizer,
            segment=corpus.settings.segment,
        )
        for amap in maps
    )
    return [example for example in made if example is not None]


def epoch_batches(groups: Sequence[tuple[float, Sequence[Example]]], *, pieces: int, seed: int) -> list[list[Example]]:
    """The batches of one epoch: examples of like length together, batches in random order.

    Args:
        groups: examples of each corpus with how often they are to be seen.
        pieces: word pieces in a batch at most; a longer example makes a batch of its own.
    """
    generator = random.Random(seed)
    chosen: list[Example] = []
    for repeat, examples in groups:
        chosen += repeated(examples, repeat, generator)
    generator.shuffle(chosen)
    chosen.sort(key=lambda example: len(example.pieces.ids) // 100)
    batches: list[list[Example]] = []
    size = pieces + 1
    for example in chosen:
        length = len(example.pieces.ids)
        if size + length > pieces:
            batches.append([])
            size = 0
        batches[-1].append(example)
        size += length
    generator.shuffle(batches)
    return batches
