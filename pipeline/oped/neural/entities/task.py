"""Training of the entity recognizer, as a task of the loop, on the states of a parser's encoder, which stays as it is.

The network learns first what spaCy's recognizer says of articles without annotation, then the annotated ones. The annotated
articles are judged fold by fold: each fold by a network that learned from the others. All these are stages of the run, each
with its own checkpoint.
"""

import json
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.neural.entities.data import EntityExample, Mention, read_examples
from oped.neural.entities.network import EntityNetwork
from oped.neural.entities.recognizer import SHAPES, decode
from oped.neural.entities.scores import entity_scores
from oped.neural.entities.settings import EntitiesSettings
from oped.neural.layout import ENTITIES_FILE
from oped.neural.onnx_export import save_weights
from oped.training.loop import seed
from oped.training.paths import resolve_model
from oped.training.task import Compute, Scores, Task, Trained

SCORES = "scores.json"


class EntityStage(Task[EntityNetwork, EntityExample]):
    """Training of a network on some articles, one at a time.

    Args:
        learned: the articles that it learns from.
        judged: annotated articles that it is judged on.
    """

    def __init__(
        self,
        settings: EntitiesSettings,
        network: EntityNetwork,
        learned: Sequence[EntityExample],
        judged: Sequence[EntityExample] = (),
    ) -> None:
        self.settings: EntitiesSettings = settings
        self.network, self.learned, self.judged = network, learned, judged

    def data(self) -> Iterable[object]:
        texts = (example.text for example in chain(self.learned, self.judged))
        tensors = (part for example in self.learned for part in (example.inputs, example.tags))
        return chain(texts, tensors, self.network.state_dict().values())

    def batches(self, epoch: int) -> list[list[EntityExample]]:
        order = random.Random(self.settings.seed * 1000 + epoch).sample(self.learned, len(self.learned))
        size = self.settings.schedule.batch_size
        return [order[start : start + size] for start in range(0, len(order), size)]

    def parameters(self, network: EntityNetwork) -> list[dict[str, Any]]:
        return [{"params": list(network.parameters()), "lr": self.settings.schedule.rate}]

    def loss(
        self, network: EntityNetwork, batch: Sequence[EntityExample], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        device = compute.device
        losses = [
            functional.cross_entropy(network(example.inputs.to(device)), example.tags.to(device)) for example in batch
        ]
        return torch.stack(losses).mean(), {}

    def judge(self, network: EntityNetwork, compute: Compute) -> Scores:
        judged = [(example, found(network, example)) for example in self.judged]
        return {"mentions": entity_scores(judged).to_dict()} if judged else {}

    def export(self, run: Trained[EntityNetwork], folder: Path) -> None:
        raise NotImplementedError("a stage is not exported")


class EntitiesTask(EntityStage):
    """Training of the recognizer, with the stages before: on tagged articles, and in the folds of a cross-validation.

    Args:
        base: the folder that the settings' relative paths count from.

    Raises:
        ConfigError: no article is annotated, or none is not; the annotation does not fit the articles.
    """

    def __init__(self, settings: EntitiesSettings, *, base: Path = Path()) -> None:
        seed(settings.seed)
        self.model = resolve_model(settings.model, base)
        examples = list(read_examples(settings, base))
        annotated = [example for example in examples if example.gold is not None]
        self.tagged = [example for example in examples if example.gold is None]
        if len(annotated) < settings.folds or not self.tagged:
            raise ConfigError(
                f"expected {settings.folds} annotated articles at least and others beside them, "
                f"found {len(annotated)} and {len(self.tagged)}"
            )
        width = self.tagged[0].inputs.shape[1] - SHAPES
        network = EntityNetwork(width, settings.hidden, settings.dropout)
        order = random.Random(settings.seed).sample(annotated, len(annotated))
        super().__init__(settings, network, order)
        self.scores: dict[str, dict[str, float]] = {}

    def data(self) -> Iterable[object]:
        return chain(super().data(), (example.text for example in self.tagged))

    def stages(self) -> Iterator[tuple[str, EntityStage]]:
        settings, folds = self.settings, self.settings.folds
        tagged = EntityStage(settings.model_copy(update={"schedule": settings.tagged}), self.network, self.tagged)
        yield "tagged", tagged
        judged: list[tuple[EntityExample, frozenset[Mention]]] = []
        for fold in range(folds):
            rest = [example for place, example in enumerate(self.learned) if place % folds != fold]
            stage = EntityStage(settings, deepcopy(tagged.network), rest, self.learned[fold::folds])
            yield f"fold-{fold + 1}", stage
            judged += [(example, found(stage.network, example)) for example in stage.judged]
        by_spacy = [(example, example.tagged) for example in self.learned]
        by_tagged = [(example, found(tagged.network, example)) for example in self.learned]
        results = {"spacy": by_spacy, "tagged_alone": by_tagged, "cross_validated": judged}
        self.scores = {name: entity_scores(pairs).to_dict() for name, pairs in results.items()}
        self.network = deepcopy(tagged.network)

    def export(self, run: Trained[EntityNetwork], folder: Path) -> None:
        """Copy the parser's model, with the recognizer's weights."""
        shutil.copytree(self.model, folder, dirs_exist_ok=True)
        save_weights(run.network.state_dict(), folder / ENTITIES_FILE)
        (run.folder / SCORES).write_text(json.dumps(self.scores, indent=1) + "\n", encoding="utf-8")


@torch.inference_mode()
def found(network: EntityNetwork, example: EntityExample) -> frozenset[Mention]:
    """What a network finds in an article, decoded as the recognizer does."""
    device = next(network.parameters()).device
    scores = network.eval()(example.inputs.to(device)).cpu().numpy()
    words = example.words
    return frozenset(
        (int(words.starts[item.start]), int(words.ends[item.end - 1]), item.label)
        for item in decode(scores, example.text, words)
    )
