"""The parser as a torch module: one encoder, and on its states everything else.

encoder states of pieces -> states of words -> tags that segment the text into components (a linear-chain CRF)
                                           -> component representations -> document layer -> type, risk, attribution
                                                                                          -> pairs of components -> relations

Each annotation scheme has a `SchemeHead` of its own; encoder, document layer and pair layer are shared. Sources: the CRF follows
Lample et al. (2016), the pair layer Dozat & Manning (2017), the sharing among corpora Morio et al. (2022).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.neural.crf import FORBIDDEN, INSIDE, OUTSIDE, TAGS
from oped.neural.layers import UNDROPPED, new_encoder
from oped.neural.parser.config import ParserConfig, SchemeConfig
from oped.neural.parser.structure import DISTANCE_BUCKETS, PLACES, Structure
from oped.numeric import Ints

BIAS_SCALE = 10.0  # lets the biases of distance move as fast as they must under Adam's bounded steps
MIX_SLOPE = 2.0  # how far the top layer of the encoder is ahead of the bottom one at the start of training


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
        gold = emissions.gather(1, tags[:, None]).sum() + self.scores()[tags[:-1], tags[1:]].sum()
        return (self.log_partition(emissions) - gold) / len(tags)

    def cross_entropy(self, emissions: Tensor, tags: Tensor, steps: Tensor) -> Tensor:
        """Cross-entropy with a distribution over all sequences of tags, a mean over words.

        Args:
            emissions: *Shape:* (words, tags)
            tags: the distribution's probability of each tag of each word. *Shape:* (words, tags)
            steps: how often it expects each tag to follow each. *Shape:* (tags, tags)
        """
        expected = (emissions * tags).sum() + (self.transitions.masked_fill(~self.allowed, 0.0) * steps).sum()
        return (self.log_partition(emissions) - expected) / len(emissions)

    def log_partition(self, emissions: Tensor) -> Tensor:
        """Logarithm of the summed scores of all sequences. *Shape:* (words, tags) -> ()"""
        steps = self.scores() + emissions[1:, None, :]  # (words - 1, tags, tags)
        paths = emissions[0, :, None] + _chain(steps)  # (tags, tags)
        return torch.logsumexp(paths.flatten(), dim=0)


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


def _projection(width_in: int, width_out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width_in, width_out), nn.GELU(), nn.Dropout(dropout))


def _place_embeddings(width: int, *, std: float) -> nn.ModuleList:
    embeddings = [nn.Embedding(size, width) for size in PLACES.values()]
    for embedding in embeddings:
        nn.init.normal_(embedding.weight, std=std)
    return nn.ModuleList(embeddings)


def _place_states(embeddings: nn.ModuleList, places: Tensor) -> Tensor:
    """Sum of the embeddings of each component's places. *Shape:* (components, len(PLACES)) -> (components, width)"""
    return torch.stack([embedding(places[:, number]) for number, embedding in enumerate(embeddings)]).sum(dim=0)


