"""The parser as a torch module: one encoder, and on its states everything else.

encoder states of pieces -> states of words -> tags that segment the text into components (a linear-chain CRF)
                                           -> component representations -> document layer -> type, risk, attribution
                                                                                          -> relations (biaffine)

Each annotation scheme has a `SchemeHead` of its own; encoder and document layer are shared. Sources: the CRF follows
Lample et al. (2016), the biaffine scorer Dozat & Manning (2017), the sharing among corpora Morio et al. (2022).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from oped.parser.config import ParserConfig, SchemeConfig
from oped.parser.crf import FORBIDDEN, INSIDE, OUTSIDE, TAGS
from oped.parser.pieces import Ints
from oped.parser.structure import DISTANCE_BUCKETS, PLACES, Structure

BIAS_SCALE = 10.0  # lets the biases of distance move as fast as they must under Adam's bounded steps
CONTENT_DROPOUT = 0.5  # of what the content of two components says about an arc between them
OUTLINE_WIDTH = 64
POOLED = 5  # vectors that make a component: span mean, first word, last word, lead-in, tail


@dataclass(slots=True)
class ComponentScores:
    """What the head of a scheme says about the components of one article.

    Attributes:
        types: *Shape:* (components, types)
        risks: logits. *Shape:* (components,)
        holders: logits of "other than the author". *Shape:* (components,)
        arcs: scores of each target for each source, the root last. *Shape:* (components, components + 1)
        labels: *Shape:* (components, components + 1, arc labels)
    """

    types: Tensor
    risks: Tensor
    holders: Tensor
    arcs: Tensor
    labels: Tensor


class Crf(nn.Module):
    """Linear-chain conditional random field over the tags begin, inside, outside."""

    allowed: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(TAGS, TAGS))
        allowed = torch.ones(TAGS, TAGS, dtype=torch.bool)
        allowed[OUTSIDE, INSIDE] = False
        self.register_buffer("allowed", allowed, persistent=False)

    def scores(self) -> Tensor:
        """Transition scores, from the tag of the row to that of the column. *Shape:* (tags, tags)"""
        return self.transitions.masked_fill(~self.allowed, FORBIDDEN)

    def negative_log_likelihood(self, emissions: Tensor, tags: Tensor) -> Tensor:
        """Loss of the gold tags of one text, a mean over its words.

        Args:
            emissions: *Shape:* (words, tags)
            tags: *Shape:* (words,)
        """
        transitions = self.scores()
        gold = emissions.gather(1, tags[:, None]).sum() + transitions[tags[:-1], tags[1:]].sum()
        steps = transitions + emissions[1:, None, :]  # (words - 1, tags, tags)
        paths = emissions[0, :, None] + _chain(steps)  # (tags, tags)
        return (torch.logsumexp(paths.flatten(), dim=0) - gold) / len(tags)


def _chain(steps: Tensor) -> Tensor:
    """Product of a chain of matrices in the log semiring, pair by pair. *Shape:* (steps, tags, tags) -> (tags, tags)"""
    identity = torch.full_like(steps[:1], FORBIDDEN) if len(steps) else steps.new_full((1, TAGS, TAGS), FORBIDDEN)
    identity = identity.masked_fill(torch.eye(TAGS, dtype=torch.bool, device=steps.device), 0.0)  # (1, tags, tags)
    steps = steps if len(steps) else identity
    while len(steps) > 1:
        if len(steps) % 2:
            steps = torch.cat([steps, identity])
        left, right = steps[0::2], steps[1::2]  # (steps / 2, tags, tags)
        steps = torch.logsumexp(left[:, :, :, None] + right[:, None, :, :], dim=2)
    return steps[0]


class Biaffine(nn.Module):
    """Scores each pair of a source and a target for each label."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(labels, width + 1, width + 1))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, sources: Tensor, targets: Tensor) -> Tensor:
        """
        Args:
            sources: *Shape:* (sources, width)
            targets: *Shape:* (targets, width)

        Returns:
            *Shape:* (sources, targets, labels)
        """
        sources = torch.cat([sources, torch.ones_like(sources[:, :1])], dim=1)  # (sources, width + 1)
        targets = torch.cat([targets, torch.ones_like(targets[:, :1])], dim=1)  # (targets, width + 1)
        left = torch.einsum("si,lij->slj", sources, self.weight)  # (sources, labels, width + 1)
        return torch.einsum("slj,tj->stl", left, targets)


