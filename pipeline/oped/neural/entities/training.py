"""Training of the entity recognizer on a parser's encoder, which stays as it is.

The network learns first what spaCy's recognizer says of articles without annotation, then the annotated ones.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from oped.errors import ConfigError
from oped.formats.registry import read_corpus
from oped.formats.texts import article_texts
from oped.metrics.counts import Counts
from oped.neural.entities.recognizer import LABELS, SHAPES, TAGS, decode, word_shapes
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENTITIES_FILE
from oped.neural.parser.data import resolve, resolve_model
from oped.neural.parser.training import Progress, seed
from oped.parsing.aliases import NAMED
from oped.parsing.spacy_entities import entity_pipeline
from oped.records import Article
from oped.training.checkpoint import claim_folder
from oped.training.config import EntityConfig
from oped.words import Words

Mention = tuple[int, int, str]
SCORES = "scores.json"


class EntityNetwork(nn.Module):
    """Two convolutions over three words and a linear layer; `EntityRecognizer` computes the same without torch."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.window = nn.Conv1d(width + SHAPES, hidden, kernel_size=3, padding=1)
        self.second = nn.Conv1d(hidden, hidden, kernel_size=3, padding=1)
        self.tags = nn.Linear(hidden, len(TAGS))

    def forward(self, inputs: Tensor) -> Tensor:
        """*Shape:* (words, width + SHAPES) -> (words, tags)"""
        hidden = functional.relu(self.window(self.dropout(inputs).T[None]))
        hidden = hidden + functional.relu(self.second(self.dropout(hidden)))
        scores: Tensor = self.tags(self.dropout(hidden[0].T))
        return scores


@dataclass(frozen=True, slots=True)
class EntityExample:
    """An article for the network.

    Attributes:
        inputs: states and shapes of the words. *Shape:* (words, width + SHAPES)
        tags: places in `TAGS`. *Shape:* (words,)
        gold: mentions by the annotation; None where spaCy tagged it.
        tagged: mentions by spaCy.
    """

    text: str
    words: Words
    inputs: Tensor
    tags: Tensor
    gold: frozenset[Mention] | None
    tagged: frozenset[Mention]


@dataclass(frozen=True, slots=True)
class EntityScores:
    """Mentions against the annotation: with their labels, each label alone, and by borders alone."""

    labels: dict[str, Counts]
    borders: Counts

    @property
    def labelled(self) -> Counts:
        return sum(self.labels.values(), Counts())

    def to_dict(self) -> dict[str, float]:
        """Scores of all labels together, of borders alone, and F1 of each label that the annotation has."""
        whole = self.labelled
        head = {"precision": whole.precision, "recall": whole.recall, "f1": whole.f1, "borders_f1": self.borders.f1}
        each = {f"{label}_f1": counts.f1 for label, counts in self.labels.items() if counts.gold}
        return {key: round(value, 4) for key, value in (head | each).items()}


class EntityRun:
    """A training of the recognizer in a folder; it takes minutes, and a second call begins anew.

    Args:
        base: the folder that the configuration's relative paths count from.
        report: is called after each step.

    Raises:
        ConfigError: no article is annotated, or none is not; the annotation does not fit the articles.
    """

    def __init__(
        self, config: EntityConfig, folder: Path, *, base: Path, report: Callable[[Progress], None] | None = None
    ) -> None:
        self.config, self.folder = config, folder
        claim_folder(folder, config)
        self.report = report or (lambda progress: None)
        seed(config.seed)
        examples = list(_examples(config, base))
        self.annotated = [example for example in examples if example.gold is not None]
        self.others = [example for example in examples if example.gold is None]
        if len(self.annotated) < config.folds or not self.others:
            raise ConfigError(
                f"expected {config.folds} annotated articles at least and others beside them, "
                f"found {len(self.annotated)} and {len(self.others)}"
            )
        self.steps = config.epochs * len(self.others) + config.annotated_epochs * config.folds * len(self.annotated)
        self.done = 0

    def run(self) -> tuple[EntityNetwork, dict[str, EntityScores]]:
        """The network taught by all of it, and scores: of spaCy, and of networks that did not see what they are judged on.

        The annotated articles are judged fold by fold: each fold by a network that learned from the others.
        """
        generator = random.Random(self.config.seed)
        width = self.others[0].inputs.shape[1] - SHAPES
        taught = EntityNetwork(width, self.config.hidden, self.config.dropout)
        self._train(taught, self.others, self.config.epochs, self.config.rate, generator)
        scores = {
            "spacy": entity_scores([(example, example.tagged) for example in self.annotated]),
            "tagged_alone": entity_scores([(example, found(taught, example)) for example in self.annotated]),
        }
        order = generator.sample(self.annotated, len(self.annotated))
        judged = []
        for fold in range(self.config.folds):
            rest = [example for place, example in enumerate(order) if place % self.config.folds != fold]
            network = self._annotated(taught, rest, generator)
            judged += [(example, found(network, example)) for example in order[fold :: self.config.folds]]
        scores["cross_validated"] = entity_scores(judged)
        return self._annotated(taught, order, generator), scores

    def _annotated(
        self, taught: EntityNetwork, examples: Sequence[EntityExample], generator: random.Random
    ) -> EntityNetwork:
        network = copy.deepcopy(taught)
        self._train(network, examples, self.config.annotated_epochs, self.config.annotated_rate, generator)
        return network

    def _train(
        self,
        network: EntityNetwork,
        examples: Sequence[EntityExample],
        epochs: int,
        rate: float,
        generator: random.Random,
    ) -> None:
        optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
        rates = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=epochs * len(examples))
        network.train()
        for epoch in range(epochs):
            for example in generator.sample(examples, len(examples)):
                loss = functional.cross_entropy(network(example.inputs), example.tags)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                optimizer.zero_grad()
                rates.step()
                self.done += 1
                self.report(Progress(epoch + 1, self.done, self.steps, float(loss.detach())))
        network.eval()


