"""Do links get better where the network reads the article again with its components marked, or learns whole trees?

    python benchmarks/marks.py MODEL --readings ARTICLES.jsonl --texts globalvoices.jsonl [--arms plain tree …]

Each arm goes on from MODEL for one epoch on the annotated articles and some readings, with the annotated components given,
and learns nothing but their types and relations. Then it links the annotated components of both dev parts; printed is how
many links are right, by where the target stands, as `benchmarks/links.py` counts them.

    plain         as the parser is
    tree          the loss of a whole tree, not of each arc by itself (Koo et al. 2007, by the matrix-tree theorem)
    long          windows of 510 pieces, as much as the encoder reads at once
    marked        the same, with a piece that opens each component and one that closes it (Zhong & Chen 2021)
    typed         the same, with pieces that tell the annotated type: more than a parser would know
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from curve import CORPORA, annotated, one_epoch
from links import counted
from torch import Tensor

from oped.neural.parser.data import examples_of
from oped.neural.parser.decoding import score_components
from oped.neural.parser.examples import Example, aligned
from oped.neural.parser.loss import example_losses
from oped.neural.parser.network import ParserNetwork, pool
from oped.neural.parser.settings import LossSettings, ParserCorpus, ParserSettings
from oped.neural.parser.task import ParserTask
from oped.neural.parser.torch_scorer import TorchScorer, word_states
from oped.neural.pieces import Pieces, PieceTokenizer
from oped.numeric import Floats
from oped.training.loop import train_task
from oped.training.task import Compute, Scores

READINGS = CORPORA / "readings" / "train.jsonl"
ARMS = ("plain", "tree", "long", "marked", "typed")
LONGEST = 510
LEARNED = LossSettings(tags=0, types=0.5, arcs=2.0, labels=1.0, risk=0, holder=0, thesis=0, by_label={"attack": 2.5})


def marked(example: Example, tokenizer: PieceTokenizer, *, typed: bool) -> Example:
    """An example whose pieces have marks around the components; a mark belongs to the component's first or last word."""
    pieces, spans = example.pieces, example.structure.spans
    kinds = example.types + 1 if typed else np.zeros(len(spans), dtype=np.int64)
    closing, *opening = (tokenizer.tokenizer.token_to_id(f"[unused{number}]") or 0 for number in (1, *(2 + kinds)))
    places = np.arange(len(pieces.ids))
    starts = [places[pieces.words == start].min() for start, _ in spans.tolist()]
    ends = [places[pieces.words == end - 1].max() + 1 for _, end in spans.tolist()]
    ids = np.insert(pieces.ids, [*starts, *ends], [*opening, *[closing] * len(ends)])
    words = np.insert(pieces.words, [*starts, *ends], [*spans[:, 0].tolist(), *(spans[:, 1] - 1).tolist()])
    return replace(example, pieces=Pieces(ids, words))


def tree_loss(arcs: Tensor, gold: Tensor) -> Tensor:
    """Minus the log-likelihood of a forest among all forests, a mean over components.

    Args:
        arcs: scores of each target for each source, the root last. *Shape:* (components, components + 1)
        gold: where the annotated targets are. *Shape:* (components, components + 1)
    """
    scores = arcs.double()
    highest = scores.detach().max(dim=1, keepdim=True).values  # (components, 1)
    weights = (scores - highest).exp()  # (components, components + 1)
    between = weights[:, :-1] * (1 - torch.eye(len(weights), dtype=weights.dtype))
    laplacian = torch.diag(between.sum(dim=1) + weights[:, -1] + 1e-9) - between  # (components, components)
    partition = torch.linalg.slogdet(laplacian).logabsdet + highest.sum()
    chosen = torch.logsumexp(scores.masked_fill(~gold, -torch.inf), dim=1).sum()
    loss: Tensor = (partition - chosen) / len(weights)
    return loss.float()