def _projection(width_in: int, width_out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width_in, width_out), nn.GELU(), nn.Dropout(dropout))


class OutlineScorer(nn.Module):
    """Scores arcs by the outline of an article alone: the types of the components, where they lie and how far apart.

    A few hundred articles teach which claim a premise bears on by their layout long before they teach it by their
    content, which a scorer of contents alone learns by heart.
    """

    def __init__(self, types: int) -> None:
        super().__init__()
        self.source, self.target = nn.Linear(types, OUTLINE_WIDTH), nn.Linear(types, OUTLINE_WIDTH)
        self.source_places = _place_embeddings(OUTLINE_WIDTH, std=0.1)
        self.target_places = _place_embeddings(OUTLINE_WIDTH, std=0.1)
        self.distance = nn.Embedding(2 * DISTANCE_BUCKETS, OUTLINE_WIDTH)
        nn.init.normal_(self.distance.weight, std=0.5)
        self.root = nn.Parameter(torch.zeros(1, OUTLINE_WIDTH))
        self.score = nn.Sequential(
            nn.GELU(), nn.Dropout(0.1), nn.Linear(OUTLINE_WIDTH, OUTLINE_WIDTH), nn.GELU(), nn.Linear(OUTLINE_WIDTH, 1)
        )

    def forward(self, types: Tensor, places: Tensor, distances: Tensor) -> Tensor:
        """
        Args:
            types: probabilities. *Shape:* (components, types)
            places: *Shape:* (components, len(PLACES))
            distances: *Shape:* (components, components)

        Returns:
            The root last. *Shape:* (components, components + 1)
        """
        sources = self.source(types) + _place_states(self.source_places, places)  # (components, outline width)
        targets = self.target(types) + _place_states(self.target_places, places)  # (components, outline width)
        pairs = sources[:, None] + targets[None] + self.distance(distances)  # (components, components, outline width)
        pairs = torch.cat([pairs, (sources + self.root)[:, None]], dim=1)  # (components, components + 1, outline width)
        scores: Tensor = self.score(pairs).squeeze(2)
        return scores


def _place_embeddings(width: int, *, std: float) -> nn.ModuleList:
    embeddings = [nn.Embedding(size, width) for size in PLACES.values()]
    for embedding in embeddings:
        nn.init.normal_(embedding.weight, std=std)
    return nn.ModuleList(embeddings)


def _place_states(embeddings: nn.ModuleList, places: Tensor) -> Tensor:
    """Sum of the embeddings of each component's places. *Shape:* (components, len(PLACES)) -> (components, width)"""
    return torch.stack([embedding(places[:, number]) for number, embedding in enumerate(embeddings)]).sum(dim=0)