class SchemeHead(nn.Module):
    """The labels of one scheme: tags of words, types and facets of components, and relations between them."""

    def __init__(self, config: ParserConfig, scheme: SchemeConfig) -> None:
        super().__init__()
        width, arc, types = config.component_width, config.arc_width, len(scheme.types)
        self.emission = nn.Linear(config.width, TAGS)
        self.crf = Crf()
        self.own = nn.Linear(config.pooled * config.width, types + 2)
        self.context = nn.Sequential(_projection(width, width, config.dropout), nn.Linear(width, types + 2))
        self.limited = [scheme.types.index(name) for name in scheme.limits] if config.thesis_first else []
        seen = types + len(self.limited)
        self.source_type, self.target_type = nn.Linear(seen, arc), nn.Linear(seen, arc)
        self.relation = nn.Sequential(
            _projection(arc, arc, config.dropout), nn.Linear(arc, 1 + max(1, len(scheme.arc_labels)))
        )

    def forward(self, pooled: Tensor, states: Tensor, distances: Tensor, pairs: "PairLayer") -> ComponentScores:
        """
        Args:
            pooled: the components alone, normed. *Shape:* (components, vectors * encoder width)
            states: the components after the document layer. *Shape:* (components, component width)
            distances: *Shape:* (components, components)
            pairs: shared by all schemes.
        """
        # What a component says by itself has a short way of its own: risk and holder hardly need the others.
        labels = self.own(pooled) + self.context(states)  # (components, types + 2)
        types, facets = labels[:, :-2], labels[:, -2:]  # (components, types), (components, 2)
        likely = types.detach().softmax(dim=1)  # (components, types)
        if self.limited:
            odds = likely[:, self.limited] / (1.0 - likely[:, self.limited]).clamp(min=1e-6)  # (components, limited)
            likely = torch.cat([likely, odds / (1.0 + odds.sum(dim=0))], dim=1)  # (components, types + limited)
        joined = pairs(states, distances, self.source_type(likely), self.target_type(likely))
        scores = self.relation(joined)  # (components, components + 1, 1 + arc labels)
        own = torch.eye(distances.shape[0], device=scores.device, dtype=scores.dtype)  # (components, components)
        arcs = scores[:, :, 0] + FORBIDDEN * torch.cat([own, torch.zeros_like(own[:, :1])], dim=1)
        return ComponentScores(types, facets[:, 0], facets[:, 1], arcs, scores[:, :, 1:])


class PairLayer(nn.Module):
    """Represents each pair of a source and a target; what one scheme teaches of them serves the others.

    Added up are what either says alone, what they say together (the product of two projections: a biaffine form of low
    rank, after Dozat & Manning 2017), their types and their distance: a few hundred articles teach by the outline which
    claim a premise bears on long before they teach it by the content.
    """

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        width, arc = config.component_width, config.arc_width
        self.source, self.target = nn.Linear(width, 2 * arc), nn.Linear(width, 2 * arc)
        self.root = nn.Parameter(torch.randn(1, 2 * arc) * 0.1)
        self.distance = nn.Embedding(2 * DISTANCE_BUCKETS, arc)
        nn.init.normal_(self.distance.weight, std=0.5)
        self.norm, self.dropout = nn.LayerNorm(arc), nn.Dropout(config.dropout)

    def forward(self, states: Tensor, distances: Tensor, source_types: Tensor, target_types: Tensor) -> Tensor:
        """
        Args:
            states: *Shape:* (components, component width)
            distances: *Shape:* (components, components)
            source_types, target_types: *Shape:* (components, arc width)

        Returns:
            The root is the last target. *Shape:* (components, components + 1, arc width)
        """
        source, source_factor = self.dropout(self.source(states)).chunk(2, dim=1)  # (components, arc width) each
        targets = torch.cat([self.dropout(self.target(states)), self.root])  # (components + 1, 2 * arc width)
        target, target_factor = targets.chunk(2, dim=1)  # (components + 1, arc width) each
        product = source_factor[:, None] * target_factor[None]  # (components, components + 1, arc width)
        no_type = torch.zeros_like(target_types[:1])
        alone = (source + source_types)[:, None] + (target + torch.cat([target_types, no_type]))[None]
        apart = self.distance(distances)  # (components, components, arc width)
        apart = torch.cat([apart, torch.zeros_like(apart[:, :1])], dim=1)  # (components, components + 1, arc width)
        joined: Tensor = functional.gelu(self.norm(alone + product + apart))
        return joined