def export_entities(run: EntityRun) -> Path:
    """Train, and write the weights and their scores into the run's folder; returns the file of the weights."""
    network, scores = run.run()
    path = run.folder / ENTITIES_FILE
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, path)
    rows = {name: part.to_dict() for name, part in scores.items()}
    (run.folder / SCORES).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return path


def found(network: EntityNetwork, example: EntityExample) -> frozenset[Mention]:
    """What a network finds in an article, decoded as the recognizer does."""
    with torch.inference_mode():
        scores = network(example.inputs).numpy()
    words = example.words
    return frozenset(
        (int(words.starts[item.start]), int(words.ends[item.end - 1]), item.label)
        for item in decode(scores, example.text, words)
    )


def entity_scores(pairs: Sequence[tuple[EntityExample, frozenset[Mention]]]) -> EntityScores:
    """Score what was found in annotated articles; a mention counts when borders and label are those of the annotation."""
    labels, borders = dict.fromkeys(LABELS, Counts()), Counts()
    for example, given in pairs:
        gold = example.gold or frozenset()
        for label in LABELS:
            one, two = ({mention for mention in part if mention[2] == label} for part in (gold, given))
            labels[label] += Counts(len(one & two), len(two), len(one))
        bare = [{mention[:2] for mention in part} for part in (gold, given)]
        borders += Counts(len(bare[0] & bare[1]), len(bare[1]), len(bare[0]))
    return EntityScores(labels, borders)


def _examples(config: EntityConfig, base: Path) -> Iterator[EntityExample]:
    scorer = ModelFolder(resolve_model(config.model, base)).open_parser()
    nlp = entity_pipeline()
    annotation = _annotation(resolve(config.annotation, base))
    articles = {article.id: article for article in _articles(config, base)}
    if unknown := sorted(annotation.keys() - articles.keys()):
        raise ConfigError(
            f"annotation: expected articles of the corpora, found {unknown[0]!r} and {len(unknown) - 1} more"
        )
    for article in articles.values():
        doc = nlp(article.text)
        words = Words.of(article.text)
        if not len(words):
            continue
        tagged = frozenset(
            _shortest(article.text, span.start_char, span.end_char, span.label_)
            for span in doc.ents
            if span.label_ in NAMED
        )
        gold = annotation.get(article.id)
        for start, end, label in gold or ():
            if not 0 <= start < end <= len(article.text):
                raise ConfigError(f"annotation: {article.id}: {label} from {start} to {end} is not in its text")
        states = scorer.word_states(article.text, words)
        inputs = torch.from_numpy(np.concatenate([states, word_shapes(article.text, words)], axis=1))
        yield EntityExample(article.text, words, inputs, _tags(words, tagged if gold is None else gold), gold, tagged)


def _articles(config: EntityConfig, base: Path) -> Iterator[Article]:
    for corpus in config.corpus:
        texts = article_texts(resolve(corpus.texts, base)) if corpus.texts else None
        for amap in read_corpus(resolve(corpus.path, base), corpus.format, texts=texts):
            yield amap.article


def _annotation(path: Path) -> dict[str, frozenset[Mention]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = {
            row["id"]: frozenset((int(start), int(end), str(label)) for start, end, label in row["mentions"])
            for row in rows
        }
    except OSError as error:
        raise ConfigError(f"annotation: {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"annotation: {path}: expected lines with id and mentions, found {error!r}") from None
    for mention in frozenset().union(*found.values()):
        if mention[2] not in LABELS:
            raise ConfigError(f"annotation: {path}: expected one of {', '.join(LABELS)}, found {mention[2]!r}")
    return found


def _shortest(text: str, start: int, end: int, label: str) -> Mention:
    """A mention without a leading article and a possessive ending, which the annotation leaves out."""
    if text[start:end].lower().startswith("the ") and end - start > len("the "):
        start += len("the ")
    if text[start:end].endswith(("'s", "’s")):
        end -= len("'s")
    return start, end, label


def _tags(words: Words, gold: frozenset[Mention]) -> Tensor:
    tags = torch.zeros(len(words), dtype=torch.long)
    for start, end, label in sorted(gold):
        inside = np.flatnonzero((words.starts < end) & (words.ends > start)).tolist()
        for number, place in enumerate(inside):
            tags[place] = TAGS.index(f"{'I' if number else 'B'}-{label}")
    return tags