class SchemeHead(nn.Module):
    """The labels of one scheme: tags of words, and types, facets and relations of components."""

    def __init__(self, config: ParserConfig, scheme: SchemeConfig) -> None:
        super().__init__()
        width, arc = config.component_width, config.arc_width
        self.emission = nn.Linear(config.width, TAGS)
        self.crf = Crf()
        self.types = nn.Sequential(_projection(width, width, config.dropout), nn.Linear(width, len(scheme.types)))
        self.facets = nn.Sequential(_projection(width, width, config.dropout), nn.Linear(width, 2))
        self.source = _projection(width, 2 * arc, CONTENT_DROPOUT)
        self.target = _projection(width, 2 * arc, CONTENT_DROPOUT)
        self.root = nn.Parameter(torch.randn(1, 2 * arc) * 0.02)
        self.arc = Biaffine(arc, 1)
        self.label = Biaffine(arc, max(1, len(scheme.arc_labels)))
        self.outline = OutlineScorer(len(scheme.types))

    def forward(self, states: Tensor, places: Tensor, distances: Tensor) -> ComponentScores:
        """
        Args:
            states: the components after the document layer. *Shape:* (components, component width)
            places: *Shape:* (components, len(PLACES))
            distances: *Shape:* (components, components)
        """
        types, facets = self.types(states), self.facets(states)  # (components, types), (components, 2)
        sources = self.source(states)  # (components, 2 * arc width)
        targets = torch.cat([self.target(states), self.root])  # (components + 1, 2 * arc width)
        arc_sources, label_sources = sources.chunk(2, dim=1)
        arc_targets, label_targets = targets.chunk(2, dim=1)
        arcs = self.arc(arc_sources, arc_targets).squeeze(2)  # (components, components + 1)
        arcs = arcs + self.outline(types.detach().softmax(dim=1), places, distances)
        own = torch.eye(distances.shape[0], device=arcs.device, dtype=arcs.dtype)
        arcs = arcs + FORBIDDEN * torch.cat([own, torch.zeros_like(arcs[:, :1])], dim=1)
        return ComponentScores(types, facets[:, 0], facets[:, 1], arcs, self.label(label_sources, label_targets))