class LinkTask(ParserTask):
    """Training of types and relations alone, the components given.

    Args:
        arm: one of `ARMS`.
    """

    def __init__(self, settings: ParserSettings, arm: str) -> None:
        self.arm = arm
        super().__init__(settings)
        corpora = [corpus for corpus in self.corpora if corpus.dev]
        schemes = dict(self.config.schemes)
        self.judged = [
            example
            for corpus in corpora
            for example in self._prepared(examples_of(corpus, corpus.dev, schemes, self.encoder.tokenizer))
        ]

    def _prepared(self, examples: Iterable[Example]) -> list[Example]:
        examples = [replace(example, segment=False) for example in examples if len(example.structure)]
        if self.arm not in ("marked", "typed"):
            return examples
        return [marked(example, self.encoder.tokenizer, typed=self.arm == "typed") for example in examples]

    def _groups(self, base: Path) -> list[tuple[float, list[Example]]]:
        return [(repeat, self._prepared(examples)) for repeat, examples in super()._groups(base)]

    def loss(
        self, network: ParserNetwork, batch: Sequence[Example], compute: Compute
    ) -> tuple[Tensor, Mapping[str, float]]:
        if self.arm != "tree":
            return super().loss(network, batch, compute)
        tokenizer, masking = self.encoder.tokenizer, self.settings.schedule.masking
        pieces = [(example.pieces, len(example.words)) for example in batch]
        states = word_states(network, pieces, tokenizer, compute=compute, masking=masking)
        losses = torch.stack([self._tree(network, *one) for one in zip(batch, states, strict=True)])  # (examples,)
        return losses.mean(), {}

    def _tree(self, network: ParserNetwork, example: Example, states: Tensor) -> Tensor:
        """Loss of an example: of its types and labels, and of its tree as a whole."""
        weights, structure = self.settings.loss, example.structure
        states = network.word_dropout(states)
        parts = example_losses(network, example, states, weights.by_label)
        places, distances = torch.from_numpy(structure.places), torch.from_numpy(structure.distances)
        scores = network.components(pool(states, structure, network.config), places, distances, example.scheme)
        parts["arcs"] = tree_loss(scores.arcs, torch.from_numpy(example.arcs).bool())
        total: Tensor = torch.stack([getattr(weights, name) * value for name, value in parts.items()]).sum()
        return total

    def judge(self, network: ParserNetwork, compute: Compute) -> Scores:
        return {"opinion": dict(linked(network, self.encoder.tokenizer, self.judged, compute))}

    def value(self, scores: Scores, epoch: int) -> float:
        return float(epoch)


@torch.inference_mode()
def linked(
    network: ParserNetwork, tokenizer: PieceTokenizer, examples: Iterable[Example], compute: Compute
) -> Counter[str]:
    """Counts of links of annotated components, as `links.counted` names them."""
    scorer = TorchScorer(network, tokenizer, compute)
    counts: Counter[str] = Counter()
    for example in examples:
        pieces = [(example.pieces, len(example.words))]
        states: Floats = word_states(network.eval(), pieces, tokenizer, compute=compute)[0].float().cpu().numpy()
        parts, spans = aligned(example.map, example.words)
        found = score_components(states, example.words, spans, [1.0] * len(spans), scorer, example.scheme)
        counts.update(counted(example.map, parts, found))
    return counts


def main() -> None:
    """Train what is missing of the arms, and print how many links each finds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", help="the model that each arm starts from")
    parser.add_argument("--readings", required=True, help="articles.jsonl: the texts of the readings")
    parser.add_argument("--texts", required=True, help="globalvoices.jsonl")
    parser.add_argument("--share", type=float, default=0.5, help="of the readings in the epoch")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--runs", type=Path, default=Path("runs/marks"))
    chosen = parser.parse_args()
    base = one_epoch(chosen.start)
    readings = ParserCorpus(path=str(READINGS), format="oped", texts=chosen.readings, repeat=chosen.share)
    corpora = [readings, *annotated(chosen.texts)]
    for arm in chosen.arms:
        wide = {"window": LONGEST, "overlap": 128} if arm in ("long", "marked", "typed") else {}
        network = base.network.model_copy(update=wide)
        settings = base.model_copy(update={"network": network, "loss": LEARNED, "corpus": corpora, "metric": ""})
        run = train_task(LinkTask(settings, arm), chosen.runs / arm)
        counts = run.state.history[-1]["dev"]["opinion"]
        kinds = ("links", "to the thesis", "in its paragraph", "to another paragraph", "attacks")
        told = (
            f"{kind} {counts.get(f'{kind} right', 0)} of {counts.get(kind, counts.get(f'{kind} annotated'))}"
            for kind in kinds
        )
        print(f"{arm}: {', '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