class DocumentLayer(nn.Module):
    """Makes a representation of each component that knows the others of its article."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        width = config.component_width
        self.pooled = nn.Linear(config.pooled * config.width, width)
        self.places = _place_embeddings(width, std=0.02)
        self.norm, self.norm_output = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.ModuleList(AttentionLayer(config) for _ in range(config.document_layers))

    def forward(self, pooled: Tensor, places: Tensor, distances: Tensor) -> Tensor:
        """
        Args:
            pooled: normed. *Shape:* (components, vectors * encoder width)
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
        self.encoder = new_encoder({**config.encoder, **UNDROPPED})  # that of words and hidden pieces is what remains
        self.mix = nn.Parameter(torch.linspace(0, MIX_SLOPE, self.encoder.config.num_hidden_layers + 1))
        self.word_dropout = nn.Dropout(config.dropout)
        self.pooled_norm = nn.LayerNorm(config.width)
        self.document = DocumentLayer(config)
        self.pairs = PairLayer(config)
        self.heads = nn.ModuleDict({name: SchemeHead(config, scheme) for name, scheme in config.schemes.items()})

    def encode(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """States of the pieces of some windows: a learned mix of all layers (Peters et al. 2018).

        The lower layers keep what segmentation would wear off the top one, such as what a component is about.

        Args:
            ids: *Shape:* (windows, pieces)
            mask: 1 where there is a piece, 0 where there is padding; None: no padding. *Shape:* (windows, pieces)

        Returns:
            *Shape:* (windows, pieces, encoder width)
        """
        layers = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        weights = self.mix.softmax(dim=0)  # (layers + 1,)
        states: Tensor = torch.stack([weight * layer for weight, layer in zip(weights, layers, strict=True)]).sum(dim=0)
        return states

    def emissions(self, word_states: Tensor, scheme: str) -> Tensor:
        """Scores of each word's tags. *Shape:* (words, encoder width) -> (words, tags)"""
        scores: Tensor = self._head(scheme).emission(self.word_dropout(word_states))
        return scores

    def represent(self, pooled: Tensor, places: Tensor, distances: Tensor) -> tuple[Tensor, Tensor]:
        """The components of one article alone, normed, and among each other; the same for all schemes.

        Args:
            pooled, places, distances: as for `components`.

        Returns:
            *Shapes:* (components, vectors * encoder width), (components, component width)
        """
        vectors = self.pooled_norm(
            pooled.reshape(-1, self.config.pooled, self.config.width)
        )  # (components, vectors, encoder width)
        normed = vectors.flatten(start_dim=1)  # (components, vectors * encoder width)
        return normed, self.document(normed, places, distances)

    def components(self, pooled: Tensor, places: Tensor, distances: Tensor, scheme: str) -> ComponentScores:
        """Scores of the components of one article; there must be one at least.

        Args:
            pooled: *Shape:* (components, vectors * encoder width)
            places: *Shape:* (components, len(PLACES))
            distances: *Shape:* (components, components)
        """
        normed, states = self.represent(pooled, places, distances)
        scores: ComponentScores = self._head(scheme)(normed, states, distances, self.pairs)
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


def pool(word_states: Tensor, structure: Structure, config: ParserConfig) -> Tensor:
    """The vectors of each component, side by side. *Shape:* (words, width) -> (components, vectors * width)"""
    spans = torch.from_numpy(structure.spans).to(word_states.device)
    first, last = word_states[spans[:, 0]], word_states[spans[:, 1] - 1]
    means = [_range_mean(word_states, bounds) for bounds in (structure.spans, structure.leads, structure.tails)]
    before = [_range_mean(word_states, structure.before)] if config.word_before else []
    return torch.cat([means[0], first, last, means[1], means[2], *before], dim=1)


def _range_mean(states: Tensor, bounds: Ints) -> Tensor:
    ranges = torch.from_numpy(bounds).to(states.device)
    sizes = ranges[:, 1] - ranges[:, 0]
    owners = torch.repeat_interleave(torch.arange(len(ranges), device=states.device), sizes)
    offsets = torch.arange(int(sizes.sum()), device=states.device) - torch.repeat_interleave(
        sizes.cumsum(0) - sizes, sizes
    )
    members = states[torch.repeat_interleave(ranges[:, 0], sizes) + offsets]
    return members.new_zeros(len(ranges), states.shape[1]).index_add_(0, owners, members) / sizes.clamp(min=1)[:, None]