class DocumentLayer(nn.Module):
    """Makes a representation of each component that knows the others of its article."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        width = config.component_width
        self.pooled = nn.Linear(POOLED * config.width, width)
        self.places = _place_embeddings(width, std=0.02)
        self.norm, self.norm_output = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.ModuleList(AttentionLayer(config) for _ in range(config.document_layers))

    def forward(self, pooled: Tensor, places: Tensor, distances: Tensor) -> Tensor:
        """
        Args:
            pooled: *Shape:* (components, POOLED * encoder width)
            places: *Shape:* (components, len(PLACES))
            distances: *Shape:* (components, components)

        Returns:
            *Shape:* (components, component width)
        """
        states = self.pooled(pooled) + _place_states(self.places, places)  # (components, component width)
        states = self.dropout(self.norm(states))
        for layer in self.layers:
            states = layer(states, distances)
        normed: Tensor = self.norm_output(states)
        return normed


class AttentionLayer(nn.Module):
    """Self-attention among the components, biased by their distance (Shaw et al. 2018, as T5 simplifies it)."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        width, self.heads = config.component_width, config.document_heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.bias = nn.Embedding(2 * DISTANCE_BUCKETS, self.heads)
        nn.init.zeros_(self.bias.weight)
        self.norm_attention, self.norm_feedforward = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feedforward = nn.Sequential(_projection(width, 2 * width, config.dropout), nn.Linear(2 * width, width))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, states: Tensor, distances: Tensor) -> Tensor:
        """
        Args:
            states: *Shape:* (components, width)
            distances: *Shape:* (components, components)

        Returns:
            *Shape:* (components, width)
        """
        count, width = states.shape
        parts = self.query_key_value(self.norm_attention(states)).reshape(count, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(1, 2, 0, 3).unbind(0)  # each (heads, components, width / heads)
        weights = query @ key.transpose(1, 2) / (width // self.heads) ** 0.5  # (heads, components, components)
        weights = (weights + BIAS_SCALE * self.bias(distances).permute(2, 0, 1)).softmax(dim=2)
        mixed = (weights @ value).transpose(0, 1).reshape(count, width)  # (components, width)
        states = states + self.dropout(self.output(mixed))
        deeper: Tensor = self.dropout(self.feedforward(self.norm_feedforward(states)))
        return states + deeper


class ParserNetwork(nn.Module):
    """Encoder, document layer and the heads of all schemes."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        self.config = config
        settings = dict(config.encoder)
        # Dropout inside attention halves the speed of training on a CPU; the dropout of the layers' outputs stays.
        settings |= {"attention_probs_dropout_prob": 0.0}
        encoder_config = AutoConfig.for_model(settings.pop("model_type"), **settings)
        pooling = {"add_pooling_layer": False} if encoder_config.model_type in ("bert", "mpnet") else {}
        self.encoder = AutoModel.from_config(encoder_config, **pooling)  # type: ignore[no-untyped-call]
        self.word_dropout = nn.Dropout(config.dropout)
        self.document = DocumentLayer(config)
        self.heads = nn.ModuleDict({name: SchemeHead(config, scheme) for name, scheme in config.schemes.items()})

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """States of the pieces of some windows.

        Args:
            ids: *Shape:* (windows, pieces)
            mask: 1 where there is a piece, 0 where there is padding. *Shape:* (windows, pieces)

        Returns:
            *Shape:* (windows, pieces, encoder width)
        """
        states: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states

    def emissions(self, word_states: Tensor, scheme: str) -> Tensor:
        """Scores of each word's tags. *Shape:* (words, encoder width) -> (words, tags)"""
        scores: Tensor = self._head(scheme).emission(self.word_dropout(word_states))
        return scores

    def components(self, pooled: Tensor, places: Tensor, distances: Tensor, scheme: str) -> ComponentScores:
        """Scores of the components of one article; there must be one at least.

        Args:
            pooled: *Shape:* (components, POOLED * encoder width)
            places: *Shape:* (components, len(PLACES))
            distances: *Shape:* (components, components)
        """
        states = self.document(pooled, places, distances)
        scores: ComponentScores = self._head(scheme)(states, places, distances)
        return scores

    def _head(self, scheme: str) -> SchemeHead:
        head = self.heads[scheme]
        assert isinstance(head, SchemeHead)
        return head


def mean_of_words(piece_states: Tensor, words: Tensor, count: int) -> Tensor:
    """Mean of the states of each word's pieces.

    Args:
        piece_states: *Shape:* (pieces, width)
        words: each piece's word, -1 for none. *Shape:* (pieces,)

    Returns:
        *Shape:* (words, width)
    """
    keep = words >= 0
    words, piece_states = words[keep], piece_states[keep]
    sums = piece_states.new_zeros(count, piece_states.shape[1]).index_add_(0, words, piece_states)
    sizes = torch.bincount(words, minlength=count).clamp(min=1)
    return sums / sizes[:, None]


def pool(word_states: Tensor, structure: Structure) -> Tensor:
    """The five vectors of each component, side by side. *Shape:* (words, width) -> (components, POOLED * width)"""
    spans = torch.from_numpy(structure.spans).to(word_states.device)
    first, last = word_states[spans[:, 0]], word_states[spans[:, 1] - 1]
    means = [_range_mean(word_states, bounds) for bounds in (structure.spans, structure.leads, structure.tails)]
    return torch.cat([means[0], first, last, means[1], means[2]], dim=1)


def _range_mean(states: Tensor, bounds: Ints) -> Tensor:
    ranges = torch.from_numpy(bounds).to(states.device)
    sizes = ranges[:, 1] - ranges[:, 0]
    owners = torch.repeat_interleave(torch.arange(len(ranges), device=states.device), sizes)
    offsets = torch.arange(int(sizes.sum()), device=states.device) - torch.repeat_interleave(
        sizes.cumsum(0) - sizes, sizes
    )
    members = states[torch.repeat_interleave(ranges[:, 0], sizes) + offsets]
    return members.new_zeros(len(ranges), states.shape[1]).index_add_(0, owners, members) / sizes.clamp(min=1)[:, None]


def forbid_crossing(emissions: Tensor, paragraphs: Tensor) -> Tensor:
    """Forbid that a component goes on into the next paragraph. *Shape:* (words, tags), (words,) -> (words, tags)"""
    begins = torch.ones_like(paragraphs, dtype=torch.bool)
    begins[1:] = paragraphs[1:] != paragraphs[:-1]
    return emissions.masked_fill(begins[:, None] & (torch.arange(TAGS, device=emissions.device) == INSIDE), FORBIDDEN)
